package io.github.asyncio4j.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.asyncio4j.internal.Expiry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

class AsyncBarrierTest {

    private final AsyncBarrier barrier =
            AsyncBarrier.builder(3).name("parts").maxWaiters(4).build();
    private final List<String> log = new ArrayList<>();

    private Disposable arrive(AsyncBarrier at, String name) {
        return at.await().subscribe(index -> log.add(name + index), error -> log.add(name + " " + error.getMessage()));
    }

    private Disposable arrive(String name) {
        return arrive(barrier, name);
    }

    private static void runAll(Queue<Runnable> scheduled) {
        while (!scheduled.isEmpty()) {
            scheduled.remove().run();
        }
    }

    @Nested
    class Meeting {

        @Test
        void allGoOnWhenTheLastHasComeWithTheIndexCountingUp() {
            arrive("a");
            arrive("b");
            assertThat(barrier.waiting()).isEqualTo(2);
            assertThat(log).isEmpty();
            arrive("c");
            assertThat(log).containsExactly("a0", "b1", "c2");
            assertThat(barrier.waiting()).isZero();
            assertThat(barrier.statistics()).isEqualTo(new SyncStatistics(0, 0, 3, 0, 3));
        }

        @Test
        void rounds() {
            for (String name : List.of("a", "b", "c", "d", "e", "f", "g")) {
                arrive(name);
            }
            assertThat(log).containsExactly("a0", "b1", "c2", "d0", "e1", "f2");
            assertThat(barrier.waiting()).isEqualTo(1);
        }

        @Test
        void forOneNobodyWaits() {
            AsyncBarrier alone = AsyncBarrier.create(1);
            assertThat(alone.await().repeat(2).collectList().block()).containsExactly(0, 0, 0);
        }

        @Test
        void aHundredThousandRoundsDoNotOverflowTheStack() {
            AsyncBarrier two = AsyncBarrier.create(2);
            Mono<Long> runner = two.await().repeat(99_999).count();
            assertThat(Flux.merge(runner, runner).collectList().block()).containsExactly(100_000L, 100_000L);
        }

        @Test
        void whoComesBackWhileTheRoundDrainsStandsBehind() {
            List<Integer> waiting = new ArrayList<>();
            barrier.await()
                    .doOnNext(index -> {
                        arrive("again");
                        waiting.add(barrier.waiting());
                        assertThat(barrier).hasToString("AsyncBarrier 'parts'[draining, 0 of 3 waiting]");
                    })
                    .subscribe();
            arrive("b");
            arrive("c");
            assertThat(waiting).containsExactly(0);
            assertThat(log).containsExactly("b1", "c2");
            assertThat(barrier.waiting()).isEqualTo(1);
        }

        @Test
        void newcomersThatAreEnoughMeetWhenTheRoundIsOut() {
            Queue<Runnable> scheduled = new ArrayDeque<>();
            Scheduler scheduler = Schedulers.fromExecutor(scheduled::add);
            AsyncBarrier deferred = AsyncBarrier.builder(2).scheduler(scheduler).build();
            arrive(deferred, "a");
            arrive(deferred, "b");
            arrive(deferred, "c");
            arrive(deferred, "d");
            assertThat(deferred.waiting()).isZero();
            runAll(scheduled);
            assertThat(log).containsExactly("a0", "b1", "c0", "d1");
        }
    }

    @Nested
    class Cancelling {

        @Test
        void leavesWithoutBreaking() {
            arrive("a");
            Disposable b = arrive("b");
            b.dispose();
            assertThat(barrier.waiting()).isEqualTo(1);
            assertThat(barrier.isBroken()).isFalse();
            arrive("c");
            arrive("d");
            assertThat(log).containsExactly("a0", "c1", "d2");
        }

        @Test
        void afterTheLastHasComeLetsTheOthersGo() {
            Queue<Runnable> scheduled = new ArrayDeque<>();
            Scheduler scheduler = Schedulers.fromExecutor(scheduled::add);
            AsyncBarrier deferred = AsyncBarrier.builder(2).scheduler(scheduler).build();
            Disposable a = arrive(deferred, "a");
            arrive(deferred, "b");
            a.dispose();
            runAll(scheduled);
            assertThat(log).containsExactly("b1");
            arrive(deferred, "c");
            arrive(deferred, "d");
            runAll(scheduled);
            assertThat(log).containsExactly("b1", "c0", "d1");
        }
    }

    @Nested
    class Reset {

        @Test
        void sendsThoseWhoWaitAway() {
            arrive("a");
            barrier.reset();
            assertThat(log).containsExactly("a AsyncBarrier 'parts' was reset");
            assertThat(barrier.isBroken()).isFalse();
            arrive("b");
            assertThat(barrier.waiting()).isEqualTo(1);
        }

        @Test
        void withNobodyWaitingHasNoEffect() {
            barrier.reset();
            assertThat(barrier).hasToString("AsyncBarrier 'parts'[filling, 0 of 3 waiting]");
        }

        @Test
        void whileARoundDrainsBreaksThoseStillInsideAndKeepsNewcomers() {
            barrier.await()
                    .doOnNext(index -> {
                        log.add("a" + index);
                        arrive("newcomer");
                        barrier.reset();
                    })
                    .subscribe();
            arrive("b");
            arrive("c");
            assertThat(log)
                    .containsExactly("a0", "b AsyncBarrier 'parts' was reset", "c AsyncBarrier 'parts' was reset");
            assertThat(barrier.waiting()).isEqualTo(1);
            assertThat(barrier.isBroken()).isFalse();
        }
    }

    @Nested
    class Abort {

        @Test
        void breaksUntilReset() {
            arrive("a");
            barrier.abort();
            assertThat(log).containsExactly("a AsyncBarrier 'parts' was aborted");
            assertThat(barrier.isBroken()).isTrue();
            assertThat(barrier).hasToString("AsyncBarrier 'parts'[broken, 0 of 3 waiting]");
            StepVerifier.create(barrier.await()).verifyError(BrokenBarrierException.class);
            barrier.reset();
            assertThat(barrier.isBroken()).isFalse();
            arrive("b");
            assertThat(barrier.waiting()).isEqualTo(1);
        }

        @Test
        void reachesThoseStillInsideAndThoseBehind() {
            barrier.await()
                    .doOnNext(index -> {
                        arrive("newcomer");
                        barrier.abort();
                        barrier.abort();
                    })
                    .subscribe();
            arrive("b");
            arrive("c");
            assertThat(log)
                    .containsExactly(
                            "newcomer AsyncBarrier 'parts' was aborted",
                            "b AsyncBarrier 'parts' was aborted",
                            "c AsyncBarrier 'parts' was aborted");
        }
    }

    @Test
    void anExpiredDeadlineLetsNobodyWait() {
        Expiry expired = () -> 0;
        arrive("a");
        arrive("b");
        assertThat(barrier.await().contextWrite(expired::storeIn).block()).isEqualTo(2);
        StepVerifier.create(barrier.await().contextWrite(expired::storeIn)).verifyError(TimeoutException.class);
        assertThat(barrier.waiting()).isZero();
    }

    @Test
    void argumentsAreChecked() {
        assertThat(barrier.parties()).isEqualTo(3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AsyncBarrier.create(0))
                .withMessage("parties must be at least 1, but is 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AsyncBarrier.builder(3).maxWaiters(2).build())
                .withMessage("maxWaiters must be at least 3, but is 2");
    }
}
