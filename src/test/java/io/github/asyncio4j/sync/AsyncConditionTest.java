package io.github.asyncio4j.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.asyncio4j.internal.Expiry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

class AsyncConditionTest {

    private final AsyncLock lock = AsyncLock.builder().name("jobs").build();
    private final AsyncCondition condition = lock.newCondition();
    private final List<String> log = new ArrayList<>();

    private Disposable waiter(String name) {
        return condition
                .withLock(held -> held.await().then(Mono.fromRunnable(() -> log.add(name))))
                .subscribe();
    }

    private void signal(int n) {
        condition.withLock(held -> Mono.fromRunnable(() -> held.signal(n))).block();
    }

    @Nested
    class Signalling {

        @Test
        void wakesAtMostSoManyInOrder() {
            waiter("a");
            waiter("b");
            waiter("c");
            assertThat(lock.isLocked()).isFalse();
            assertThat(condition.statistics().waiting()).isEqualTo(3);
            signal(2);
            assertThat(log).containsExactly("a", "b");
            condition.withLock(held -> Mono.fromRunnable(held::signalAll)).block();
            assertThat(log).containsExactly("a", "b", "c");
            assertThat(condition.statistics()).isEqualTo(new SyncStatistics(0, 0, 3, 0, 3));
            assertThat(lock.isLocked()).isFalse();
        }

        @Test
        void withNobodyWaitingIsForgotten() {
            signal(1);
            Disposable waiting = waiter("a");
            assertThat(log).isEmpty();
            waiting.dispose();
        }

        @Test
        void theSignalledGetTheLockOneByOneAfterTheSignaller() {
            for (String name : List.of("a", "b")) {
                condition
                        .withLock(held -> held.await()
                                .then(Mono.fromRunnable(() -> log.add(name + " locked " + lock.isLocked()))))
                        .subscribe();
            }
            Sinks.Empty<Void> end = Sinks.empty();
            condition
                    .withLock(held -> {
                        held.signalAll();
                        log.add("signalled");
                        return end.asMono().doOnSuccess(nothing -> log.add("released"));
                    })
                    .subscribe();
            assertThat(log).containsExactly("signalled");
            end.tryEmitEmpty();
            assertThat(log).containsExactly("signalled", "released", "a locked true", "b locked true");
            assertThat(lock.isLocked()).isFalse();
        }

        @Test
        void comesBackBehindThoseWhoWaitForTheLock() {
            waiter("waiter");
            Sinks.Empty<Void> end = Sinks.empty();
            condition
                    .withLock(held -> {
                        lock.withLock(Mono.fromRunnable(() -> log.add("newcomer")))
                                .subscribe();
                        held.signal(1);
                        return end.asMono();
                    })
                    .subscribe();
            end.tryEmitEmpty();
            assertThat(log).containsExactly("newcomer", "waiter");
        }

        @Test
        void aFullLineOfTheLockDoesNotKeepTheSignalledOut() {
            AsyncLock narrow = AsyncLock.builder().maxWaiters(1).build();
            AsyncCondition its = narrow.newCondition();
            its.withLock(held -> held.await().then(Mono.fromRunnable(() -> log.add("waiter"))))
                    .subscribe();
            StepVerifier.create(its.withLock(AsyncCondition.Held::await))
                    .verifyErrorMessage("AsyncCondition of AsyncLock has 1 waiters already, as many as it allows");
            assertThat(narrow.isLocked()).isFalse();
            Sinks.Empty<Void> end = Sinks.empty();
            its.withLock(held -> {
                        narrow.withLock(Mono.fromRunnable(() -> log.add("newcomer")))
                                .subscribe();
                        held.signal(1);
                        return end.asMono();
                    })
                    .subscribe();
            end.tryEmitEmpty();
            assertThat(log).containsExactly("newcomer", "waiter");
        }
    }

    @Nested
    class WithoutTheLock {

        @Test
        void signalAndAwaitAreErrors() {
            AtomicReference<AsyncCondition.Held> leaked = new AtomicReference<>();
            condition
                    .withLock(held -> {
                        leaked.set(held);
                        return Mono.empty();
                    })
                    .block();
            StepVerifier.create(Mono.fromRunnable(() -> leaked.get().signal(1)))
                    .verifyErrorMessage("AsyncLock 'jobs' is not held: withLock has ended");
            StepVerifier.create(leaked.get().await())
                    .verifyErrorMessage("AsyncLock 'jobs' is not held: withLock has ended");
        }

        @Test
        void twoWaitsInOneBodyAreAnError() {
            StepVerifier.create(condition.withLock(held -> Mono.when(held.await(), held.await())))
                    .verifyErrorMessage("AsyncLock 'jobs' is not held: a wait of the same withLock is going on, or was"
                            + " cancelled");
            assertThat(lock.isLocked()).isFalse();
            assertThat(condition.statistics().waiting()).isZero();
        }

        @Test
        void aParkedWaitMayAskForTheLockAgain() {
            Disposable waiting = condition
                    .withLock(held -> Mono.when(
                            held.await(), Mono.defer(() -> lock.withLock(Mono.fromRunnable(() -> log.add("inside"))))))
                    .subscribe();
            assertThat(log).containsExactly("inside");
            waiting.dispose();
            assertThat(lock.isLocked()).isFalse();
        }
    }

    @Nested
    class Cancelling {

        @Test
        void aWaiterNeverReleasesTheLockOfAnother() {
            Disposable waiting = waiter("a");
            Permit held = lock.tryAcquire().orElseThrow();
            waiting.dispose();
            assertThat(lock.isLocked()).isTrue();
            assertThat(held.isReleased()).isFalse();
            held.release();
            assertThat(lock.isLocked()).isFalse();
            assertThat(condition.statistics()).isEqualTo(new SyncStatistics(0, 0, 0, 1, 1));
        }

        @Test
        void afterTheSignalForwardsIt() {
            Disposable a = waiter("a");
            waiter("b");
            condition
                    .withLock(held -> {
                        held.signal(1);
                        a.dispose();
                        return Mono.empty();
                    })
                    .block();
            assertThat(log).containsExactly("b");
            assertThat(lock.isLocked()).isFalse();
        }

        @Test
        void afterTheLockIsBackReleasesIt() {
            Sinks.Empty<Void> end = Sinks.empty();
            Disposable waiting =
                    condition.withLock(held -> held.await().then(end.asMono())).subscribe();
            signal(1);
            assertThat(lock.isLocked()).isTrue();
            waiting.dispose();
            assertThat(lock.isLocked()).isFalse();
        }

        @Test
        void aTimeoutAroundTheWaitLeavesTheBodyWithoutTheLock() {
            VirtualTimeScheduler clock = VirtualTimeScheduler.create();
            AtomicReference<Throwable> error = new AtomicReference<>();
            condition
                    .withLock(held ->
                            held.await().timeout(Duration.ofSeconds(1), clock).onErrorResume(e -> held.await()))
                    .subscribe(null, error::set);
            Permit other = lock.tryAcquire().orElseThrow();
            clock.advanceTimeBy(Duration.ofSeconds(1));
            assertThat(error.get()).hasMessageContaining("is not held");
            assertThat(other.isReleased()).isFalse();
            assertThat(lock.isLocked()).isTrue();
            other.release();
        }

        @Test
        void beforeTheFirstRequestChangesNothing() {
            StepVerifier.create(condition.withLock(held -> {
                        StepVerifier.create(held.await(), 0).thenCancel().verify();
                        held.signal(1);
                        return Mono.just(lock.isLocked());
                    }))
                    .expectNext(true)
                    .verifyComplete();
        }
    }

    @Nested
    class Predicates {

        private final Queue<String> jobs = new ArrayDeque<>();

        @Test
        void trueAtOnceDoesNotWait() {
            assertThat(condition
                            .withLock(held -> held.awaitUntil(() -> true).thenReturn("done"))
                            .block())
                    .isEqualTo("done");
            assertThat(condition.statistics().granted()).isZero();
        }

        @Test
        void aWakeUpThatFindsItFalseWaitsOn() {
            Mono<String> take = condition.withLock(
                    held -> held.awaitUntil(() -> !jobs.isEmpty()).then(Mono.fromCallable(jobs::remove)));
            take.subscribe(log::add);
            take.subscribe(log::add);
            signal(1);
            assertThat(log).isEmpty();
            condition
                    .withLock(held -> Mono.fromRunnable(() -> {
                        jobs.add("job");
                        held.signalAll();
                    }))
                    .block();
            assertThat(log).containsExactly("job");
            assertThat(condition.statistics().waiting()).isEqualTo(1);
        }

        @Test
        void whatItThrowsIsTheError() {
            StepVerifier.create(condition.withLock(held -> held.awaitUntil(() -> {
                        throw new IllegalStateException("predicate");
                    })))
                    .verifyErrorMessage("predicate");
            assertThat(lock.isLocked()).isFalse();
        }

        @Test
        void aLimitReturnsWhatItSaidLastWithTheLockHeld() {
            AtomicBoolean open = new AtomicBoolean();
            Mono<String> wait = condition.withLock(held -> held.awaitUntil(open::get, Duration.ofSeconds(2))
                    .map(answer -> answer + " locked " + lock.isLocked()));
            StepVerifier.withVirtualTime(() -> wait)
                    .thenAwait(Duration.ofSeconds(1))
                    .then(() -> signal(1))
                    .expectNoEvent(Duration.ofMillis(999))
                    .thenAwait(Duration.ofMillis(1))
                    .expectNext("false locked true")
                    .verifyComplete();
            StepVerifier.withVirtualTime(() -> wait)
                    .thenAwait(Duration.ofSeconds(1))
                    .then(() -> open.set(true))
                    .then(() -> signal(1))
                    .expectNext("true locked true")
                    .verifyComplete();
            assertThat(lock.isLocked()).isFalse();
        }
    }

    @Nested
    class Limits {

        @Test
        void aLimitedWaitComesBackWithTheLock() {
            StepVerifier.withVirtualTime(() -> condition.withLock(held ->
                            held.await(Duration.ofSeconds(1)).map(signalled -> signalled + " " + lock.isLocked())))
                    .thenAwait(Duration.ofSeconds(1))
                    .expectNext("false true")
                    .verifyComplete();
            StepVerifier.withVirtualTime(() -> condition.withLock(held -> held.await(Duration.ofSeconds(1))))
                    .then(() -> signal(1))
                    .expectNext(true)
                    .verifyComplete();
            assertThat(lock.isLocked()).isFalse();
        }

        @Test
        void theLimitDoesNotCountTheWayBackToTheLock() {
            AtomicReference<Permit> other = new AtomicReference<>();
            StepVerifier.withVirtualTime(() -> condition.withLock(held -> held.await(Duration.ofSeconds(1))))
                    .then(() -> other.set(lock.tryAcquire().orElseThrow()))
                    .expectNoEvent(Duration.ofSeconds(5))
                    .then(() -> other.get().release())
                    .expectNext(false)
                    .verifyComplete();
        }

        @Test
        void cancelOnTheWayBackAfterTheLimitForwardsNothing() {
            VirtualTimeScheduler.getOrSet();
            try {
                Disposable limited = condition
                        .withLock(held -> held.await(Duration.ofSeconds(1)))
                        .subscribe();
                waiter("b");
                Permit other = lock.tryAcquire().orElseThrow();
                VirtualTimeScheduler.get().advanceTimeBy(Duration.ofSeconds(1));
                limited.dispose();
                other.release();
                assertThat(log).isEmpty();
                signal(1);
                assertThat(log).containsExactly("b");
            } finally {
                VirtualTimeScheduler.reset();
            }
        }

        @Test
        void anExpiredDeadlineFailsTheWaitAndKeepsTheLock() {
            Expiry expired = () -> 0;
            StepVerifier.create(condition
                            .withLock(held -> held.await()
                                    .onErrorResume(
                                            TimeoutException.class,
                                            e -> Mono.fromRunnable(() -> log.add("locked " + lock.isLocked()))))
                            .contextWrite(expired::storeIn))
                    .verifyComplete();
            assertThat(log).containsExactly("locked true");
            assertThat(lock.isLocked()).isFalse();
        }
    }

    @Test
    void theBodyThatThrowsOrReturnsNullIsAnError() {
        StepVerifier.create(condition.withLock(held -> {
                    throw new IllegalStateException("body");
                }))
                .verifyErrorMessage("body");
        StepVerifier.create(condition.withLock(held -> null)).verifyErrorMessage("body returned null");
        assertThat(lock.isLocked()).isFalse();
    }

    @Test
    void describesItselfAndChecksItsArguments() {
        assertThat(condition).hasToString("AsyncCondition of AsyncLock 'jobs'[0 waiting]");
        condition
                .withLock(held -> {
                    assertThatIllegalArgumentException()
                            .isThrownBy(() -> held.signal(0))
                            .withMessage("n must be at least 1, but is 0");
                    return Mono.empty();
                })
                .block();
    }
}
