package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

@ExtendWith(NoLeaks.class)
class EventSourceTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\n";
    private static final String OVER = "HTTP/1.1 204 No Content\r\n\r\n";

    private final ClientSession session = ClientSession.create();

    @AfterEach
    void close() {
        session.close().block(PATIENCE);
        assertThat(session.statistics().inUse()).isZero();
    }

    /** Gives each connection its own answer, the last one to all that follow. */
    private static RawOrigin oneAfterTheOther(String... answers) {
        AtomicInteger next = new AtomicInteger();
        return RawOrigin.start(peer -> {
            peer.readRequest();
            peer.send(answers[Math.min(next.getAndIncrement(), answers.length - 1)]);
        });
    }

    private Flux<String> data(RawOrigin origin) {
        return session.get(origin.url("/")).eventSource().map(ServerSentEvent::data);
    }

    @Test
    void opensItAnewWithTheLastIdUntilTheServerSaysThatItIsOver() {
        try (RawOrigin origin =
                oneAfterTheOther(HEAD + "retry: 1\n\nid: \u00c3\u00a4\ndata: one\n\n", HEAD + "data: two\n\n", OVER)) {
            StepVerifier.create(data(origin))
                    .expectNext("one", "two")
                    .expectComplete()
                    .verify(PATIENCE);
            List<String> requests = origin.requests();
            assertThat(requests).hasSize(3);
            assertThat(requests.get(0))
                    .contains("Accept: text/event-stream\r\n")
                    .doesNotContain("Last-Event-ID");
            assertThat(requests.subList(1, 3))
                    .allSatisfy(head -> assertThat(head).contains("Last-Event-ID: \u00c3\u00a4\r\n"));
        }
    }

    @Test
    void anIdCountsOnceItsEventIsComplete() {
        try (RawOrigin origin = oneAfterTheOther(
                HEAD + "retry: 1\nid: 1\ndata: one\n\nid: 2\ndata: cut", HEAD + "id\ndata: two\n\n", OVER)) {
            StepVerifier.create(data(origin))
                    .expectNext("one", "two")
                    .expectComplete()
                    .verify(PATIENCE);
            assertThat(origin.requests().get(1)).contains("Last-Event-ID: 1\r\n");
            assertThat(origin.requests().get(2)).doesNotContain("Last-Event-ID");
        }
    }

    @Test
    void connectionsThatBreakAreReplaced() {
        String chunked = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
        try (RawOrigin origin = oneAfterTheOther(
                chunked + "19\r\nretry: 1\ndata: one\n\ndata:\r\n", "", HEAD + "data: two\n\n", OVER)) {
            StepVerifier.create(data(origin))
                    .expectNext("one", "two")
                    .expectComplete()
                    .verify(PATIENCE);
            assertThat(origin.requests()).hasSize(4);
        }
    }

    @Test
    void aStreamThatNeverOpenedIsAnError() {
        try (RawOrigin origin = oneAfterTheOther("")) {
            StepVerifier.create(data(origin))
                    .expectError(ServerDisconnectedException.class)
                    .verify(PATIENCE);
            assertThat(origin.requests()).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\nno",
                "HTTP/1.1 201 Made\r\nContent-Length: 0\r\n\r\n"
            })
    void otherStatusesEndItWithAnErrorAtAnyTime(String answer) {
        try (RawOrigin origin = oneAfterTheOther(HEAD + "retry: 1\ndata: one\n\n", answer)) {
            StepVerifier.create(data(origin))
                    .expectNext("one")
                    .expectErrorSatisfies(e -> assertThat(e)
                            .isInstanceOfSatisfying(
                                    ClientResponseException.class,
                                    error -> assertThat(answer)
                                            .startsWith("HTTP/1.1 " + error.status())
                                            .endsWith(error.body())))
                    .verify(PATIENCE);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Type: text/html\r\n", ""})
    void otherContentIsAnError(String type) {
        try (RawOrigin origin = oneAfterTheOther("HTTP/1.1 200 OK\r\n" + type + "Content-Length: 2\r\n\r\nhi")) {
            StepVerifier.create(data(origin))
                    .expectErrorSatisfies(e -> assertThat(e)
                            .isInstanceOf(ContentTypeException.class)
                            .hasMessageContaining("not an event stream"))
                    .verify(PATIENCE);
        }
    }

    @Test
    void totalTimeDoesNotApplyAndTheTimeForAReadDoes() {
        try (RawOrigin origin = RawOrigin.start(peer -> {
            peer.readRequest();
            peer.send(HEAD + "retry: 1\ndata: hello\n\n");
            peer.awaitClose();
        })) {
            ClientTimeout timeout = ClientTimeout.total(Duration.ofMillis(150)).withSockRead(Duration.ofMillis(100));
            StepVerifier.create(session.get(origin.url("/"))
                            .timeout(timeout)
                            .eventSource()
                            .map(ServerSentEvent::data)
                            .take(4))
                    .expectNext("hello", "hello", "hello", "hello")
                    .expectComplete()
                    .verify(PATIENCE);
            assertThat(origin.accepted()).isEqualTo(4);
        }
    }

    @Test
    void waitsTwiceAsLongEachTimeThatNothingComes() {
        Function<String, MockResponse> stream = body ->
                MockResponse.of(200).header("Content-Type", "text/event-stream").body(body);
        StepVerifier.withVirtualTime(() -> {
                    MockTransport network = MockTransport.create()
                            .on(
                                    "GET",
                                    "http://h/",
                                    stream.apply("data: a\n\n"),
                                    stream.apply(""),
                                    stream.apply(""),
                                    stream.apply(""),
                                    stream.apply("data: b\n\n"),
                                    MockResponse.of(204));
                    return ClientSession.builder()
                            .middleware(network)
                            .build()
                            .get("http://h/")
                            .eventSource()
                            .map(ServerSentEvent::data);
                })
                .expectSubscription()
                .expectNext("a")
                // nothing after 3, nothing after 3 more, 6 more, 12 more
                .expectNoEvent(Duration.ofSeconds(3 + 3 + 6))
                .expectNoEvent(Duration.ofSeconds(11))
                .thenAwait(Duration.ofSeconds(1))
                .expectNext("b")
                .expectNoEvent(Duration.ofSeconds(2))
                .thenAwait(Duration.ofSeconds(1))
                .verifyComplete();
    }

    @Test
    void waitsNoLongerThanAMinuteUnlessTheServerWantsIt() {
        Function<String, MockResponse> stream = body ->
                MockResponse.of(200).header("Content-Type", "text/event-stream").body(body);
        for (Map.Entry<String, Integer> wait : Map.of("40000", 60, "90000", 90).entrySet()) {
            AtomicInteger asked = new AtomicInteger();
            StepVerifier.withVirtualTime(() -> ClientSession.builder()
                            .middleware((request, next) -> {
                                asked.incrementAndGet();
                                return next.proceed(request);
                            })
                            .middleware(MockTransport.create()
                                    .on("GET", "http://h/", stream.apply("retry: " + wait.getKey() + "\n\n")))
                            .build()
                            .get("http://h/")
                            .eventSource())
                    .expectSubscription()
                    .thenAwait(Duration.ofSeconds(wait.getValue() == 60 ? 40 : 90))
                    .then(() -> assertThat(asked).hasValue(2))
                    .thenAwait(Duration.ofSeconds(wait.getValue()))
                    .then(() -> assertThat(asked).hasValue(3))
                    .thenAwait(Duration.ofSeconds(wait.getValue()))
                    .then(() -> assertThat(asked).hasValue(4))
                    .thenCancel()
                    .verify();
        }
    }
}
