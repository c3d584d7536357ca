package io.github.asyncio4j.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.internal.CleanupLedger;
import io.github.asyncio4j.testing.Recipe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.util.context.Context;

/** All in virtual time: what happens within the poll interval is decided by the test, not by the clock. */
class TailTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Duration POLL = Duration.ofMillis(200);

    @TempDir
    Path directory;

    private Path log;

    @BeforeEach
    void log() {
        log = directory.resolve("log");
    }

    private void append(String text) {
        write(text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private void replace(String text) {
        write(text, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
    }

    private void write(String text, StandardOpenOption... options) {
        try {
            Files.writeString(log, text, options);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path rename() {
        try {
            return Files.move(log, directory.resolve("log.1"), StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void delete() {
        try {
            Files.delete(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private StepVerifier.FirstStep<String> tail() {
        return StepVerifier.withVirtualTime(() -> AsyncFiles.tail(log, POLL));
    }

    @Test
    void startsWithWhatIsThere() {
        append("one\ntwo\n");
        tail().expectNext("one", "two").thenCancel().verify(LIMIT);
    }

    @Test
    @Recipe(
            row = "26",
            value = "The tail of a growing file: a line comes within the poll interval; rotation is survived.")
    void appendedLinesComeWithinThePollInterval() {
        append("one\n");
        tail().expectNext("one")
                .then(() -> append("two\nthree\n"))
                .expectNoEvent(POLL.minusMillis(1))
                .thenAwait(Duration.ofMillis(1))
                .expectNext("two", "three")
                .then(() -> append("four\n"))
                .thenAwait(POLL)
                .expectNext("four")
                .expectNoEvent(POLL.multipliedBy(10))
                .thenCancel()
                .verify(LIMIT);
    }

    @Test
    void fromTheEndSkipsWhatIsThere() {
        append("old\n");
        StepVerifier.withVirtualTime(() -> AsyncFiles.tail(log, POLL, TailFrom.END))
                .expectSubscription()
                .expectNoEvent(POLL)
                .then(() -> append("new\n"))
                .thenAwait(POLL)
                .expectNext("new")
                .thenCancel()
                .verify(LIMIT);
    }

    @Test
    void aLineIsKeptBackUntilItsEndIsThere() {
        append("par");
        tail().expectSubscription()
                .expectNoEvent(POLL)
                .then(() -> append("ti"))
                .expectNoEvent(POLL)
                .then(() -> append("al\nnext"))
                .thenAwait(POLL)
                .expectNext("partial")
                .expectNoEvent(POLL)
                .then(() -> append("\n"))
                .thenAwait(POLL)
                .expectNext("next")
                .thenCancel()
                .verify(LIMIT);
    }

    @Test
    void aCharacterMayArriveInTwoParts() throws IOException {
        byte[] euro = "€\n".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        Files.write(log, new byte[] {euro[0]});
        tail().expectSubscription()
                .expectNoEvent(POLL)
                .then(() -> {
                    try {
                        Files.write(log, new byte[] {euro[1], euro[2], euro[3]}, StandardOpenOption.APPEND);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .thenAwait(POLL)
                .expectNext("€")
                .thenCancel()
                .verify(LIMIT);
    }

    @Test
    void aWindowsEndInTwoPartsIsOneEnd() {
        append("a\r");
        tail().expectNext("a")
                .then(() -> append("\nb\r\n"))
                .thenAwait(POLL)
                .expectNext("b")
                .thenCancel()
                .verify(LIMIT);
    }

    @Test
    void aMissingFileIsWaitedFor() {
        tail().expectSubscription()
                .expectNoEvent(POLL.multipliedBy(3))
                .then(() -> append("here\n"))
                .thenAwait(POLL)
                .expectNext("here")
                .thenCancel()
                .verify(LIMIT);
    }

    @Test
    void aFileThatAppearsLaterIsReadFromItsStartEvenFromTheEnd() {
        StepVerifier.withVirtualTime(() -> AsyncFiles.tail(log, POLL, TailFrom.END))
                .expectSubscription()
                .expectNoEvent(POLL)
                .then(() -> append("first\n"))
                .thenAwait(POLL)
                .expectNext("first")
                .thenCancel()
                .verify(LIMIT);
    }

    @Test
    void aTruncatedFileIsReadFromItsStart() {
        append("one\ntwo\nunfinished");
        tail().expectNext("one", "two")
                .then(() -> replace("new\n"))
                .thenAwait(POLL)
                .expectNext("new")
                .then(() -> append("more\n"))
                .thenAwait(POLL)
                .expectNext("more")
                .thenCancel()
                .verify(LIMIT);
    }

    @Test
    void aRotatedFileIsReadToItsEndThenTheNewOne() {
        append("one\n");
        tail().expectNext("one")
                .then(() -> {
                    append("two\nlast without end");
                    rename();
                    append("new\n");
                })
                .thenAwait(POLL)
                .expectNext("two", "last without end", "new")
                .then(() -> append("newer\n"))
                .thenAwait(POLL)
                .expectNext("newer")
                .thenCancel()
                .verify(LIMIT);
    }

    @Test
    void whileNoFileHasTheNameTheRenamedOneIsFollowed() {
        append("one\n");
        tail().expectNext("one")
                .then(() -> {
                    rename();
                    try {
                        Files.writeString(directory.resolve("log.1"), "two\n", StandardOpenOption.APPEND);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .thenAwait(POLL)
                .expectNext("two")
                .expectNoEvent(POLL)
                .then(() -> append("new\n"))
                .thenAwait(POLL)
                .expectNext("new")
                .thenCancel()
                .verify(LIMIT);
    }

    @Test
    void deletedAndCreatedAgainIsAnotherFile() {
        append("one\n");
        tail().expectNext("one")
                .then(() -> {
                    delete();
                    append("one again, and longer than before\n");
                })
                .thenAwait(POLL)
                .expectNext("one again, and longer than before")
                .thenCancel()
                .verify(LIMIT);
    }

    @Test
    void survivesManyRotations() {
        append("0\n");
        StepVerifier.Step<String> steps = tail().expectNext("0");
        for (int i = 1; i <= 50; i++) {
            String line = String.valueOf(i);
            steps = steps.then(() -> {
                        rename();
                        append(line + "\n");
                    })
                    .thenAwait(POLL)
                    .expectNext(line);
        }
        steps.thenCancel().verify(LIMIT);
    }

    @Test
    void withoutDemandItDoesNotRead() {
        append("one\ntwo\n");
        StepVerifier.withVirtualTime(() -> AsyncFiles.tail(log, POLL), 1)
                .expectNext("one")
                .expectNoEvent(POLL.multipliedBy(5))
                .thenRequest(1)
                .expectNext("two")
                .thenCancel()
                .verify(LIMIT);
    }

    @Test
    void moreDemandDoesNotMakeItPollMore() {
        append("one\n");
        StepVerifier.withVirtualTime(() -> AsyncFiles.tail(log, POLL), 2)
                .expectNext("one")
                .then(() -> append("two\n"))
                .thenRequest(1)
                .thenRequest(1)
                .expectNoEvent(POLL.minusMillis(1))
                .thenAwait(Duration.ofMillis(1))
                .expectNext("two")
                .thenCancel()
                .verify(LIMIT);
    }

    @Test
    void aLineThatIsNotUtf8IsAnError() throws IOException {
        Files.write(log, new byte[] {'o', 'k', '\n', (byte) 0xFF, '\n'});
        tail().expectNext("ok").expectError(MalformedInputException.class).verify(LIMIT);
    }

    @Test
    void aDirectoryIsAnError() throws IOException {
        Files.createDirectory(log);
        tail().expectError(IOException.class).verify(LIMIT);
    }

    /** On the real clock: a cancel while it pauses closes the file at once, and the scope around knows. */
    @Test
    void cancelWhileItPausesClosesTheFile() {
        append("one\n");
        CleanupLedger ledger = CleanupLedger.open(Context.empty(), "test");
        StepVerifier.create(AsyncFiles.tail(log, Duration.ofDays(1)).contextWrite(ledger::storeIn))
                .expectNext("one")
                .thenAwait(Duration.ofMillis(1))
                .thenCancel()
                .verify(LIMIT);
        AtomicBoolean ended = new AtomicBoolean();
        StepVerifier.create(Mono.<Boolean>create(sink -> ledger.finish(failures -> {
                    ended.set(true);
                    sink.success(failures.isEmpty());
                })))
                .expectNext(true)
                .expectComplete()
                .verify(LIMIT);
        assertThat(ended).isTrue();
    }

    @Test
    void linesAppendedByAnotherThreadAllComeOnceAndInOrder() {
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            expected.add("line " + i);
        }
        Flux<String> writer = Flux.fromIterable(expected)
                .concatMap(line -> AsyncFiles.writeString(
                                log, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND)
                        .thenReturn(line));
        StepVerifier.create(AsyncFiles.tail(log, Duration.ofMillis(2))
                        .mergeWith(writer.filter(line -> false))
                        .take(expected.size())
                        .collectList())
                .expectNext(expected)
                .expectComplete()
                .verify(LIMIT);
    }
}
