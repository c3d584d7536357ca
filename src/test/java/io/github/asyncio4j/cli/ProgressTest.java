package io.github.asyncio4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ProgressTest {

    private static final String TAKE = "\u001b[?25l\u001b[?7l";
    private static final String GIVE_BACK = "\r\u001b[J\u001b[?7h\u001b[?25h";

    @Test
    void givesTheTerminalBackBeforeTheReport() {
        Console console = Console.interactive();
        try (Progress progress = Progress.on(console.terminal(), false)) {
            progress.begin("load", 10, () -> 5, () -> ", p99 1 ms");
            progress.end(10, 0, Duration.ofSeconds(1));

            assertThat(console.err())
                    .startsWith(TAKE)
                    .contains("load [############------------] 5 of 10, ", ", p99 1 ms")
                    .endsWith(GIVE_BACK);
        }
        assertThat(console.err()).containsOnlyOnce(GIVE_BACK);
    }

    @Test
    void givesTheTerminalBackWhenTheRunFails() {
        Console console = Console.interactive();

        Progress.on(console.terminal(), false).close();
        assertThat(console.err()).isEmpty();

        try (Progress progress = Progress.on(console.terminal(), false)) {
            progress.begin("load", 0, () -> 5);
        }
        assertThat(console.err()).endsWith(GIVE_BACK);
    }

    @Test
    void furtherLinesAreDrawnOverAndGoWithIt() throws InterruptedException {
        Console console = Console.interactive();
        CountDownLatch frames = new CountDownLatch(2);
        try (Progress progress = Progress.on(console.terminal(), false)) {
            progress.begin("load", 0, () -> 5, () -> {
                frames.countDown();
                return "\nsecond\nlast";
            });
            assertThat(frames.await(10, TimeUnit.SECONDS)).isTrue();
            progress.end(10, 0, Duration.ofSeconds(1));
        }
        assertThat(console.err())
                .contains("\u001b[K\r\nsecond\u001b[K\r\nlast\u001b[J\r\u001b[2Aload 5 requests")
                .endsWith("last\u001b[J\r\u001b[2A\u001b[J\u001b[?7h\u001b[?25h");
    }

    @Test
    void writesNoSequencesWithoutATerminal() {
        Console console = Console.plain();
        try (Progress progress = Progress.on(console.terminal(), false)) {
            progress.begin("load", 10, () -> 5, () -> ", p99 1 ms");
            progress.end(10, 1, Duration.ofSeconds(1));
        }
        assertThat(console.err()).isEqualTo("load: 10 requests in 1,000 ms, 1 failed\n");
    }

    @Test
    void leavesTheTerminalAloneWhenItIsToBeQuiet() {
        Console console = Console.interactive();
        try (Progress progress = Progress.on(console.terminal(), true)) {
            progress.begin("load", 10, () -> 5);
        }
        assertThat(console.err()).isEmpty();
    }
}
