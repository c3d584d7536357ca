package io.github.asyncio4j.time;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.github.asyncio4j.CleanupTimeoutException;
import io.github.asyncio4j.internal.CleanupLedger;
import io.github.asyncio4j.internal.Failures;
import io.github.asyncio4j.resource.AsyncResource;
import io.github.asyncio4j.testing.VirtualTimers;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;
import reactor.util.context.Context;

/** A scope ends after the cleanup of what it cut off. */
class TimeoutCleanupTest {

    private final List<Throwable> dropped = new ArrayList<>();
    private final List<Object> ends = new ArrayList<>();
    private final List<Long> instants = new ArrayList<>();
    private final List<String> closed = new ArrayList<>();
    private VirtualTimeScheduler time;

    @BeforeEach
    void virtualTime() {
        time = VirtualTimeScheduler.getOrSet();
        Hooks.onErrorDropped(dropped::add);
    }

    @AfterEach
    void nothingIsLeft() {
        int left = VirtualTimers.pending(time);
        VirtualTimeScheduler.reset();
        Hooks.resetOnErrorDropped();
        assertThat(left).as("timers left").isZero();
        assertThat(dropped).isEmpty();
    }

    /** Takes 300 ms to close. */
    private final AsyncResource<String> slow = AsyncResource.of(
            Mono.just("connection"),
            (opened, exit) -> Mono.delay(ofMillis(300))
                    .doOnNext(tick -> closed.add(exit.toString()))
                    .then());

    private AsyncResource<String> failing(Throwable error) {
        return AsyncResource.of(
                Mono.just("connection"), opened -> Mono.delay(ofMillis(300)).then(Mono.error(error)));
    }

    private Disposable run(Flux<?> flux) {
        return flux.subscribe(this::ended, this::ended, () -> ended("complete"));
    }

    private Disposable run(Mono<?> mono) {
        return run(mono.flux());
    }

    private void ended(Object what) {
        ends.add(what);
        instants.add(time.now(TimeUnit.MILLISECONDS));
    }

    @Nested
    class Expiry {

        @Test
        void errorIsSeenAfterTheClose() {
            run(Timeouts.timeout(slow.use(c -> Mono.never()), ofMillis(100)));
            time.advanceTimeBy(ofMillis(399));
            assertThat(ends).isEmpty();
            time.advanceTimeBy(ofMillis(1));
            assertThat(closed).containsExactly("cancelled");
            assertThat(instants).containsExactly(400L);
            assertThat(ends.get(0))
                    .asInstanceOf(type(DeadlineExceededException.class))
                    .returns(ofMillis(100), DeadlineExceededException::elapsed);
        }

        @Test
        void streamSeesItAfterTheCloseToo() {
            run(Timeouts.timeout(slow.useMany(c -> Flux.interval(ofMillis(40)).map(tick -> c)), ofMillis(100)));
            time.advanceTimeBy(ofSeconds(1));
            assertThat(instants).containsExactly(40L, 80L, 400L);
            assertThat(ends.get(2)).isInstanceOf(DeadlineExceededException.class);
        }

        @Test
        void moveOnIsSeenAfterTheClose() {
            run(Timeouts.moveOnAfter(ofMillis(100), slow.use(c -> Mono.never())));
            time.advanceTimeBy(ofSeconds(1));
            assertThat(ends).containsExactly("complete");
            assertThat(instants).containsExactly(400L);
        }

        @Test
        void scopesAroundWaitForThoseInside() {
            run(Timeouts.timeout(
                    Timeouts.timeout(slow.use(c -> Mono.never()), ofSeconds(5), "inner"), ofMillis(100), "outer"));
            time.advanceTimeBy(ofSeconds(1));
            assertThat(instants).containsExactly(400L);
            assertThat(ends.get(0))
                    .asInstanceOf(type(DeadlineExceededException.class))
                    .returns("outer", DeadlineExceededException::operation);
        }

        @Test
        void cleanupMayExceedTheDeadlineAndIsNotCutByTheNext() {
            run(Timeouts.timeout(
                    Timeouts.timeout(slow.use(c -> Mono.never()), ofMillis(100), "inner"), ofMillis(200), "outer"));
            time.advanceTimeBy(ofSeconds(1));
            assertThat(closed).hasSize(1);
            assertThat(instants).containsExactly(400L);
            assertThat(ends.get(0))
                    .asInstanceOf(type(DeadlineExceededException.class))
                    .returns("outer", DeadlineExceededException::operation);
        }

        @Test
        void failingCloseIsSuppressed() {
            IOException close = new IOException("close");
            run(Timeouts.timeout(failing(close).use(c -> Mono.never()), ofMillis(100)));
            time.advanceTimeBy(ofSeconds(1));
            assertThat(instants).containsExactly(400L);
            assertThat(ends.get(0))
                    .asInstanceOf(type(DeadlineExceededException.class))
                    .satisfies(e -> {
                        assertThat(e.getSuppressed()).contains(close);
                        assertThat(Failures.of(e)).containsExactly(e, close);
                    });
        }

        @Test
        void failingCloseIsTheErrorWhenMovingOn() {
            IOException close = new IOException("close");
            run(Timeouts.moveOnAfter(ofMillis(100), failing(close).use(c -> Mono.never())));
            time.advanceTimeBy(ofSeconds(1));
            assertThat(ends).containsExactly(close);
        }

        @Test
        void closeThatNeverEndsIsCutAtTheLimitAndNamed() {
            AsyncResource<String> stuck =
                    AsyncResource.of(Mono.just("c"), c -> Mono.<Void>never()).named("orders db");
            run(Timeouts.timeout(stuck.use(c -> Mono.never()), ofMillis(100), "job"));
            time.advanceTimeBy(ofSeconds(60));
            assertThat(instants).containsExactly(30_100L);
            assertThat(Failures.of((Throwable) ends.get(0)))
                    .last()
                    .asInstanceOf(type(CleanupTimeoutException.class))
                    .satisfies(e -> {
                        assertThat(e.scope()).isEqualTo("timeout of job");
                        assertThat(e.unfinished()).containsExactly("orders db");
                    });
        }

        @Test
        void noBudgetWaitsForTheCloseAsWell() {
            run(Timeouts.timeout(slow.use(c -> Mono.never()), ofMillis(0)));
            time.advanceTimeBy(ofSeconds(1));
            assertThat(instants).containsExactly(300L);
            assertThat(closed).containsExactly("cancelled");
        }
    }

    @Nested
    class Result {

        @Test
        void valueWaitsForCleanupLeftBehindAndTheDeadlineDoesNotCount() {
            run(Timeouts.timeout(
                    slow.useMany(c -> Flux.just(c).concatWith(Flux.never())).next(), ofMillis(100)));
            time.advanceTimeBy(ofSeconds(1));
            assertThat(ends).containsExactly("connection", "complete");
            assertThat(instants).containsExactly(300L, 300L);
        }

        @Test
        void valueIsDiscardedWhenTheCleanupFails() {
            List<Object> discarded = new ArrayList<>();
            IOException close = new IOException("close");
            run(Timeouts.timeout(
                            failing(close)
                                    .useMany(c -> Flux.just(c).concatWith(Flux.never()))
                                    .next(),
                            ofMillis(100))
                    .contextWrite(Context.of(
                            "reactor.onDiscard.local", (java.util.function.Consumer<Object>) discarded::add)));
            time.advanceTimeBy(ofSeconds(1));
            assertThat(ends).containsExactly(close);
            assertThat(discarded).containsOnlyOnce("connection");
        }

        @Test
        void errorKeepsTheFailureOfTheCleanup() {
            IOException work = new IOException("work");
            IOException close = new IOException("close");
            Mono<Object> leavesCleanup = Mono.deferContextual(context -> {
                CleanupLedger.Entry entry = CleanupLedger.enter(context, "x");
                Mono.delay(ofMillis(50)).subscribe(tick -> entry.leave(close, Context.empty()));
                return Mono.error(work);
            });
            run(Timeouts.timeout(leavesCleanup, ofMillis(100)));
            time.advanceTimeBy(ofSeconds(1));
            assertThat(ends).containsExactly(work);
            assertThat(work.getSuppressed()).contains(close);
            assertThat(instants).containsExactly(50L);
        }
    }

    @Nested
    class WhileDraining {

        @Test
        void scopeTellsHowItEnded() {
            AtomicReference<Scannable> scope = new AtomicReference<>();
            run(Timeouts.timeout(slow.use(c -> Mono.never()), ofMillis(100))
                    .doOnSubscribe(s -> scope.set(Scannable.from(s))));
            time.advanceTimeBy(ofMillis(100));
            assertThat(scope.get().scan(Scannable.Attr.ERROR)).isInstanceOf(DeadlineExceededException.class);
            assertThat(scope.get().scan(Scannable.Attr.TERMINATED)).isTrue();
            assertThat(scope.get().scan(Scannable.Attr.CANCELLED)).isFalse();
            time.advanceTimeBy(ofMillis(300));
            assertThat(scope.get().scan(Scannable.Attr.ERROR)).isNull();
        }

        @Test
        void rescheduleSaysWhy() {
            AtomicReference<TimeoutScope> scope = new AtomicReference<>();
            run(Timeouts.timeout(ofMillis(100), handle -> {
                scope.set(handle);
                return slow.useMany(c -> Flux.just(c).concatWith(Flux.never())).next();
            }));
            assertThatIllegalStateException()
                    .isThrownBy(() -> scope.get().reschedule(ofSeconds(1)))
                    .withMessageContaining("has completed");
            time.advanceTimeBy(ofMillis(300));
            assertThat(scope.get().expired()).isFalse();
        }
    }

    @Nested
    class Cancelling {

        @Test
        void cleanupRunsOnInTheScopeAround() {
            CleanupLedger around = CleanupLedger.open(Context.empty(), "around");
            Disposable running = run(
                    Timeouts.timeout(slow.use(c -> Mono.never()), ofSeconds(1)).contextWrite(around::storeIn));
            running.dispose();
            around.finish(failures -> ended(failures));
            assertThat(ends).isEmpty();
            time.advanceTimeBy(ofMillis(300));
            assertThat(ends).containsExactly(List.of());
        }

        @Test
        void downstreamThatLeavesDuringTheDrainGetsNothing() {
            List<Object> discarded = new ArrayList<>();
            Disposable running = run(Timeouts.timeout(
                            slow.useMany(c -> Flux.just(c).concatWith(Flux.never()))
                                    .next(),
                            ofMillis(100))
                    .contextWrite(Context.of(
                            "reactor.onDiscard.local", (java.util.function.Consumer<Object>) discarded::add)));
            time.advanceTimeBy(ofMillis(10));
            running.dispose();
            running.dispose();
            time.advanceTimeBy(ofSeconds(1));
            assertThat(ends).isEmpty();
            assertThat(discarded).containsOnlyOnce("connection");
            assertThat(closed).hasSize(1);
        }

        @Test
        void errorHeldDuringTheDrainIsDropped() {
            IOException work = new IOException("work");
            Mono<Object> leavesCleanup = Mono.deferContextual(context -> {
                CleanupLedger.Entry entry = CleanupLedger.enter(context, "x");
                Mono.delay(ofMillis(50)).subscribe(tick -> entry.leave());
                return Mono.error(work);
            });
            Disposable running = run(Timeouts.timeout(leavesCleanup, ofMillis(100)));
            running.dispose();
            time.advanceTimeBy(ofSeconds(1));
            assertThat(ends).isEmpty();
            assertThat(dropped).containsExactly(work);
            dropped.clear();
        }

        @Test
        void cleanupThatFailsWithNobodyAroundIsDropped() {
            IOException close = new IOException("close");
            run(Timeouts.timeout(failing(close).use(c -> Mono.never()), ofSeconds(1)))
                    .dispose();
            time.advanceTimeBy(ofSeconds(1));
            assertThat(dropped).containsExactly(close);
            dropped.clear();
        }
    }
}
