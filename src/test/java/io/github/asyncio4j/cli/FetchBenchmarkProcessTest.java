package io.github.asyncio4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.asyncio4j.testing.Sigint;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/** The tool as its users start it: a process of its own, real pipes, real signals. */
@Timeout(60)
class FetchBenchmarkProcessTest {

    private Process process;

    private static List<String> command(String... args) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                FetchBenchmark.class.getName()));
        command.addAll(List.of(args));
        return command;
    }

    private Process start(String... args) throws IOException {
        process = new ProcessBuilder(command(args)).start();
        return process;
    }

    @AfterEach
    void end() {
        process.destroyForcibly();
    }

    private int exitCode() throws InterruptedException {
        assertThat(process.waitFor(50, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    private static String text(InputStream stream) throws IOException {
        return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void writesDataToStandardOutputAndNothingElseThere() throws Exception {
        start("--only", "gather,bounded", "-n", "5", "--delay", "10ms", "--output", "json");

        JsonNode report = new ObjectMapper().readTree(text(process.getInputStream()));

        assertThat(report.get("scenarios")).hasSize(2);
        assertThat(text(process.getErrorStream()).lines())
                .allSatisfy(line -> assertThat(line).matches("(gather|bounded)(, first round)?: 5 requests in .*"));
        assertThat(exitCode()).isZero();
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void stopsAtOnceOnCtrlCWithASummaryAndExitCode130() throws Exception {
        start("-n", "20", "--delay", "400ms");
        Sigint.assumeDelivered();
        BufferedReader progress = process.errorReader();
        assertThat(progress.readLine()).startsWith("gather, first round: 20 requests in ");
        long signalled = System.nanoTime();

        new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();

        assertThat(exitCode()).isEqualTo(130);
        assertThat(Duration.ofNanos(System.nanoTime() - signalled)).isLessThan(Duration.ofSeconds(5));
        assertThat(text(process.getInputStream())).contains("| gather ", "Interrupted: ");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void newsShowsWhatHasComeOnCtrlC() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        DisposableServer silent = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .handle((request, response) -> {
                    asked.countDown();
                    return Mono.never();
                })
                .bindNow();
        try {
            start("news", "--source", "silent=http://127.0.0.1:" + silent.port() + "/", "--timeout", "1m");
            Sigint.assumeDelivered();
            assertThat(asked.await(50, TimeUnit.SECONDS)).isTrue();

            new ProcessBuilder("kill", "-INT", Long.toString(process.pid()))
                    .start()
                    .waitFor();

            assertThat(exitCode()).isEqualTo(130);
            assertThat(text(process.getInputStream())).contains("| source | articles |", "0 sources in ");
        } finally {
            silent.disposeNow();
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void saysInOneLineThatTheDiskIsFull() throws Exception {
        process = new ProcessBuilder(command("--only", "gather", "-n", "2", "--delay", "1ms", "--quiet"))
                .redirectOutput(new File("/dev/full"))
                .start();

        assertThat(text(process.getErrorStream()))
                .startsWith("fetch-benchmark: cannot write to standard output: ")
                .hasLineCount(1);
        assertThat(exitCode()).isEqualTo(1);
    }

    @Test
    void saysInOneLineThatItsReaderHasGone() throws Exception {
        start("--only", "gather", "-n", "2", "--delay", "300ms", "--quiet");

        process.getInputStream().close();

        assertThat(text(process.getErrorStream()))
                .startsWith("fetch-benchmark: cannot write to standard output")
                .hasLineCount(1);
        assertThat(exitCode()).isEqualTo(1);
    }

    @Test
    void keepsTheLogOfTheNetworkLibraryToItself() throws Exception {
        try (OriginServer plain = OriginServer.start()) {
            start(plain.baseUrl().replace("http:", "https:"), "--only", "bounded", "--rounds", "1", "--quiet");

            assertThat(text(process.getInputStream())).contains("tls ");
            assertThat(text(process.getErrorStream())).isEmpty();
            assertThat(exitCode()).isEqualTo(1);
        }
    }
}
