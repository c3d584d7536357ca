package io.github.asyncio4j.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.internal.CleanupLedger;
import io.github.asyncio4j.time.DeadlineExceededException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.scheduler.VirtualTimeScheduler;
import reactor.test.util.RaceTestUtils;
import reactor.util.context.Context;

/** Each round lets two or three things happen at once; exactly one outcome, and nothing lost or left behind. */
class TaskRaceTest {

    private static final int ROUNDS = 10_000;

    private final ConcurrentLinkedQueue<Throwable> dropped = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Object> discarded = new ConcurrentLinkedQueue<>();
    private final CleanupLedger surrounding = CleanupLedger.open(Context.empty(), "surrounding");
    private final Context context =
            surrounding.storeIn(Context.empty()).put("reactor.onDiscard.local", (Consumer<Object>) discarded::add);

    @BeforeEach
    void watchDrops() {
        Hooks.onErrorDropped(dropped::add);
    }

    @AfterEach
    void nothingIsLeft() {
        Hooks.resetOnErrorDropped();
        assertThat(dropped).isEmpty();
        assertThat(surrounding.isEmpty()).isTrue();
        assertThat(Tasks.all()).isEmpty();
        assertThat(TaskRegistry.scopes()).isEmpty();
    }

    /** One subscriber: what it was told, and how often. */
    private static final class Ends {
        final AtomicInteger count = new AtomicInteger();
        final AtomicReference<Object> value = new AtomicReference<>();
        final AtomicReference<Throwable> error = new AtomicReference<>();

        <T> Disposable subscribeTo(Mono<T> mono, Context context) {
            return mono.contextWrite(context)
                    .subscribe(
                            value::set,
                            e -> {
                                error.set(e);
                                count.incrementAndGet();
                            },
                            count::incrementAndGet);
        }
    }

    /** Emits when told, even after a cancel: the value must then be discarded. */
    private static final class Source extends Mono<Object> {
        private final AtomicReference<reactor.core.CoreSubscriber<? super Object>> actual = new AtomicReference<>();

        @Override
        public void subscribe(reactor.core.CoreSubscriber<? super Object> subscriber) {
            actual.set(subscriber);
            subscriber.onSubscribe(reactor.core.publisher.Operators.emptySubscription());
        }

        void emit(Object value) {
            actual.get().onNext(value);
            actual.get().onComplete();
        }
    }

    @Nested
    class OfATask {

        @Test
        void valueMeetsCancelMeetsAnotherCancel() {
            for (int round = 0; round < ROUNDS; round++) {
                Source source = new Source();
                Task<Object> task = Tasks.create("t", source, context);
                Ends ends = new Ends();
                ends.subscribeTo(task.await(), context);
                AtomicInteger accepted = new AtomicInteger();
                discarded.clear();
                RaceTestUtils.race(
                        () -> source.emit("v"),
                        () -> accepted.addAndGet(task.cancel("one") ? 1 : 0),
                        () -> accepted.addAndGet(task.cancel("two") ? 1 : 0));
                assertThat(task.isDone()).isTrue();
                assertThat(ends.count).hasValue(1);
                if (task.isCancelled()) {
                    assertThat(accepted.get()).isPositive();
                    assertThat(discarded).containsExactly("v");
                    assertThat(ends.error.get()).isInstanceOf(TaskCancelledException.class);
                } else {
                    assertThat(accepted).hasValue(0);
                    assertThat(discarded).isEmpty();
                    assertThat(ends.value).hasValue("v");
                }
            }
        }

        @Test
        void endMeetsAWaiterThatLeavesAndACallbackThatComes() {
            for (int round = 0; round < ROUNDS; round++) {
                Sinks.One<Integer> source = Sinks.one();
                Task<Integer> task = Tasks.create("t", source.asMono(), context);
                Ends leaving = new Ends();
                Ends staying = new Ends();
                Disposable waiter = leaving.subscribeTo(task.await(), context);
                AtomicInteger called = new AtomicInteger();
                RaceTestUtils.race(
                        () -> source.tryEmitValue(1),
                        waiter::dispose,
                        () -> task.onDone(t -> called.incrementAndGet()),
                        () -> staying.subscribeTo(task.settled(), context));
                assertThat(leaving.count.get()).isLessThanOrEqualTo(1);
                assertThat(staying.count).hasValue(1);
                assertThat(called).hasValue(1);
                assertThat(((DefaultTask<?>) task).waiters().size()).isZero();
            }
        }

        @Test
        void cancelMeetsTheStartOfTheWork() {
            for (int round = 0; round < ROUNDS; round++) {
                AtomicInteger running = new AtomicInteger();
                Sinks.Empty<Void> gate = Sinks.empty();
                Task<Object> task = Tasks.create(
                        "t",
                        gate.asMono()
                                .then(Mono.never()
                                        .doOnSubscribe(s -> running.incrementAndGet())
                                        .doOnCancel(running::decrementAndGet)),
                        context);
                RaceTestUtils.race(gate::tryEmitEmpty, () -> task.cancel("stop"));
                assertThat(task.isCancelled()).isTrue();
                assertThat(running).hasValue(0);
            }
        }

        @Test
        void cleanupMeetsTheWait() {
            for (int round = 0; round < ROUNDS; round++) {
                Sinks.Empty<Void> cleanup = Sinks.empty();
                Cleaning work = Cleaning.with("c", cleanup.asMono());
                Task<Object> task = Tasks.create("t", work, context);
                task.cancel("stop");
                assertThat(surrounding.isEmpty()).isFalse();
                Ends ends = new Ends();
                RaceTestUtils.race(cleanup::tryEmitEmpty, () -> ends.subscribeTo(task.cancelAndJoin("again"), context));
                assertThat(ends.count).hasValue(1);
                assertThat(ends.error).hasNullValue();
                assertThat(surrounding.isEmpty()).isTrue();
            }
        }
    }

    @Nested
    class OfAGroup {

        @Test
        void childEndsWhileAnotherFailsWhileTheSubscriberLeaves() {
            IOException boom = new IOException("boom");
            for (int round = 0; round < ROUNDS; round++) {
                Sinks.One<Integer> child = Sinks.one();
                Sinks.One<Integer> failing = Sinks.one();
                Ends ends = new Ends();
                Disposable subscriber = ends.subscribeTo(
                        TaskGroup.using(group -> {
                            group.createTask(child.asMono());
                            group.createTask(failing.asMono());
                            return Mono.just("body");
                        }),
                        context);
                RaceTestUtils.race(() -> child.tryEmitValue(1), () -> failing.tryEmitError(boom), subscriber::dispose);
                assertThat(ends.count.get()).isLessThanOrEqualTo(1);
                assertThat(ends.value).hasNullValue();
                assertThat(surrounding.isEmpty()).isTrue();
                assertThat(TaskRegistry.scopes()).isEmpty();
                dropped.removeIf(error -> error == boom); // it came when nobody was there to hear it
                discarded.clear();
            }
        }

        @Test
        void groupCancelMeetsTheEndMeetsAFailure() {
            for (int round = 0; round < ROUNDS; round++) {
                Sinks.One<Integer> child = Sinks.one();
                Sinks.One<Integer> body = Sinks.one();
                AtomicReference<TaskGroup> group = new AtomicReference<>();
                Ends ends = new Ends();
                ends.subscribeTo(
                        TaskGroup.using(g -> {
                            group.set(g);
                            g.createTask(child.asMono());
                            return body.asMono();
                        }),
                        context);
                RaceTestUtils.race(
                        () -> group.get().cancel("enough"),
                        () -> child.tryEmitError(new IOException("boom")),
                        () -> body.tryEmitValue(7));
                assertThat(ends.count).hasValue(1);
                dropped.removeIf(error -> error instanceof IOException); // it came after the cancel
                assertThat(TaskRegistry.scopes()).isEmpty();
            }
        }

        @Test
        void timeoutMeetsTheEnd() {
            // Real ones, one for each: made before the clock takes over.
            Scheduler threads = Schedulers.fromExecutorService(Executors.newCachedThreadPool());
            VirtualTimeScheduler clock = VirtualTimeScheduler.getOrSet();
            try {
                for (int round = 0; round < ROUNDS; round++) {
                    Sinks.One<Integer> child = Sinks.one();
                    Ends ends = new Ends();
                    ends.subscribeTo(
                            TaskGroup.builder()
                                    .timeout(Duration.ofSeconds(1))
                                    .using(g -> g.createTask(child.asMono()).await()),
                            context);
                    RaceTestUtils.race(
                            threads, () -> clock.advanceTimeBy(Duration.ofSeconds(1)), () -> child.tryEmitValue(7));
                    assertThat(ends.count).hasValue(1);
                    if (ends.error.get() == null) {
                        assertThat(ends.value).hasValue(7);
                    } else {
                        assertThat(ends.error.get()).isInstanceOf(DeadlineExceededException.class);
                    }
                    assertThat(surrounding.isEmpty()).isTrue();
                }
            } finally {
                VirtualTimeScheduler.reset();
                threads.dispose();
            }
        }

        @Test
        void newChildMeetsTheEndOfTheLast() {
            for (int round = 0; round < ROUNDS; round++) {
                Sinks.Empty<Void> last = Sinks.empty();
                Sinks.Empty<Void> late = Sinks.empty();
                AtomicReference<TaskGroup> group = new AtomicReference<>();
                AtomicInteger refused = new AtomicInteger();
                Ends ends = new Ends();
                ends.subscribeTo(
                        TaskGroup.using(g -> {
                            group.set(g);
                            g.createTask(last.asMono());
                            return Mono.just("body");
                        }),
                        context);
                RaceTestUtils.race(last::tryEmitEmpty, () -> {
                    try {
                        group.get().createTask(late.asMono());
                    } catch (IllegalStateException e) {
                        refused.incrementAndGet();
                    }
                });
                assertThat(ends.count.get()).isEqualTo(refused.get());
                late.tryEmitEmpty();
                assertThat(ends.count).hasValue(1);
                assertThat(ends.value).hasValue("body");
            }
        }

        @Test
        void placesThatBecomeFreeAtOnceAreAllTaken() {
            for (int round = 0; round < ROUNDS; round++) {
                List<Sinks.One<Integer>> sources = List.of(Sinks.one(), Sinks.one(), Sinks.one(), Sinks.one());
                AtomicInteger started = new AtomicInteger();
                AtomicReference<Task<Integer>> third = new AtomicReference<>();
                Ends ends = new Ends();
                ends.subscribeTo(
                        TaskGroup.builder().maxConcurrency(2).using(g -> {
                            for (Sinks.One<Integer> source : sources) {
                                Task<Integer> task =
                                        g.createTask(source.asMono().doOnSubscribe(s -> started.incrementAndGet()));
                                if (source == sources.get(2)) {
                                    third.set(task);
                                }
                            }
                            return Mono.just("body");
                        }),
                        context);
                RaceTestUtils.race(
                        () -> sources.get(0).tryEmitValue(0),
                        () -> sources.get(1).tryEmitValue(1),
                        () -> third.get().cancel("unwanted"));
                assertThat(third.get().isCancelled()).isTrue();
                assertThat(ends.count).hasValue(0);
                sources.get(3).tryEmitValue(3);
                assertThat(started.get()).isBetween(3, 4);
                assertThat(ends.count).hasValue(1);
            }
        }

        @Test
        void readinessMeetsTheStarterThatLeavesMeetsAFailure() {
            for (int round = 0; round < ROUNDS; round++) {
                AtomicReference<Consumer<Integer>> started = new AtomicReference<>();
                AtomicReference<Disposable> starter = new AtomicReference<>();
                Sinks.Empty<Void> service = Sinks.empty();
                Ends starting = new Ends();
                Ends ends = new Ends();
                ends.subscribeTo(
                        TaskGroup.using(g -> {
                            starter.set(starting.subscribeTo(
                                    g.<Integer>start(ready -> {
                                        started.set(ready);
                                        return service.asMono();
                                    }),
                                    context));
                            return Mono.just("body");
                        }),
                        context);
                RaceTestUtils.race(
                        () -> started.get().accept(1),
                        () -> starter.get().dispose(),
                        () -> service.tryEmitError(new IOException("boom")));
                assertThat(starting.count.get()).isLessThanOrEqualTo(1);
                assertThat(ends.count).hasValue(1);
                dropped.removeIf(error -> error instanceof IOException); // it came after the cancel
                discarded.clear();
            }
        }
    }

    @Nested
    class OfOwners {

        @Test
        void shieldedFailureIsToldOnce() {
            AtomicInteger reported = new AtomicInteger();
            BackgroundTasks background = BackgroundTasks.builder()
                    .onError((task, error) -> reported.incrementAndGet())
                    .build();
            for (int round = 0; round < ROUNDS; round++) {
                reported.set(0);
                Sinks.Empty<Void> work = Sinks.empty();
                AtomicInteger seen = new AtomicInteger();
                Task<Void> task =
                        background.createTask(Tasks.shield(work.asMono()).onErrorResume(e -> {
                            seen.incrementAndGet();
                            return Mono.empty();
                        }));
                RaceTestUtils.race(() -> work.tryEmitError(new IOException("boom")), () -> task.cancel("leave"));
                assertThat(seen.get() + reported.get()).isEqualTo(1);
                assertThat(background.active()).isZero();
            }
        }

        @Test
        void closeMeetsANewTaskMeetsTheEndOfAnother() {
            for (int round = 0; round < ROUNDS; round++) {
                BackgroundTasks background = BackgroundTasks.builder().build();
                Sinks.Empty<Void> old = Sinks.empty();
                Sinks.Empty<Void> young = Sinks.empty();
                background.createTask(old.asMono());
                Ends closed = new Ends();
                RaceTestUtils.race(
                        old::tryEmitEmpty, () -> closed.subscribeTo(background.close(), Context.empty()), () -> {
                            try {
                                background.createTask(young.asMono());
                            } catch (RejectedExecutionException e) {
                                young.tryEmitEmpty();
                            }
                        });
                assertThat(closed.count.get()).isEqualTo(background.active() == 0 ? 1 : 0);
                young.tryEmitEmpty();
                assertThat(closed.count).hasValue(1);
            }
        }

        @Test
        void waitUntilAnswersOnce() {
            for (int round = 0; round < ROUNDS; round++) {
                Sinks.One<Integer> one = Sinks.one();
                Sinks.One<Integer> two = Sinks.one();
                Task<Integer> first = Tasks.create(one.asMono());
                Task<Integer> second = Tasks.create(two.asMono());
                Ends ends = new Ends();
                Ends leaving = new Ends();
                ends.subscribeTo(Tasks.waitUntil(ReturnWhen.FIRST_COMPLETED, List.of(first, second)), context);
                Disposable left =
                        leaving.subscribeTo(Tasks.waitUntil(ReturnWhen.ALL_COMPLETED, List.of(first, second)), context);
                RaceTestUtils.race(() -> one.tryEmitValue(1), () -> two.tryEmitValue(2), left::dispose);
                assertThat(ends.count).hasValue(1);
                assertThat(leaving.count.get()).isLessThanOrEqualTo(1);
                discarded.clear();
            }
        }
    }
}
