package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Rows M01 to M05 and M08. */
@ExtendWith(NoLeaks.class)
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class MiddlewareTest {

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final Middleware TWICE =
            (request, next) -> next.proceed(request).then(next.proceed(request));

    private static Closing with(Middleware... middlewares) {
        ClientSession.Builder builder =
                ClientSession.builder().limits(ConnectionLimits.defaults().withTotal(2));
        for (Middleware middleware : middlewares) {
            builder.middleware(middleware);
        }
        return new Closing(builder.build());
    }

    private static Middleware noting(List<String> notes, String name) {
        return (request, next) -> {
            notes.add(name);
            return next.proceed(request).doOnNext(response -> notes.add(name + " " + response.status()));
        };
    }

    @Test
    void firstGivenIsTheOutermost() {
        List<String> notes = new CopyOnWriteArrayList<>();
        try (RawOrigin origin = RawOrigin.answering(OK);
                Closing closing = with(noting(notes, "a"), noting(notes, "b"))) {
            assertThat(closing.session.get(origin.url("/")).text().block(PATIENCE))
                    .isEqualTo("ok");
            assertThat(notes).containsExactly("a", "b", "b 200", "a 200");
        }
    }

    @Test
    void whatIsInsideOfOneThatRepeatsRunsForEachAttempt() {
        List<String> notes = new CopyOnWriteArrayList<>();
        try (RawOrigin origin = RawOrigin.answering(OK);
                Closing closing = with(noting(notes, "outer"), TWICE, noting(notes, "inner"))) {
            assertThat(closing.session.get(origin.url("/")).text().block(PATIENCE))
                    .isEqualTo("ok");
            assertThat(notes).containsExactly("outer", "inner", "inner 200", "inner", "inner 200", "outer 200");
        }
    }

    @Test
    void requestsListReplacesTheSessions() {
        List<String> notes = new CopyOnWriteArrayList<>();
        try (RawOrigin origin = RawOrigin.answering(OK);
                Closing closing = with(noting(notes, "session"))) {
            ClientRequest request = closing.session.get(origin.url("/"));
            request.middlewares(noting(notes, "request")).text().block(PATIENCE);
            request.middlewares().text().block(PATIENCE);
            assertThat(notes).containsExactly("request", "request 200");
        }
    }

    @Test
    void answersWithoutALookup() {
        try (RawOrigin origin = RawOrigin.answering(OK)) {
            AtomicInteger lookups = new AtomicInteger();
            Middleware elsewhere = (request, next) ->
                    next.proceed(((DefaultClientRequest) request).session().get(origin.url("/found")));
            ClientSession session = ClientSession.builder()
                    .middleware(elsewhere)
                    .resolver(host -> Mono.fromRunnable(lookups::incrementAndGet))
                    .build();
            assertThat(session.get("http://nowhere.example/").text().block(PATIENCE))
                    .isEqualTo("ok");
            assertThat(lookups).hasValue(0);
            session.close().block(PATIENCE);
        }
    }

    @Test
    void droppedResponseIsReleased() {
        try (RawOrigin origin = RawOrigin.answering(OK);
                Closing closing = with(TWICE)) {
            assertThat(closing.session.get(origin.url("/")).text().block(PATIENCE))
                    .isEqualTo("ok");
            closing.awaitRest();
            assertThat(closing.session.statistics().idle()).isEqualTo(2);
            Mono<String> failing = closing.session
                    .get(origin.url("/"))
                    .middlewares(
                            (request, next) -> next.proceed(request).then(Mono.error(new IllegalStateException("no"))))
                    .text();
            StepVerifier.create(failing).expectErrorMessage("no").verify(PATIENCE);
            assertThat(closing.session.statistics().inUse()).isZero();
            assertThat(closing.session.statistics().idle()).isEqualTo(2);
        }
    }

    @Test
    void cancelReleasesWhatAMiddlewareHolds() {
        CountDownLatch arrived = new CountDownLatch(1);
        Middleware holding = (request, next) ->
                next.proceed(request).doOnNext(r -> arrived.countDown()).then(Mono.never());
        try (RawOrigin origin = RawOrigin.answering(OK);
                Closing closing = with(holding)) {
            Disposable running = closing.session.get(origin.url("/")).text().subscribe();
            closing.await(arrived);
            assertThat(closing.session.statistics().inUse()).isOne();
            running.dispose();
            closing.awaitRest();
        }
    }

    @Test
    void changedBodyAndHeadersAreWhatIsSent() {
        Middleware upper = (request, next) -> next.proceed(((DefaultClientRequest) request)
                .session()
                .post(request.url())
                .header(
                        "X-From",
                        request.method() + request.headers().first("x-tag").orElse("?"))
                .body("longer than before"));
        try (RawOrigin origin = RawOrigin.answering(OK);
                Closing closing = with(upper)) {
            closing.session
                    .put(origin.url("/a?b=c"))
                    .header("X-Tag", "!")
                    .body("short")
                    .text()
                    .block(PATIENCE);
            assertThat(origin.requests().get(0))
                    .startsWith("POST /a?b=c ")
                    .contains("X-From: PUT!\r\n", "Content-Length: 18\r\n")
                    .endsWith("longer than before");
        }
    }

    @Test
    void callersContextIsSeenInside() {
        AtomicReference<String> seen = new AtomicReference<>();
        Middleware looking = (request, next) -> Mono.deferContextual(context -> {
            seen.set(context.get("who"));
            return next.proceed(request);
        });
        try (RawOrigin origin = RawOrigin.answering(OK);
                Closing closing = with(looking)) {
            Mono<String> both = closing.session
                    .get(origin.url("/"))
                    .use(response -> Mono.deferContextual(c -> Mono.just(c.get("who") + "" + c.size())));
            assertThat(both.contextWrite(c -> c.put("who", "me")).block(PATIENCE))
                    .isEqualTo("me1");
            assertThat(seen).hasValue("me");
        }
    }

    @Test
    void totalTimeoutSpansWhatMiddlewaresDo() {
        try (RawOrigin origin = RawOrigin.answering(OK);
                Closing closing = with((request, next) -> Mono.never())) {
            StepVerifier.create(closing.session
                            .get(origin.url("/?secret=1"))
                            .timeout(Duration.ofMillis(50))
                            .text())
                    .expectErrorSatisfies(e -> assertThat(e)
                            .isInstanceOf(ClientTimeoutException.class)
                            .hasMessageContaining("total time")
                            .hasMessageNotContaining("secret=1"))
                    .verify(PATIENCE);
        }
    }

    @Test
    void attemptsShareOneTotalTimeout() {
        try (RawOrigin origin = RawOrigin.start(RawOrigin.Peer::awaitClose);
                Closing closing = with((request, next) -> next.proceed(request.timeout(ClientTimeout.none())))) {
            StepVerifier.create(closing.session
                            .get(origin.url("/"))
                            .timeout(Duration.ofMillis(100))
                            .text())
                    .expectError(ClientTimeoutException.class)
                    .verify(PATIENCE);
            closing.awaitRest();
        }
    }

    @Test
    void oneThatThrowsOrGivesNothingFailsTheRequest() {
        try (RawOrigin origin = RawOrigin.answering(OK);
                Closing closing = with()) {
            ClientRequest request = closing.session.get(origin.url("/"));
            StepVerifier.create(request.middlewares((r, next) -> null).text())
                    .expectErrorSatisfies(e -> assertThat(e).hasMessageContaining("a middleware"))
                    .verify(PATIENCE);
            StepVerifier.create(request.middlewares((r, next) -> {
                                throw new IllegalStateException("thrown");
                            })
                            .text())
                    .expectErrorMessage("thrown")
                    .verify(PATIENCE);
            StepVerifier.create(request.middlewares((r, next) -> Mono.empty()).text())
                    .expectErrorMessage("a middleware completed without a response")
                    .verify(PATIENCE);
        }
    }

    @Test
    void requestTellsWhatItIs() {
        try (Closing closing = with()) {
            ClientRequest request = closing.session
                    .post("http://me:secret@h/a?b=c#d")
                    .param("e", 1)
                    .header("X-A", "1")
                    .withoutHeader("Accept")
                    .body(Flux.<ByteBuffer>empty());
            assertThat(request.method()).isEqualTo("POST");
            assertThat(request.url()).isEqualTo("http://h/a?b=c&e=1");
            assertThat(request.headers().names()).containsExactly("X-A");
            assertThat(request.headers().all("x-a")).containsExactly("1");
            assertThat(request.headers().contains("accept")).isFalse();
            assertThat(request.headers()).hasToString("{X-A: 1, Accept: (none)}");
            assertThat(request.isReplayable()).isFalse();
            assertThat(closing.session.post("http://h/").body("x").isReplayable())
                    .isTrue();
            assertThatIllegalStateException()
                    .isThrownBy(() -> closing.session.get("nonsense").url());
            assertThatIllegalArgumentException()
                    .isThrownBy(() ->
                            DefaultClientRequest.ours((ClientRequest) java.lang.reflect.Proxy.newProxyInstance(
                                    getClass().getClassLoader(),
                                    new Class<?>[] {ClientRequest.class},
                                    (p, m, a) -> "other")))
                    .withMessageContaining("ClientSession");
        }
    }
}
