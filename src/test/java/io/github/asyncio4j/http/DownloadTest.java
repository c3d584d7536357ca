package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.asyncio4j.testing.NoLeaks;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Downloads that go on, and downloads that are checked. */
@ExtendWith(NoLeaks.class)
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class DownloadTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final DownloadOptions RESUME = DownloadOptions.create().resume();

    @TempDir
    private Path directory;

    private final List<String> ranges = Collections.synchronizedList(new ArrayList<>());
    private final byte[] content = new byte[300_000];
    private volatile String tag = "\"one\"";
    private volatile int cutAt = -1;
    private volatile boolean shifted;
    private Path target;
    private Path partial;
    private HttpServer server;
    private Closing closing;

    @BeforeEach
    void start() throws IOException {
        new Random(1).nextBytes(content);
        target = directory.resolve("file.bin");
        partial = directory.resolve("file.bin.part");
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::serve);
        server.start();
        closing = new Closing(ClientSession.create());
    }

    @AfterEach
    void stop() {
        closing.close();
        server.stop(0);
    }

    private void serve(HttpExchange exchange) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        ranges.add(String.valueOf(range));
        boolean same = tag.equals(exchange.getRequestHeaders().getFirst("If-Range"));
        int from = range != null && same ? Integer.parseInt(range.replaceAll("\\D", "")) : 0;
        if (!tag.isEmpty()) {
            exchange.getResponseHeaders().add("ETag", tag);
        }
        if (from > content.length) {
            exchange.sendResponseHeaders(416, -1);
            exchange.close();
            return;
        }
        if (from > 0) {
            int said = shifted ? from + 1 : from;
            exchange.getResponseHeaders().add("Content-Range", "bytes " + said + "-/" + content.length);
        }
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, content.length - from);
        int end = cutAt < 0 ? content.length : cutAt;
        exchange.getResponseBody().write(content, from, end - from);
        exchange.close(); // early, if it was cut
    }

    private Mono<Path> download(DownloadOptions options) {
        return closing.session
                .get("http://127.0.0.1:" + server.getAddress().getPort() + "/")
                .download(target, options);
    }

    private void cutOff() {
        cutAt = 100_000;
        StepVerifier.create(download(RESUME))
                .expectError(ClientPayloadException.class)
                .verify(PATIENCE);
        cutAt = -1;
        assertThat(target).doesNotExist();
    }

    @Test
    void oneThatWasCutOffGoesOn() throws Exception {
        cutOff();
        long size = Files.size(partial);
        assertThat(size).isPositive();
        assertThat(download(RESUME).block(PATIENCE)).isEqualTo(target);
        assertThat(ranges).containsExactly("null", "bytes=" + size + "-");
        assertThat(Files.readAllBytes(target)).isEqualTo(content);
        assertThat(directory.toFile().list()).containsExactly("file.bin");
    }

    @Test
    void retryGoesOnByItself() throws Exception {
        cutAt = 100_000;
        download(RESUME).doOnError(e -> cutAt = -1).retry(1).block(PATIENCE);
        assertThat(Files.readAllBytes(target)).isEqualTo(content);
        assertThat(ranges).hasSize(2);
    }

    @Test
    void changedContentBeginsAnew() throws Exception {
        cutOff();
        tag = "\"two\"";
        content[5]++;
        download(RESUME).block(PATIENCE);
        assertThat(Files.readAllBytes(target)).isEqualTo(content);
    }

    @Test
    void shorterContentBeginsAnew() throws Exception {
        cutOff();
        Files.write(partial, new byte[400_000]);
        download(RESUME).block(PATIENCE);
        assertThat(ranges).containsExactly("null", "bytes=400000-", "null");
        assertThat(Files.readAllBytes(target)).isEqualTo(content);
    }

    @Test
    void anotherRangeThanAskedForIsRefused() {
        cutOff();
        shifted = true;
        StepVerifier.create(download(RESUME))
                .expectError(InvalidResponseException.class)
                .verify(PATIENCE);
    }

    @Test
    void withoutAStrongTagThereIsNothingToGoOnWith() {
        tag = "W/\"weak\"";
        cutOff();
        assertThat(directory.toFile().list()).isEmpty();
    }

    @Test
    void withoutResumeNothingIsLeft() {
        cutAt = 100_000;
        StepVerifier.create(download(DownloadOptions.create()))
                .expectError(ClientPayloadException.class)
                .verify(PATIENCE);
        assertThat(directory.toFile().list()).isEmpty();
    }

    @Test
    void checksumIsCompared() throws Exception {
        String sum =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        download(DownloadOptions.create().checksum("SHA-256", sum)).block(PATIENCE);
        assertThat(Files.readAllBytes(target)).isEqualTo(content);
        String other = "00" + sum.substring(2).replace("00", "11");
        StepVerifier.create(download(RESUME.checksum("SHA-256", other)))
                .expectErrorSatisfies(e ->
                        assertThat(e).isInstanceOf(ClientPayloadException.class).hasMessageContaining("SHA-256"))
                .verify(PATIENCE);
        assertThat(partial).doesNotExist();
        assertThat(Files.readAllBytes(target)).isEqualTo(content);
    }

    @Test
    void checksumThatCannotBeOneIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RESUME.checksum("SHA-0", "00"))
                .withMessageContaining("SHA-0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RESUME.checksum("SHA-256", "00"))
                .withMessageContaining("32 bytes");
        assertThatIllegalArgumentException().isThrownBy(() -> RESUME.checksum("SHA-256", "xyz"));
        assertThat(RESUME).hasToString("DownloadOptions(resume, no checksum)");
    }

    @Test
    void errorStatusIsRaised() {
        server.removeContext("/");
        StepVerifier.create(download(RESUME))
                .expectErrorSatisfies(e -> assertThat(e).isInstanceOf(ClientResponseException.class))
                .verify(PATIENCE);
        assertThat(Arrays.asList(directory.toFile().list())).isEmpty();
    }
}
