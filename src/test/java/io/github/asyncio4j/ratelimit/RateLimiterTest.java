package io.github.asyncio4j.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.github.asyncio4j.time.DeadlineExceededException;
import io.github.asyncio4j.time.Timeouts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.publisher.PublisherProbe;
import reactor.test.scheduler.VirtualTimeScheduler;

class RateLimiterTest {

    private final VirtualTimeScheduler clock = VirtualTimeScheduler.create();
    private final AdjustableClock timers = new AdjustableClock(clock);
    private final List<Long> startsMillis = new ArrayList<>();

    @AfterEach
    void nobodyIsLeftWaiting() {
        assertThat(timers.timers()).isZero();
        clock.dispose();
    }

    private RateLimiter window(int permits, Duration length) {
        return RateLimiter.builder()
                .slidingWindow(permits, length)
                .scheduler(timers)
                .build();
    }

    private Disposable start(RateLimiter limiter) {
        return limiter.acquire().subscribe(null, null, () -> startsMillis.add(clock.now(TimeUnit.MILLISECONDS)));
    }

    private void startMany(RateLimiter limiter, int count) {
        for (int i = 0; i < count; i++) {
            start(limiter);
        }
    }

    @Nested
    class ASlidingWindow {

        @Test
        void letsItsPermitsThroughAtOnceAndTheRestOneWindowLater() {
            RateLimiter limiter = window(3, Duration.ofSeconds(1));
            startMany(limiter, 7);
            clock.advanceTimeBy(Duration.ofSeconds(5));
            assertThat(startsMillis).containsExactly(0L, 0L, 0L, 1000L, 1000L, 1000L, 2000L);
            assertThat(limiter.statistics().waiting()).isZero();
            assertThat(limiter.statistics().granted()).isEqualTo(7);
        }

        @Test
        void countsAnyWindowAndNotCalendarSeconds() {
            RateLimiter limiter = window(2, Duration.ofSeconds(1));
            clock.advanceTimeBy(Duration.ofMillis(900));
            startMany(limiter, 2);
            clock.advanceTimeBy(Duration.ofMillis(200));
            start(limiter);
            clock.advanceTimeBy(Duration.ofSeconds(3));
            assertThat(startsMillis).containsExactly(900L, 900L, 1900L);
        }

        @Test
        void leavesNoTimerBehindWhenNobodyWaits() {
            RateLimiter limiter = window(1, Duration.ofSeconds(1));
            start(limiter);
            Disposable waiting = start(limiter);
            assertThat(timers.timers()).isEqualTo(1);
            waiting.dispose();
            assertThat(timers.timers()).isZero();
            clock.advanceTimeBy(Duration.ofSeconds(2));
            assertThat(startsMillis).containsExactly(0L);
        }

        @Test
        void survivesAClockThatIsSetBack() {
            RateLimiter limiter = window(1, Duration.ofSeconds(1));
            start(limiter);
            timers.setBack(Duration.ofHours(1));
            assertThat(limiter.estimatedWait()).isEqualTo(Duration.ofSeconds(1));
            start(limiter);
            clock.advanceTimeBy(Duration.ofSeconds(1));
            assertThat(startsMillis).containsExactly(0L, 1000L);
        }

        @Test
        void keepsAWindowOfCenturiesWithoutOverflow() {
            RateLimiter limiter = window(1, Duration.ofDays(100_000));
            start(limiter);
            List<Disposable> waiting = List.of(start(limiter), start(limiter));
            assertThat(limiter.estimatedWait()).isGreaterThan(Duration.ofDays(100_000));
            waiting.forEach(Disposable::dispose);
        }
    }

    @Nested
    class ATokenBucket {

        @Test
        void letsTheBurstThroughAndThenKeepsTheRate() {
            RateLimiter limiter =
                    RateLimiter.builder().tokenBucket(10, 3).scheduler(timers).build();
            startMany(limiter, 6);
            clock.advanceTimeBy(Duration.ofSeconds(1));
            assertThat(startsMillis).containsExactly(0L, 0L, 0L, 100L, 200L, 300L);
        }

        @Test
        void refillsNoFurtherThanTheBurst() {
            RateLimiter limiter =
                    RateLimiter.builder().tokenBucket(10, 2).scheduler(timers).build();
            startMany(limiter, 2);
            clock.advanceTimeBy(Duration.ofMinutes(1));
            startMany(limiter, 3);
            clock.advanceTimeBy(Duration.ofSeconds(1));
            assertThat(startsMillis).containsExactly(0L, 0L, 60_000L, 60_000L, 60_100L);
        }

        @Test
        void takesFractionsOfARate() {
            RateLimiter limiter =
                    RateLimiter.builder().tokenBucket(0.5, 1).scheduler(timers).build();
            startMany(limiter, 3);
            clock.advanceTimeBy(Duration.ofSeconds(10));
            assertThat(startsMillis).containsExactly(0L, 2000L, 4000L);
        }
    }

    @Nested
    class ASmoothLimiter {

        @Test
        void spacesStartsEvenly() {
            RateLimiter limiter =
                    RateLimiter.builder().smooth(4).scheduler(timers).build();
            startMany(limiter, 4);
            clock.advanceTimeBy(Duration.ofSeconds(2));
            assertThat(startsMillis).containsExactly(0L, 250L, 500L, 750L);
        }

        @Test
        void doesNotSaveUpWhatWasNotUsed() {
            RateLimiter limiter =
                    RateLimiter.builder().smooth(4).scheduler(timers).build();
            start(limiter);
            clock.advanceTimeBy(Duration.ofSeconds(10));
            startMany(limiter, 2);
            clock.advanceTimeBy(Duration.ofSeconds(1));
            assertThat(startsMillis).containsExactly(0L, 10_000L, 10_250L);
        }
    }

    @Nested
    class Waiting {

        @Test
        void isFirstInFirstOut() {
            RateLimiter limiter = window(1, Duration.ofSeconds(1));
            Flux<Integer> work = Flux.range(0, 5).flatMap(i -> limiter.limit(Mono.just(i)));
            StepVerifier.create(work)
                    .then(() -> clock.advanceTimeBy(Duration.ofSeconds(4)))
                    .expectNext(0, 1, 2, 3, 4)
                    .verifyComplete();
        }

        @Test
        void cancelledGivesTheSlotToTheNextAndNeverSubscribesTheWork() {
            RateLimiter limiter = window(1, Duration.ofSeconds(1));
            start(limiter);
            PublisherProbe<String> abandoned = PublisherProbe.of(Mono.just("abandoned"));
            Disposable first = limiter.limit(abandoned.mono()).subscribe();
            start(limiter);
            first.dispose();
            clock.advanceTimeBy(Duration.ofSeconds(1));
            abandoned.assertWasNotSubscribed();
            assertThat(startsMillis).containsExactly(0L, 1000L);
            assertThat(limiter.statistics().cancelled()).isEqualTo(1);
        }

        @Test
        void beginsWithDemand() {
            RateLimiter limiter = window(1, Duration.ofSeconds(1));
            StepVerifier.create(limiter.acquire(), 0)
                    .expectSubscription()
                    .then(() -> assertThat(limiter.statistics().granted()).isZero())
                    .thenRequest(1)
                    .verifyComplete();
        }

        @Test
        void isColdSoThatEachRetryTakesItsOwnStart() {
            RateLimiter limiter = window(1, Duration.ofSeconds(1));
            AtomicInteger attempts = new AtomicInteger();
            Mono<String> flaky = limiter.limit(Mono.fromCallable(() -> {
                        startsMillis.add(clock.now(TimeUnit.MILLISECONDS));
                        if (attempts.incrementAndGet() < 3) {
                            throw new IllegalStateException("not yet");
                        }
                        return "done";
                    }))
                    .retry(5);
            StepVerifier.create(flaky)
                    .then(() -> clock.advanceTimeBy(Duration.ofSeconds(5)))
                    .expectNext("done")
                    .verifyComplete();
            assertThat(startsMillis).containsExactly(0L, 1000L, 2000L);
        }

        @Test
        void isRefusedWhenTheLineIsFull() {
            RateLimiter limiter = RateLimiter.builder()
                    .slidingWindow(1, Duration.ofSeconds(1))
                    .name("api")
                    .maxWaiters(1)
                    .scheduler(timers)
                    .build();
            startMany(limiter, 2);
            StepVerifier.create(limiter.acquire())
                    .verifyErrorSatisfies(error -> assertThat(error)
                            .isInstanceOf(RejectedExecutionException.class)
                            .hasMessageContaining("api")
                            .hasMessageContaining("1 wait"));
            clock.advanceTimeBy(Duration.ofSeconds(1));
            assertThat(startsMillis).containsExactly(0L, 1000L);
        }

        @Test
        void failsAtOnceWhenItCannotEndBeforeTheDeadline() {
            VirtualTimeScheduler.getOrSet(clock);
            try {
                RateLimiter limiter = window(1, Duration.ofSeconds(10));
                start(limiter);
                Mono<Void> hopeless = Timeouts.timeout(limiter.acquire(), Duration.ofSeconds(5));
                StepVerifier.create(hopeless)
                        .verifyErrorSatisfies(error -> assertThat(error)
                                .isInstanceOf(DeadlineExceededException.class)
                                .hasMessageContaining("rate limiter"));
                StepVerifier.create(Timeouts.moveOnAfter(Duration.ofSeconds(5), limiter.acquire()))
                        .verifyComplete();
                assertThat(clock.now(TimeUnit.MILLISECONDS)).isZero();
                StepVerifier.create(Timeouts.timeout(limiter.acquire(), Duration.ofSeconds(15)))
                        .then(() -> clock.advanceTimeBy(Duration.ofSeconds(10)))
                        .verifyComplete();
                assertThat(limiter.statistics().waiting()).isZero();
            } finally {
                VirtualTimeScheduler.reset();
            }
        }

        @Test
        void ofAHundredThousandDoesNotOverflowTheStack() {
            RateLimiter limiter = RateLimiter.builder()
                    .tokenBucket(1, 200_000)
                    .scheduler(timers)
                    .build();
            limiter.pause(Duration.ofSeconds(1)).block();
            AtomicInteger done = new AtomicInteger();
            for (int i = 0; i < 100_000; i++) {
                limiter.acquire().subscribe(null, null, done::incrementAndGet);
            }
            clock.advanceTimeBy(Duration.ofSeconds(1));
            assertThat(done).hasValue(100_000);
        }
    }

    @Nested
    class CountingFromTheEnd {

        private final RateLimiter limiter = RateLimiter.builder()
                .slidingWindow(2, Duration.ofSeconds(1))
                .countFromEnd()
                .scheduler(timers)
                .build();

        private Mono<Long> workOf(long millis) {
            return limiter.limit(Mono.defer(() -> {
                startsMillis.add(clock.now(TimeUnit.MILLISECONDS));
                return Mono.delay(Duration.ofMillis(millis), timers);
            }));
        }

        @Test
        void theWindowBeginsWhenTheWorkIsAnswered() {
            workOf(100).subscribe();
            workOf(300).subscribe();
            workOf(0).subscribe();
            workOf(0).subscribe();
            clock.advanceTimeBy(Duration.ofSeconds(3));
            assertThat(startsMillis).containsExactly(0L, 0L, 1100L, 1300L);
        }

        @Test
        void cancelledWorkCountsFromItsCancel() {
            Disposable first = workOf(5_000).subscribe();
            workOf(0).subscribe();
            clock.advanceTimeBy(Duration.ofMillis(200));
            first.dispose();
            workOf(0).subscribe();
            workOf(0).subscribe();
            clock.advanceTimeBy(Duration.ofSeconds(3));
            assertThat(startsMillis).containsExactly(0L, 0L, 1000L, 1200L);
        }
    }

    @Nested
    class APause {

        @Test
        void limiterThatWasNeverPausedIsNotOnARealClockEither() {
            RateLimiter limiter = RateLimiter.slidingWindow(1, Duration.ofSeconds(1));
            assertThat(limiter.statistics().paused()).isZero();
        }

        @Test
        void holdsBackThoseWhoWaitAlready() {
            RateLimiter limiter = window(1, Duration.ofSeconds(1));
            startMany(limiter, 2);
            limiter.pause(Duration.ofSeconds(3)).block();
            assertThat(limiter.tryAcquire()).isFalse();
            assertThat(limiter.statistics().paused()).isEqualTo(Duration.ofSeconds(3));
            clock.advanceTimeBy(Duration.ofSeconds(5));
            assertThat(startsMillis).containsExactly(0L, 3000L);
            assertThat(limiter.statistics().paused()).isZero();
        }

        @Test
        void isNeverShortenedByAShorterOne() {
            RateLimiter limiter = window(5, Duration.ofSeconds(1));
            limiter.pause(Duration.ofSeconds(3))
                    .then(limiter.pause(Duration.ofSeconds(1)))
                    .block();
            assertThat(limiter.estimatedWait()).isEqualTo(Duration.ofSeconds(3));
        }

        @Test
        void doesNothingUntilSubscribed() {
            RateLimiter limiter = window(1, Duration.ofSeconds(1));
            Mono<Void> pause = limiter.pause(Duration.ofSeconds(9));
            assertThat(limiter.tryAcquire()).isTrue();
            pause.block();
            assertThat(limiter.estimatedWait()).isEqualTo(Duration.ofSeconds(9));
        }
    }

    @Nested
    class TheEstimatedWait {

        @Test
        void isWhatTheNewcomerThenWaits() {
            List<RateLimiter> kinds = List.of(
                    window(3, Duration.ofMillis(700)),
                    RateLimiter.builder().tokenBucket(8, 4).scheduler(timers).build(),
                    RateLimiter.builder().smooth(5).scheduler(timers).build());
            for (RateLimiter limiter : kinds) {
                for (int i = 0; i < 20; i++) {
                    clock.advanceTimeBy(Duration.ofMillis(i % 3 == 0 ? 40 : 0));
                    long expected = clock.now(TimeUnit.NANOSECONDS)
                            + limiter.estimatedWait().toNanos();
                    int at = i;
                    limiter.acquire()
                            .subscribe(
                                    null,
                                    null,
                                    () -> assertThat(clock.now(TimeUnit.NANOSECONDS))
                                            .as("%s, newcomer %d", limiter, at)
                                            .isEqualTo(expected));
                }
                clock.advanceTimeBy(Duration.ofSeconds(30));
                assertThat(limiter.statistics().granted()).isEqualTo(20);
                assertThat(limiter.estimatedWait()).isZero();
            }
        }
    }

    @Nested
    class TryAcquire {

        @Test
        void neverBargesPastSomebodyWhoWaits() {
            RateLimiter limiter = window(1, Duration.ofSeconds(1));
            assertThat(limiter.tryAcquire()).isTrue();
            start(limiter);
            assertThat(limiter.tryAcquire()).isFalse();
            clock.advanceTimeBy(Duration.ofSeconds(1));
            assertThat(startsMillis).containsExactly(1000L);
            assertThat(limiter.statistics().granted()).isEqualTo(2);
        }
    }

    @Nested
    class BadArguments {

        @Test
        void areNamedAtTheCall() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> RateLimiter.slidingWindow(0, Duration.ofSeconds(1)))
                    .withMessage("permits must be at least 1, but is 0");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> RateLimiter.slidingWindow(1, Duration.ZERO))
                    .withMessageContaining("window");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> RateLimiter.tokenBucket(Double.NaN, 1))
                    .withMessageContaining("perSecond");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> RateLimiter.smooth(-1))
                    .withMessageContaining("-1");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> RateLimiter.tokenBucket(1, 0))
                    .withMessageContaining("burst");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> window(1, Duration.ofSeconds(1)).pause(Duration.ofSeconds(-1)))
                    .withMessageContaining("duration");
            assertThatNullPointerException()
                    .isThrownBy(() -> window(1, Duration.ofSeconds(1)).limit(null))
                    .withMessage("work");
            assertThatIllegalStateException()
                    .isThrownBy(() -> RateLimiter.builder().build())
                    .withMessageContaining("slidingWindow");
        }
    }

    @Test
    void describesItself() {
        assertThat(window(10, Duration.ofSeconds(1))).hasToString("rate limiter[10 per PT1S, waiting 0]");
        assertThat(RateLimiter.builder().tokenBucket(2.5, 4).name("api").build())
                .hasToString("api[2.5/s, burst 4, waiting 0]");
    }
}
