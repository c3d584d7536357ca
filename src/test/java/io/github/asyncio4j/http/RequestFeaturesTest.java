package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

/** Rows U03, U08, U23, Q15, Q16 and R28. */
@ExtendWith(NoLeaks.class)
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class RequestFeaturesTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    @Nested
    class Targets {

        private String requested(java.util.function.UnaryOperator<ClientRequest> change, String path) {
            try (RawOrigin origin = RawOrigin.answering(OK);
                    Closing closing = new Closing(ClientSession.builder()
                            .baseUrl(origin.url("/base/"))
                            .build())) {
                change.apply(closing.session.get(path)).text().block(PATIENCE);
                return origin.requests().get(0).split(" ")[1];
            }
        }

        @ParameterizedTest
        @CsvSource({
            "/a/../b/./c?x=%zz|{}, /a/../b/./c?x=%zz|{}",
            "x/../y, /base/x/../y",
            "?q=\"1\", /base/?q=\"1\"",
        })
        void encodedUrlGoesOutAsItIs(String given, String sent) {
            assertThat(requested(ClientRequest::encodedUrl, given)).isEqualTo(sent);
        }

        @ParameterizedTest
        @ValueSource(strings = {"/a b", "/\u00e4", "/a?b c", "/a?\u00e4", "/a\u007f"})
        void encodedUrlThatCannotBeSentIsRefused(String given) {
            try (Closing closing = new Closing(
                    ClientSession.builder().baseUrl("http://127.0.0.1:1/").build())) {
                StepVerifier.create(closing.session.get(given).encodedUrl().text())
                        .expectError(InvalidUrlException.class)
                        .verify(PATIENCE);
            }
        }

        @Test
        void rawQueryIsSentAsItIs() {
            assertThat(requested(request -> request.param("a", 1).params("b=%20+&c&d=\u00e4 [x]"), "/p?z"))
                    .isEqualTo("/p?z&a=1&b=%20+&c&d=%C3%A4%20%5Bx%5D");
            assertThat(requested(request -> request.params(""), "/p")).isEqualTo("/p");
        }

        @Test
        void rawQueryWithAControlCharacterIsRefused() {
            try (Closing closing = new Closing(ClientSession.create())) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> closing.session.get("http://h/").params("a\r\nb"))
                        .withMessageContaining("control character");
            }
        }

        @Test
        void realUrlKeepsTheFragment() {
            try (RawOrigin origin = RawOrigin.start(peer -> {
                        while (peer.readRequest()) {
                            peer.send(
                                    peer.lastRequest().startsWith("GET /from")
                                            ? "HTTP/1.1 302 Found\r\nLocation: /to\r\nContent-Length: 0\r\n\r\n"
                                            : OK);
                        }
                    });
                    Closing closing = new Closing(ClientSession.create())) {
                String urls = closing.session
                        .get(origin.url("/from#part"))
                        .use(response -> response.text().map(text -> response.url() + " " + response.realUrl()))
                        .block(PATIENCE);
                assertThat(urls).isEqualTo(origin.url("/to") + " " + origin.url("/to#part"));
                String plain = closing.session
                        .get(origin.url("/to"))
                        .use(response -> response.text().map(text -> response.realUrl()))
                        .block(PATIENCE);
                assertThat(plain).isEqualTo(origin.url("/to"));
            }
        }
    }

    @Nested
    class Raising {

        @Test
        void predicateDecidesWhatIsAnError() {
            try (RawOrigin origin = RawOrigin.answering("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno");
                    Closing closing = new Closing(ClientSession.builder()
                            .raiseForStatus(response -> response.status() >= 500)
                            .build())) {
                ClientRequest get = closing.session.get(origin.url("/"));
                assertThat(get.text().block(PATIENCE)).isEqualTo("no");
                StepVerifier.create(get.raiseForStatus(response -> response.status() == 404)
                                .text())
                        .expectErrorSatisfies(e -> assertThat(e).isInstanceOf(ClientResponseException.class))
                        .verify(PATIENCE);
                StepVerifier.create(get.raiseForStatus(true).text())
                        .expectError(ClientResponseException.class)
                        .verify(PATIENCE);
                assertThat(get.raiseForStatus(true).raiseForStatus(false).text().block(PATIENCE))
                        .isEqualTo("no");
            }
        }

        @Test
        void predicateThatThrowsReleasesTheResponse() {
            try (RawOrigin origin = RawOrigin.answering(OK);
                    Closing closing = new Closing(ClientSession.create())) {
                IllegalStateException mine = new IllegalStateException("mine");
                StepVerifier.create(closing.session
                                .get(origin.url("/"))
                                .raiseForStatus(response -> {
                                    throw mine;
                                })
                                .text())
                        .expectErrorSatisfies(e -> assertThat(e).isSameAs(mine))
                        .verify(PATIENCE);
            }
        }
    }

    @Nested
    class Uploads {

        private final List<String> heads = Collections.synchronizedList(new ArrayList<>());
        private final byte[] plain =
                "packs well, again and again. ".repeat(20_000).getBytes(StandardCharsets.US_ASCII);
        private volatile byte[] received;
        private HttpServer server;
        private Closing closing;

        @BeforeEach
        void start() throws IOException {
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
            received = exchange.getRequestBody().readAllBytes();
            heads.add(exchange.getRequestHeaders().getFirst("Content-Encoding") + " "
                    + exchange.getRequestHeaders().getFirst("Content-Length"));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        }

        private ClientRequest post() {
            return closing.session.post(
                    "http://127.0.0.1:" + server.getAddress().getPort() + "/");
        }

        private byte[] unpacked() throws IOException {
            return new GZIPInputStream(new java.io.ByteArrayInputStream(received)).readAllBytes();
        }

        @Test
        void compressedBodyIsPackedWhileItIsSent(@TempDir Path directory) throws Exception {
            Path file = Files.write(directory.resolve("f"), plain);
            Flux<ByteBuffer> pieces = Flux.range(0, plain.length / 1000)
                    .map(i -> ByteBuffer.wrap(plain, i * 1000, 1000))
                    .concatWithValues(ByteBuffer.allocate(0));
            for (ClientRequest request : List.of(post().body(plain), post().body(file), post().body(pieces))) {
                assertThat(request.compress(true).status().block(PATIENCE)).isEqualTo(200);
                assertThat(received.length).isLessThan(plain.length / 10);
                assertThat(unpacked()).isEqualTo(plain);
            }
            assertThat(heads).containsOnly("gzip null");
            post().body(plain).compress(true).compress(false).status().block(PATIENCE);
            assertThat(received).isEqualTo(plain);
            post().compress(true).status().block(PATIENCE);
            assertThat(heads).endsWith("null 580000", "null 0");
        }

        @ParameterizedTest
        @ValueSource(strings = {"Content-Encoding", "Content-Length"})
        void compressedBodyWithAFramingOfTheCallersIsRefused(String name) {
            StepVerifier.create(
                            post().header(name, "3").body("abc").compress(true).status())
                    .expectErrorSatisfies(e -> assertThat(e)
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessageContaining(name))
                    .verify(PATIENCE);
        }

        @Test
        void progressGrowsAndEndsWithTheSize(@TempDir Path directory) throws Exception {
            Path file = Files.write(directory.resolve("f"), plain);
            Flux<ByteBuffer> pieces =
                    Flux.just(ByteBuffer.wrap(plain, 0, 7), ByteBuffer.wrap(plain, 7, plain.length - 7));
            for (ClientRequest request : List.of(post().body(plain), post().body(file), post().body(pieces))) {
                List<Long> seen = Collections.synchronizedList(new ArrayList<>());
                request.onUpload(seen::add).status().block(PATIENCE);
                assertThat(seen).isSorted().doesNotHaveDuplicates().endsWith((long) plain.length);
                assertThat(seen.size()).isGreaterThan(1);
                assertThat(received).isEqualTo(plain);
            }
            assertThat(heads).containsExactly("null 580000", "null 580000", "null null");
        }
    }
}
