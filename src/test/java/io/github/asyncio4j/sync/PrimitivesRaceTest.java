package io.github.asyncio4j.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.testing.RaceClock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.util.RaceTestUtils;

/** Lock, keys, event, condition and barrier, in the very instants in which something could be lost. */
class PrimitivesRaceTest {

    private static final int ROUNDS = 10_000;

    @Nested
    class Locks {

        private final AsyncLock lock = AsyncLock.create();

        @Test
        void cancelAgainstReleaseGivesItToTheNext() {
            for (int i = 0; i < ROUNDS; i++) {
                Sinks.Empty<Void> first = Sinks.empty();
                AtomicInteger third = new AtomicInteger();
                lock.withLock(first.asMono()).subscribe();
                Disposable second = lock.withLock(Mono.never()).subscribe();
                lock.withLock(Mono.fromRunnable(third::incrementAndGet)).subscribe();
                RaceTestUtils.race(first::tryEmitEmpty, second::dispose);
                assertThat(third).hasValue(1);
                assertThat(lock.isLocked()).isFalse();
            }
            assertThat(lock.statistics().peak()).isEqualTo(1);
        }

        @Test
        void neverTwoHolders() {
            int[] unguarded = new int[1];
            Mono<Integer> work = lock.withLock(Mono.fromCallable(() -> ++unguarded[0]));
            for (int i = 0; i < ROUNDS; i++) {
                RaceTestUtils.race(work::subscribe, work::subscribe);
            }
            assertThat(unguarded[0]).isEqualTo(2 * ROUNDS);
        }
    }

    @Nested
    class Keys {

        @Test
        void aKeyThatIsLeftAndTakenAtOnceIsOneLock() {
            KeyedLocks<String> locks = KeyedLocks.create();
            int[] unguarded = new int[1];
            Mono<Integer> work = locks.withLock("key", Mono.fromCallable(() -> ++unguarded[0]));
            for (int i = 0; i < ROUNDS; i++) {
                RaceTestUtils.race(work::subscribe, work::subscribe);
                assertThat(locks.size()).isZero();
            }
            assertThat(unguarded[0]).isEqualTo(2 * ROUNDS);
            assertThat(locks.statistics().granted()).isEqualTo(2 * ROUNDS);
        }

        @Test
        void cancelAgainstGrantFreesTheKey() {
            KeyedLocks<Integer> locks = KeyedLocks.create();
            for (int i = 0; i < ROUNDS; i++) {
                Sinks.Empty<Void> first = Sinks.empty();
                locks.withLock(i, first.asMono()).subscribe();
                Disposable second = locks.withLock(i, Mono.just(1)).subscribe();
                RaceTestUtils.race(first::tryEmitEmpty, second::dispose);
                assertThat(locks.size()).isZero();
            }
        }
    }

    @Nested
    class Events {

        @Test
        void setAgainstAwaitNeverForgetsAWaiter() {
            for (int i = 0; i < ROUNDS; i++) {
                AsyncEvent event = AsyncEvent.create();
                AtomicInteger woken = new AtomicInteger();
                Mono<Void> wait = event.await().doOnSuccess(nothing -> woken.incrementAndGet());
                RaceTestUtils.race(event::set, wait::subscribe, wait::subscribe);
                assertThat(woken).hasValue(2);
            }
        }

        @Test
        void setAndClearAgainstCancelWakesTheOthers() {
            for (int i = 0; i < ROUNDS; i++) {
                AsyncEvent event = AsyncEvent.create();
                AtomicInteger woken = new AtomicInteger();
                Disposable first = event.await().subscribe();
                event.await().doOnSuccess(nothing -> woken.incrementAndGet()).subscribe();
                RaceTestUtils.race(
                        () -> {
                            event.set();
                            event.clear();
                        },
                        first::dispose);
                assertThat(woken).hasValue(1);
                assertThat(event.statistics().waiting()).isZero();
            }
        }
    }

    @Nested
    class Conditions {

        private final AsyncLock lock = AsyncLock.create();
        private final AsyncCondition condition = lock.newCondition();

        private Mono<Void> signal() {
            return condition.withLock(held -> Mono.fromRunnable(() -> held.signal(1)));
        }

        @Test
        void aSignalThatMeetsACancelIsForwarded() {
            for (int i = 0; i < ROUNDS; i++) {
                AtomicInteger woken = new AtomicInteger();
                Mono<Void> wait =
                        condition.withLock(held -> held.await().doOnSuccess(nothing -> woken.incrementAndGet()));
                Disposable first = wait.subscribe();
                Disposable second = wait.subscribe();
                RaceTestUtils.race(() -> signal().subscribe(), first::dispose);
                assertThat(woken).hasValue(1);
                assertThat(lock.isLocked()).isFalse();
                second.dispose();
                assertThat(condition.statistics().waiting()).isZero();
            }
        }

        @Test
        void aCancelOnTheWayBackToTheLockLosesNeitherLockNorSignal() {
            for (int i = 0; i < ROUNDS; i++) {
                AtomicInteger woken = new AtomicInteger();
                Mono<Void> wait =
                        condition.withLock(held -> held.await().doOnSuccess(nothing -> woken.incrementAndGet()));
                Disposable first = wait.subscribe();
                Disposable second = wait.subscribe();
                Sinks.Empty<Void> end = Sinks.empty();
                condition
                        .withLock(held -> {
                            held.signal(1);
                            return end.asMono();
                        })
                        .subscribe();
                RaceTestUtils.race(end::tryEmitEmpty, first::dispose);
                assertThat(woken).hasValue(1);
                assertThat(lock.isLocked()).isFalse();
                second.dispose();
            }
        }

        @Test
        void aLimitThatMeetsTheSignalAnswersOnceWithTheLockHeld() {
            RaceClock clock = new RaceClock();
            AsyncLock timed = AsyncLock.builder().scheduler(clock).build();
            AsyncCondition its = timed.newCondition();
            Mono<Void> wake = its.withLock(held -> Mono.fromRunnable(() -> held.signal(1)));
            for (int i = 0; i < ROUNDS; i++) {
                List<Boolean> answers = Collections.synchronizedList(new ArrayList<>());
                its.withLock(held -> held.await(Duration.ofMillis(1)).map(signalled -> timed.isLocked()))
                        .subscribe(answers::add);
                RaceTestUtils.race(() -> clock.advanceTimeBy(Duration.ofMillis(1)), wake::subscribe);
                assertThat(answers).containsExactly(true);
                assertThat(timed.isLocked()).isFalse();
            }
        }

        @Test
        void aBoundedBufferOnEightThreadsKeepsItsBalance() throws InterruptedException {
            Queue<Integer> buffer = new ArrayDeque<>();
            AsyncCondition notFull = lock.newCondition();
            AtomicInteger put = new AtomicInteger();
            AtomicInteger taken = new AtomicInteger();
            int each = 10_000;
            CountDownLatch ended = new CountDownLatch(8 * each);
            List<Thread> threads = new ArrayList<>();
            Mono<Void> putOne = notFull.withLock(held -> held.awaitUntil(() -> buffer.size() < 2))
                    .then(condition.withLock(held -> Mono.fromRunnable(() -> {
                        buffer.add(put.incrementAndGet());
                        held.signal(1);
                    })));
            Mono<Integer> takeOne = condition
                    .withLock(held -> held.awaitUntil(() -> !buffer.isEmpty())
                            .then(Mono.fromCallable(buffer::remove))
                            .doOnNext(item -> taken.incrementAndGet()))
                    .flatMap(item -> notFull.withLock(
                            held -> Mono.fromRunnable(() -> held.signal(1)).thenReturn(item)));
            for (int t = 0; t < 8; t++) {
                boolean producer = t % 2 == 0;
                SplittableRandom random = new SplittableRandom(t);
                Thread thread = new Thread(() -> {
                    for (int i = 0; i < each; i++) {
                        Disposable running = (producer ? putOne : takeOne)
                                .doFinally(end -> ended.countDown())
                                .subscribe();
                        if (random.nextInt(8) == 0) {
                            running.dispose();
                        }
                    }
                });
                threads.add(thread);
                thread.start();
            }
            for (Thread thread : threads) {
                thread.join();
            }
            // Cancels leave one side in surplus: pairs serve those who still wait, and add as many behind them.
            for (int i = 0; i < 8 * each && !ended.await(0, TimeUnit.SECONDS); i++) {
                putOne.subscribe();
                takeOne.subscribe();
            }
            assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(lock.isLocked()).isFalse();
            assertThat(put.get() - taken.get()).isEqualTo(buffer.size());
        }
    }

    @Nested
    class Barriers {

        @Test
        void cancelAgainstTheLastArrivalLeavesAConsistentBarrier() {
            for (int i = 0; i < ROUNDS; i++) {
                AsyncBarrier barrier = AsyncBarrier.create(3);
                List<Integer> indices = Collections.synchronizedList(new ArrayList<>());
                Disposable first = barrier.await().subscribe(indices::add);
                barrier.await().subscribe(indices::add);
                RaceTestUtils.race(first::dispose, () -> barrier.await().subscribe(indices::add));
                if (barrier.waiting() == 0) {
                    assertThat(indices).hasSizeBetween(2, 3).doesNotHaveDuplicates();
                } else {
                    assertThat(indices).isEmpty();
                    assertThat(barrier.waiting()).isEqualTo(2);
                    barrier.await().subscribe(indices::add);
                    assertThat(indices).containsExactly(0, 1, 2);
                }
                assertThat(barrier.statistics().waiting()).isZero();
            }
        }

        @Test
        void abortAgainstTheLastArrivalTellsEverybodyOneThing() {
            for (int i = 0; i < ROUNDS; i++) {
                AsyncBarrier barrier = AsyncBarrier.create(2);
                AtomicInteger met = new AtomicInteger();
                AtomicInteger broken = new AtomicInteger();
                Mono<Integer> wait = barrier.await();
                wait.subscribe(index -> met.incrementAndGet(), error -> broken.incrementAndGet());
                RaceTestUtils.race(
                        barrier::abort,
                        () -> wait.subscribe(index -> met.incrementAndGet(), error -> broken.incrementAndGet()));
                assertThat(met.get() + broken.get()).isEqualTo(2);
                assertThat(barrier.isBroken()).isTrue();
                barrier.reset();
                assertThat(barrier).hasToString("AsyncBarrier[filling, 0 of 2 waiting]");
            }
        }

        @Test
        void roundsOnEightThreads() throws InterruptedException {
            AsyncBarrier barrier = AsyncBarrier.create(8);
            int rounds = 5_000;
            CountDownLatch ended = new CountDownLatch(8);
            AtomicReference<Throwable> failed = new AtomicReference<>();
            AtomicInteger sum = new AtomicInteger();
            for (int t = 0; t < 8; t++) {
                new Thread(() -> barrier.await()
                                .doOnNext(sum::addAndGet)
                                .repeat(rounds - 1L)
                                .subscribe(index -> {}, failed::set, ended::countDown))
                        .start();
            }
            assertThat(ended.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(failed.get()).isNull();
            assertThat(sum).hasValue(28 * rounds);
        }
    }
}
