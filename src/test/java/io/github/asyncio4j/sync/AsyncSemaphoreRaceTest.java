package io.github.asyncio4j.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.testing.RaceClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.util.RaceTestUtils;

class AsyncSemaphoreRaceTest {

    private static final int ROUNDS = 10_000;

    private final AsyncSemaphore semaphore = AsyncSemaphore.create(1);

    private Permit take() {
        return semaphore.tryAcquire().orElseThrow();
    }

    /** Keeps what it is given until told to give it back. */
    private static final class Taker extends BaseSubscriber<Permit> {
        private volatile Permit permit;

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            subscription.request(1);
        }

        @Override
        protected void hookOnNext(Permit value) {
            permit = value;
        }

        void giveBack() {
            if (permit != null) {
                permit.release();
            }
        }
    }

    @Nested
    class Acquiring {

        @Test
        void cancelAgainstGrantLosesNothing() {
            int granted = 0;
            for (int i = 0; i < ROUNDS; i++) {
                Permit held = take();
                Taker first = new Taker();
                Taker second = new Taker();
                semaphore.acquire().subscribe(first);
                semaphore.acquire().subscribe(second);
                RaceTestUtils.race(held::release, first::cancel);
                granted += first.permit == null ? 0 : 1;
                first.giveBack();
                assertThat(second.permit).isNotNull();
                second.giveBack();
                assertThat(semaphore.available()).isEqualTo(1);
                assertThat(semaphore.waiting()).isZero();
            }
            assertThat(semaphore.statistics().peak()).isEqualTo(1);
            assertThat(granted).isBetween(0, ROUNDS);
        }

        @Test
        void disposeAgainstGrantLosesNothing() {
            for (int i = 0; i < ROUNDS; i++) {
                Permit held = take();
                AtomicReference<Permit> got = new AtomicReference<>();
                Disposable waiting = semaphore.acquire().subscribe(got::set);
                RaceTestUtils.race(held::release, waiting::dispose);
                if (got.get() != null) {
                    got.get().release();
                }
                assertThat(semaphore.available()).as("round %d", i).isEqualTo(1);
            }
        }

        @Test
        void timeLimitAgainstGrantLosesNothing() {
            RaceClock clock = new RaceClock();
            AsyncSemaphore timed =
                    AsyncSemaphore.builder().permits(1).scheduler(clock).build();
            for (int i = 0; i < ROUNDS; i++) {
                Permit held = timed.tryAcquire().orElseThrow();
                AtomicReference<Permit> got = new AtomicReference<>();
                AtomicReference<Throwable> error = new AtomicReference<>();
                timed.acquire(1, Duration.ofMillis(1)).subscribe(got::set, error::set);
                RaceTestUtils.race(held::release, () -> clock.advanceTimeBy(Duration.ofMillis(1)));
                assertThat((got.get() == null) != (error.get() == null)).isTrue();
                if (got.get() != null) {
                    got.get().release();
                }
                assertThat(timed.available()).isEqualTo(1);
            }
        }

        @Test
        void cancelOfTheHeavyFirstAgainstRelease() {
            AsyncSemaphore two = AsyncSemaphore.create(2);
            for (int i = 0; i < ROUNDS; i++) {
                Permit held = two.tryAcquire().orElseThrow();
                Taker heavy = new Taker();
                Taker light = new Taker();
                two.acquire(2).subscribe(heavy);
                two.acquire(1).subscribe(light);
                RaceTestUtils.race(held::release, heavy::cancel);
                heavy.giveBack();
                assertThat(light.permit).isNotNull();
                light.giveBack();
                assertThat(two.available()).isEqualTo(2);
            }
        }

        @Test
        void resizeAgainstReleaseAndAcquire() {
            for (int i = 0; i < ROUNDS; i++) {
                AsyncSemaphore resized = AsyncSemaphore.create(1);
                Permit held = resized.tryAcquire().orElseThrow();
                Taker taker = new Taker();
                RaceTestUtils.race(
                        () -> resized.resize(2),
                        held::release,
                        () -> resized.acquire(2).subscribe(taker));
                assertThat(taker.permit).isNotNull();
                taker.giveBack();
                assertThat(resized.available()).isEqualTo(2);
            }
        }
    }

    @Nested
    class WithPermit {

        @Test
        void cancelAgainstTheEndOfTheWorkGivesBackOnce() {
            for (int i = 0; i < ROUNDS; i++) {
                Sinks.One<Integer> work = Sinks.one();
                List<Object> seen = Collections.synchronizedList(new ArrayList<>());
                Disposable working = semaphore
                        .withPermit(work.asMono())
                        .doOnDiscard(Integer.class, seen::add)
                        .subscribe(seen::add);
                RaceTestUtils.race(() -> work.tryEmitValue(1), working::dispose);
                assertThat(semaphore.available()).isEqualTo(1);
                assertThat(seen.size()).isLessThanOrEqualTo(1);
            }
        }

        @Test
        void cancelAgainstTheGrantGivesBackOnce() {
            for (int i = 0; i < ROUNDS; i++) {
                Permit held = take();
                AtomicInteger second = new AtomicInteger();
                Disposable waiting = semaphore.withPermit(Mono.just(1)).subscribe();
                semaphore.withPermit(Mono.fromRunnable(second::incrementAndGet)).subscribe();
                RaceTestUtils.race(held::release, waiting::dispose);
                assertThat(second).hasValue(1);
                assertThat(semaphore.available()).isEqualTo(1);
            }
        }

        @Test
        void workThatRunsInItsSubscribeKeepsItsPermitThroughACancel() {
            AtomicInteger inside = new AtomicInteger();
            AtomicInteger most = new AtomicInteger();
            Mono<Integer> work = semaphore.withPermit(Mono.fromCallable(() -> {
                most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                for (int i = 0; i < 20; i++) {
                    Thread.onSpinWait();
                }
                return inside.decrementAndGet();
            }));
            for (int i = 0; i < ROUNDS; i++) {
                Permit held = take();
                Disposable first = work.subscribe();
                work.subscribe();
                RaceTestUtils.race(held::release, first::dispose);
                assertThat(semaphore.available()).isEqualTo(1);
            }
            assertThat(most).hasValue(1);
        }

        @Test
        void theContextAskedForAtTheEndLeavesNoOpenLedger() {
            for (int i = 0; i < ROUNDS; i++) {
                AtomicReference<Runnable> ask = new AtomicReference<>();
                Sinks.Empty<Void> end = Sinks.empty();
                AsyncLock surrounding = AsyncLock.create();
                Mono<Void> work = new reactor.core.publisher.MonoOperator<Void, Void>(end.asMono()) {
                    @Override
                    public void subscribe(reactor.core.CoreSubscriber<? super Void> actual) {
                        ask.set(actual::currentContext);
                        source.subscribe(actual);
                    }
                };
                AtomicInteger completed = new AtomicInteger();
                surrounding
                        .withLock(semaphore.withPermit(work))
                        .doOnSuccess(nothing -> completed.incrementAndGet())
                        .subscribe();
                RaceTestUtils.race(ask.get(), end::tryEmitEmpty);
                assertThat(completed).hasValue(1);
                assertThat(surrounding.isLocked()).isFalse();
            }
        }
    }

    @Nested
    class Conservation {

        @Test
        void twentyThousandWaitersCancelledAtRandom() {
            Permit held = take();
            List<Taker> takers = new ArrayList<>();
            for (int i = 0; i < 20_000; i++) {
                Taker taker = new Taker();
                semaphore.acquire().subscribe(taker);
                takers.add(taker);
            }
            List<Taker> shuffled = new ArrayList<>(takers);
            Collections.shuffle(shuffled, new Random(42));
            List<Taker> leaving = shuffled.subList(0, 10_000);
            RaceTestUtils.race(() -> leaving.forEach(Taker::cancel), () -> {
                held.release();
                takers.forEach(Taker::giveBack);
            });
            // Who was granted behind the giver's back still holds; each one given back lets the next in.
            for (int i = 0; i < takers.size() && semaphore.available() == 0; i++) {
                takers.forEach(Taker::giveBack);
            }
            assertThat(semaphore.available()).isEqualTo(1);
            assertThat(semaphore.waiting()).isZero();
            assertThat(shuffled.subList(10_000, 20_000)).allMatch(taker -> taker.permit != null);
            SyncStatistics statistics = semaphore.statistics();
            assertThat(statistics.granted() + statistics.cancelled()).isEqualTo(20_001);
        }

        @Test
        void aMillionOperationsOnEightThreads() throws InterruptedException {
            int threads = 8;
            int each = 125_000;
            int permits = 3;
            AsyncSemaphore shared =
                    AsyncSemaphore.builder().permits(permits).maxWaiters(1_000).build();
            AtomicInteger inside = new AtomicInteger();
            AtomicInteger most = new AtomicInteger();
            CountDownLatch ended = new CountDownLatch(threads * each);
            List<Throwable> unexpected = Collections.synchronizedList(new ArrayList<>());
            for (int t = 0; t < threads; t++) {
                SplittableRandom random = new SplittableRandom(t);
                new Thread(() -> {
                            for (int i = 0; i < each; i++) {
                                int weight = 1 + random.nextInt(permits);
                                Mono<Integer> work = Mono.fromCallable(() -> {
                                    most.accumulateAndGet(inside.addAndGet(weight), Math::max);
                                    return inside.addAndGet(-weight);
                                });
                                Mono<Integer> operation = random.nextInt(10) == 0
                                        ? shared.withPermits(weight, work, Duration.ofNanos(1 + random.nextInt(1000)))
                                        : shared.withPermits(weight, work);
                                Disposable running = operation
                                        .doFinally(end -> ended.countDown())
                                        .subscribe(value -> {}, error -> {
                                            if (!(error instanceof AcquireTimeoutException
                                                    || error instanceof TooManyWaitersException)) {
                                                unexpected.add(error);
                                            }
                                        });
                                if (random.nextInt(4) == 0) {
                                    running.dispose();
                                }
                            }
                        })
                        .start();
            }
            assertThat(ended.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(shared.available()).isEqualTo(permits);
            assertThat(shared.waiting()).isZero();
            assertThat(unexpected).isEmpty();
            assertThat(most.get()).isLessThanOrEqualTo(permits);
            assertThat(shared.statistics().held()).isZero();
        }
    }
}
