package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.testing.ForeignServer;
import io.github.asyncio4j.testing.NoLeaks;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Servers that others wrote: nginx, Node's, and aiohttp's. Where one is not installed its tests are left out. */
@ExtendWith(NoLeaks.class)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ForeignServersTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static Closing session() {
        return new Closing(ClientSession.create());
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    private static Flux<ByteBuffer> pieces(int count, int size) {
        return Flux.range(0, count).map(i -> ByteBuffer.wrap(new byte[size]));
    }

    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class Nginx {

        private static final String CONFIG = """
                daemon off; master_process off; worker_processes 1; pid %1$s/pid; error_log %1$s/error.log crit;
                events { worker_connections 256; }
                http {
                  access_log off; client_body_temp_path %1$s/b; proxy_temp_path %1$s/p; fastcgi_temp_path %1$s/f;
                  uwsgi_temp_path %1$s/u; scgi_temp_path %1$s/s; types { text/plain txt; } default_type application/octet-stream;
                  root %1$s; gzip on; gzip_min_length 100; gzip_types text/plain; keepalive_requests 20;
                  client_max_body_size 1k; large_client_header_buffers 2 8k; limit_conn_zone $server_name zone=one:32k;
                  ssl_certificate %1$s/cert.pem; ssl_certificate_key %1$s/key.pem;
                  server {
                    listen 127.0.0.1:%2$d; server_name plain;
                    location /alone/ { alias %1$s/; limit_conn one 1; limit_rate 200k; }
                    location /closes/ { alias %1$s/; keepalive_timeout 0; }
                  }
                  server {
                    listen 127.0.0.1:%3$d ssl http2; server_name localhost; keepalive_requests 1000;
                    add_header X-Connection $connection; add_header X-Protocol $server_protocol;
                  }
                  server {
                    listen 127.0.0.1:%4$d ssl http2; server_name localhost; keepalive_requests 5;
                  }
                }
                """;

        private final byte[] large = new byte[4 << 20];
        private final String text = "line after line of a page that packs well\n".repeat(1000);
        private ForeignServer server;
        private SSLContext trusting;
        private int tlsPort;
        private int endingPort;

        @BeforeAll
        void start(@TempDir Path directory) throws Exception {
            String nginx = ForeignServer.find("nginx");
            new Random(1).nextBytes(large);
            Files.write(directory.resolve("large.bin"), large);
            Files.writeString(directory.resolve("page.txt"), text);
            writeKeys(directory);
            int port = ForeignServer.freePort();
            tlsPort = ForeignServer.freePort();
            endingPort = ForeignServer.freePort();
            Path config = directory.resolve("nginx.conf");
            Files.writeString(config, CONFIG.formatted(directory, port, tlsPort, endingPort));
            server = ForeignServer.on(port, nginx, "-c", config.toString(), "-e", directory + "/error.log");
        }

        private void writeKeys(Path directory) throws Exception {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            try (InputStream in = ForeignServersTest.class.getResourceAsStream("/tls/localhost.p12")) {
                keys.load(in, "asyncio4j".toCharArray());
            }
            Key key = keys.getKey("localhost", "asyncio4j".toCharArray());
            Files.writeString(directory.resolve("key.pem"), pem("PRIVATE KEY", key.getEncoded()));
            Files.writeString(
                    directory.resolve("cert.pem"),
                    pem("CERTIFICATE", keys.getCertificate("localhost").getEncoded()));
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("origin", keys.getCertificate("localhost"));
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            trusting = SSLContext.getInstance("TLS");
            trusting.init(null, trust.getTrustManagers(), null);
        }

        private static String pem(String what, byte[] bytes) {
            return "-----BEGIN " + what + "-----\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes) + "\n-----END " + what
                    + "-----\n";
        }

        @AfterAll
        void stop() {
            if (server != null) {
                server.close();
            }
        }

        @Test
        void connectionIsUsedAsLongAsTheServerAllows() {
            try (Closing closing = session()) {
                for (int i = 0; i < 100; i++) {
                    assertThat(closing.session
                                    .get(server.url("/page.txt"))
                                    .text()
                                    .block(PATIENCE))
                            .isEqualTo(text);
                }
                assertThat(closing.session.statistics().created()).isEqualTo(5);
            }
        }

        @Test
        void manyAtOnceNeverFailThoughTheServerClosesConnections() {
            try (Closing closing = session()) {
                Flux.range(0, 1000)
                        .flatMap(
                                i -> closing.session
                                        .get(server.url("/page.txt"))
                                        .text(),
                                50)
                        .doOnNext(body -> assertThat(body).isEqualTo(text))
                        .blockLast(PATIENCE);
            }
        }

        @Test
        void closingServerGetsANewConnectionEachTime() {
            try (Closing closing = session()) {
                Mono<Integer> status =
                        closing.session.get(server.url("/closes/page.txt")).status();
                status.repeat(4).blockLast(PATIENCE);
                assertThat(closing.session.statistics().created()).isEqualTo(5);
                assertThat(closing.session.statistics().idle()).isZero();
            }
        }

        @Test
        void gzipIsUndoneAndItsHeadersStayReadable() {
            try (Closing closing = session()) {
                closing.session
                        .get(server.url("/page.txt"))
                        .use(response -> {
                            assertThat(response.headers()
                                            .first("Content-Encoding")
                                            .orElse(""))
                                    .isEqualTo("gzip");
                            return response.text()
                                    .doOnNext(body -> assertThat(body).isEqualTo(text));
                        })
                        .block(PATIENCE);
                closing.session
                        .get(server.url("/page.txt"))
                        .header("Accept-Encoding", "identity")
                        .use(response -> {
                            assertThat(response.headers()
                                            .first("Content-Length")
                                            .orElse(""))
                                    .isEqualTo("" + text.length());
                            return response.text();
                        })
                        .block(PATIENCE);
            }
        }

        @Test
        void rangesHeadsAndConditionsHaveTheBodiesTheyShould() {
            try (Closing closing = session()) {
                ClientSession session = closing.session;
                byte[] part = session.get(server.url("/large.bin"))
                        .header("Range", "bytes=1000-1999")
                        .use(response -> {
                            assertThat(response.status()).isEqualTo(206);
                            return response.bytes();
                        })
                        .block(PATIENCE);
                assertThat(part).isEqualTo(java.util.Arrays.copyOfRange(large, 1000, 2000));
                assertThat(session.get(server.url("/large.bin"))
                                .header("Range", "bytes=99999999-")
                                .status()
                                .block(PATIENCE))
                        .isEqualTo(416);
                String length = session.head(server.url("/large.bin"))
                        .use(response -> response.bytes()
                                .defaultIfEmpty(new byte[0])
                                .map(body -> response.headers()
                                                .first("Content-Length")
                                                .orElse("") + "/" + body.length))
                        .block(PATIENCE);
                assertThat(length).isEqualTo(large.length + "/0");
                String tag = session.get(server.url("/large.bin"))
                        .use(response ->
                                Mono.just(response.headers().first("ETag").orElse("")))
                        .block(PATIENCE);
                assertThat(session.get(server.url("/large.bin"))
                                .header("If-None-Match", tag)
                                .status()
                                .block(PATIENCE))
                        .isEqualTo(304);
            }
        }

        @Test
        void largeBodyArrivesWholeAndSlowReadersSlowTheServer() throws Exception {
            try (Closing closing = session()) {
                MessageDigest sum = MessageDigest.getInstance("SHA-256");
                closing.session
                        .get(server.url("/large.bin"))
                        .chunks()
                        .limitRate(1)
                        .concatMap(piece -> Mono.just(piece).subscribeOn(reactor.core.scheduler.Schedulers.parallel()))
                        .doOnNext(sum::update)
                        .blockLast(PATIENCE);
                assertThat(HexFormat.of().formatHex(sum.digest())).isEqualTo(sha256(large));
            }
        }

        @Test
        void whatTheServerRefusesIsAnswered() {
            try (Closing closing = session()) {
                ClientSession session = closing.session;
                assertThat(session.post(server.url("/page.txt"))
                                .body(new byte[2000])
                                .status()
                                .block(PATIENCE))
                        .isEqualTo(413);
                assertThat(session.get(server.url("/page.txt"))
                                .header("X-Long", "x".repeat(20_000))
                                .status()
                                .block(PATIENCE))
                        .isEqualTo(400);
                assertThat(session.get(server.url("/" + "x".repeat(20_000)))
                                .status()
                                .block(PATIENCE))
                        .isEqualTo(414);
                assertThat(session.get(server.url("/page.txt")).status().block(PATIENCE))
                        .isEqualTo(200);
            }
        }

        @Test
        void whoIsBelowTheServersLimitOfConnectionsIsNotRefused() {
            try (Closing closing = new Closing(ClientSession.builder()
                    .limits(ConnectionLimits.defaults().withPerHost(1))
                    .build())) {
                List<Integer> all = Flux.range(0, 10)
                        .flatMap(i -> closing.session
                                .get(server.url("/alone/page.txt"))
                                .status())
                        .collectList()
                        .block(PATIENCE);
                assertThat(all).containsOnly(200);
            }
        }

        private Closing http2() {
            return new Closing(ClientSession.builder()
                    .http2(true)
                    .sslContext(trusting)
                    .resolver(host -> Mono.just(List.of(InetAddress.getLoopbackAddress())))
                    .build());
        }

        private String secure(String path) {
            return "https://localhost:" + tlsPort + path;
        }

        @Test
        void aHundredRequestsAtOnceShareOneConnectionOfHttp2() {
            try (Closing closing = http2()) {
                List<String> all = Flux.range(0, 100)
                        .flatMap(
                                i -> closing.session
                                        .get(secure("/page.txt"))
                                        .use(response -> response.text().map(body -> {
                                            assertThat(body).isEqualTo(text);
                                            return response.headers()
                                                            .first("X-Protocol")
                                                            .orElse("") + " "
                                                    + response.headers()
                                                            .first("X-Connection")
                                                            .orElse("");
                                        })),
                                100)
                        .distinct()
                        .collectList()
                        .block(PATIENCE);
                assertThat(all).hasSize(1).allMatch(each -> each.startsWith("HTTP/2.0 "));
                assertThat(closing.session.statistics().created()).isOne();
            }
        }

        @Test
        void http2ConnectionsThatTheServerEndsFailNobody() {
            try (Closing closing = http2()) {
                Flux.range(0, 200)
                        .flatMap(
                                i -> closing.session
                                        .get("https://localhost:" + endingPort + "/page.txt")
                                        .text(),
                                20)
                        .doOnNext(body -> assertThat(body).isEqualTo(text))
                        .blockLast(PATIENCE);
                assertThat(closing.session.statistics().created()).isGreaterThan(1);
            }
        }

        @Test
        void http2BodiesArriveWholeInBothDirections() {
            try (Closing closing = http2()) {
                assertThat(closing.session.get(secure("/large.bin")).bytes().block(PATIENCE))
                        .isEqualTo(large);
                assertThat(closing.session
                                .post(secure("/page.txt"))
                                .body(new byte[2000])
                                .status()
                                .block(PATIENCE))
                        .isEqualTo(413);
                assertThat(closing.session.head(secure("/large.bin")).status().block(PATIENCE))
                        .isEqualTo(200);
                assertThat(closing.session.get(secure("/page.txt")).text().block(PATIENCE))
                        .isEqualTo(text);
                assertThat(closing.session.statistics().created()).isOne();
            }
        }

        @Test
        void tlsConnectionIsUsedAgain() {
            try (Closing closing = new Closing(ClientSession.builder()
                    .sslContext(trusting)
                    .resolver(host -> Mono.just(List.of(InetAddress.getLoopbackAddress())))
                    .build())) {
                Mono<byte[]> get = closing.session
                        .get("https://localhost:" + tlsPort + "/large.bin")
                        .bytes();
                assertThat(get.repeat(4)
                                .doOnNext(body -> assertThat(body).isEqualTo(large))
                                .count()
                                .block(PATIENCE))
                        .isEqualTo(5);
                assertThat(closing.session.statistics().created()).isEqualTo(1);
            }
        }
    }

    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class Node {

        private final String text = "what a server has to say, again and again. ".repeat(500);
        private ForeignServer server;

        @BeforeAll
        void start() {
            server = ForeignServer.printingItsPort(
                    ForeignServer.find("node"), ForeignServer.resource("/peers/server.js"));
        }

        @AfterAll
        void stop() {
            if (server != null) {
                server.close();
            }
        }

        @Test
        void trailersComeBehindTheChunks() {
            try (Closing closing = session()) {
                String all = closing.session
                        .get(server.url("/trailers"))
                        .use(response -> response.text()
                                .map(body -> body
                                        + response.trailers().first("X-Sum").orElse("")
                                        + response.trailers().first("x-count").orElse("")))
                        .block(PATIENCE);
                assertThat(all).isEqualTo("onetwothree62");
            }
        }

        @Test
        void eventsArriveOneByOne() {
            try (Closing closing = session()) {
                StepVerifier.create(closing.session.get(server.url("/events")).events())
                        .assertNext(event -> assertThat(event.data()).isEqualTo("first"))
                        .assertNext(event -> {
                            assertThat(event.event()).isEqualTo("news");
                            assertThat(event.data()).isEqualTo("two\nlines");
                            assertThat(event.retry()).contains(Duration.ofMillis(250));
                        })
                        .assertNext(event -> assertThat(event.data()).isEqualTo("\u00e9nd"))
                        .expectComplete()
                        .verify(PATIENCE);
            }
        }

        @Test
        void earlyHintsAreNotTheResponse() {
            try (Closing closing = session()) {
                Mono<String> get = closing.session.get(server.url("/hints")).text();
                assertThat(get.repeat(2).collectList().block(PATIENCE)).containsExactly("hinted", "hinted", "hinted");
                assertThat(closing.session.statistics().created()).isEqualTo(1);
            }
        }

        @Test
        void refusalDuringAnUploadIsDelivered() {
            try (Closing closing = session()) {
                assertThat(closing.session
                                .post(server.url("/refuse"))
                                .body(pieces(100_000, 16 * 1024))
                                .status()
                                .block(PATIENCE))
                        .isEqualTo(413);
                closing.awaitRest();
                assertThat(closing.session.statistics().idle()).isZero();
            }
        }

        @Test
        void answerToTheFirstPieceLetsTheRestBeSent() {
            try (Closing closing = session()) {
                assertThat(closing.session
                                .post(server.url("/early"))
                                .body(pieces(100, 16 * 1024))
                                .text()
                                .block(PATIENCE))
                        .isEqualTo("early");
            }
        }

        @Test
        void bodiesGoOutWithTheFramingThatFits() {
            try (Closing closing = session()) {
                ClientSession session = closing.session;
                Mono<String> known = session.post(server.url("/echo"))
                        .body("12345")
                        .use(response -> response.text()
                                .map(body -> body
                                        + response.headers().first("X-Framing").orElse("")));
                assertThat(known.block(PATIENCE)).isEqualTo("123455");
                Mono<String> streamed = session.put(server.url("/echo"))
                        .body(Flux.just("ab", "", "cd").map(StandardCharsets.UTF_8::encode))
                        .use(response -> response.text()
                                .map(body -> body
                                        + response.headers().first("X-Framing").orElse("")));
                assertThat(streamed.block(PATIENCE)).isEqualTo("abcdchunked");
            }
        }

        @Test
        void bodyWaitsForContinue() {
            try (Closing closing = session()) {
                ClientSession session = closing.session;
                assertThat(session.post(server.url("/echo"))
                                .header("Expect", "100-continue")
                                .body("waited")
                                .text()
                                .block(PATIENCE))
                        .isEqualTo("waited");
                assertThat(session.post(server.url("/refuse"))
                                .header("Expect", "100-continue")
                                .body(new byte[1 << 20])
                                .status()
                                .block(PATIENCE))
                        .isEqualTo(417);
            }
        }

        @Test
        void codingsAreUndone() {
            try (Closing closing = session()) {
                for (String coding : List.of("gzip", "deflate", "rawdeflate", "br")) {
                    assertThat(closing.session
                                    .get(server.url("/packed/" + coding))
                                    .text()
                                    .block(PATIENCE))
                            .as(coding)
                            .isEqualTo(text);
                }
            }
        }

        @Test
        void brokenConnectionsHaveTheirErrors() {
            try (Closing closing = session()) {
                StepVerifier.create(closing.session.get(server.url("/cut")).text())
                        .expectError(ClientPayloadException.class)
                        .verify(PATIENCE);
                StepVerifier.create(closing.session.get(server.url("/reset")).text())
                        .expectError(ServerDisconnectedException.class)
                        .verify(PATIENCE);
            }
        }
    }

    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class Aiohttp {

        private ForeignServer server;

        @BeforeAll
        void start() {
            ForeignServer.require(
                    "Python's aiohttp is not installed here (python3-aiohttp): its tests are left out",
                    "/usr/bin/python3",
                    "-c",
                    "import aiohttp");
            server = ForeignServer.printingItsPort("/usr/bin/python3", ForeignServer.resource("/peers/server.py"));
        }

        @AfterAll
        void stop() {
            if (server != null) {
                server.close();
            }
        }

        @Test
        void formsAndFilesArriveAsTheyWere() {
            try (Closing closing = session()) {
                Map<String, Object> fields = new LinkedHashMap<>();
                fields.put("plain", "a b&c=d+\u00e4\ud83d\ude00");
                fields.put("empty", "");
                assertThat(closing.session
                                .post(server.url("/form"))
                                .form(fields)
                                .json(new TypeRef<List<List<String>>>() {})
                                .block(PATIENCE))
                        .containsExactly(List.of("plain", "a b&c=d+\u00e4\ud83d\ude00"), List.of("empty", ""));
                MultipartForm parts = MultipartForm.create()
                        .field("title", "\u00e4 \"quoted\"")
                        .file("upload", "na\"me.txt", "text/x-test", "--content\r\n".getBytes(StandardCharsets.UTF_8));
                assertThat(closing.session
                                .post(server.url("/form"))
                                .multipart(parts)
                                .json(new TypeRef<List<List<String>>>() {})
                                .block(PATIENCE))
                        .containsExactly(
                                List.of("title", "\u00e4 \"quoted\""),
                                List.of("upload", "na%22me.txt", "text/x-test", "--content\r\n"));
            }
        }

        @Test
        void queriesAndPathsAreReadAsTheyWereMeant() {
            try (Closing closing = session()) {
                String odd = "a+b&c=d#e %41 \u00e4\ud83d\ude00";
                assertThat(closing.session
                                .get(server.url("/query?z=0"))
                                .param("q", odd)
                                .param("n", List.of(1, 2))
                                .json(new TypeRef<List<List<String>>>() {})
                                .block(PATIENCE))
                        .containsExactly(List.of("z", "0"), List.of("q", odd), List.of("n", "1"), List.of("n", "2"));
                assertThat(closing.session
                                .get(server.url("/path/a b\u00e4%2Fc"))
                                .json(new TypeRef<Map<String, String>>() {})
                                .block(PATIENCE))
                        .containsEntry("raw", "/path/a%20b%C3%A4%2Fc")
                        .containsEntry("part", "a b\u00e4/c");
            }
        }

        @Test
        void cookieOfARedirectGoesWithTheNextRequest() {
            try (Closing closing = session()) {
                assertThat(closing.session
                                .get(server.url("/login"))
                                .json(new TypeRef<Map<String, String>>() {})
                                .block(PATIENCE))
                        .isEqualTo(Map.of());
            }
            try (Closing closing = new Closing(
                    ClientSession.builder().cookieJar(CookieJar.unsafe()).build())) {
                assertThat(closing.session
                                .get(server.url("/login"))
                                .json(new TypeRef<Map<String, String>>() {})
                                .block(PATIENCE))
                        .isEqualTo(Map.of("name", "Ada Lovelace"));
            }
        }

        @Test
        void uploadOfManyPiecesArrivesWhole() throws Exception {
            try (Closing closing = session()) {
                byte[] piece = new byte[64 * 1024];
                new Random(2).nextBytes(piece);
                MessageDigest sum = MessageDigest.getInstance("SHA-256");
                Flux<ByteBuffer> content = Flux.range(0, 64).map(i -> ByteBuffer.wrap(piece));
                for (int i = 0; i < 64; i++) {
                    sum.update(piece);
                }
                assertThat(closing.session
                                .post(server.url("/digest"))
                                .body(content)
                                .text()
                                .block(PATIENCE))
                        .isEqualTo(HexFormat.of().formatHex(sum.digest()));
            }
        }

        @Test
        void streamsAreReadLineByLinePackedOrNot() {
            try (Closing closing = session()) {
                for (String pack : List.of("", "?pack=1")) {
                    StepVerifier.create(closing.session
                                    .get(server.url("/stream/2000" + pack))
                                    .lines()
                                    .index()
                                    .doOnNext(line ->
                                            assertThat(line.getT2()).isEqualTo(String.format("%08d", line.getT1())))
                                    .count())
                            .expectNext(2000L)
                            .expectComplete()
                            .verify(PATIENCE);
                }
            }
        }

        @Test
        void jsonOfARelatedTypeIsRead() {
            try (Closing closing = session()) {
                assertThat(closing.session
                                .get(server.url("/json"))
                                .json(new TypeRef<Map<String, String>>() {})
                                .block(PATIENCE))
                        .containsEntry("text", "\u00e4\ud83d\ude00");
            }
        }

        @Test
        void timeoutEndsAHangingRequest() {
            try (Closing closing = session()) {
                StepVerifier.create(closing.session
                                .get(server.url("/hang"))
                                .timeout(Duration.ofMillis(100))
                                .text())
                        .expectError(ClientTimeoutException.class)
                        .verify(PATIENCE);
            }
        }
    }
}
