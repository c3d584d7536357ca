package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

@ExtendWith(NoLeaks.class)
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class HarTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** The fields that HAR 1.2 asks for, with their kinds; those of a list are of each of its elements. */
    private static final Map<String, List<String>> REQUIRED = Map.of(
            "log", List.of("version:text", "creator:object", "entries:list"),
            "creator", List.of("name:text", "version:text"),
            "entries",
                    List.of(
                            "startedDateTime:text",
                            "time:number",
                            "request:object",
                            "response:object",
                            "cache:object",
                            "timings:object"),
            "request",
                    List.of(
                            "method:text",
                            "url:text",
                            "httpVersion:text",
                            "cookies:list",
                            "headers:list",
                            "queryString:list",
                            "headersSize:number",
                            "bodySize:number"),
            "response",
                    List.of(
                            "status:number",
                            "statusText:text",
                            "httpVersion:text",
                            "cookies:list",
                            "headers:list",
                            "content:object",
                            "redirectURL:text",
                            "headersSize:number",
                            "bodySize:number"),
            "content", List.of("size:number", "mimeType:text"),
            "timings", List.of("send:number", "wait:number", "receive:number"),
            "postData", List.of("mimeType:text"));

    private static final List<String> PAIRS = List.of("cookies", "headers", "queryString", "params");

    private final Har har = Har.builder()
            .maxBodySize(10)
            .redactParams("token")
            .redactHeaders("X-Session")
            .redact(text -> text.replace("hidden", "gone"))
            .build();

    private Closing session() {
        return new Closing(ClientSession.builder().middleware(har).build());
    }

    private JsonNode log() throws Exception {
        JsonNode log = new ObjectMapper().readTree(har.toJson()).get("log");
        check("log", log);
        for (JsonNode entry : log.get("entries")) {
            OffsetDateTime.parse(entry.get("startedDateTime").asText());
            double sum = 0;
            for (JsonNode phase : entry.get("timings")) {
                assertThat(phase.asDouble()).isGreaterThanOrEqualTo(-1);
                sum += Math.max(0, phase.asDouble());
            }
            assertThat(entry.get("time").asDouble()).isCloseTo(sum, within(1e-6));
            for (String phase : List.of("send", "wait", "receive")) {
                assertThat(entry.get("timings").get(phase).asDouble()).isNotNegative();
            }
        }
        return log;
    }

    private static void check(String name, JsonNode node) {
        if (PAIRS.contains(name)) {
            assertThat(node.get("name").isTextual() && node.get("value").isTextual())
                    .as(name)
                    .isTrue();
            return;
        }
        for (String field : REQUIRED.getOrDefault(name, List.of())) {
            String[] parts = field.split(":");
            JsonNode child = node.get(parts[0]);
            assertThat(child).as(name + "." + parts[0]).isNotNull();
            boolean right = switch (parts[1]) {
                case "text" -> child.isTextual();
                case "number" -> child.isNumber();
                case "list" -> child.isArray();
                default -> child.isObject();
            };
            assertThat(right).as(name + "." + field).isTrue();
        }
        node.properties().forEach(child -> {
            if (child.getValue().isArray()) {
                child.getValue().forEach(each -> check(child.getKey(), each));
            } else if (child.getValue().isObject()) {
                check(child.getKey(), child.getValue());
            }
        });
    }

    private JsonNode only() throws Exception {
        JsonNode entries = log().get("entries");
        assertThat(entries).hasSize(1);
        return entries.get(0);
    }

    @Test
    void requestAndResponseAreWrittenDownWithoutTheirSecrets() throws Exception {
        try (RawOrigin origin = RawOrigin.answering("HTTP/1.1 201 Made\r\nSet-Cookie: a=secret; Path=/\r\n"
                        + "Location: /x?token=secret\r\nContent-Type: text/plain\r\nX-Session: secret\r\n"
                        + "Content-Length: 14\r\n\r\nhidden content");
                Closing closing = session()) {
            assertThat(closing.session
                            .post(origin.url("/p?token=secret&b=c%20d&e"))
                            .bearerAuth("secret")
                            .cookie("mine", "secret")
                            .form(Map.of("token", "secret"))
                            .text()
                            .block(PATIENCE))
                    .isEqualTo("hidden content");
        }
        JsonNode entry = only();
        assertThat(har.toJson()).doesNotContain("secret").doesNotContain("hidden");
        JsonNode request = entry.get("request");
        assertThat(request.get("method").asText()).isEqualTo("POST");
        assertThat(request.get("url").asText()).endsWith("/p?token=***&b=c%20d&e");
        assertThat(request.get("queryString").toString())
                .isEqualTo("[{\"name\":\"token\",\"value\":\"***\"},{\"name\":\"b\",\"value\":\"c d\"},"
                        + "{\"name\":\"e\",\"value\":\"\"}]");
        assertThat(request.get("cookies").toString()).isEqualTo("[{\"name\":\"mine\",\"value\":\"***\"}]");
        assertThat(request.get("bodySize").asInt()).isEqualTo("token=secret".length());
        assertThat(request.get("postData").get("params").toString())
                .isEqualTo("[{\"name\":\"token\",\"value\":\"***\"}]");
        JsonNode response = entry.get("response");
        assertThat(response.get("status").asInt()).isEqualTo(201);
        assertThat(response.get("statusText").asText()).isEqualTo("Made");
        assertThat(response.get("redirectURL").asText()).isEqualTo("/x?token=***");
        assertThat(response.get("cookies").toString()).isEqualTo("[{\"name\":\"a\",\"value\":\"***\"}]");
        assertThat(response.get("bodySize").asInt()).isEqualTo(14);
        assertThat(response.get("content").get("size").asInt()).isEqualTo(14);
        assertThat(response.get("content").get("text").asText()).isEqualTo("gone con");
        assertThat(response.get("content").get("comment").asText()).contains("first 10 bytes");
        assertThat(entry.get("timings").get("wait").asDouble()).isPositive();
        assertThat(entry.get("timings").get("connect").asDouble()).isPositive();
    }

    @Test
    void everyWayToReadIsSeenOnce() throws Exception {
        try (RawOrigin origin = RawOrigin.answering(
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\n\"ab\"");
                Closing closing = session()) {
            ClientRequest get = closing.session.get(origin.url("/"));
            List<Mono<?>> ways = List.of(
                    get.text(),
                    get.bytes(),
                    get.json(String.class),
                    get.json(new TypeRef<String>() {}),
                    get.chunks().then(),
                    get.lines().then(),
                    get.events().then(),
                    get.use(response -> response.chunks(1).count()),
                    get.use(response -> response.bytes().then(response.text()).then(response.bytes())));
            for (Mono<?> way : ways) {
                har.clear();
                way.block(PATIENCE);
                JsonNode content = only().get("response").get("content");
                assertThat(content.get("text").asText()).isEqualTo("\"ab\"");
                assertThat(content.get("size").asInt()).isEqualTo(4);
            }
            har.clear();
            get.status().block(PATIENCE);
            assertThat(only().get("response").get("content").get("size").asInt())
                    .isZero();
        }
    }

    @Test
    void bodyOfARefusalIsThereAsFarAsTheErrorShowsIt() throws Exception {
        try (RawOrigin origin = RawOrigin.answering("HTTP/1.1 404 No\r\nContent-Length: 4\r\n\r\nnope");
                Closing closing = session()) {
            StepVerifier.create(closing.session
                            .get(origin.url("/"))
                            .raiseForStatus(true)
                            .text())
                    .expectError(ClientResponseException.class)
                    .verify(PATIENCE);
            assertThat(only().get("response").get("content").get("text").asText())
                    .isEqualTo("nope");
            har.clear();
            StepVerifier.create(closing.session
                            .get(origin.url("/"))
                            .use(r -> r.text()
                                    .then(Mono.fromCallable(
                                            () -> r.raiseForStatus().status()))))
                    .expectError(ClientResponseException.class)
                    .verify(PATIENCE);
            assertThat(only().get("response").get("content").get("size").asInt())
                    .isEqualTo(4);
        }
    }

    @Test
    void failuresAndCancelsAreThere() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        try (RawOrigin origin = RawOrigin.start(peer -> {
                    peer.readRequest();
                    if (peer.lastRequest().startsWith("GET /cut")) {
                        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
                        return;
                    }
                    if (peer.lastRequest().startsWith("GET /never")) {
                        arrived.countDown();
                        peer.awaitClose();
                    }
                });
                Closing closing = session()) {
            for (String path : List.of("/gone", "/cut")) {
                StepVerifier.create(closing.session.get(origin.url(path)).text())
                        .expectError(ClientException.class)
                        .verify(PATIENCE);
            }
            StepVerifier.create(closing.session.get(origin.url("/cut")).chunks())
                    .expectNextCount(1)
                    .expectError(ClientPayloadException.class)
                    .verify(PATIENCE);
            Disposable running =
                    closing.session.get(origin.url("/never")).text().subscribe();
            closing.await(arrived);
            running.dispose();
            closing.awaitRest();
        }
        JsonNode entries = log().get("entries");
        assertThat(entries).hasSize(4);
        assertThat(entries.get(0).get("response").get("status").asInt()).isZero();
        assertThat(entries.get(0).get("response").get("_error").asText()).contains("ServerDisconnectedException");
        assertThat(entries.get(1).get("response").get("status").asInt()).isEqualTo(200);
        assertThat(entries.get(1).get("response").get("_error").asText()).contains("ClientPayloadException");
        assertThat(entries.get(2).get("response").get("content").get("text").asText())
                .isEqualTo("half");
        assertThat(entries.get(3).get("response").get("_error").asText()).isEqualTo("cancelled");
    }

    @Test
    void bodiesOfAllKindsAreTold() throws Exception {
        try (RawOrigin origin = RawOrigin.answering("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\0\1\2");
                Closing closing = session()) {
            ClientRequest post = closing.session.post(origin.url("/"));
            post.body("a long text").text().block(PATIENCE);
            post.body(new byte[] {0, 1}).text().block(PATIENCE);
            post.header("Content-Length", "2")
                    .body(Flux.just(ByteBuffer.wrap(new byte[2])))
                    .text()
                    .block(PATIENCE);
        }
        JsonNode entries = log().get("entries");
        assertThat(entries.get(0).get("request").get("postData").get("text").asText())
                .isEqualTo("a long tex");
        assertThat(entries.get(1).get("request").get("postData").get("comment").asText())
                .isEqualTo("base64");
        assertThat(entries.get(2).get("request").get("postData").get("comment").asText())
                .isEqualTo("a stream");
        assertThat(entries.get(2).get("request").get("bodySize").asInt()).isEqualTo(-1);
        JsonNode content = entries.get(0).get("response").get("content");
        assertThat(content.get("encoding").asText()).isEqualTo("base64");
        assertThat(content.get("text").asText()).isEqualTo("AAEC");
    }

    @Test
    void oldestEntriesGoFirstAndTheFileIsItsOwners(@TempDir Path directory) throws Exception {
        Har small = Har.builder().maxEntries(2).maxBodySize(0).build();
        try (RawOrigin origin = RawOrigin.answering("HTTP/1.1 204 No Content\r\n\r\n");
                Closing closing =
                        new Closing(ClientSession.builder().middleware(small).build())) {
            for (int i = 0; i < 3; i++) {
                closing.session.get(origin.url("/" + i)).status().block(PATIENCE);
            }
        }
        assertThat(small).hasToString("Har(2 entries)");
        Path file = directory.resolve("session.har");
        small.save(file).block(PATIENCE);
        JsonNode entries =
                new ObjectMapper().readTree(Files.readString(file)).get("log").get("entries");
        assertThat(entries).hasSize(2);
        assertThat(entries.get(0).get("request").get("url").asText()).endsWith("/1");
    }

    @Test
    void eachHopIsSeenInTheSeatOfTheNetwork() throws Exception {
        try (RawOrigin origin = RawOrigin.start(peer -> {
                    while (peer.readRequest()) {
                        String what = peer.lastRequest();
                        peer.send(
                                what.startsWith("GET /old")
                                        ? "HTTP/1.1 302 Found\r\nLocation: /new\r\nContent-Length: 0\r\n\r\n"
                                        : what.contains("Upgrade")
                                                ? "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
                                                : "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                    }
                });
                Closing closing = new Closing(
                        ClientSession.builder().networkMiddleware(har).build())) {
            assertThat(closing.session.get(origin.url("/old")).text().block(PATIENCE))
                    .isEqualTo("ok");
            StepVerifier.create(closing.session.webSocket(origin.url("/ws")).use(socket -> Mono.empty()))
                    .expectError(WebSocketHandshakeException.class)
                    .verify(PATIENCE);
        }
        JsonNode entries = log().get("entries");
        assertThat(entries).hasSize(3);
        assertThat(entries.get(0).get("response").get("redirectURL").asText()).isEqualTo("/new");
        assertThat(entries.get(0).get("request").get("headers").toString()).contains("\"Host\"");
        assertThat(entries.get(1).get("response").get("content").get("text").asText())
                .isEqualTo("ok");
        assertThat(entries.get(2).get("response").get("status").asInt()).isEqualTo(403);
    }

    @Test
    void requestThatIsStillRunningIsThere() throws Exception {
        MockTransport never = MockTransport.create()
                .on("GET", "http://h/", MockResponse.of(200).after(Duration.ofDays(1)));
        try (Closing closing = new Closing(
                ClientSession.builder().middleware(har).middleware(never).build())) {
            Disposable running = closing.session.get("http://h/").text().subscribe();
            JsonNode response = only().get("response");
            assertThat(response.get("status").asInt()).isZero();
            assertThat(response.has("_error")).isFalse();
            running.dispose();
        }
    }
}
