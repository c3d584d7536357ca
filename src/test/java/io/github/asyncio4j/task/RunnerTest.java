package io.github.asyncio4j.task;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.asyncio4j.CleanupTimeoutException;
import io.github.asyncio4j.internal.CleanupLedger;
import io.github.asyncio4j.resource.AsyncResource;
import io.github.asyncio4j.testing.Recipe;
import io.github.asyncio4j.testing.Sigint;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import reactor.core.Exceptions;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

class RunnerTest {

    private final List<Throwable> dropped = new CopyOnWriteArrayList<>();
    private final List<String> log = new CopyOnWriteArrayList<>();

    @BeforeEach
    void watchDrops() {
        Hooks.onErrorDropped(dropped::add);
    }

    @AfterEach
    void nothingIsLeft() {
        Hooks.resetOnErrorDropped();
        assertThat(dropped).isEmpty();
        assertThat(Tasks.all()).isEmpty();
    }

    private AsyncResource<String> closingIn(Duration closing) {
        return AsyncResource.of(
                Mono.just("r"),
                (opened, exit) -> Mono.delay(closing)
                        .doOnNext(tick -> log.add("closed " + exit))
                        .then());
    }

    @Nested
    class Running {

        @Test
        void returnsTheValueOrNull() {
            assertThat((Object) Runner.run(Mono.delay(ofMillis(1)).thenReturn("x")))
                    .isEqualTo("x");
            assertThat(Runner.<String>run(Mono.empty())).isNull();
        }

        @Test
        void throwsWhatItFailedWith() {
            IllegalArgumentException unchecked = new IllegalArgumentException("x");
            assertThat(catchThrowable(() -> Runner.run(Mono.error(unchecked))))
                    .isSameAs(unchecked)
                    .hasNoSuppressedExceptions();
            AssertionError error = new AssertionError("x");
            assertThat(catchThrowable(() -> Runner.run(Mono.error(error)))).isSameAs(error);
            IOException checked = new IOException("x");
            Throwable thrown = catchThrowable(() -> Runner.run(Mono.error(checked)));
            assertThat(Exceptions.unwrap(thrown)).isSameAs(checked);
            assertThat(thrown)
                    .isInstanceOf(RuntimeException.class)
                    .hasCause(checked)
                    .hasNoSuppressedExceptions();
        }

        @Test
        void mainIsATask() {
            assertThat((Object) Runner.run(Tasks.current().map(Task::name))).isEqualTo("main");
            assertThat(Runner.<List<Task<?>>>run(Mono.fromSupplier(Tasks::all))).hasSize(1);
        }

        @Test
        void mainIsSubscribedOnTheCallingThread() {
            assertThat((Object) Runner.run(Mono.fromSupplier(Thread::currentThread)))
                    .isSameAs(Thread.currentThread());
        }

        @Test
        void cleanupIsAwaited() {
            Runner.run(Tasks.race(List.of(closingIn(ofMillis(50)).use(r -> Mono.never()), Mono.just("fast"))));
            assertThat(log).containsExactly("closed cancelled");
        }

        @Test
        void nothingIsStartedTwice() {
            AtomicInteger starts = new AtomicInteger();
            Runner.run(Mono.fromSupplier(starts::incrementAndGet));
            assertThat(starts).hasValue(1);
        }
    }

    @Nested
    class Leftovers {

        @Test
        void areCancelledAndTheirCleanupAwaited() {
            AtomicReference<Task<?>> task = new AtomicReference<>();
            String result = Runner.run(Mono.fromSupplier(() -> {
                task.set(Tasks.create(closingIn(ofMillis(50)).use(r -> Mono.never())));
                return "x";
            }));
            assertThat(result).isEqualTo("x");
            assertThat(task.get().isCancelled()).isTrue();
            assertThat(log).containsExactly("closed cancelled");
            assertThat(task.get().outcome().error())
                    .hasValueSatisfying(e -> assertThat(e).hasMessageContaining("the runner closes"));
        }

        @Test
        void ofAnyThreadBelongToTheOnlyRunner() {
            AtomicReference<Task<?>> task = new AtomicReference<>();
            Runner.run(Mono.delay(ofMillis(1)).doOnNext(tick -> task.set(Tasks.create(Mono.never()))));
            assertThat(task.get().isCancelled()).isTrue();
        }

        @Test
        void belongToTheRunnerOfTheirContext() {
            AtomicReference<Task<?>> task = new AtomicReference<>();
            Runner other = Runner.create();
            other.execute(Mono.empty());
            Runner.run(Mono.deferContextual(context ->
                    Mono.delay(ofMillis(1)).doOnNext(tick -> task.set(Tasks.create("mine", Mono.never(), context)))));
            assertThat(task.get().isCancelled()).isTrue();
            other.close();
        }

        @Test
        void ofNobodysThreadBelongToNobodyWhenThereAreTwoRunners() throws Exception {
            Runner first = Runner.create();
            Runner second = Runner.create();
            first.execute(Mono.empty());
            second.execute(Mono.empty());
            AtomicReference<Task<?>> task = new AtomicReference<>();
            Thread thread = new Thread(() -> task.set(Tasks.create(Mono.never())));
            thread.start();
            thread.join();
            first.close();
            second.close();
            assertThat(task.get().isDone()).isFalse();
            task.get().cancel();
        }

        @Test
        void thatCleanupStartsAreWaitedForThenCancelledToo() {
            List<Task<?>> spawned = new CopyOnWriteArrayList<>();
            AsyncResource<String> spawning = AsyncResource.of(Mono.just("r"), r -> {
                Task<?> needed = Tasks.create(Mono.delay(ofMillis(20)).doOnNext(tick -> log.add("flushed")));
                spawned.add(needed);
                spawned.add(Tasks.create(Mono.never()));
                return needed.await().then();
            });
            Runner.run(Mono.fromRunnable(() -> Tasks.create(spawning.use(r -> Mono.never()))));
            assertThat(log).containsExactly("flushed");
            assertThat(spawned).extracting(Task::state).containsExactly(TaskState.SUCCEEDED, TaskState.CANCELLED);
        }

        @Test
        void thatFailWhileItClosesAreReportedAndTheResultIsKept() {
            AsyncResource<String> broken = AsyncResource.of(Mono.just("r"), r -> Mono.error(new IOException("close")));
            String result = Runner.run(Mono.fromSupplier(() -> {
                Tasks.create(broken.use(r -> Mono.never()));
                return "x";
            }));
            assertThat(result).isEqualTo("x");
            assertThat(dropped).singleElement().satisfies(e -> assertThat(e).hasMessage("close"));
            dropped.clear();
        }

        @Test
        void thatFailInTimeAreTheCallersToRead() {
            AtomicReference<Task<?>> task = new AtomicReference<>();
            Runner.run(Mono.fromRunnable(() -> task.set(Tasks.create(Mono.error(new IOException("x"))))));
            assertThat(task.get().outcome().isFailure()).isTrue();
        }

        @Test
        void thatDoNotEndAreNamedAfterTheLimit() {
            try (Runner runner = Runner.create(ofMillis(50))) {
                runner.execute(Mono.fromRunnable(() ->
                        Tasks.create(AsyncResource.of(Mono.just("r"), r -> Mono.<Void>never())
                                .named("stuck db")
                                .use(r -> Mono.never()))));
            }
            assertThat(dropped)
                    .singleElement()
                    .satisfies(e -> assertThat(e)
                            .isInstanceOf(CleanupTimeoutException.class)
                            .hasMessageContaining("stuck db"));
            dropped.clear();
        }

        @Test
        void thatMultiplyForEverAreGivenUp() {
            AtomicReference<Runnable> multiply = new AtomicReference<>();
            AtomicReference<Boolean> stop = new AtomicReference<>(false);
            multiply.set(() -> Tasks.create(AsyncResource.of(Mono.just("r"), r -> {
                        if (!stop.get()) {
                            multiply.get().run();
                        }
                        return Mono.delay(ofMillis(5)).then();
                    })
                    .use(r -> Mono.never())));
            try (Runner runner = Runner.create(ofMillis(50))) {
                runner.execute(Mono.fromRunnable(multiply.get()));
            }
            stop.set(true);
            assertThat(dropped)
                    .singleElement()
                    .satisfies(e ->
                            assertThat(e).hasMessageContaining("the runner").hasMessageContaining("Task-"));
            dropped.clear();
            Tasks.all().forEach(Task::cancel);
            Mono.delay(ofMillis(5))
                    .repeat()
                    .takeWhile(tick -> !Tasks.all().isEmpty())
                    .blockLast(ofSeconds(10));
        }

        @Test
        void doNotIncludeBackgroundTasks() {
            BackgroundTasks background = BackgroundTasks.builder().name("audit").build();
            Sinks.Empty<Void> mayEnd = Sinks.empty();
            Runner.run(background.submit(mayEnd.asMono()));
            assertThat(background.active()).isEqualTo(1);
            mayEnd.tryEmitEmpty();
            background.close().block(ofSeconds(10));
        }
    }

    @Nested
    class Reuse {

        @Test
        void tasksLiveBetweenRunsAndEndAtTheClose() {
            AtomicReference<Task<?>> task = new AtomicReference<>();
            try (Runner runner = Runner.create()) {
                runner.execute(Mono.fromRunnable(() -> task.set(Tasks.create(Mono.never()))));
                assertThat(runner.<String>execute(Mono.just("second"))).isEqualTo("second");
                assertThat(task.get().isDone()).isFalse();
            }
            assertThat(task.get().isCancelled()).isTrue();
        }

        @Test
        void closedRunnerRefusesAndClosesTwice() {
            Runner runner = Runner.create();
            runner.close();
            runner.close();
            assertThatIllegalStateException()
                    .isThrownBy(() -> runner.execute(Mono.just("x")))
                    .withMessageContaining("closed");
        }

        @Test
        void runInsideARunIsRefused() {
            try (Runner runner = Runner.create()) {
                assertThatIllegalStateException()
                        .isThrownBy(() -> runner.execute(Mono.fromRunnable(() -> runner.execute(Mono.just("x")))))
                        .withMessageContaining("running already");
                assertThatIllegalStateException()
                        .isThrownBy(() -> runner.execute(Mono.fromRunnable(() -> Runner.run(Mono.just("x")))))
                        .withMessageContaining("flatMap");
                assertThat(runner.<String>execute(Mono.just("still fine"))).isEqualTo("still fine");
            }
        }
    }

    @Nested
    class OnTheWrongThread {

        @Test
        @Recipe(row = "44", value = "`Runner.run` on an event loop refuses and says what to do instead.")
        void saysWhatToDoInstead() {
            Mono<Object> nested = Mono.fromSupplier(() -> Runner.run(Mono.just("x")))
                    .cast(Object.class)
                    .subscribeOn(Schedulers.parallel());
            assertThatIllegalStateException()
                    .isThrownBy(() -> Runner.run(nested))
                    .withMessageContaining("parallel-")
                    .withMessageContaining("flatMap")
                    .withMessageContaining("Threads.toThread");
        }

        @Test
        void closeWithTasksLeftSaysTheSame() {
            Runner runner = Runner.create();
            runner.execute(Mono.fromRunnable(() -> Tasks.create(Mono.never())));
            assertThatIllegalStateException()
                    .isThrownBy(() -> Mono.fromRunnable(runner::close)
                            .subscribeOn(Schedulers.parallel())
                            .block());
            runner.close();
        }
    }

    @Nested
    class Stopping {

        @Test
        void interruptedThreadCancelsAndAwaitsTheCleanup() throws Exception {
            CountDownLatch running = new CountDownLatch(1);
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            AtomicReference<Boolean> flag = new AtomicReference<>();
            Thread thread = new Thread(() -> {
                thrown.set(catchThrowable(
                        () -> Runner.run(closingIn(ofMillis(50)).use(r -> {
                            running.countDown();
                            return Mono.never();
                        }))));
                flag.set(Thread.currentThread().isInterrupted());
            });
            thread.start();
            assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
            thread.interrupt();
            thread.join(10_000);
            assertThat(thrown.get()).isInstanceOf(TaskCancelledException.class).hasMessageContaining("interrupted");
            assertThat(log).containsExactly("closed cancelled");
            assertThat(flag.get()).isTrue();
        }

        @Test
        void secondInterruptGivesUpTheWait() throws Exception {
            CountDownLatch running = new CountDownLatch(1);
            CountDownLatch closing = new CountDownLatch(1);
            AtomicReference<CleanupLedger.Entry> stuck = new AtomicReference<>();
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            Runner runner = Runner.create();
            Thread thread =
                    new Thread(() -> thrown.set(catchThrowable(() -> runner.execute(Mono.deferContextual(context -> {
                        stuck.set(CleanupLedger.enter(context, "stuck"));
                        running.countDown();
                        return Mono.never().doOnCancel(closing::countDown);
                    })))));
            thread.start();
            assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
            thread.interrupt();
            assertThat(closing.await(10, TimeUnit.SECONDS)).isTrue();
            while (thread.isAlive()) {
                thread.interrupt();
                thread.join(10);
            }
            assertThat(thrown.get()).isInstanceOf(IllegalStateException.class).hasMessageContaining("has not ended");
            stuck.get().leave();
            runner.close();
        }

        @Test
        void firstSigintCancelsTheSecondGoesOn() throws Exception {
            Sigint.assumeDelivered();
            AtomicInteger before = new AtomicInteger();
            Object restored = handle(sigintCounter(before));
            try {
                CountDownLatch second = new CountDownLatch(1);
                Throwable thrown = catchThrowable(() -> Runner.run(AsyncResource.of(Mono.just("r"), r -> {
                            raise();
                            return Mono.delay(ofMillis(5))
                                    .repeat()
                                    .takeUntil(tick -> before.get() > 0)
                                    .doOnComplete(second::countDown)
                                    .then();
                        })
                        .use(r -> {
                            raise();
                            return Mono.never();
                        })));
                assertThat(thrown).isInstanceOf(TaskCancelledException.class).hasMessageContaining("SIGINT");
                assertThat(before).hasValue(1);
                assertThat(second.getCount()).isZero();
                raise();
                Mono.delay(ofMillis(5))
                        .repeat()
                        .takeWhile(tick -> before.get() < 2)
                        .blockLast(ofSeconds(10));
            } finally {
                handle(restored);
            }
        }

        @Test
        void handlerThatCameLaterStays() throws Exception {
            Sigint.assumeDelivered();
            AtomicInteger later = new AtomicInteger();
            Object counter = sigintCounter(later);
            Object original = handle(counter);
            handle(original);
            AtomicReference<Object> ours = new AtomicReference<>();
            Runner.run(Mono.fromRunnable(() -> {
                try {
                    ours.set(handle(counter));
                } catch (ReflectiveOperationException e) {
                    throw new AssertionError(e);
                }
            }));
            assertThat(ours.get()).hasToString("SIGINT handler of a Runner").isEqualTo(ours.get());
            assertThat(ours.get().hashCode()).isEqualTo(System.identityHashCode(ours.get()));
            assertThat(handle(original)).isSameAs(counter);
        }

        @Test
        void onlyOneOfTwoRunnersHandlesIt() throws Exception {
            Runner second = Runner.create();
            assertThat(Runner.<String>run(Mono.fromCallable(() -> {
                        Thread other = new Thread(() -> second.execute(Mono.just("x")));
                        other.start();
                        other.join(10_000);
                        return "fine";
                    })))
                    .isEqualTo("fine");
            second.close();
        }

        @Test
        void interruptedCloseGivesUpAndNamesWhatIsLeft() {
            AtomicReference<CleanupLedger.Entry> stuck = new AtomicReference<>();
            Runner runner = Runner.create();
            runner.execute(Mono.fromRunnable(() -> Tasks.create(Mono.deferContextual(context -> {
                stuck.set(CleanupLedger.enter(context, "stuck"));
                return Mono.never();
            }))));
            Thread.currentThread().interrupt();
            runner.close();
            assertThat(Thread.interrupted()).isTrue();
            assertThat(dropped)
                    .singleElement()
                    .satisfies(e ->
                            assertThat(e).hasMessageContaining("the runner").hasMessageContaining("CANCELLING"));
            dropped.clear();
            stuck.get().leave();
        }

        private Object sigintCounter(AtomicInteger count) throws ReflectiveOperationException {
            Class<?> type = Class.forName("sun.misc.SignalHandler");
            return Proxy.newProxyInstance(
                    type.getClassLoader(),
                    new Class<?>[] {type},
                    (proxy, method, arguments) -> switch (method.getName()) {
                        case "equals" -> proxy == arguments[0];
                        case "hashCode" -> 1;
                        case "toString" -> "counter";
                        default -> {
                            count.incrementAndGet();
                            yield null;
                        }
                    });
        }

        private Object handle(Object handler) throws ReflectiveOperationException {
            Class<?> signal = Class.forName("sun.misc.Signal");
            return signal.getMethod("handle", signal, Class.forName("sun.misc.SignalHandler"))
                    .invoke(null, sigint(), handler);
        }

        private Object sigint() throws ReflectiveOperationException {
            return Class.forName("sun.misc.Signal").getConstructor(String.class).newInstance("INT");
        }

        private void raise() {
            try {
                Class<?> signal = Class.forName("sun.misc.Signal");
                signal.getMethod("raise", signal).invoke(null, sigint());
            } catch (ReflectiveOperationException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Test
    void badArgumentsAreRefusedByName() {
        assertThatNullPointerException().isThrownBy(() -> Runner.run(null)).withMessage("main");
        assertThatNullPointerException()
                .isThrownBy(() -> Runner.create().execute(null))
                .withMessage("main");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Runner.create(Duration.ZERO))
                .withMessageContaining("cleanupLimit");
        assertThatExceptionOfType(NullPointerException.class).isThrownBy(() -> Runner.create(null));
    }
}
