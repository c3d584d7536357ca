package io.github.asyncio4j.http;

import static io.github.asyncio4j.http.Answers.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import io.github.asyncio4j.time.Timeouts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
class AdaptiveConcurrencyTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final List<Sinks.One<ClientResponse>> open = new ArrayList<>();
    private final Answers answers = new Answers(n -> {
        Sinks.One<ClientResponse> answer = Sinks.one();
        open.add(answer);
        return answer.asMono();
    });

    private static AdaptiveConcurrency.Builder builder() {
        return AdaptiveConcurrency.builder();
    }

    private static AdaptiveConcurrency.Statistics seen(AdaptiveConcurrency adaptive) {
        return adaptive.statistics().get("http://h");
    }

    private List<Disposable> sent(AdaptiveConcurrency adaptive, int count) {
        List<Disposable> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(answers.through(adaptive).subscribe(status -> {}, error -> {}));
        }
        return all;
    }

    private void answered(int status) {
        open.remove(0).tryEmitValue(status(status).block());
    }

    private void failed(Throwable error) {
        open.remove(0).tryEmitError(error);
    }

    @Nested
    class Limit {

        @Test
        void growsByOneWithEachAnswerUntilTheFirstFailure() {
            AdaptiveConcurrency adaptive = builder().initial(2).max(6).build();
            sent(adaptive, 20);
            assertThat(answers.asked).isEqualTo(2);
            answered(200);
            assertThat(answers.asked).isEqualTo(4);
            answered(404);
            assertThat(answers.asked).isEqualTo(6);
            answered(200);
            answered(200);
            answered(200);
            assertThat(seen(adaptive)).isEqualTo(new AdaptiveConcurrency.Statistics(6, 6, 9, 5, 0));
        }

        @Test
        void growsByOneWithEachRoundAfterwards() {
            AdaptiveConcurrency adaptive = builder().initial(8).build();
            sent(adaptive, 50);
            answered(503);
            assertThat(seen(adaptive).limit()).isEqualTo(4);
            for (int i = 0; i < 7; i++) {
                answered(200);
            }
            assertThat(seen(adaptive).limit()).isEqualTo(5);
            for (int i = 0; i < 5; i++) {
                answered(200);
            }
            assertThat(seen(adaptive).limit()).isEqualTo(6);
        }

        @Test
        void staysWhileItIsNotUsed() {
            AdaptiveConcurrency adaptive = builder().initial(3).build();
            for (int i = 0; i < 20; i++) {
                sent(adaptive, 2);
                answered(200);
                answered(200);
            }
            assertThat(seen(adaptive).limit()).isEqualTo(3);
        }

        @Test
        void isHalvedOnceForAllThatWereUnderWay() {
            AdaptiveConcurrency adaptive = builder().initial(16).build();
            sent(adaptive, 40);
            for (int i = 0; i < 16; i++) {
                answered(429);
            }
            assertThat(seen(adaptive).limit()).isEqualTo(8);
            for (int i = 0; i < 8; i++) {
                answered(504);
            }
            assertThat(seen(adaptive)).isEqualTo(new AdaptiveConcurrency.Statistics(4, 4, 12, 0, 24));
        }

        @Test
        void isNeverBelowItsMinimum() {
            AdaptiveConcurrency adaptive = builder().min(3).initial(1).build();
            sent(adaptive, 9);
            assertThat(answers.asked).isEqualTo(3);
            for (int i = 0; i < 9; i++) {
                answered(503);
            }
            assertThat(seen(adaptive).limit()).isEqualTo(3);
        }

        @Test
        void fallsForWhatMeansOverloadAndForNothingElse() {
            List<Throwable> overload = List.of(
                    new ClientConnectException("no", "h", 80, null),
                    new ServerDisconnectedException("gone", null),
                    new ClientTimeoutException("slow", ClientTimeoutException.Phase.TOTAL));
            List<Throwable> other = List.of(
                    new HostNotFoundException("no", "h", 80, null),
                    new ClientTlsException("no", "h", 443, null),
                    new ClientTimeoutException("own", ClientTimeoutException.Phase.QUEUE),
                    new IllegalStateException("mine"));
            for (Throwable error : overload) {
                AdaptiveConcurrency adaptive = builder().initial(8).build();
                sent(adaptive, 1);
                failed(error);
                assertThat(seen(adaptive).limit()).as("%s", error).isEqualTo(4);
            }
            AdaptiveConcurrency adaptive = builder().initial(1).build();
            for (Throwable error : other) {
                sent(adaptive, 1);
                failed(error);
            }
            sent(adaptive, 2);
            answered(500);
            open.remove(0).tryEmitEmpty();
            assertThat(seen(adaptive)).isEqualTo(new AdaptiveConcurrency.Statistics(1, 0, 0, 0, 0));
        }

        @Test
        void isForEachOrigin() {
            AdaptiveConcurrency adaptive = builder().initial(1).build();
            for (String url : List.of("http://a/", "http://b/", "https://a/", "http://a/x")) {
                answers.through(adaptive, answers.session.get(url)).subscribe();
            }
            assertThat(answers.asked).isEqualTo(3);
            assertThat(adaptive.statistics()).containsOnlyKeys("http://a", "http://b", "https://a");
            assertThat(adaptive.toString()).contains("http://b");
        }

        @Test
        void argumentsAreChecked() {
            assertThatThrownBy(() -> builder().min(0)).hasMessageContaining("min must be at least 1");
            assertThatThrownBy(() -> builder().initial(0)).hasMessageContaining("initial");
            assertThatThrownBy(() -> builder().max(0)).hasMessageContaining("max");
            assertThatThrownBy(() -> builder().min(3).max(2).build())
                    .hasMessage("min must not be more than max, but is 3 of 2");
        }
    }

    @Nested
    class Line {

        @Test
        void isServedInOrderAndLeftByWhoCancels() {
            AdaptiveConcurrency adaptive = builder().max(1).build();
            List<String> order = new ArrayList<>();
            List<Disposable> all = new ArrayList<>();
            for (String path : List.of("a", "b", "c", "d")) {
                all.add(answers.through(adaptive, answers.session.get("http://h/" + path))
                        .subscribe(status -> order.add(path)));
            }
            all.get(1).dispose();
            while (!open.isEmpty()) {
                answered(200);
            }
            assertThat(order).containsExactly("a", "c", "d");
            assertThat(answers.asked).isEqualTo(3);
            assertThat(seen(adaptive)).isEqualTo(new AdaptiveConcurrency.Statistics(1, 0, 0, 3, 0));
        }

        @Test
        void aCancelledRequestLeavesItsPlaceAndCountsForNothing() {
            AdaptiveConcurrency adaptive = builder().initial(4).max(4).build();
            List<Disposable> all = sent(adaptive, 6);
            all.get(0).dispose();
            all.get(1).dispose();
            assertThat(seen(adaptive)).isEqualTo(new AdaptiveConcurrency.Statistics(4, 4, 0, 0, 0));
            assertThat(answers.cancelled).isEqualTo(2);
            all.forEach(Disposable::dispose);
            assertThat(seen(adaptive).inFlight()).isZero();
        }
    }

    @Nested
    class VirtualTime {

        @BeforeEach
        void virtualTime() {
            VirtualTimeScheduler.getOrSet();
        }

        @AfterEach
        void realTime() {
            VirtualTimeScheduler.reset();
        }

        @Test
        void aDeadlineThatCancelsIsATimeout() {
            AdaptiveConcurrency adaptive = builder().initial(8).build();
            StepVerifier.create(Timeouts.timeout(answers.through(adaptive), Duration.ofSeconds(1)))
                    .then(() -> VirtualTimeScheduler.get().advanceTimeBy(Duration.ofSeconds(1)))
                    .verifyError();
            assertThat(seen(adaptive)).isEqualTo(new AdaptiveConcurrency.Statistics(4, 0, 0, 0, 1));
        }

        /** Bears 20 at once, each for 100 ms; refuses the others within one. */
        @Test
        void convergesToWhatTheServerBears() {
            AdaptiveConcurrency adaptive = AdaptiveConcurrency.create();
            AtomicInteger running = new AtomicInteger();
            AtomicInteger refused = new AtomicInteger();
            List<Integer> limits = new ArrayList<>();
            Answers server = new Answers(n -> {
                boolean tooMany = running.incrementAndGet() > 20;
                if (tooMany) {
                    refused.incrementAndGet();
                }
                return Mono.delay(Duration.ofMillis(tooMany ? 1 : 100), Schedulers.parallel())
                        .then(status(tooMany ? 503 : 200))
                        .doFinally(signal -> running.decrementAndGet());
            });
            Flux<Integer> load = Flux.range(0, 5_000)
                    .flatMap(
                            i -> server.through(adaptive)
                                    .doOnNext(
                                            status -> limits.add(seen(adaptive).limit())),
                            500);
            StepVerifier.create(load.then())
                    .then(() -> VirtualTimeScheduler.get().advanceTimeBy(Duration.ofHours(1)))
                    .verifyComplete();
            assertThat(limits.subList(200, limits.size()))
                    .allSatisfy(limit -> assertThat(limit).isBetween(9, 22));
            assertThat(refused.get()).isLessThan(250);
            assertThat(seen(adaptive).inFlight()).isZero();
        }
    }

    @Nested
    @ExtendWith(NoLeaks.class)
    class OnTheWire {

        @Test
        void aServerThatRefusesAboveEightIsKeptBusyAndNotFlooded() {
            AtomicInteger running = new AtomicInteger();
            AtomicInteger refused = new AtomicInteger();
            AdaptiveConcurrency adaptive = AdaptiveConcurrency.create();
            try (RawOrigin origin = RawOrigin.start(peer -> {
                        while (peer.readRequest()) {
                            boolean tooMany = running.incrementAndGet() > 8;
                            java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
                            running.decrementAndGet();
                            if (tooMany) {
                                refused.incrementAndGet();
                            }
                            peer.send(
                                    "HTTP/1.1 " + (tooMany ? "503 Busy" : "200 OK") + "\r\nContent-Length: 0\r\n\r\n");
                        }
                    });
                    Closing closing = new Closing(
                            ClientSession.builder().networkMiddleware(adaptive).build())) {
                List<Integer> all = Flux.range(0, 1_000)
                        .flatMap(i -> closing.session.get(origin.url("/")).status(), 100)
                        .collectList()
                        .block(PATIENCE);
                assertThat(all).hasSize(1_000);
                AdaptiveConcurrency.Statistics seen =
                        adaptive.statistics().values().iterator().next();
                assertThat(seen.failed()).isEqualTo(refused.get()).isPositive();
                assertThat(seen.succeeded()).isEqualTo(1_000 - refused.get());
                // Without it nearly all of a hundred at once are.
                assertThat(refused.get()).isLessThan(500);
                assertThat(seen.inFlight() + seen.waiting()).isZero();
            }
        }

        @Test
        void theBodyIsNotCountedSoWhoReadsOneMayAskForMore() {
            try (RawOrigin origin = RawOrigin.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                    Closing closing = new Closing(ClientSession.builder()
                            .middleware(builder().max(1).build())
                            .build())) {
                ClientRequest get = closing.session.get(origin.url("/"));
                assertThat(get.<String>use(outer ->
                                        get.text().zipWith(outer.text()).map(both -> both.getT1()))
                                .block(PATIENCE))
                        .isEqualTo("ok");
            }
        }

        @Test
        void whoCannotWaitAnyLongerFailsByHisTimeout() {
            AdaptiveConcurrency adaptive = builder().max(1).build();
            try (RawOrigin origin = RawOrigin.start(peer -> {
                        peer.readRequest();
                        peer.awaitClose();
                    });
                    Closing closing = new Closing(
                            ClientSession.builder().middleware(adaptive).build())) {
                Disposable first = closing.session.get(origin.url("/")).text().subscribe();
                origin.awaitRequests(1);
                StepVerifier.create(closing.session
                                .get(origin.url("/"))
                                .timeout(Duration.ofMillis(50))
                                .text())
                        .expectError(ClientTimeoutException.class)
                        .verify(PATIENCE);
                first.dispose();
                closing.awaitRest();
                AdaptiveConcurrency.Statistics seen =
                        adaptive.statistics().values().iterator().next();
                assertThat(seen.inFlight() + seen.waiting()).isZero();
            }
        }
    }
}
