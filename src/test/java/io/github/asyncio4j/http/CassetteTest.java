package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.http.Cassette.Mode;
import io.github.asyncio4j.testing.ForeignServer;
import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

@ExtendWith(NoLeaks.class)
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class CassetteTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    @TempDir
    private Path directory;

    private Path file() {
        return directory.resolve("cassettes/one.json");
    }

    private Cassette.Builder in(Mode mode) {
        return Cassette.builder(file()).mode(mode);
    }

    private static Closing with(Cassette cassette) {
        return new Closing(ClientSession.builder().middleware(cassette).build());
    }

    /** Answers each request with its number. */
    private static RawOrigin counting() {
        AtomicInteger count = new AtomicInteger();
        return RawOrigin.start(peer -> {
            while (peer.readRequest()) {
                peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + count.incrementAndGet());
            }
        });
    }

    private void record(String url, int times) {
        try (Closing closing = with(in(Mode.RECORD).build())) {
            closing.session.get(url).text().repeat(times - 1).blockLast(PATIENCE);
        }
    }

    private static Map<String, List<String>> all(Headers headers) {
        Map<String, List<String>> all = new LinkedHashMap<>();
        headers.names().forEach(name -> all.put(name, headers.all(name)));
        return all;
    }

    /** All that a response is. */
    private record Seen(
            int status,
            String reason,
            Map<String, List<String>> headers,
            String url,
            byte[] body,
            Map<String, List<String>> trailers) {

        static Mono<Seen> of(ClientRequest request) {
            return request.use(response -> response.bytes()
                    .defaultIfEmpty(new byte[0])
                    .map(body -> new Seen(
                            response.status(),
                            response.reason(),
                            all(response.headers()),
                            response.url(),
                            body,
                            all(response.trailers()))));
        }
    }

    @Nested
    class AgainstNginx {

        private static final String CONFIG = """
                daemon off; master_process off; worker_processes 1; pid %1$s/pid; error_log %1$s/error.log crit;
                events { worker_connections 64; }
                http {
                  access_log off; client_body_temp_path %1$s/b; proxy_temp_path %1$s/p; fastcgi_temp_path %1$s/f;
                  uwsgi_temp_path %1$s/u; scgi_temp_path %1$s/s; types { text/plain txt; } default_type application/octet-stream;
                  root %1$s; gzip on; gzip_min_length 100; gzip_types text/plain;
                  server { listen 127.0.0.1:%2$d; charset iso-8859-1; add_header X-Twice one; add_header X-Twice two; }
                }
                """;

        @Test
        void whatWasRecordedIsReplayedByteForByte() throws Exception {
            byte[] binary = new byte[200_000];
            new Random(7).nextBytes(binary);
            Files.write(directory.resolve("binary"), binary);
            Files.writeString(
                    directory.resolve("page.txt"), "Käse und Brot\r\n".repeat(500), StandardCharsets.ISO_8859_1);
            Files.writeString(directory.resolve("empty.txt"), "");
            int port = ForeignServer.freePort();
            Path config = directory.resolve("nginx.conf");
            Files.writeString(config, CONFIG.formatted(directory, port));
            List<Seen> recorded = new ArrayList<>();
            try (ForeignServer server = ForeignServer.on(
                            port,
                            ForeignServer.find("nginx"),
                            "-c",
                            config.toString(),
                            "-e",
                            directory + "/error.log");
                    Closing closing = with(in(Mode.ONCE).build())) {
                for (ClientRequest request : requests(closing.session, server.port())) {
                    recorded.add(Seen.of(request).block(PATIENCE));
                }
            }
            assertThat(recorded).extracting(Seen::status).containsExactly(200, 200, 200, 200, 404, 200);
            assertThat(recorded.get(1).body).isEqualTo(binary);
            assertThat(recorded.get(0).headers).containsEntry("Content-Encoding", List.of("gzip"));
            assertThat(recorded.get(0).body).hasSize(7500);
            assertThat(recorded.get(3).body).hasSizeLessThan(7500);
            try (Closing closing = with(in(Mode.STRICT).build())) {
                List<Seen> replayed = new ArrayList<>();
                for (ClientRequest request : requests(closing.session, port)) {
                    replayed.add(Seen.of(request).block(PATIENCE));
                }
                assertThat(replayed).usingRecursiveComparison().isEqualTo(recorded);
                assertThat(closing.session.statistics().created()).isZero();
            }
        }

        private List<ClientRequest> requests(ClientSession session, int port) {
            String url = "http://127.0.0.1:" + port;
            return List.of(
                    session.get(url + "/page.txt"),
                    session.get(url + "/binary"),
                    session.get(url + "/empty.txt"),
                    session.get(url + "/page.txt")
                            .header("Accept-Encoding", "gzip")
                            .decompress(false),
                    session.get(url + "/missing"),
                    session.head(url + "/binary"));
        }
    }

    @Nested
    class Modes {

        @Test
        void onceRecordsAndFromThenOnReplays() {
            try (RawOrigin origin = counting()) {
                for (int i = 0; i < 3; i++) {
                    try (Closing closing = with(Cassette.of(file()))) {
                        ClientRequest get = closing.session.get(origin.url("/"));
                        assertThat(get.text().repeat(2).collectList().block(PATIENCE))
                                .containsExactly("1", "2", "3");
                    }
                }
                assertThat(origin.requests()).hasSize(3);
            }
        }

        @Test
        void replayRepeatsTheLastAnswerAndStrictDoesNot() {
            try (RawOrigin origin = counting()) {
                record(origin.url("/"), 2);
                try (Closing closing = with(in(Mode.REPLAY).build())) {
                    Flux<String> all =
                            closing.session.get(origin.url("/")).text().repeat(3);
                    assertThat(all.collectList().block(PATIENCE)).containsExactly("1", "2", "2", "2");
                }
                Cassette strict = in(Mode.STRICT).build();
                try (Closing closing = with(strict)) {
                    Mono<String> get = closing.session.get(origin.url("/")).text();
                    assertThat(get.block(PATIENCE)).isEqualTo("1");
                    assertThat(strict.unplayed()).containsExactly("GET " + origin.url("/"));
                    assertThat(get.block(PATIENCE)).isEqualTo("2");
                    assertThat(strict.unplayed()).isEmpty();
                    StepVerifier.create(get)
                            .expectErrorSatisfies(e -> assertThat(e)
                                    .isInstanceOf(IllegalStateException.class)
                                    .hasMessageContaining("as often as it is in the cassette"))
                            .verify(PATIENCE);
                }
                assertThat(origin.requests()).hasSize(2);
            }
        }

        @Test
        void autoRecordsWhatIsNotThereAndKeepsWhatIs() {
            try (RawOrigin origin = counting()) {
                record(origin.url("/a"), 1);
                try (Closing closing = with(in(Mode.AUTO).build())) {
                    assertThat(closing.session.get(origin.url("/b")).text().block(PATIENCE))
                            .isEqualTo("2");
                    assertThat(closing.session.get(origin.url("/a")).text().block(PATIENCE))
                            .isEqualTo("1");
                }
                assertThat(origin.requests()).hasSize(2);
                try (Closing closing = with(in(Mode.REPLAY).build())) {
                    assertThat(closing.session.get(origin.url("/b")).text().block(PATIENCE))
                            .isEqualTo("2");
                }
            }
        }

        @Test
        void recordReplacesTheFile() throws Exception {
            try (RawOrigin origin = counting()) {
                record(origin.url("/a"), 3);
                record(origin.url("/b"), 1);
                assertThat(Files.readString(file())).contains("/b").doesNotContain("/a\"");
            }
        }

        @ParameterizedTest
        @EnumSource(names = {"REPLAY", "STRICT", "ONCE"})
        void unknownRequestIsNamedWithTheFile(Mode mode) {
            try (RawOrigin origin = counting()) {
                record(origin.url("/known"), 1);
                try (Closing closing = with(in(mode).build())) {
                    StepVerifier.create(closing.session
                                    .post(origin.url("/unknown?x=1"))
                                    .text())
                            .expectErrorSatisfies(e -> assertThat(e)
                                    .isInstanceOf(IllegalStateException.class)
                                    .hasMessageContaining("POST " + origin.url("/unknown?x=1"))
                                    .hasMessageContaining(file().toString())
                                    .hasMessageContaining("GET " + origin.url("/known")))
                            .verify(PATIENCE);
                }
                assertThat(origin.requests()).hasSize(1);
            }
        }

        @Test
        void replayWithoutAFileSaysSo() {
            try (Closing closing = with(in(Mode.REPLAY).build())) {
                StepVerifier.create(closing.session.get("http://h/").text())
                        .expectErrorSatisfies(e ->
                                assertThat(e).isInstanceOf(IOException.class).hasMessageContaining("one.json"))
                        .verify(PATIENCE);
            }
        }
    }

    @Nested
    class Matching {

        @Test
        void orderOfParametersDoesNotMatterAndHeadersDoNot() {
            try (RawOrigin origin = counting()) {
                record(origin.url("/?a=1&b=2"), 1);
                try (Closing closing = with(in(Mode.REPLAY).build())) {
                    assertThat(closing.session
                                    .get(origin.url("/?b=2&a=1"))
                                    .header("X-Any", "y")
                                    .text()
                                    .block(PATIENCE))
                            .isEqualTo("1");
                    StepVerifier.create(closing.session.get(origin.url("/?a=1")).text())
                            .expectError(IllegalStateException.class)
                            .verify(PATIENCE);
                }
            }
        }

        @Test
        void bodiesCountIfTheyAreToWhateverTheyAreMadeOf() {
            try (RawOrigin origin = counting()) {
                Cassette.Builder builder = in(Mode.ONCE).matchBody(true);
                for (int i = 0; i < 2; i++) {
                    try (Closing closing = with(builder.build())) {
                        ClientRequest post = closing.session.post(origin.url("/"));
                        MultipartForm form = MultipartForm.create().field("a", "b");
                        List<ClientRequest> requests = List.of(
                                post.body("one"),
                                post.body("two"),
                                post.multipart(form),
                                post.body(
                                        Flux.just(ByteBuffer.wrap("th".getBytes()), ByteBuffer.wrap("ree".getBytes()))),
                                post.body(new byte[] {0, 1, (byte) 0xff}),
                                post);
                        List<String> answers = new ArrayList<>();
                        requests.forEach(request -> answers.add(request.text().block(PATIENCE)));
                        assertThat(answers).containsExactly("1", "2", "3", "4", "5", "6");
                        if (i == 1) {
                            StepVerifier.create(post.body("four").text())
                                    .expectErrorSatisfies(e -> assertThat(e).hasMessageContaining("has another body"))
                                    .verify(PATIENCE);
                        }
                    }
                }
                assertThat(origin.requests()).hasSize(6);
                assertThat(origin.requests().get(3)).endsWith("\r\n\r\nthree").contains("Content-Length: 5");
            }
        }

        @Test
        void tooLargeABodyToBeSentIsSaid() {
            try (RawOrigin origin = counting();
                    Closing closing = with(in(Mode.RECORD).build())) {
                StepVerifier.create(closing.session
                                .post(origin.url("/"))
                                .maxBodySize(10)
                                .body(() -> Flux.just(ByteBuffer.allocate(11)))
                                .text())
                        .expectErrorSatisfies(e -> assertThat(e).hasMessageContaining("maxBodySize"))
                        .verify(PATIENCE);
                assertThat(origin.requests()).isEmpty();
            }
        }
    }

    @Nested
    class Secrets {

        @Test
        void noneOfThemGetsIntoTheFile() throws Exception {
            String answer = "HTTP/1.1 200 OK\r\nSet-Cookie: sid=S3CRET; Path=/\r\nX-Session: S3CRET\r\n"
                    + "Location: /next?token=S3CRET&page=2\r\nContent-Type: application/json\r\n"
                    + "Content-Length: 21\r\n\r\n{\"password\":\"S3CRET\"}";
            try (RawOrigin origin = RawOrigin.answering(answer)) {
                Cassette.Builder builder = in(Mode.ONCE)
                        .redactHeaders("X-Session")
                        .redactParams("token", "pin code")
                        .redact(text -> text.replaceAll("\"password\":\"[^\"]*\"", "\"password\":\"gone\""));
                for (int i = 0; i < 2; i++) {
                    try (Closing closing = new Closing(ClientSession.builder()
                            .secretHeaders("X-Key")
                            .header("X-Key", "S3CRET")
                            .basicAuth("me", "S3CRET")
                            .cookie("own", "S3CRET")
                            .middleware(builder.build())
                            .build())) {
                        String text = closing.session
                                .post(origin.url("/?token=S3CRET&pin+code=S3CRET&token&x=1"))
                                .header("Proxy-Authorization", "Basic S3CRET")
                                .form(Map.of("token", "S3CRET"))
                                .text()
                                .block(PATIENCE);
                        assertThat(text).isEqualTo(i == 0 ? "{\"password\":\"S3CRET\"}" : "{\"password\":\"gone\"}");
                    }
                }
                assertThat(origin.requests()).hasSize(1);
                assertThat(origin.requests().get(0)).contains("token=S3CRET", "Cookie: own=S3CRET");
            }
            assertThat(Files.readString(file()))
                    .doesNotContain("S3CRET")
                    .doesNotContain("bWU6")
                    .contains("sid=***; Path=/", "own=***", "/next?token=***&page=2", "pin+code=***&token&x=1")
                    .contains("\"token=***\"");
        }

        @Test
        void functionThatFailsOrGivesNothingFailsTheRequest() {
            try (RawOrigin origin = RawOrigin.answering(OK);
                    Closing closing = with(in(Mode.RECORD).redact(text -> null).build())) {
                StepVerifier.create(closing.session.get(origin.url("/")).text())
                        .expectErrorSatisfies(e -> assertThat(e)
                                .isInstanceOf(NullPointerException.class)
                                .hasMessageContaining("redact"))
                        .verify(PATIENCE);
            }
            assertThat(file()).doesNotExist();
        }

        @Test
        void fileIsItsOwnersAloneAndNothingIsLeftBesideIt() throws Exception {
            try (RawOrigin origin = counting()) {
                record(origin.url("/"), 2);
            }
            try (Stream<Path> files = Files.list(file().getParent())) {
                assertThat(files).containsExactly(file());
            }
            if (Files.getFileStore(file()).supportsFileAttributeView("posix")) {
                assertThat(Files.getPosixFilePermissions(file()))
                        .extracting(Enum::name)
                        .containsExactlyInAnyOrder("OWNER_READ", "OWNER_WRITE");
            }
        }
    }

    @Nested
    class BelowRedirectsAndCookies {

        private Closing below(Mode mode) {
            return new Closing(ClientSession.builder()
                    .cookieJar(CookieJar.unsafe())
                    .networkMiddleware(in(mode).build())
                    .build());
        }

        @Test
        void bothAreRunInTheReplayAsWell() throws Exception {
            try (RawOrigin origin = RawOrigin.start(peer -> {
                while (peer.readRequest()) {
                    peer.send(
                            peer.lastRequest().startsWith("POST /login")
                                    ? "HTTP/1.1 303 See Other\r\nLocation: /home\r\nSet-Cookie: sid=S3CRET; Path=/\r\n"
                                            + "Content-Length: 0\r\n\r\n"
                                    : OK);
                }
            })) {
                for (Mode mode : List.of(Mode.RECORD, Mode.STRICT)) {
                    try (Closing closing = below(mode)) {
                        closing.session
                                .post(origin.url("/login"))
                                .form(Map.of("user", "me"))
                                .use(response -> {
                                    assertThat(response.history()).hasSize(1);
                                    assertThat(response.url()).isEqualTo(origin.url("/home"));
                                    return response.text();
                                })
                                .block(PATIENCE);
                        assertThat(closing.session.cookies()).hasToString("CookieJar(1)");
                    }
                }
                assertThat(origin.requests()).hasSize(2);
                assertThat(origin.requests().get(1)).contains("Cookie: sid=S3CRET");
            }
            assertThat(Files.readString(file())).doesNotContain("S3CRET").contains("sid=***");
        }

        @Test
        void webSocketsGoPastIt() {
            try (RawOrigin origin = RawOrigin.answering("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
                    Closing closing = below(Mode.RECORD)) {
                StepVerifier.create(closing.session.webSocket(origin.url("/")).use(socket -> Mono.empty()))
                        .expectError(WebSocketHandshakeException.class)
                        .verify(PATIENCE);
                assertThat(file()).doesNotExist();
            }
        }
    }

    @Nested
    class Recording {

        @Test
        void manyAtOnceAreAllThereInTheOrderInWhichTheyWereSent() throws Exception {
            try (RawOrigin origin = RawOrigin.answering(OK)) {
                try (Closing closing = with(in(Mode.RECORD).build())) {
                    Flux.range(0, 50)
                            .flatMap(i ->
                                    closing.session.get(origin.url("/" + i)).text())
                            .blockLast(PATIENCE);
                }
                List<Episode> episodes = CassetteFile.read(file());
                assertThat(episodes)
                        .extracting(episode -> episode.request().url())
                        .containsExactlyElementsOf(Stream.iterate(0, i -> i + 1)
                                .limit(50)
                                .map(i -> origin.url("/" + i))
                                .toList());
            }
        }

        @Test
        void redirectsOnTheWayAreReplayedAsHistory() {
            try (RawOrigin origin = RawOrigin.start(peer -> {
                while (peer.readRequest()) {
                    peer.send(
                            peer.lastRequest().startsWith("GET /old")
                                    ? "HTTP/1.1 302 Found\r\nLocation: /new\r\nContent-Length: 0\r\n\r\n"
                                    : OK);
                }
            })) {
                for (int i = 0; i < 2; i++) {
                    try (Closing closing = with(Cassette.of(file()))) {
                        closing.session
                                .get(origin.url("/old"))
                                .use(response -> {
                                    assertThat(response.url()).isEqualTo(origin.url("/new"));
                                    assertThat(response.history()).hasSize(1);
                                    assertThat(response.history().get(0).status())
                                            .isEqualTo(302);
                                    assertThat(response.history().get(0).url()).isEqualTo(origin.url("/old"));
                                    assertThat(response.history()
                                                    .get(0)
                                                    .headers()
                                                    .first("location"))
                                            .contains("/new");
                                    return response.text();
                                })
                                .block(PATIENCE);
                    }
                }
                assertThat(origin.requests()).hasSize(2);
            }
        }

        @Test
        void attemptsOfARetryOutsideAreRecordedOneByOne() {
            AtomicInteger count = new AtomicInteger();
            try (RawOrigin origin = RawOrigin.start(peer -> {
                while (peer.readRequest()) {
                    peer.send(
                            count.getAndIncrement() == 0
                                    ? "HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"
                                    : OK);
                }
            })) {
                for (int i = 0; i < 2; i++) {
                    try (Closing closing = new Closing(ClientSession.builder()
                            .middleware(Retry.create())
                            .middleware(in(i == 0 ? Mode.RECORD : Mode.STRICT).build())
                            .build())) {
                        assertThat(closing.session.get(origin.url("/")).text().block(PATIENCE))
                                .isEqualTo("ok");
                    }
                }
                assertThat(count).hasValue(2);
            }
        }

        @Test
        void trailersAreReplayed() {
            try (RawOrigin origin = RawOrigin.answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
                    + "Trailer: X-Sum\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 7\r\n\r\n")) {
                for (int i = 0; i < 2; i++) {
                    try (Closing closing = with(Cassette.of(file()))) {
                        Seen seen =
                                Seen.of(closing.session.get(origin.url("/"))).block(PATIENCE);
                        assertThat(seen.trailers).containsEntry("X-Sum", List.of("7"));
                    }
                }
            }
        }

        @Test
        void cancelledAndBrokenOnesAreNotRecorded() {
            CountDownLatch arrived = new CountDownLatch(1);
            try (RawOrigin origin = RawOrigin.start(peer -> {
                        peer.readRequest();
                        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
                        if (peer.lastRequest().startsWith("GET /cut")) {
                            return;
                        }
                        arrived.countDown();
                        peer.awaitClose();
                    });
                    Closing closing = with(in(Mode.RECORD).build())) {
                StepVerifier.create(closing.session.get(origin.url("/cut")).text())
                        .expectError(ClientPayloadException.class)
                        .verify(PATIENCE);
                Disposable running = closing.session.get(origin.url("/")).text().subscribe();
                closing.await(arrived);
                running.dispose();
                closing.awaitRest();
                assertThat(file()).doesNotExist();
            }
        }

        @Test
        void eventsArePassedOnAsTheyComeAndRecordedIfReadToTheEnd() {
            CountDownLatch more = new CountDownLatch(1);
            try (RawOrigin origin = RawOrigin.start(peer -> {
                while (peer.readRequest()) {
                    peer.send(
                            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 18\r\n\r\ndata: 1\n\n");
                    if (more.await(5, TimeUnit.SECONDS)) {
                        peer.send("data: 2\n\n");
                    }
                }
            })) {
                try (Closing closing = with(in(Mode.RECORD).build())) {
                    Flux<String> events =
                            closing.session.get(origin.url("/")).events().map(ServerSentEvent::data);
                    assertThat(events.take(1).collectList().block(PATIENCE)).containsExactly("1");
                    closing.awaitRest();
                    assertThat(file()).doesNotExist();
                    more.countDown();
                    assertThat(events.collectList().block(PATIENCE)).containsExactly("1", "2");
                }
                try (Closing closing = with(in(Mode.STRICT).build())) {
                    assertThat(closing.session
                                    .get(origin.url("/"))
                                    .events()
                                    .map(ServerSentEvent::data)
                                    .collectList()
                                    .block(PATIENCE))
                            .containsExactly("1", "2");
                }
            }
        }

        @Test
        void fileThatCannotBeWrittenFailsTheRequest() throws Exception {
            Path plain = Files.writeString(directory.resolve("plain"), "");
            try (RawOrigin origin = RawOrigin.answering(OK);
                    Closing closing = with(Cassette.builder(plain.resolve("c.json"))
                            .mode(Mode.RECORD)
                            .build())) {
                StepVerifier.create(closing.session.get(origin.url("/")).text())
                        .expectError(IOException.class)
                        .verify(PATIENCE);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "{\"version\": 2}",
                "{\"version\": 1, \"interactions\": {}}",
                "{\"version\": 1, \"interactions\": [1]}",
                "{\"version\": 1, \"interactions\": [{\"request\": {\"method\": 1}}]}",
                "{\"version\": 1, \"interactions\": [{\"request\": {\"method\": \"GET\", \"url\": \"http://h/\"}}]}",
                "{\"version\": 1, \"interactions\": [{\"request\": {\"method\": \"GET\", \"url\": \"http://h/\", "
                        + "\"base64\": \"?\"}}]}",
                "{\"version\": 1, \"interactions\": [{\"request\": {\"method\": \"GET\", \"url\": \"http://h/\", "
                        + "\"text\": \"\", \"charset\": \"none such\"}}]}",
                "{\"version\": 1, \"interactions\": [{\"request\": {\"method\": \"GET\", \"url\": \"http://h/\", "
                        + "\"headers\": []}}]}"
            })
    void fileThatIsNoCassetteIsRefusedWithItsName(String content) throws Exception {
        Files.createDirectories(file().getParent());
        Files.writeString(file(), content);
        try (Closing closing = with(in(Mode.REPLAY).build())) {
            StepVerifier.create(closing.session.get("http://h/").text())
                    .expectErrorSatisfies(e -> assertThat(e)
                            .isInstanceOf(IOException.class)
                            .message()
                            .matches(message -> content.equals("[]") || message.contains("one.json")))
                    .verify(PATIENCE);
        }
    }

    @ParameterizedTest
    @CsvSource({"ok, 2", "o, 1"})
    void fileMayBeWrittenByHand(String body, int size) throws Exception {
        Files.createDirectories(file().getParent());
        Files.writeString(
                file(),
                "{\"version\": 1, \"interactions\": [{\"request\": {\"method\": \"GET\", \"url\": \"http://h/\"},"
                        + "\"response\": {\"status\": 200, \"reason\": \"\", \"headers\": {\"X\": \"y\"}, \"text\": \""
                        + body + "\"}}]}");
        try (Closing closing = with(in(Mode.REPLAY).build())) {
            Seen seen = Seen.of(closing.session.get("http://h/")).block(PATIENCE);
            assertThat(seen.body).hasSize(size);
            assertThat(seen.headers).containsEntry("X", List.of("y"));
        }
    }
}
