package io.github.asyncio4j.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.internal.CleanupLedger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.util.context.Context;

class AsyncLockTest {

    private final AsyncLock lock = AsyncLock.builder().name("cache").build();

    @Nested
    class Holding {

        @Test
        void oneAtATime() {
            Sinks.One<String> first = Sinks.one();
            List<String> order = new ArrayList<>();
            lock.withLock(first.asMono()).subscribe(order::add);
            lock.withLock(Mono.fromCallable(() -> "second")).subscribe(order::add);
            assertThat(lock.isLocked()).isTrue();
            assertThat(order).isEmpty();
            first.tryEmitValue("first");
            assertThat(order).containsExactly("first", "second");
            assertThat(lock.isLocked()).isFalse();
            assertThat(lock.statistics()).isEqualTo(new SyncStatistics(0, 0, 2, 0, 1));
        }

        @Test
        void releasedTwiceIsHarmless() {
            Permit permit = lock.acquire().block();
            AtomicReference<Permit> next = new AtomicReference<>();
            lock.acquire().subscribe(next::set);
            permit.release();
            permit.release();
            assertThat(next.get().isReleased()).isFalse();
            assertThat(lock.isLocked()).isTrue();
            next.get().release();
            assertThat(lock.tryAcquire()).isPresent();
        }

        // asyncio F1: between release and the waiter's turn the lock may read free, but it is not free for newcomers.
        @Test
        void theReleaserQueuesBehindTheWaiter() {
            List<String> order = new ArrayList<>();
            Permit held = lock.tryAcquire().orElseThrow();
            lock.acquire().subscribe(permit -> {
                order.add("waiter");
                permit.release();
            });
            lock.acquire().subscribe(permit -> {
                order.add("releaser again");
                permit.release();
            });
            held.release();
            assertThat(order).containsExactly("waiter", "releaser again");
        }

        @Test
        void aCancelledWaiterLeavesNoTrace() {
            Permit held = lock.tryAcquire().orElseThrow();
            Disposable waiting = lock.withLock(Mono.never()).subscribe();
            waiting.dispose();
            held.release();
            assertThat(lock.isLocked()).isFalse();
            assertThat(lock.statistics().cancelled()).isEqualTo(1);
        }

        @Test
        void aStreamHoldsItToItsEnd() {
            Sinks.Many<Integer> source = Sinks.many().unicast().onBackpressureBuffer();
            StepVerifier.create(lock.withLock(source.asFlux()))
                    .then(() -> source.tryEmitNext(1))
                    .expectNext(1)
                    .then(() -> assertThat(lock.isLocked()).isTrue())
                    .then(source::tryEmitComplete)
                    .verifyComplete();
            assertThat(lock.isLocked()).isFalse();
        }

        @Test
        void aWaitHasALimit() {
            Permit held = lock.tryAcquire().orElseThrow();
            StepVerifier.withVirtualTime(() -> lock.acquire(Duration.ofSeconds(1)))
                    .thenAwait(Duration.ofSeconds(1))
                    .verifyErrorMessage("gave up waiting for AsyncLock 'cache' after PT1S");
            StepVerifier.withVirtualTime(() -> lock.withLock(Mono.just(1), Duration.ofSeconds(1)))
                    .thenAwait(Duration.ofSeconds(1))
                    .verifyError(AcquireTimeoutException.class);
            held.release();
            assertThat(lock.withLock(Mono.just(1), Duration.ofSeconds(1)).block())
                    .isEqualTo(1);
        }
    }

    @Nested
    class Reentrance {

        @Test
        void failsWithASentence() {
            StepVerifier.create(lock.withLock(lock.withLock(Mono.just(1))))
                    .verifyErrorSatisfies(e -> assertThat(e)
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageStartingWith("AsyncLock 'cache' is held by the very pipeline")
                            .hasMessageContaining("not re-entrant"));
            StepVerifier.create(lock.withLock(lock.acquire())).verifyError(IllegalStateException.class);
            StepVerifier.create(lock.withLock(lock.withLock(Flux.just(1)).then()))
                    .verifyError(IllegalStateException.class);
            assertThat(lock.isLocked()).isFalse();
        }

        @Test
        void anotherLockInsideIsFine() {
            AsyncLock other = AsyncLock.create();
            assertThat(lock.withLock(other.withLock(Mono.just(1))).block()).isEqualTo(1);
        }

        @Test
        void theContextOfAnEndedHolderIsNoReentrance() {
            AtomicReference<Context> kept = new AtomicReference<>();
            lock.withLock(Mono.deferContextual(context -> {
                        kept.set(Context.of(context));
                        return Mono.empty();
                    }))
                    .block();
            assertThat(lock.withLock(Mono.just(1)).contextWrite(kept.get()).block())
                    .isEqualTo(1);
        }
    }

    @Nested
    class Cleanup {

        /** Work that, once cancelled, needs until {@code closed} completes. */
        private Mono<Void> closingWork(Sinks.Empty<Void> closed) {
            return Mono.deferContextual(context -> {
                CleanupLedger.Entry entry = CleanupLedger.enter(context, "db");
                return Mono.<Void>never()
                        .doOnCancel(() -> closed.asMono()
                                .subscribe(null, error -> entry.leave(error, Context.empty()), entry::leave));
            });
        }

        @Test
        void cancelledWorkKeepsTheLockUntilItsCleanupHasEnded() {
            Sinks.Empty<Void> closed = Sinks.empty();
            Disposable working = lock.withLock(closingWork(closed)).subscribe();
            AtomicReference<Permit> next = new AtomicReference<>();
            lock.acquire().subscribe(next::set);
            working.dispose();
            assertThat(next.get()).isNull();
            closed.tryEmitEmpty();
            assertThat(next.get()).isNotNull();
            next.get().release();
        }

        @Test
        void theSurroundingScopeEndsAfterTheLockIsFree() {
            CleanupLedger scope = CleanupLedger.open(Context.empty(), "scope");
            Sinks.Empty<Void> closed = Sinks.empty();
            Disposable working = lock.withLock(closingWork(closed))
                    .contextWrite(scope::storeIn)
                    .subscribe();
            List<Boolean> lockedAtTheEnd = new ArrayList<>();
            working.dispose();
            scope.finish(failures -> lockedAtTheEnd.add(lock.isLocked()));
            assertThat(lockedAtTheEnd).isEmpty();
            closed.tryEmitEmpty();
            assertThat(lockedAtTheEnd).containsExactly(false);
        }

        @Test
        void workThatEndsWaitsForWhatItCancelledWithin() {
            Sinks.Empty<Void> closed = Sinks.empty();
            Mono<String> work = Mono.firstWithSignal(closingWork(closed).thenReturn("never"), Mono.just("value"));
            AtomicReference<String> result = new AtomicReference<>();
            lock.withLock(work).subscribe(result::set);
            assertThat(result.get()).isNull();
            assertThat(lock.isLocked()).isTrue();
            closed.tryEmitEmpty();
            assertThat(result).hasValue("value");
            assertThat(lock.isLocked()).isFalse();
        }

        @Test
        void aFailedCleanupIsTheErrorWhenThereWasNone() {
            Sinks.Empty<Void> closed = Sinks.empty();
            Mono<String> work = Mono.firstWithSignal(closingWork(closed).thenReturn("never"), Mono.just("value"));
            AtomicReference<Throwable> error = new AtomicReference<>();
            lock.withLock(work).subscribe(null, error::set);
            closed.tryEmitError(new IllegalStateException("cannot close"));
            assertThat(error.get()).hasMessage("cannot close");
            assertThat(lock.isLocked()).isFalse();
        }

        @Test
        void aCancelWhileTheCleanupRunsDiscardsTheValueAndStillFreesTheLock() {
            Sinks.Empty<Void> closed = Sinks.empty();
            List<Object> discarded = new ArrayList<>();
            Mono<String> work = Mono.firstWithSignal(closingWork(closed).thenReturn("never"), Mono.just("value"));
            Disposable working = lock.withLock(work)
                    .doOnDiscard(String.class, discarded::add)
                    .subscribe();
            working.dispose();
            assertThat(lock.isLocked()).isTrue();
            closed.tryEmitEmpty();
            assertThat(lock.isLocked()).isFalse();
            assertThat(discarded).containsExactly("value");
        }

        @Test
        void aCancelWhileTheCleanupRunsDropsTheErrorOfTheWork() {
            Sinks.Empty<Void> closed = Sinks.empty();
            List<Throwable> dropped = new ArrayList<>();
            Mono<String> work = Mono.firstWithSignal(
                    closingWork(closed).thenReturn("never"), Mono.error(new IllegalStateException("late")));
            Disposable working = lock.withLock(work)
                    .contextWrite(Context.of(
                            "reactor.onErrorDropped.local", (java.util.function.Consumer<Throwable>) dropped::add))
                    .subscribe();
            working.dispose();
            closed.tryEmitEmpty();
            assertThat(lock.isLocked()).isFalse();
            assertThat(dropped).extracting(Throwable::getMessage).containsExactly("late");
        }
    }

    @Test
    void describesItself() {
        assertThat(lock).hasToString("AsyncLock 'cache'[1 of 1 available, 0 waiting]");
        assertThat(AsyncLock.create()).hasToString("AsyncLock[1 of 1 available, 0 waiting]");
    }
}
