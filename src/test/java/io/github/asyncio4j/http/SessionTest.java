package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.github.asyncio4j.internal.CleanupLedger;
import io.github.asyncio4j.task.Tasks;
import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import io.github.asyncio4j.time.Timeouts;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.Disposable;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.test.StepVerifier;
import reactor.test.util.RaceTestUtils;

/** The session as its user sees it, against a good server as well. */
@ExtendWith(NoLeaks.class)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SessionTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    @Test
    void usingClosesWhateverHappens() {
        AtomicReference<ClientSession> seen = new AtomicReference<>();
        try (RawOrigin origin = RawOrigin.answering(OK)) {
            assertThat(ClientSession.using(session -> {
                                seen.set(session);
                                return session.get(origin.url("/")).text();
                            })
                            .block(PATIENCE))
                    .isEqualTo("ok");
            assertThat(seen.get().isClosed()).isTrue();
            origin.awaitOpen(0);
            StepVerifier.create(ClientSession.using(session -> {
                        seen.set(session);
                        throw new IllegalArgumentException("mine");
                    }))
                    .expectErrorMessage("mine")
                    .verify(PATIENCE);
            assertThat(seen.get().isClosed()).isTrue();
        }
        try (RawOrigin origin = RawOrigin.start(RawOrigin.Peer::awaitClose)) {
            Mono<String> work = ClientSession.using(session -> {
                seen.set(session);
                return session.get(origin.url("/")).text();
            });
            StepVerifier.create(Timeouts.moveOnAfter(Duration.ofMillis(100), work))
                    .expectComplete()
                    .verify(PATIENCE);
            assertThat(seen.get().statistics().inUse()).isZero();
            assertThat(seen.get().isClosed()).isTrue();
        }
    }

    @Test
    void scopeThatCancelsWaitsUntilTheConnectionIsClosed() {
        try (RawOrigin stuck = RawOrigin.start(RawOrigin.Peer::awaitClose);
                Closing closing = new Closing(ClientSession.create())) {
            Mono<String> waiting = closing.session.get(stuck.url("/")).text();
            StepVerifier.create(Tasks.gather(List.of(
                            waiting,
                            waiting,
                            Mono.delay(Duration.ofMillis(100)).then(Mono.error(new IllegalStateException("fails"))))))
                    .expectErrorSatisfies(e -> {
                        assertThat(e).hasMessage("fails");
                        assertThat(closing.session.statistics().inUse()).isZero();
                    })
                    .verify(PATIENCE);
        }
    }

    @Test
    void nothingIsSentBeforeItIsAskedFor() {
        try (RawOrigin origin = RawOrigin.answering(OK);
                Closing closing = new Closing(ClientSession.create())) {
            Mono<String> get = closing.session.get(origin.url("/")).text();
            StepVerifier.create(get, 0)
                    .expectSubscription()
                    .expectNoEvent(Duration.ofMillis(50))
                    .thenCancel()
                    .verify(PATIENCE);
            assertThat(origin.accepted()).isZero();
            StepVerifier.create(get, 0)
                    .expectSubscription()
                    .thenRequest(1)
                    .expectNext("ok")
                    .expectComplete()
                    .verify(PATIENCE);
        }
    }

    @Test
    void goodServerIsUnderstood() {
        DisposableServer server = HttpServer.create()
                .port(0)
                .compress(true)
                .route(routes -> routes.get(
                                "/json",
                                (request, response) -> response.header("Content-Type", "application/json")
                                        .sendString(Mono.just("{\"a\":[1,2,3]}")))
                        .post(
                                "/echo",
                                (request, response) ->
                                        response.send(request.receive().retain()))
                        .get(
                                "/many",
                                (request, response) ->
                                        response.sendString(Flux.range(0, 2000).map(i -> "line " + i + "\n"))))
                .bindNow();
        String url = "http://127.0.0.1:" + server.port();
        try (Closing closing = new Closing(ClientSession.create())) {
            ClientSession session = closing.session;
            assertThat(session.get(url + "/json")
                            .json(new TypeRef<java.util.Map<String, List<Integer>>>() {})
                            .block(PATIENCE))
                    .containsEntry("a", List.of(1, 2, 3));
            assertThat(session.get(url + "/many").lines().count().block(PATIENCE))
                    .isEqualTo(2000);
            assertThat(session.get(url + "/many").lines().take(3).collectList().block(PATIENCE))
                    .containsExactly("line 0", "line 1", "line 2");
            assertThat(session.post(url + "/echo")
                            .body("x".repeat(500_000))
                            .text()
                            .block(PATIENCE))
                    .hasSize(500_000);
            List<String> echoes = Flux.range(0, 500)
                    .flatMap(
                            i -> session.post(url + "/echo")
                                    .body("echo " + i)
                                    .text()
                                    .filter(("echo " + i)::equals),
                            50)
                    .collectList()
                    .block(PATIENCE);
            assertThat(echoes).hasSize(500);
        } finally {
            server.disposeNow();
        }
    }

    @Test
    void cancelRacesWithTheResponse() {
        try (RawOrigin origin = RawOrigin.answering(OK);
                Closing closing = new Closing(ClientSession.builder()
                        .limits(ConnectionLimits.defaults().withTotal(2))
                        .build())) {
            Mono<String> get = closing.session.get(origin.url("/")).text();
            for (int round = 0; round < 1000; round++) {
                AtomicReference<Disposable> running = new AtomicReference<>();
                RaceTestUtils.race(() -> running.set(get.subscribe()), () -> {
                    Disposable one = running.get();
                    if (one != null) {
                        one.dispose();
                    }
                });
                if (round % 3 == 0) {
                    Thread.onSpinWait();
                }
                running.get().dispose();
            }
            assertThat(get.block(PATIENCE)).isEqualTo("ok");
        }
    }

    @Test
    void cancelRacesWithItself() {
        try (RawOrigin origin = RawOrigin.answering(OK);
                Closing closing = new Closing(ClientSession.create())) {
            for (int round = 0; round < 500; round++) {
                Disposable running =
                        closing.session.get(origin.url("/")).chunks().subscribe();
                RaceTestUtils.race(running::dispose, running::dispose);
            }
        }
    }

    @Test
    void ledgerIsEmptyWhenTheResponseIsDone() {
        try (RawOrigin origin = RawOrigin.answering(OK);
                Closing closing = new Closing(ClientSession.create())) {
            CleanupLedger ledger = CleanupLedger.open(reactor.util.context.Context.empty(), "test");
            Mono<String> get = closing.session.get(origin.url("/")).text().contextWrite(ledger::storeIn);
            assertThat(get.repeat(3).count().block(PATIENCE)).isEqualTo(4);
            assertThat(ledger.isEmpty()).isTrue();
            for (int i = 0; i < 100; i++) {
                get.subscribe().dispose();
            }
            closing.awaitRest();
            StepVerifier.create(Mono.create(sink -> ledger.finish(failures -> sink.success(failures))))
                    .expectNext(List.of())
                    .expectComplete()
                    .verify(PATIENCE);
        }
    }

    @Test
    void contextReachesTheBody() {
        try (RawOrigin origin = RawOrigin.answering(OK);
                Closing closing = new Closing(ClientSession.create())) {
            String key = closing.session
                    .get(origin.url("/"))
                    .use(r -> Mono.deferContextual(context -> r.text().map(text -> text + context.get("key"))))
                    .contextWrite(context -> context.put("key", "!"))
                    .block(PATIENCE);
            assertThat(key).isEqualTo("ok!");
        }
    }

    @Test
    void blockingOnAnEventLoopIsRefusedByReactor() {
        try (RawOrigin origin = RawOrigin.answering(OK);
                Closing closing = new Closing(ClientSession.create())) {
            StepVerifier.create(closing.session.get(origin.url("/")).text().map(text -> {
                        assertThat(Schedulers.isInNonBlockingThread()).isTrue();
                        return Mono.just(text)
                                .delayElement(Duration.ofMillis(1))
                                .block();
                    }))
                    .expectErrorSatisfies(e -> assertThat(e).hasMessageContaining("block()"))
                    .verify(PATIENCE);
        }
    }

    @Test
    void everythingDescribesItself() {
        try (RawOrigin origin = RawOrigin.answering(OK);
                Closing closing = new Closing(ClientSession.create())) {
            Mono<String> get = closing.session.get(origin.url("/?secret=1")).text();
            assertThat(Scannable.from(get).isScanAvailable()).isTrue();
            String shown = closing.session
                    .get(origin.url("/?secret=1"))
                    .use(r -> Mono.just(r.toString()))
                    .block(PATIENCE);
            assertThat(shown).isEqualTo("GET " + origin.url("/?…") + ": 200 {Content-Length: 2}");
            assertThat(closing.session.toString()).startsWith("ClientSession(").doesNotContain("closed");
        }
    }

    @Test
    void argumentsAreCheckedWhereTheyAreGiven() {
        try (Closing closing = new Closing(ClientSession.create())) {
            ClientRequest request = closing.session.get("http://h/");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> request.maxBodySize(-1))
                    .withMessageContaining("maxBodySize");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> request.maxRedirects(-1))
                    .withMessageContaining("maxRedirects");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> request.basicAuth("a:b", "c"))
                    .withMessageContaining("colon");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ClientSession.builder().maxBodySize(-1));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ClientSession.builder().maxInflateRatio(0));
            assertThatIllegalArgumentException().isThrownBy(() -> request.multipart(new ForeignForm()));
            assertThatNullPointerException().isThrownBy(() -> request.use(null)).withMessage("body");
            assertThatNullPointerException()
                    .isThrownBy(() -> request.json((Class<?>) null))
                    .withMessage("type");
            assertThatNullPointerException()
                    .isThrownBy(() -> ClientSession.using(null))
                    .withMessage("body");
            assertThatIllegalArgumentException().isThrownBy(RawTypeRef::new);
        }
        ClientSession closed = ClientSession.create();
        ClientRequest early = closed.get("http://h/");
        closed.dispose();
        assertThatIllegalStateException().isThrownBy(() -> closed.get("http://h/"));
        assertThatIllegalStateException().isThrownBy(early::text);
    }

    @SuppressWarnings("rawtypes")
    private static final class RawTypeRef extends TypeRef {}

    private static final class ForeignForm implements MultipartForm {
        @Override
        public MultipartForm field(String name, String value) {
            return this;
        }

        @Override
        public MultipartForm file(String name, String filename, String contentType, byte[] content) {
            return this;
        }

        @Override
        public MultipartForm file(String name, java.nio.file.Path file) {
            return this;
        }
    }
}
