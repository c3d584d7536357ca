package io.github.asyncio4j.thread;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.github.asyncio4j.internal.CleanupLedger;
import io.github.asyncio4j.internal.WaitProbe;
import io.github.asyncio4j.time.DeadlineExceededException;
import io.github.asyncio4j.time.Timeouts;
import io.micrometer.context.ContextRegistry;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.Scannable;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoOperator;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.util.RaceTestUtils;
import reactor.util.context.Context;

class ThreadsTest {

    private static final Duration SOON = ofSeconds(10);

    private final List<Throwable> dropped = new CopyOnWriteArrayList<>();
    private final List<Object> discarded = new CopyOnWriteArrayList<>();

    @BeforeEach
    void watchDrops() {
        Hooks.onErrorDropped(dropped::add);
    }

    @AfterEach
    void nothingWasDropped() {
        Hooks.resetOnErrorDropped();
        assertThat(dropped).isEmpty();
    }

    /** Code on another thread that waits to be let go, and remembers what happened to it. */
    private static final class Body implements Callable<String> {
        final CountDownLatch started = new CountDownLatch(1);
        final CountDownLatch mayEnd = new CountDownLatch(1);
        final CountDownLatch ended = new CountDownLatch(1);
        final AtomicBoolean interrupted = new AtomicBoolean();
        volatile Thread thread;

        @Override
        public String call() throws Exception {
            thread = Thread.currentThread();
            started.countDown();
            try {
                mayEnd.await();
                return "value";
            } catch (InterruptedException e) {
                interrupted.set(true);
                throw e;
            } finally {
                ended.countDown();
            }
        }

        void awaitStart() {
            await(started);
        }

        static void await(CountDownLatch latch) {
            try {
                assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    private Context watched(CleanupLedger ledger) {
        return ledger.storeIn(
                Context.of("reactor.onDiscard.local", (java.util.function.Consumer<Object>) discarded::add));
    }

    @Nested
    class Calling {

        @Test
        void runsOnElasticThreadsAndEmitsTheValue() {
            StepVerifier.create(Threads.toThread(() -> Thread.currentThread().getName()))
                    .assertNext(name -> assertThat(name).startsWith("boundedElastic"))
                    .expectComplete()
                    .verify(SOON);
        }

        @Test
        void onCpuRunsOnParallelThreads() {
            StepVerifier.create(Threads.onCpu(() -> Thread.currentThread().getName()))
                    .assertNext(name -> assertThat(name).startsWith("parallel"))
                    .expectComplete()
                    .verify(SOON);
        }

        @Test
        void executorIsUsed() {
            Executor own = call -> new Thread(call, "own").start();
            StepVerifier.create(Threads.runInExecutor(
                            own, () -> Thread.currentThread().getName()))
                    .expectNext("own")
                    .expectComplete()
                    .verify(SOON);
            StepVerifier.create(Threads.runInExecutor(Runnable::run, () -> "direct"))
                    .expectNext("direct")
                    .expectComplete()
                    .verify(SOON);
        }

        @Test
        void nullIsEmptyAndAnErrorIsItself() {
            StepVerifier.create(Threads.toThread(() -> null)).expectComplete().verify(SOON);
            IOException broken = new IOException("x");
            StepVerifier.create(Threads.toThread(() -> {
                        throw broken;
                    }))
                    .expectErrorSatisfies(e -> assertThat(e).isSameAs(broken))
                    .verify(SOON);
        }

        @Test
        void nothingRunsBeforeItIsAskedFor() {
            AtomicInteger runs = new AtomicInteger();
            Mono<Integer> cold = Threads.runInExecutor(Runnable::run, runs::incrementAndGet);
            StepVerifier.create(cold, 0)
                    .expectSubscription()
                    .then(() -> assertThat(runs).hasValue(0))
                    .thenRequest(1)
                    .expectNext(1)
                    .expectComplete()
                    .verify(SOON);
            assertThat(cold.block()).isEqualTo(2);
        }

        @Test
        void rejectionIsAnError() {
            StepVerifier.create(Threads.runInExecutor(
                            call -> {
                                throw new RejectedExecutionException("full");
                            },
                            () -> "x"))
                    .expectErrorSatisfies(e -> assertThat(e)
                            .isInstanceOf(RejectedExecutionException.class)
                            .hasMessage("full"))
                    .verify(SOON);
        }

        @Test
        void rejectionAfterTheCancelIsDropped() {
            AtomicReference<Disposable> subscription = new AtomicReference<>();
            Mono<String> call = Threads.runInExecutor(
                    queued -> {
                        subscription.get().dispose();
                        throw new RejectedExecutionException("full");
                    },
                    () -> "x");
            call.doOnSubscribe(s -> subscription.set(s::cancel)).subscribe();
            assertThat(dropped).singleElement().satisfies(e -> assertThat(e).hasMessage("full"));
            dropped.clear();
        }

        @Test
        void fatalErrorIsSignalledAndRethrown() {
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            Executor watching = call -> {
                try {
                    call.run();
                } catch (Throwable t) {
                    thrown.set(t);
                }
            };
            StackOverflowError fatal = new StackOverflowError();
            StepVerifier.create(Threads.runInExecutor(watching, () -> {
                        throw fatal;
                    }))
                    .expectErrorSatisfies(e -> assertThat(e).isSameAs(fatal))
                    .verify(SOON);
            assertThat(thrown.get()).isSameAs(fatal);
        }

        @Test
        void blockingInsideIsAllowed() {
            Mono<Long> blocks = Threads.toThread(() -> Mono.delay(ofMillis(1)).block());
            StepVerifier.create(Mono.defer(() -> blocks).subscribeOn(Schedulers.parallel()))
                    .expectNext(0L)
                    .expectComplete()
                    .verify(SOON);
        }
    }

    @Nested
    class CancelInLine {

        @Test
        void neverRuns() {
            List<Runnable> line = new ArrayList<>();
            AtomicInteger runs = new AtomicInteger();
            CleanupLedger ledger = CleanupLedger.open(Context.empty(), "test");
            Disposable call = Threads.runInExecutor(line::add, runs::incrementAndGet)
                    .contextWrite(watched(ledger))
                    .subscribe();
            assertThat(ledger.isEmpty()).isFalse();
            call.dispose();
            assertThat(ledger.isEmpty()).isTrue();
            line.forEach(Runnable::run);
            assertThat(runs).hasValue(0);
        }

        @Test
        void leavesTheSchedulersQueue() {
            var one = Schedulers.newBoundedElastic(1, 1, "one");
            try {
                Body first = new Body();
                Disposable running = call(first, one);
                first.awaitStart();
                for (int i = 0; i < 10; i++) {
                    call(() -> "queued", one).dispose();
                }
                AtomicReference<Object> last = new AtomicReference<>();
                Disposable queued = MonoCall.of(() -> "last", OnCancel.INTERRUPT, one::schedule)
                        .subscribe(last::set, last::set);
                assertThat(last).hasNullValue();
                queued.dispose();
                running.dispose();
            } finally {
                one.dispose();
            }
        }

        private Disposable call(Callable<String> body, reactor.core.scheduler.Scheduler scheduler) {
            return MonoCall.of(body, OnCancel.INTERRUPT, scheduler::schedule).subscribe();
        }

        @Test
        void cancelBeforeDemandRunsNothing() {
            AtomicInteger runs = new AtomicInteger();
            StepVerifier.create(Threads.runInExecutor(Runnable::run, runs::incrementAndGet), 0)
                    .thenCancel()
                    .verify(SOON);
            assertThat(runs).hasValue(0);
        }
    }

    @Nested
    class CancelWhileRunning {

        private final CleanupLedger ledger = CleanupLedger.open(Context.empty(), "test");
        private final CountDownLatch drained = new CountDownLatch(1);
        private final List<Throwable> cleanupFailures = new CopyOnWriteArrayList<>();

        private Disposable start(Callable<?> body, OnCancel mode) {
            return Threads.toThread(body, mode).contextWrite(watched(ledger)).subscribe();
        }

        private void drain() {
            ledger.finish(failures -> {
                cleanupFailures.addAll(failures);
                drained.countDown();
            });
        }

        @Test
        void interruptEndsTheBodyAndTheScopeWaitsForThat() {
            Body body = new Body();
            Disposable call = start(body, OnCancel.INTERRUPT);
            body.awaitStart();
            call.dispose();
            drain();
            Body.await(drained);
            assertThat(body.ended.getCount()).isZero();
            assertThat(body.interrupted).isTrue();
            assertThat(cleanupFailures).isEmpty();
        }

        @Test
        void interruptThatTheBodyIgnoresIsAwaitedAndItsValueDiscarded() {
            CountDownLatch started = new CountDownLatch(1);
            CountDownLatch mayEnd = new CountDownLatch(1);
            Disposable call = start(
                    () -> {
                        started.countDown();
                        boolean again = true;
                        while (again) {
                            try {
                                mayEnd.await();
                                again = false;
                            } catch (InterruptedException e) {
                                again = true;
                            }
                        }
                        return "late";
                    },
                    OnCancel.INTERRUPT);
            Body.await(started);
            call.dispose();
            drain();
            assertThat(drained.getCount()).isEqualTo(1);
            mayEnd.countDown();
            Body.await(drained);
            assertThat(discarded).containsExactly("late");
        }

        @Test
        void waitLetsItRunAndAwaitsIt() {
            Body body = new Body();
            Disposable call = start(body, OnCancel.WAIT);
            body.awaitStart();
            call.dispose();
            drain();
            assertThat(drained.getCount()).isEqualTo(1);
            body.mayEnd.countDown();
            Body.await(drained);
            assertThat(body.interrupted).isFalse();
            assertThat(discarded).containsExactly("value");
        }

        @Test
        void abandonIsNotAwaited() {
            Body body = new Body();
            Disposable call = start(body, OnCancel.ABANDON);
            body.awaitStart();
            call.dispose();
            drain();
            assertThat(drained.getCount()).isZero();
            assertThat(body.ended.getCount()).isEqualTo(1);
            body.mayEnd.countDown();
            Body.await(body.ended);
            assertThat(body.interrupted).isFalse();
        }

        @Test
        void realErrorAfterTheCancelIsDropped() {
            CountDownLatch started = new CountDownLatch(1);
            CountDownLatch mayEnd = new CountDownLatch(1);
            Disposable call = start(
                    () -> {
                        started.countDown();
                        mayEnd.await();
                        throw new IOException("disk full");
                    },
                    OnCancel.WAIT);
            Body.await(started);
            call.dispose();
            drain();
            mayEnd.countDown();
            Body.await(drained);
            assertThat(dropped).singleElement().satisfies(e -> assertThat(e).hasMessage("disk full"));
            dropped.clear();
        }

        @Test
        void ourInterruptInAnyDisguiseIsNoError() {
            List<Callable<?>> disguises = List.of(
                    () -> {
                        throw new IllegalStateException("aborted", interruption());
                    },
                    () -> {
                        interruption();
                        throw new IOException(new java.nio.channels.ClosedByInterruptException());
                    },
                    () -> {
                        interruption();
                        throw new InterruptedIOException();
                    },
                    () -> Mono.never().block());
            for (Callable<?> disguise : disguises) {
                CleanupLedger own = CleanupLedger.open(Context.empty(), "test");
                CountDownLatch over = new CountDownLatch(1);
                CountDownLatch started = new CountDownLatch(1);
                Disposable call = Threads.toThread(() -> {
                            started.countDown();
                            return disguise.call();
                        })
                        .contextWrite(own::storeIn)
                        .subscribe();
                Body.await(started);
                call.dispose();
                own.finish(failures -> over.countDown());
                Body.await(over);
            }
            assertThat(dropped).isEmpty();
        }

        private InterruptedException interruption() {
            try {
                new CountDownLatch(1).await();
                throw new AssertionError();
            } catch (InterruptedException e) {
                return e;
            }
        }

        @Test
        void bodyThatCancelsItselfIsNotInterrupted() {
            AtomicReference<Disposable> self = new AtomicReference<>();
            AtomicBoolean flag = new AtomicBoolean();
            Threads.runInExecutor(Runnable::run, () -> {
                        self.get().dispose();
                        flag.set(Thread.currentThread().isInterrupted());
                        return "value";
                    })
                    .contextWrite(watched(ledger))
                    .doOnSubscribe(s -> self.set(s::cancel))
                    .subscribe();
            assertThat(flag).isFalse();
            assertThat(discarded).containsExactly("value");
            assertThat(ledger.isEmpty()).isTrue();
        }

        @Test
        void timeoutSeesTheEndOfTheBody() {
            Body body = new Body();
            StepVerifier.create(Timeouts.timeout(Threads.toThread(body), ofMillis(50), "job"))
                    .expectErrorSatisfies(e -> {
                        assertThat(e).isInstanceOf(DeadlineExceededException.class);
                        assertThat(e.getSuppressed()).isEmpty();
                        assertThat(body.ended.getCount()).isZero();
                    })
                    .verify(SOON);
        }
    }

    @Nested
    class Races {

        /** Reuses its thread as a pool does, but forgives nothing: an interrupt that is left over is seen. */
        private final class OneThread implements Executor, AutoCloseable {
            private final BlockingQueue<Runnable> line = new LinkedBlockingQueue<>();
            private final AtomicInteger dirty = new AtomicInteger();
            private final Thread thread = new Thread(this::loop, "one");

            OneThread() {
                thread.start();
            }

            @Override
            public void execute(Runnable call) {
                line.add(call);
            }

            private void loop() {
                while (true) {
                    try {
                        Runnable next = line.take();
                        if (next == STOP) {
                            return;
                        }
                        next.run();
                        if (Thread.interrupted()) {
                            dirty.incrementAndGet();
                        }
                    } catch (InterruptedException e) {
                        dirty.incrementAndGet();
                    }
                }
            }

            @Override
            public void close() throws InterruptedException {
                line.add(STOP);
                thread.join(10_000);
            }
        }

        private static final Runnable STOP = () -> {};

        @Test
        void interruptHitsOnlyTheCallItWasMeantFor() throws Exception {
            AtomicInteger outcomes = new AtomicInteger();
            int rounds = 10_000;
            try (OneThread executor = new OneThread()) {
                for (int i = 0; i < rounds; i++) {
                    CleanupLedger ledger = CleanupLedger.open(Context.empty(), "round");
                    CountDownLatch goingOn = new CountDownLatch(1);
                    CountDownLatch over = new CountDownLatch(1);
                    AtomicInteger values = new AtomicInteger();
                    Disposable call = Threads.runInExecutor(executor, () -> {
                                goingOn.await();
                                return "x";
                            })
                            .contextWrite(ledger.storeIn(
                                    Context.of("reactor.onDiscard.local", (java.util.function.Consumer<Object>)
                                            x -> values.incrementAndGet())))
                            .subscribe(x -> values.incrementAndGet());
                    RaceTestUtils.race(goingOn::countDown, call::dispose);
                    ledger.finish(failures -> over.countDown());
                    Body.await(over);
                    assertThat(ledger.isEmpty()).isTrue();
                    assertThat(values.get()).isLessThanOrEqualTo(1);
                    outcomes.addAndGet(values.get());
                }
                executor.close();
                assertThat(executor.dirty).hasValue(0);
            }
            assertThat(dropped).isEmpty();
        }

        @Test
        void cancelAgainstStart() {
            int rounds = 10_000;
            for (int i = 0; i < rounds; i++) {
                CleanupLedger ledger = CleanupLedger.open(Context.empty(), "round");
                List<Runnable> line = new ArrayList<>();
                AtomicInteger runs = new AtomicInteger();
                AtomicInteger values = new AtomicInteger();
                Disposable call = Threads.runInExecutor(line::add, runs::incrementAndGet, OnCancel.WAIT)
                        .contextWrite(ledger::storeIn)
                        .subscribe(x -> values.incrementAndGet());
                RaceTestUtils.race(line.get(0), call::dispose);
                assertThat(ledger.isEmpty()).isTrue();
                assertThat(values.get()).isLessThanOrEqualTo(runs.get());
            }
        }
    }

    @Nested
    class ContextInTheBody {

        private final ThreadLocal<String> user = new ThreadLocal<>();

        @BeforeEach
        void register() {
            ContextRegistry.getInstance().registerThreadLocalAccessor("user", user);
        }

        @AfterEach
        void unregister() {
            ContextRegistry.getInstance().removeThreadLocalAccessor("user");
            Hooks.disableAutomaticContextPropagation();
        }

        private Mono<String> readsUser() {
            return Threads.toThread(() -> String.valueOf(user.get()));
        }

        private void bodySeesTheUser() {
            StepVerifier.create(readsUser().contextWrite(Context.of("user", "alice")))
                    .expectNext("alice")
                    .expectComplete()
                    .verify(SOON);
            assertThat(user.get()).isNull();
        }

        @Test
        void isRestoredWithAutomaticPropagation() {
            Hooks.enableAutomaticContextPropagation();
            bodySeesTheUser();
        }

        @Test
        void isRestoredWithoutAutomaticPropagation() {
            bodySeesTheUser();
        }

        @Test
        void doesNotStayOnTheThreadAndWritesDoNotComeBack() {
            for (boolean automatic : new boolean[] {false, true}) {
                if (automatic) {
                    Hooks.enableAutomaticContextPropagation();
                }
                try (var one = new Single()) {
                    Mono<String> writes = Threads.runInExecutor(one, () -> {
                        user.set("mallory");
                        return "x";
                    });
                    writes.contextWrite(Context.of("user", "alice")).block(SOON);
                    assertThat(Threads.runInExecutor(one, () -> String.valueOf(user.get()))
                                    .block(SOON))
                            .as("automatic: " + automatic)
                            .isEqualTo("null");
                    assertThat(user.get()).isNull();
                }
            }
        }

        private static final class Single implements Executor, AutoCloseable {
            private final java.util.concurrent.ExecutorService one =
                    java.util.concurrent.Executors.newSingleThreadExecutor();

            @Override
            public void execute(Runnable call) {
                one.execute(call);
            }

            @Override
            public void close() {
                one.shutdownNow();
            }
        }
    }

    @Nested
    class Introspection {

        @Test
        void currentTaskIsToldWhatItWaitsFor() {
            List<String> seen = new CopyOnWriteArrayList<>();
            WaitProbe probe = new WaitProbe() {
                @Override
                public void waitingFor(Object what) {
                    seen.add("waits for " + what);
                }

                @Override
                public void resumed(Object what) {
                    seen.add("resumed");
                }
            };
            Threads.runInExecutor(call -> new Thread(call, "own").start(), () -> "x")
                    .contextWrite(probe::storeIn)
                    .block(SOON);
            assertThat(seen).containsExactly("waits for blocking call (queued)", "resumed");
        }

        @Test
        void callTellsItsState() {
            Mono<String> mono = Threads.toThread(() -> "x");
            assertThat(Scannable.from(mono).stepName()).isEqualTo("call");
            assertThat(Scannable.from(mono).scan(Scannable.Attr.RUN_STYLE)).isEqualTo(Scannable.Attr.RunStyle.ASYNC);
            assertThat(mono).isNotInstanceOf(MonoOperator.class);
            List<Runnable> line = new ArrayList<>();
            AtomicReference<Scannable> call = new AtomicReference<>();
            Threads.runInExecutor(line::add, () -> "x")
                    .doOnSubscribe(s -> call.set(Scannable.from(s)))
                    .subscribe();
            assertThat(call.get().scan(Scannable.Attr.ACTUAL)).isNotNull();
            assertThat(call.get().scan(Scannable.Attr.TERMINATED)).isFalse();
            assertThat(call.get().scan(Scannable.Attr.CANCELLED)).isFalse();
            assertThat(call.get().scan(Scannable.Attr.RUN_STYLE)).isEqualTo(Scannable.Attr.RunStyle.ASYNC);
            line.get(0).run();
            assertThat(call.get().scan(Scannable.Attr.TERMINATED)).isTrue();
            assertThat(call.get())
                    .hasToString("blocking call on " + Thread.currentThread().getName());
        }

        @Test
        void cancelledCallSaysSo() {
            AtomicReference<Scannable> call = new AtomicReference<>();
            AtomicReference<Boolean> seen = new AtomicReference<>();
            AtomicReference<Disposable> self = new AtomicReference<>();
            Threads.runInExecutor(
                            Runnable::run,
                            () -> {
                                self.get().dispose();
                                seen.set(call.get().scan(Scannable.Attr.CANCELLED));
                                return "x";
                            },
                            OnCancel.WAIT)
                    .doOnSubscribe(s -> {
                        call.set(Scannable.from(s));
                        self.set(s::cancel);
                    })
                    .subscribe();
            assertThat(seen).hasValue(true);
            assertThat(call.get().scan(Scannable.Attr.TERMINATED)).isFalse();
            self.get().dispose();
        }

        @Test
        void stuckCallIsNamedByItsThread() {
            Body body = new Body();
            CleanupLedger ledger = CleanupLedger.open(Context.empty(), "test", ofMillis(20));
            AtomicReference<Throwable> failure = new AtomicReference<>();
            CountDownLatch over = new CountDownLatch(1);
            Disposable call = Threads.toThread(body, OnCancel.WAIT)
                    .contextWrite(ledger::storeIn)
                    .subscribe();
            body.awaitStart();
            call.dispose();
            ledger.finish(failures -> {
                failure.set(failures.get(0));
                over.countDown();
            });
            Body.await(over);
            body.mayEnd.countDown();
            assertThat(failure.get()).hasMessageContaining("blocking call on boundedElastic");
        }
    }

    @Test
    void nullIsRefusedByNameAtCallTime() {
        assertThatNullPointerException()
                .isThrownBy(() -> Threads.toThread(null))
                .withMessage("blocking");
        assertThatNullPointerException()
                .isThrownBy(() -> Threads.toThread(() -> "x", null))
                .withMessage("mode");
        assertThatNullPointerException()
                .isThrownBy(() -> Threads.runInExecutor(null, () -> "x"))
                .withMessage("executor");
        assertThatNullPointerException()
                .isThrownBy(() -> Threads.runInExecutor(Runnable::run, null))
                .withMessage("blocking");
        assertThatNullPointerException().isThrownBy(() -> Threads.onCpu(null)).withMessage("work");
    }
}
