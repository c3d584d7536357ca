package io.github.asyncio4j.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;
import reactor.util.context.Context;

class TaskTest {

    @AfterEach
    void nothingIsLeftRunning() {
        assertThat(Tasks.all()).isEmpty();
    }

    @Nested
    class Ending {

        @Test
        void runsAtOnceAndKeepsItsValue() {
            Task<String> task = Tasks.create(Mono.just("a"));
            assertThat(task.isDone()).isTrue();
            assertThat(task.state()).isEqualTo(TaskState.SUCCEEDED);
            assertThat(task.outcome()).isEqualTo(new Outcome.Success<>("a"));
            StepVerifier.create(task.await()).expectNext("a").verifyComplete();
            StepVerifier.create(task.await()).expectNext("a").verifyComplete();
        }

        @Test
        void emptyWorkEndsEmpty() {
            Task<Void> task = Tasks.create(Mono.empty());
            assertThat(task.outcome().isEmpty()).isTrue();
            StepVerifier.create(task.await()).verifyComplete();
        }

        @Test
        void errorIsKeptAndNotThrownFromCreate() {
            IOException boom = new IOException("boom");
            Task<String> task = Tasks.create(Mono.error(boom));
            assertThat(task.state()).isEqualTo(TaskState.FAILED);
            assertThat(task.outcome().error()).containsSame(boom);
            StepVerifier.create(task.await())
                    .verifyErrorSatisfies(e -> assertThat(e).isSameAs(boom));
            StepVerifier.create(task.settled())
                    .expectNext(new Outcome.Failure<>(boom))
                    .verifyComplete();
        }

        @Test
        void outcomeBeforeTheEndIsAnError() {
            Task<String> task = Tasks.create(Mono.never());
            assertThatThrownBy(task::outcome)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(task.name());
            task.cancel();
        }

        @Test
        void runsOnceForManyWaiters() {
            AtomicInteger runs = new AtomicInteger();
            Sinks.One<String> source = Sinks.one();
            Task<String> task = Tasks.create(Mono.defer(() -> {
                runs.incrementAndGet();
                return source.asMono();
            }));
            List<String> seen = new ArrayList<>();
            task.await().subscribe(seen::add);
            task.await().subscribe(seen::add);
            source.tryEmitValue("x");
            assertThat(seen).containsExactly("x", "x");
            assertThat(runs).hasValue(1);
        }

        @Test
        void valueCountsOnlyWhenTheSourceHasCompleted() {
            TestPublisher<String> source = TestPublisher.create();
            Task<String> task = Tasks.create(Mono.fromDirect(source));
            source.next("a");
            assertThat(task.isDone()).isFalse();
            source.complete();
            assertThat(task.outcome().value()).contains("a");
        }

        @Test
        void workThatRaisesACancellationEndsCancelled() {
            CancellationException raised = new CancellationException("elsewhere");
            Task<String> task = Tasks.create(Mono.error(raised));
            assertThat(task.isCancelled()).isTrue();
            StepVerifier.create(task.await())
                    .verifyErrorSatisfies(e -> assertThat(e).isSameAs(raised));
        }
    }

    @Nested
    class Cancelling {

        @Test
        void tellsWaitersTaskAndReason() {
            Task<String> task = Tasks.create("fetch", Mono.never(), Context.empty());
            AtomicReference<Throwable> seen = new AtomicReference<>();
            task.await().subscribe(null, seen::set);
            assertThat(task.cancel("shutting down")).isTrue();
            assertThat(task.isCancelled()).isTrue();
            assertThat(seen.get()).isInstanceOfSatisfying(TaskCancelledException.class, e -> {
                assertThat(e.task()).isEqualTo("fetch");
                assertThat(e.reason()).isEqualTo("shutting down");
                assertThat(e).hasMessage("fetch was cancelled: shutting down");
                assertThat(e.getCause()).isNull();
            });
            assertThat(task.cancel("again")).isFalse();
        }

        @Test
        void endsAfterItsCleanup() {
            StepVerifier.withVirtualTime(() -> {
                        Cleaning work = Cleaning.in(Duration.ofMillis(300));
                        Task<Object> task = Tasks.create(work);
                        assertThat(task.cancel("why")).isTrue();
                        assertThat(task.state()).isEqualTo(TaskState.CANCELLING);
                        assertThat(task.isDone()).isFalse();
                        assertThat(task.cancel("again")).isTrue();
                        return task.settled()
                                .doOnNext(end -> assertThat(work.cleaned).hasValue(1));
                    })
                    .expectSubscription()
                    .expectNoEvent(Duration.ofMillis(299))
                    .thenAwait(Duration.ofMillis(1))
                    .assertNext(end -> assertThat(end.isCancelled()).isTrue())
                    .verifyComplete();
        }

        @Test
        void failureOfItsCleanupIsKept() {
            IllegalStateException close = new IllegalStateException("close");
            Task<Object> task = Tasks.create(Cleaning.with("db", Mono.error(close)));
            task.cancel("why");
            assertThat(task.state()).isEqualTo(TaskState.CANCELLED);
            Throwable error = task.outcome().error().orElseThrow();
            assertThat(error).isInstanceOf(TaskCancelledException.class).hasSuppressedException(close);
        }

        @Test
        void valueThatArrivedIsKept() {
            TestPublisher<String> source = TestPublisher.create();
            Task<String> task = Tasks.create(Mono.fromDirect(source));
            source.next("a");
            assertThat(task.cancel("late")).isFalse();
            assertThat(task.outcome().value()).contains("a");
            source.assertCancelled();
        }

        @Test
        void valueThatArrivesLaterIsDiscarded() {
            TestPublisher<String> source =
                    TestPublisher.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);
            List<Object> discarded = new ArrayList<>();
            Task<String> task = Tasks.create(
                    "t",
                    Mono.fromDirect(source.flux()).hide(),
                    Context.of("reactor.onDiscard.local", (java.util.function.Consumer<Object>) discarded::add));
            assertThat(task.cancel("early")).isTrue();
            ((DefaultTask<String>) task).onNext("late");
            assertThat(discarded).containsExactly("late");
        }

        @Test
        void cancelAndJoinCompletesAfterTheCleanup() {
            StepVerifier.withVirtualTime(() ->
                            Tasks.create(Cleaning.in(Duration.ofSeconds(1))).cancelAndJoin("why"))
                    .expectSubscription()
                    .expectNoEvent(Duration.ofMillis(999))
                    .thenAwait(Duration.ofMillis(1))
                    .verifyComplete();
        }

        @Test
        void aTaskMayCancelItself() {
            AtomicReference<Task<String>> self = new AtomicReference<>();
            Sinks.Empty<Void> go = Sinks.empty();
            Task<String> task = Tasks.create(go.asMono()
                    .then(Mono.defer(() -> self.get().cancelAndJoin("done here")))
                    .thenReturn("never"));
            self.set(task);
            go.tryEmitEmpty();
            assertThat(task.isCancelled()).isTrue();
        }
    }

    @Nested
    class Awaiting {

        @Test
        void leavingTheWaitLeavesTheTaskAlone() {
            Sinks.One<String> source = Sinks.one();
            Task<String> task = Tasks.create(source.asMono());
            List<String> seen = new ArrayList<>();
            Disposable first = task.await().subscribe(seen::add);
            task.await().subscribe(seen::add);
            first.dispose();
            assertThat(task.isDone()).isFalse();
            source.tryEmitValue("x");
            assertThat(seen).containsExactly("x");
        }

        @Test
        void honoursTheRequest() {
            Task<String> done = Tasks.create(Mono.just("a"));
            StepVerifier.create(done.await(), 0)
                    .expectSubscription()
                    .thenRequest(1)
                    .expectNext("a")
                    .verifyComplete();
        }

        @Test
        void ownTaskIsAnErrorInsteadOfADeadlock() {
            AtomicReference<Task<String>> self = new AtomicReference<>();
            Sinks.Empty<Void> go = Sinks.empty();
            Task<String> task =
                    Tasks.create(go.asMono().then(Mono.defer(() -> self.get().await())));
            self.set(task);
            go.tryEmitEmpty();
            assertThat(task.outcome().error().orElseThrow())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("cannot await itself");
        }

        @Test
        void aLongChainNeedsNoStack() {
            Sinks.One<Integer> source = Sinks.one();
            Task<Integer> last = Tasks.create(source.asMono());
            for (int i = 0; i < 100_000; i++) {
                last = Tasks.create(last.await());
            }
            source.tryEmitValue(7);
            assertThat(last.outcome().value()).contains(7);
        }

        @Test
        void waitersAndCallbacksAreServedInOrder() {
            Sinks.One<String> source = Sinks.one();
            Task<String> task = Tasks.create(source.asMono());
            List<String> order = new ArrayList<>();
            task.await().subscribe(x -> order.add("await"));
            task.onDone(t -> order.add("callback"));
            task.settled().subscribe(x -> order.add("settled"));
            source.tryEmitValue("x");
            task.onDone(t -> order.add("after"));
            assertThat(order).containsExactly("await", "callback", "settled", "after");
        }

        @Test
        void callbackAddedInACallbackRunsBehindThoseThatWait() {
            Sinks.One<String> source = Sinks.one();
            Task<String> task = Tasks.create(source.asMono());
            List<String> order = new ArrayList<>();
            task.onDone(t -> {
                task.onDone(u -> order.add("added"));
                order.add("first");
            });
            task.onDone(t -> order.add("second"));
            source.tryEmitValue("x");
            assertThat(order).containsExactly("first", "second", "added");
        }
    }

    @Nested
    class Unlooked {

        @Test
        void failureThatNobodyLookedAtIsReportedWhenTheTaskIsCollected() throws Exception {
            assertThat(reported(
                            () -> Tasks.create("watched", Mono.error(new IOException("forgotten")), Context.empty())))
                    .containsExactly("forgotten");
        }

        @Test
        void failingCleanupOfACancelledTaskIsReportedToo() throws Exception {
            assertThat(reported(() -> Tasks.create(
                                    "watched",
                                    Cleaning.with("db", Mono.error(new IOException("close"))),
                                    Context.empty())
                            .cancel("unwanted")))
                    .singleElement()
                    .asString()
                    .contains("unwanted");
        }

        @Test
        void failureThatWasSeenIsNot() throws Exception {
            assertThat(reported(() -> {
                        Tasks.create("watched", Mono.error(new IOException("awaited")), Context.empty())
                                .await()
                                .subscribe(null, e -> {});
                        Tasks.create("watched", Mono.error(new IOException("settled")), Context.empty())
                                .settled()
                                .subscribe();
                        Task<Object> task =
                                Tasks.create("watched", Mono.error(new IOException("asked")), Context.empty());
                        task.outcome();
                        Sinks.Empty<Void> source = Sinks.empty();
                        Task<Void> waited = Tasks.create("watched", source.asMono(), Context.empty());
                        waited.await().subscribe(null, e -> {});
                        source.tryEmitError(new IOException("waited for"));
                        Tasks.create("watched", Mono.never(), Context.empty()).cancel("cancelled");
                        Tasks.create("watched", Mono.error(new IOException("the only one")), Context.empty());
                    }))
                    .containsExactly("the only one");
        }

        private List<String> reported(Runnable creation) throws Exception {
            LinkedBlockingQueue<String> dropped = new LinkedBlockingQueue<>();
            BiConsumer<String, Throwable> before = Unobserved.report;
            Unobserved.report = (message, error) -> {
                if (message.startsWith("watched")) {
                    dropped.add(String.valueOf(error.getMessage()));
                }
            };
            try {
                creation.run();
                List<String> all = new ArrayList<>();
                for (int i = 0; i < 100 && all.isEmpty(); i++) {
                    System.gc();
                    String first = dropped.poll(100, TimeUnit.MILLISECONDS);
                    if (first != null) {
                        all.add(first);
                    }
                }
                dropped.drainTo(all);
                return all;
            } finally {
                Unobserved.report = before;
            }
        }
    }

    @Nested
    class Describing {

        @Test
        void hasANumberAndANameAndTellsItsState() {
            Task<Object> plain = Tasks.create(Mono.never());
            Task<Object> named = Tasks.create("fetch", Mono.never(), Context.empty());
            assertThat(plain.name()).isEqualTo("Task-" + plain.id());
            assertThat(named.id()).isGreaterThan(plain.id());
            assertThat(plain).hasToString(plain.name() + " RUNNING");
            assertThat(named).hasToString("fetch (Task-" + named.id() + ") RUNNING");
            assertThat(plain.isDisposed()).isFalse();
            plain.dispose();
            named.cancel();
            assertThat(named).hasToString("fetch (Task-" + named.id() + ") CANCELLED");
            assertThat(plain.isDisposed()).isTrue();
            assertThat(plain.parent()).isEmpty();
            assertThat(plain.waitingFor()).isEmpty();
        }

        @Test
        void currentIsTheTaskThatThePipelineIsPartOf() {
            StepVerifier.create(Tasks.current()).verifyComplete();
            Task<Task<?>> task = Tasks.create(Tasks.current());
            assertThat(task.outcome().orElseThrow()).isSameAs(task);
            Task<Boolean> outer = Tasks.create(Tasks.current()
                    .flatMap(self -> TaskGroup.using(
                            group -> group.createTask(Tasks.current()).await().map(inner -> inner != self))));
            assertThat(outer.outcome().value()).contains(true);
        }

        @Test
        void allListsTheUnfinishedOnesOldestFirst() {
            Task<Object> first = Tasks.create(Mono.never());
            Tasks.create(Mono.just(1));
            Task<Object> second = Tasks.create(Mono.never());
            assertThat(Tasks.all()).containsExactly(first, second);
            first.cancel();
            assertThat(Tasks.all()).containsExactly(second);
            second.cancel();
        }

        @Test
        void aTaskOfAnEndedParentHoldsNothingOfItsPast() {
            AtomicReference<Task<Object>> child = new AtomicReference<>();
            Task<Object> parent = Tasks.create(Mono.deferContextual(context -> {
                child.set(Tasks.create("child", Mono.never(), context));
                assertThat(child.get().parent()).isPresent();
                return Mono.empty();
            }));
            assertThat(child.get().parent()).containsSame(parent);
            child.get().cancel();
            assertThat(child.get().parent()).isEmpty();
        }

        @Test
        void isScannable() {
            Task<Object> task = Tasks.create("fetch", Mono.never(), Context.empty());
            Scannable scanned = Scannable.from(task);
            assertThat(scanned.name()).isEqualTo("fetch");
            assertThat(scanned.scan(Scannable.Attr.TERMINATED)).isFalse();
            assertThat(scanned.scan(Scannable.Attr.CANCELLED)).isFalse();
            assertThat(scanned.scan(Scannable.Attr.ERROR)).isNull();
            assertThat(scanned.scan(Scannable.Attr.RUN_STYLE)).isEqualTo(Scannable.Attr.RunStyle.SYNC);
            task.cancel();
            assertThat(scanned.scan(Scannable.Attr.CANCELLED)).isTrue();
            assertThat(scanned.scan(Scannable.Attr.ERROR)).isInstanceOf(TaskCancelledException.class);
            assertThat(Scannable.from(task.await()).scan(Scannable.Attr.RUN_STYLE))
                    .isEqualTo(Scannable.Attr.RunStyle.SYNC);
        }
    }

    @Nested
    class Misbehaving {

        @Test
        void aSecondValueIsDropped() {
            TestPublisher<String> source =
                    TestPublisher.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);
            StepVerifier.create(Mono.fromRunnable(() -> {
                        Task<String> task = Tasks.create(Mono.fromDirect(source));
                        source.next("a").next("b").complete();
                        assertThat(task.outcome().value()).contains("a");
                    }))
                    .expectComplete()
                    .verifyThenAssertThat()
                    .hasDropped("b");
        }

        @Test
        void anErrorAfterTheValueIsTheOutcomeAndTheValueIsDiscarded() {
            TestPublisher<String> source = TestPublisher.create();
            List<Object> discarded = new ArrayList<>();
            Task<String> task = Tasks.create(
                    "t",
                    Mono.fromDirect(source),
                    Context.of("reactor.onDiscard.local", (java.util.function.Consumer<Object>) discarded::add));
            source.next("a").error(new IOException("late"));
            assertThat(task.state()).isEqualTo(TaskState.FAILED);
            assertThat(discarded).containsExactly("a");
        }

        @Test
        void lateErrorsOfACancelledTaskAreDroppedButForOurOwnFallout() {
            StepVerifier.create(Mono.fromRunnable(() -> {
                        Task<String> task = Tasks.create(Mono.never());
                        task.cancel();
                        ((DefaultTask<String>) task).onError(new InterruptedException());
                        ((DefaultTask<String>) task).onError(new CancellationException());
                        ((DefaultTask<String>) task).onError(new IOException("real"));
                    }))
                    .expectComplete()
                    .verifyThenAssertThat()
                    .hasDroppedErrorWithMessage("real");
        }

        @Test
        void callbackThatThrowsHarmsNobody() {
            List<String> order = new ArrayList<>();
            StepVerifier.create(Mono.fromRunnable(() -> {
                        Sinks.Empty<Void> source = Sinks.empty();
                        Task<Void> task = Tasks.create(source.asMono());
                        task.onDone(t -> {
                            throw new IllegalStateException("callback");
                        });
                        task.onDone(t -> order.add("second"));
                        source.tryEmitEmpty();
                        assertThat(task.state()).isEqualTo(TaskState.SUCCEEDED);
                    }))
                    .expectComplete()
                    .verifyThenAssertThat()
                    .hasDroppedErrorWithMessage("callback");
            assertThat(order).containsExactly("second");
        }

        @Test
        void fatalErrorInSubscribeEndsTheTaskAndIsRethrown() {
            Mono<Object> fatal = Mono.defer(() -> {
                throw new OutOfMemoryError("not really");
            });
            assertThatThrownBy(() -> Tasks.create(fatal)).isInstanceOf(OutOfMemoryError.class);
        }

        @Test
        void cleanupThatFailsAfterSuccessIsTheOutcome() {
            IOException close = new IOException("close");
            Task<String> task = Tasks.create(Cleaning.with("db", Mono.error(close))
                    .map(Object::toString)
                    .timeout(Duration.ofMillis(1), Mono.just("fallback")));
            StepVerifier.create(task.settled())
                    .assertNext(end -> assertThat(end.error()).containsSame(close))
                    .verifyComplete();
        }
    }
}
