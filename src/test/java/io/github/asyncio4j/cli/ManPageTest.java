package io.github.asyncio4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the tool prints for shells and for man. */
class ManPageTest {

    private final Console console = Console.plain();

    @TempDir
    Path folder;

    private String run(String... command) throws Exception {
        Path printed = folder.resolve("printed");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(printed.toFile())
                .start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return Files.readString(printed);
    }

    private Path printed(String command) throws Exception {
        assertThat(console.run(command)).isZero();
        return Files.writeString(folder.resolve(command), console.out());
    }

    @Test
    void hasEveryCommandWithItsOptionsAndExamples() throws Exception {
        assertThat(console.run("man")).isZero();

        assertThat(console.out())
                .startsWith(".TH FETCH-BENCHMARK 1\n")
                .contains(".SS compare\n", ".SS load\n", ".SS serve\n", ".SS completion\n")
                .contains(".B \\-q, \\-\\-rate N\n")
                .contains("For each request, to its last byte (default: 20s).")
                .contains("fetch\\-benchmark load \\-n 10000")
                .contains("130 interrupted")
                .doesNotContain("${", "%%");
    }

    @Test
    void isSetWithoutAComplaint() throws Exception {
        assumeThat(Path.of("/usr/bin/groff")).as("groff is not installed").exists();

        // Without the strokes that print bold.
        String text = run("groff", "-man", "-Tascii", "-ww", printed("man").toString())
                .replaceAll(".\b", "");

        assertThat(text).contains("SYNOPSIS").doesNotContain("warning", "error:");
    }

    @Test
    void completionIsAScriptThatBashReads() throws Exception {
        assumeThat(Path.of("/bin/bash")).as("bash is not installed").exists();
        Path script = printed("completion");

        String offered = run(
                "/bin/bash",
                "-c",
                "source " + script
                        + "; COMP_WORDS=(fetch-benchmark load --con); COMP_CWORD=2; COMP_LINE='fetch-benchmark"
                        + " load --con'; _complete_fetch-benchmark; printf '%s\\n' \"${COMPREPLY[@]}\"");

        assertThat(offered.lines()).contains("--connect-to", "--connections", "--connect-timeout");
    }
}
