package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.asyncio4j.task.Tasks;
import io.github.asyncio4j.testing.NoLeaks;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

@ExtendWith(NoLeaks.class)
class MockTransportTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final MockTransport network = MockTransport.create();
    private final ClientSession session =
            ClientSession.builder().middleware(network).build();

    @AfterEach
    void nothingIsLeft() {
        assertThat(session.statistics().inUse()).isZero();
        assertThat(session.statistics().created()).isZero();
        session.close().block(PATIENCE);
    }

    @Test
    void answersByMethodAndUrlAndKeepsTheRequests() {
        network.on("GET", "http://api/users/1", MockResponse.json("{\"name\": \"Ada\"}"))
                .on("post", "http://api/users?a=b", MockResponse.of(201).header("Location", "/users/2"));
        JsonNode user = session.get("http://api/users/1").json(JsonNode.class).block(PATIENCE);
        assertThat(user.get("name").asText()).isEqualTo("Ada");
        String location = session.post("http://api/users")
                .param("a", "b")
                .header("X-Trace", "7")
                .json(Map.of("name", "Grace"))
                .use(response -> Mono.just(
                        response.status() + response.headers().first("location").orElseThrow()))
                .block(PATIENCE);
        assertThat(location).isEqualTo("201/users/2");
        assertThat(network.requests()).extracting(ClientRequest::method).containsExactly("GET", "POST");
        assertThat(network.requests().get(1).headers().first("x-trace")).contains("7");
    }

    @Test
    void answersInTurnAndTheLastOneForGood() {
        network.on("GET", "http://h/", MockResponse.of(503), MockResponse.text("ok"));
        ClientRequest request = session.get("http://h/");
        assertThat(request.status().block(PATIENCE)).isEqualTo(503);
        assertThat(request.text().block(PATIENCE)).isEqualTo("ok");
        assertThat(request.text().block(PATIENCE)).isEqualTo("ok");
    }

    @Test
    void delaysAndTimeoutsRunOnTheVirtualClock() {
        network.on("GET", "http://slow/", MockResponse.text("late").after(Duration.ofHours(1)))
                .on("GET", "http://fast/", MockResponse.text("soon").after(Duration.ofSeconds(1)));
        StepVerifier.withVirtualTime(() -> Tasks.gatherSettled(List.of(
                        session.get("http://slow/")
                                .timeout(Duration.ofMinutes(1))
                                .text(),
                        session.get("http://fast/").text())))
                .expectSubscription()
                .expectNoEvent(Duration.ofMinutes(1))
                .assertNext(outcomes -> {
                    assertThat(outcomes.get(0).error().orElseThrow()).isInstanceOf(ClientTimeoutException.class);
                    assertThat(outcomes.get(1).value()).contains("soon");
                })
                .verifyComplete();
    }

    @Test
    void failsWhenTold() {
        IOException reset = new IOException("reset");
        network.on("GET", "http://h/", MockResponse.failure(reset));
        StepVerifier.create(session.get("http://h/").text())
                .expectErrorSatisfies(e -> assertThat(e).isSameAs(reset))
                .verify(PATIENCE);
    }

    @Test
    void anUnexpectedRequestFailsWithWhatIsKnown() {
        network.on("GET", "http://h/a", MockResponse.of(200));
        StepVerifier.create(session.get("http://h/b").text())
                .expectErrorSatisfies(e -> assertThat(e)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("no answer for GET http://h/b, only for GET http://h/a"))
                .verify(PATIENCE);
    }

    @Test
    void statusIsRaisedWithTheBodyAsAlways() {
        network.on("GET", "http://h/", MockResponse.of(404).body("no such page"));
        StepVerifier.create(session.get("http://h/").raiseForStatus(true).text())
                .expectErrorSatisfies(e -> assertThat(e)
                        .isInstanceOfSatisfying(ClientResponseException.class, raised -> {
                            assertThat(raised.status()).isEqualTo(404);
                            assertThat(raised.body()).isEqualTo("no such page");
                        }))
                .verify(PATIENCE);
        StepVerifier.create(session.get("http://h/").use(response -> Mono.just(response.raiseForStatus())))
                .expectError(ClientResponseException.class)
                .verify(PATIENCE);
    }

    @Test
    void theBodyReadsInEveryWay() {
        network.on("GET", "http://h/", MockResponse.text("one\ntwo"))
                .on("GET", "http://h/empty", MockResponse.of(204))
                .on("GET", "http://h/events", MockResponse.text("data: a\n\ndata: b\n\n"))
                .on("GET", "http://h/bad", MockResponse.json("{"));
        assertThat(session.get("http://h/").lines().collectList().block(PATIENCE))
                .containsExactly("one", "two");
        assertThat(session.get("http://h/").bytes().block(PATIENCE)).hasSize(7);
        assertThat(session.get("http://h/")
                        .chunks()
                        .map(ByteBuffer::remaining)
                        .collectList()
                        .block(PATIENCE))
                .containsExactly(7);
        assertThat(session.get("http://h/")
                        .useMany(response -> response.chunks(3).map(ByteBuffer::remaining))
                        .collectList()
                        .block(PATIENCE))
                .containsExactly(3, 3, 1);
        assertThat(session.get("http://h/events")
                        .events()
                        .map(ServerSentEvent::data)
                        .collectList()
                        .block(PATIENCE))
                .containsExactly("a", "b");
        assertThat(session.get("http://h/empty").json(JsonNode.class).blockOptional(PATIENCE))
                .isEmpty();
        assertThat(session.get("http://h/empty").chunks().collectList().block(PATIENCE))
                .isEmpty();
        StepVerifier.create(session.get("http://h/").json(JsonNode.class))
                .expectError(ContentTypeException.class)
                .verify(PATIENCE);
        StepVerifier.create(session.get("http://h/bad").json(new TypeRef<Map<String, String>>() {}))
                .expectError(ClientPayloadException.class)
                .verify(PATIENCE);
        String seen = session.get("http://h/")
                .use(response -> response.release()
                        .thenReturn(response.reason()
                                + response.url()
                                + response.history()
                                + response.trailers().names()
                                + response.timings().total()
                                + response
                                + response.ok()))
                .block(PATIENCE);
        assertThat(seen).isEqualTo("http://h/[][]PT0SGET http://h/: 200 {Content-Type: text/plain; charset=utf-8}true");
    }

    @Test
    void aScriptThatMakesNoSenseIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> network.on("GET", "http://h/"))
                .withMessage("responses must not be empty");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> network.on("GET", "nonsense", MockResponse.of(200)))
                .withMessageContaining("nonsense");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MockResponse.of(101))
                .withMessage("status must be from 200 to 599, but is 101");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MockResponse.text("x").after(Duration.ofSeconds(-1)))
                .withMessageContaining("delay");
        assertThat(MockResponse.text("x").after(Duration.ofSeconds(1))).hasToString("200, 1 bytes after PT1S");
        assertThat(MockResponse.failure(new IOException("f"))).hasToString("java.io.IOException: f");
        network.on("GET", "http://h/a", MockResponse.of(200));
        assertThat(network).hasToString("MockTransport[GET http://h/a], requests: 0");
    }

    @Nested
    class InTheSeatOfTheNetwork {

        private final ClientSession session = ClientSession.builder()
                .networkMiddleware(network)
                .header("X-Session", "s")
                .build();

        @AfterEach
        void close() {
            assertThat(session.statistics().created()).isZero();
            session.close().block(PATIENCE);
        }

        private static byte[] gzip(byte[] bytes) throws IOException {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (GZIPOutputStream packer = new GZIPOutputStream(out)) {
                packer.write(bytes);
            }
            return out.toByteArray();
        }

        private Flux<ByteBuffer> ticking(int count) {
            return Flux.defer(() -> Flux.interval(Duration.ofSeconds(10)))
                    .take(count)
                    .map(i -> ByteBuffer.wrap(new byte[] {(byte) ('a' + i)}));
        }

        @Test
        void redirectsAreFollowedAndCookiesKept() {
            network.on(
                            "GET",
                            "http://h/",
                            MockResponse.of(302).header("Location", "/b").header("Set-Cookie", "a=1"))
                    .on("GET", "http://h/b", MockResponse.text("there"));
            String seen = session.get("http://h/")
                    .use(response -> response.text()
                            .map(text -> text + response.history().get(0).status() + response.url()))
                    .block(PATIENCE);
            assertThat(seen).isEqualTo("there302http://h/b");
            assertThat(network.requests()).hasSize(2);
            assertThat(network.requests().get(1).headers().first("Cookie")).contains("a=1");
            assertThat(network.requests().get(1).headers().first("Host")).contains("h");
            assertThat(network.requests().get(0).headers().first("X-Session")).contains("s");
            network.verify();
        }

        @Test
        void challengesAreAnswered() {
            network.on(
                    "GET",
                    "http://h/",
                    MockResponse.of(401).header("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\", qop=\"auth\""),
                    MockResponse.text("in"));
            ClientSession signing = ClientSession.builder()
                    .digestAuth("me", "pass")
                    .networkMiddleware(network)
                    .build();
            assertThat(signing.get("http://h/").text().block(PATIENCE)).isEqualTo("in");
            signing.close().block(PATIENCE);
        }

        @Test
        void packedBodiesAreUnpackedWithinTheirLimits() throws IOException {
            byte[] packed = gzip(new byte[3 << 20]);
            network.on(
                            "GET",
                            "http://h/text",
                            MockResponse.of(200)
                                    .header("Content-Encoding", "gzip")
                                    .body(gzip("packed".getBytes())))
                    .on(
                            "GET",
                            "http://h/bomb",
                            MockResponse.of(200)
                                    .header("Content-Encoding", "gzip")
                                    .body(packed))
                    .on(
                            "GET",
                            "http://h/bad",
                            MockResponse.of(200)
                                    .header("Content-Encoding", "gzip")
                                    .body("plain"))
                    .on(
                            "GET",
                            "http://h/odd",
                            MockResponse.of(200)
                                    .header("Content-Encoding", "odd")
                                    .body("plain"));
            assertThat(session.get("http://h/text").text().block(PATIENCE)).isEqualTo("packed");
            assertThat(session.get("http://h/text").decompress(false).bytes().block(PATIENCE))
                    .startsWith(0x1f, 0x8b);
            StepVerifier.create(session.get("http://h/bomb").bytes())
                    .expectError(BodyTooLargeException.class)
                    .verify(PATIENCE);
            StepVerifier.create(session.get("http://h/bomb")
                            .decompress(false)
                            .maxBodySize(10)
                            .bytes())
                    .expectError(BodyTooLargeException.class)
                    .verify(PATIENCE);
            StepVerifier.create(session.get("http://h/bad").bytes())
                    .expectError(ClientPayloadException.class)
                    .verify(PATIENCE);
            StepVerifier.create(session.get("http://h/odd").bytes())
                    .expectError(InvalidResponseException.class)
                    .verify(PATIENCE);
        }

        @Test
        void aBodyIsReadOnceAndInsideOfItsScope() {
            network.on("GET", "http://h/", MockResponse.text("x"));
            StepVerifier.create(session.get("http://h/").useMany(r -> r.chunks().thenMany(r.chunks())))
                    .expectErrorMessage("the response was released; read it inside use(…)")
                    .verify(PATIENCE);
            ClientResponse late = session.get("http://h/").use(Mono::just).block(PATIENCE);
            StepVerifier.create(late.text())
                    .expectError(IllegalStateException.class)
                    .verify(PATIENCE);
        }

        @Test
        void slowBodiesComeInVirtualTimeAndAreAskedForPieceByPiece() {
            network.on("GET", "http://h/", MockResponse.of(200).body(ticking(3)));
            StepVerifier.withVirtualTime(() -> session.get("http://h/").chunks().map(piece -> (char) piece.get()), 0)
                    .thenRequest(1)
                    .thenAwait(Duration.ofSeconds(10))
                    .expectNext('a')
                    .thenRequest(2)
                    .thenAwait(Duration.ofSeconds(10))
                    .expectNext('b')
                    .thenAwait(Duration.ofSeconds(10))
                    .expectNext('c')
                    .expectComplete()
                    .verify(PATIENCE);
        }

        @Test
        void aCancelEndsTheBody() {
            AtomicBoolean cancelled = new AtomicBoolean();
            network.on(
                    "GET",
                    "http://h/",
                    MockResponse.of(200).body(Flux.<ByteBuffer>never().doOnCancel(() -> cancelled.set(true))));
            session.get("http://h/").chunks().subscribe().dispose();
            assertThat(cancelled).isTrue();
            assertThat(session.get("http://h/").status().block(PATIENCE)).isEqualTo(200);
        }

        @Test
        void silenceInTheMiddleIsATimeoutOfTheBody() {
            network.on("GET", "http://h/", MockResponse.of(200).body(ticking(3)));
            ClientTimeout reading = ClientTimeout.none().withSockRead(Duration.ofSeconds(5));
            StepVerifier.withVirtualTime(
                            () -> session.get("http://h/").timeout(reading).bytes())
                    .expectSubscription()
                    .thenAwait(Duration.ofSeconds(5))
                    .expectErrorSatisfies(e -> assertThat(e)
                            .isInstanceOfSatisfying(
                                    ClientTimeoutException.class,
                                    late -> assertThat(late.phase()).isEqualTo(ClientTimeoutException.Phase.BODY)))
                    .verify(PATIENCE);
            StepVerifier.withVirtualTime(() -> session.get("http://h/")
                            .timeout(Duration.ofSeconds(25))
                            .bytes())
                    .expectSubscription()
                    .thenAwait(Duration.ofSeconds(25))
                    .expectErrorSatisfies(e -> assertThat(e)
                            .isInstanceOfSatisfying(
                                    ClientTimeoutException.class,
                                    late -> assertThat(late.phase()).isEqualTo(ClientTimeoutException.Phase.TOTAL)))
                    .verify(PATIENCE);
        }

        @Test
        void silenceBeforeTheResponseIsATimeoutOfItsHead() {
            network.on("GET", "http://h/", MockResponse.text("late").after(Duration.ofSeconds(20)));
            ClientTimeout reading = ClientTimeout.none().withSockRead(Duration.ofSeconds(5));
            StepVerifier.withVirtualTime(
                            () -> session.get("http://h/").timeout(reading).bytes())
                    .expectSubscription()
                    .thenAwait(Duration.ofSeconds(5))
                    .expectErrorSatisfies(e -> assertThat(e)
                            .isInstanceOfSatisfying(
                                    ClientTimeoutException.class,
                                    late -> assertThat(late.phase()).isEqualTo(ClientTimeoutException.Phase.HEADERS)))
                    .verify(PATIENCE);
            StepVerifier.withVirtualTime(() -> session.get("http://h/")
                            .timeout(Duration.ofSeconds(15))
                            .bytes())
                    .expectSubscription()
                    .thenAwait(Duration.ofSeconds(15))
                    .expectError(ClientTimeoutException.class)
                    .verify(PATIENCE);
        }

        @Test
        void bodiesThatBreakOff() {
            IOException broken = new IOException("broken");
            network.on("GET", "http://h/cut", MockResponse.text("short").header("Content-Length", "100"))
                    .on(
                            "GET",
                            "http://h/broken",
                            MockResponse.of(200)
                                    .body(Flux.concat(Mono.just(ByteBuffer.wrap(new byte[3])), Mono.error(broken))));
            StepVerifier.create(session.get("http://h/cut").bytes())
                    .expectErrorSatisfies(e -> assertThat(e)
                            .isInstanceOfSatisfying(ClientPayloadException.class, cut -> {
                                assertThat(cut.received()).isEqualTo(5);
                                assertThat(cut.expected()).isEqualTo(100);
                            }))
                    .verify(PATIENCE);
            StepVerifier.create(session.get("http://h/broken").chunks())
                    .expectNextCount(1)
                    .expectErrorSatisfies(e -> assertThat(e).isSameAs(broken))
                    .verify(PATIENCE);
        }

        @Test
        void someResponsesHaveNoBodyWhateverTheScriptSays() {
            network.on("HEAD", "http://h/", MockResponse.text("x"))
                    .on("GET", "http://h/", MockResponse.of(304).body("x"));
            assertThat(session.head("http://h/").bytes().block(PATIENCE)).isEmpty();
            assertThat(session.get("http://h/").bytes().block(PATIENCE)).isEmpty();
        }

        @Test
        void othersAreAnsweredByAFunctionThatMayReadTheBody() {
            network.otherwise(request -> request.content()
                    .map(body -> MockResponse.text(request.method() + new String(body)))
                    .defaultIfEmpty(MockResponse.of(404)));
            assertThat(session.put("http://h/").body("hello").text().block(PATIENCE))
                    .isEqualTo("PUThello");
            assertThat(session.get("http://h/").status().block(PATIENCE)).isEqualTo(404);
            network.verify();
        }

        @Test
        void bodiesAreReadAndKept(@TempDir Path directory) throws IOException {
            network.otherwise(request -> Mono.just(MockResponse.of(200)));
            List<Long> progress = new CopyOnWriteArrayList<>();
            Path file = Files.writeString(directory.resolve("a.txt"), "file");
            session.post("http://h/")
                    .body(Flux.just(ByteBuffer.wrap("on".getBytes()), ByteBuffer.wrap("ce".getBytes())))
                    .onUpload(progress::add)
                    .status()
                    .block(PATIENCE);
            session.post("http://h/").body(file).status().block(PATIENCE);
            assertThat(network.requests())
                    .extracting(request -> new String(request.content().block(PATIENCE)))
                    .containsExactly("once", "file");
            assertThat(network.requests().get(1).headers().first("content-length"))
                    .contains("4");
            assertThat(progress).containsExactly(2L, 4L);
            IOException unread = new IOException("unread");
            StepVerifier.create(session.post("http://h/")
                            .body(Flux.<ByteBuffer>error(unread))
                            .status())
                    .expectErrorSatisfies(e -> assertThat(e).isSameAs(unread))
                    .verify(PATIENCE);
        }

        @Test
        void aOneShotBodyIsNotReadByTheWay() {
            ClientRequest request = session.post("http://h/").body(Flux.<ByteBuffer>empty());
            StepVerifier.create(request.content())
                    .expectError(IllegalStateException.class)
                    .verify(PATIENCE);
            assertThat(session.post("http://h/").body("x").content().block(PATIENCE))
                    .containsExactly('x');
        }

        @Test
        void verifyTellsWhatWasUnexpectedAndWhatNeverCame() {
            network.on("GET", "http://h/a", MockResponse.of(200)).otherwise(request -> Mono.empty());
            StepVerifier.create(session.get("http://h/b").text())
                    .expectError(IllegalStateException.class)
                    .verify(PATIENCE);
            assertThatThrownBy(network::verify)
                    .isInstanceOf(AssertionError.class)
                    .hasMessage("unexpected: GET http://h/b; never asked for: GET http://h/a");
        }

        @Test
        void retriesAndStatusErrorsAreTheRealOnes() {
            network.on("GET", "http://h/", MockResponse.of(503).header("Retry-After", "3"), MockResponse.text("ok"))
                    .on("GET", "http://h/404", MockResponse.of(404).body("none"));
            StepVerifier.withVirtualTime(() ->
                            session.get("http://h/").middlewares(Retry.create()).text())
                    .expectSubscription()
                    .expectNoEvent(Duration.ofSeconds(3))
                    .expectNext("ok")
                    .expectComplete()
                    .verify(PATIENCE);
            StepVerifier.create(session.get("http://h/404").raiseForStatus(true).text())
                    .expectErrorSatisfies(e -> assertThat(e)
                            .hasMessage("GET http://h/404: 404")
                            .isInstanceOfSatisfying(
                                    ClientResponseException.class,
                                    raised -> assertThat(raised.body()).isEqualTo("none")))
                    .verify(PATIENCE);
        }

        @Test
        void itIsNoWebSocket() {
            network.otherwise(request -> Mono.just(MockResponse.of(403).body("no")));
            StepVerifier.create(session.webSocket("ws://h/").use(socket -> Mono.empty()))
                    .expectError(WebSocketHandshakeException.class)
                    .verify(PATIENCE);
        }

        @Test
        void dropsAndRedirectsLeaveNothing() {
            ClientSession dropping = ClientSession.builder()
                    .networkMiddleware((request, next) -> next.proceed(request).then(next.proceed(request)))
                    .networkMiddleware(network)
                    .build();
            AtomicInteger open = new AtomicInteger();
            Flux<ByteBuffer> endless = Flux.<ByteBuffer>never()
                    .doOnSubscribe(s -> open.incrementAndGet())
                    .doFinally(s -> open.decrementAndGet());
            network.on(
                            "GET",
                            "http://h/",
                            MockResponse.of(302).header("Location", "/b").body(endless))
                    .on("GET", "http://h/b", MockResponse.of(200).body(endless));
            assertThat(dropping.get("http://h/").status().block(PATIENCE)).isEqualTo(200);
            assertThat(open).hasValue(0);
            assertThat(network.requests()).hasSize(4);
            dropping.close().block(PATIENCE);
        }
    }
}
