package io.github.asyncio4j.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.asyncio4j.internal.Expiry;
import io.github.asyncio4j.internal.WaitProbe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

class AsyncQueueTest {

    private static final Duration LIMIT = Duration.ofSeconds(10);

    /** Subscribes and keeps what arrives: "next", "done" or the error. */
    private static <T> List<Object> record(Mono<T> mono) {
        List<Object> signals = new ArrayList<>();
        mono.subscribe(signals::add, signals::add, () -> signals.add("done"));
        return signals;
    }

    private static <T> List<T> everything(AsyncQueue<T> queue) {
        List<T> items = new ArrayList<>();
        for (Optional<T> item = queue.poll(); item.isPresent(); item = queue.poll()) {
            items.add(item.get());
        }
        return items;
    }

    private static void assertNobodyWaits(AsyncQueue<?> queue) {
        assertThat(queue.statistics().waitingToPut()).isZero();
        assertThat(queue.statistics().waitingToTake()).isZero();
    }

    @Nested
    class Order {

        @Test
        void firstInFirstOut() {
            AsyncQueue<Integer> queue = AsyncQueue.unbounded();
            Flux.range(1, 5).concatMap(queue::put).blockLast(LIMIT);
            assertThat(everything(queue)).containsExactly(1, 2, 3, 4, 5);
        }

        @Test
        void lifoGivesTheNewestFirst() {
            AsyncQueue<Integer> queue = AsyncQueue.lifo(5);
            Flux.range(1, 5).concatMap(queue::put).blockLast(LIMIT);
            assertThat(everything(queue)).containsExactly(5, 4, 3, 2, 1);
        }

        @Test
        void priorityGivesTheSmallestFirstAndEqualsAsTheyCame() {
            AsyncQueue<String> queue = AsyncQueue.priority(10, Comparator.comparing(String::length));
            Flux.just("ccc", "a1", "bb", "x", "aa", "y").concatMap(queue::put).blockLast(LIMIT);
            assertThat(everything(queue)).containsExactly("x", "y", "a1", "bb", "aa", "ccc");
        }

        @Test
        void takersAreServedInTheOrderTheyCame() {
            AsyncQueue<String> queue = AsyncQueue.bounded(1);
            List<Object> first = record(queue.take());
            List<Object> second = record(queue.take());
            assertThat(queue.offer("a")).isTrue();
            assertThat(first).containsExactly("a", "done");
            assertThat(second).isEmpty();
            assertThat(queue.offer("b")).isTrue();
            assertThat(second).containsExactly("b", "done");
            assertNobodyWaits(queue);
        }

        @Test
        void puttersAreServedInTheOrderTheyCame() {
            AsyncQueue<String> queue = AsyncQueue.bounded(1);
            queue.offer("a");
            List<Object> second = record(queue.put("b"));
            List<Object> third = record(queue.put("c"));
            assertThat(queue.poll()).contains("a");
            assertThat(second).containsExactly("done");
            assertThat(third).isEmpty();
            assertThat(everything(queue)).containsExactly("b", "c");
            assertThat(third).containsExactly("done");
        }

        @Test
        void aWaitingPriorityPutIsRankedWhenItGetsIn() {
            AsyncQueue<Integer> queue = AsyncQueue.priority(2, Comparator.naturalOrder());
            queue.offer(5);
            queue.offer(7);
            queue.put(1).subscribe();
            queue.put(6).subscribe();
            assertThat(everything(queue)).containsExactly(5, 1, 6, 7);
        }

        @Test
        void aComparatorThatThrowsFailsThatPutOnly() {
            AsyncQueue<Integer> queue = AsyncQueue.priority(3, (a, b) -> {
                if (a == 13 || b == 13) {
                    throw new IllegalStateException("unlucky");
                }
                return Integer.compare(a, b);
            });
            queue.offer(2);
            queue.offer(1);
            StepVerifier.create(queue.put(13)).expectErrorMessage("unlucky").verify(LIMIT);
            assertThatThrownBy(() -> queue.offer(13)).hasMessage("unlucky");
            queue.offer(3);
            List<Object> waiting = record(queue.put(13));
            List<Object> behind = record(queue.put(4));
            assertThat(everything(queue)).containsExactly(1, 2, 3, 4);
            assertThat(waiting).singleElement().isInstanceOf(IllegalStateException.class);
            assertThat(behind).containsExactly("done");
            assertThat(queue.statistics().unfinished()).isEqualTo(4);
        }
    }

    @Nested
    class Waiting {

        @Test
        void putWaitsWhileFull() {
            AsyncQueue<String> queue = AsyncQueue.bounded(2);
            StepVerifier.create(queue.put("a")).verifyComplete();
            StepVerifier.create(queue.put("b")).verifyComplete();
            assertThat(queue.isFull()).isTrue();
            List<Object> third = record(queue.put("c"));
            assertThat(third).isEmpty();
            assertThat(queue.size()).isEqualTo(2);
            StepVerifier.create(queue.take()).expectNext("a").verifyComplete();
            assertThat(third).containsExactly("done");
            assertThat(everything(queue)).containsExactly("b", "c");
            assertNobodyWaits(queue);
        }

        @Test
        void takeWaitsWhileEmpty() {
            AsyncQueue<String> queue = AsyncQueue.bounded(2);
            List<Object> taken = record(queue.take());
            assertThat(taken).isEmpty();
            StepVerifier.create(queue.put("a")).verifyComplete();
            assertThat(taken).containsExactly("a", "done");
            assertThat(queue.isEmpty()).isTrue();
        }

        @Test
        void eachSubscriptionIsOneMore() {
            AsyncQueue<String> queue = AsyncQueue.unbounded();
            Mono<Void> put = queue.put("a");
            assertThat(queue.size()).isZero();
            put.block(LIMIT);
            put.block(LIMIT);
            assertThat(queue.size()).isEqualTo(2);
            Mono<String> take = queue.take();
            assertThat(take.block(LIMIT)).isEqualTo("a");
            assertThat(take.block(LIMIT)).isEqualTo("a");
            assertThat(queue.isEmpty()).isTrue();
        }

        @Test
        void takeWithoutDemandTakesNothing() {
            AsyncQueue<String> queue = AsyncQueue.unbounded();
            queue.offer("a");
            StepVerifier.create(queue.take(), 0)
                    .expectSubscription()
                    .then(() -> assertThat(queue.size()).isOne())
                    .thenRequest(1)
                    .expectNext("a")
                    .expectComplete()
                    .verify(LIMIT);
        }

        @Test
        void aWaitCanBeCancelledAtOnce() {
            AsyncQueue<String> queue = AsyncQueue.bounded(1);
            queue.offer("a");
            StepVerifier.create(queue.put("b"))
                    .expectSubscription()
                    .thenCancel()
                    .verify(LIMIT);
            StepVerifier.create(queue.put("b").takeUntilOther(Mono.just(1))).verifyComplete();
            assertThat(everything(queue)).containsExactly("a");
        }

        @Test
        void aHundredThousandChainedWaitersNeedTheStackOfOne() {
            AsyncQueue<Integer> first = AsyncQueue.rendezvous();
            AsyncQueue<Integer> queue = first;
            int links = 100_000;
            AsyncQueue<Integer> end = AsyncQueue.unbounded();
            List<AsyncQueue<Integer>> queues = new ArrayList<>();
            queues.add(first);
            for (int i = 1; i < links; i++) {
                AsyncQueue<Integer> next = i == links - 1 ? end : AsyncQueue.rendezvous();
                AsyncQueue<Integer> from = queue;
                from.take().flatMap(item -> next.put(item + 1)).subscribe();
                queue = next;
            }
            assertThat(first.offer(0)).isTrue();
            assertThat(end.poll()).contains(links - 1);
        }

        @Test
        void aHundredThousandTakersOfOneQueueAreServed() {
            AsyncQueue<Integer> queue = AsyncQueue.unbounded();
            List<Integer> taken = new ArrayList<>();
            int takers = 100_000;
            for (int i = 0; i < takers; i++) {
                // Each taker wakes the next one.
                queue.take()
                        .doOnNext(taken::add)
                        .flatMap(item -> queue.put(item + 1))
                        .subscribe();
            }
            queue.offer(0);
            assertThat(taken).hasSize(takers).startsWith(0, 1, 2).endsWith(takers - 1);
            assertThat(everything(queue)).containsExactly(takers);
        }
    }

    @Nested
    class Rendezvous {

        @Test
        void putCompletesWhenATakeHasItsItem() {
            AsyncQueue<String> queue = AsyncQueue.rendezvous();
            List<Object> put = record(queue.put("a"));
            assertThat(put).isEmpty();
            assertThat(queue.size()).isZero();
            assertThat(queue.take().block(LIMIT)).isEqualTo("a");
            assertThat(put).containsExactly("done");
        }

        @Test
        void takeFirstThenPut() {
            AsyncQueue<String> queue = AsyncQueue.rendezvous();
            List<Object> taken = record(queue.take());
            queue.put("a").block(LIMIT);
            assertThat(taken).containsExactly("a", "done");
            assertNobodyWaits(queue);
        }

        @Test
        void offerNeedsATakerAndPollAPutter() {
            AsyncQueue<String> queue = AsyncQueue.rendezvous();
            assertThat(queue.offer("a")).isFalse();
            assertThat(queue.poll()).isEmpty();
            List<Object> taken = record(queue.take());
            assertThat(queue.offer("b")).isTrue();
            assertThat(taken).containsExactly("b", "done");
            queue.put("c").subscribe();
            queue.put("d").subscribe();
            assertThat(queue.poll()).contains("c");
            assertThat(queue.poll()).contains("d");
            assertThat(queue.poll()).isEmpty();
        }

        @Test
        void isAlwaysFullAndAlwaysEmpty() {
            AsyncQueue<String> queue = AsyncQueue.rendezvous();
            assertThat(queue.capacity()).isZero();
            assertThat(queue.isEmpty()).isTrue();
            assertThat(queue.isFull()).isTrue();
        }
    }

    @Nested
    class Cancelling {

        @Test
        void cancelledPutLeavesNothing() {
            AsyncQueue<String> queue = AsyncQueue.bounded(1);
            queue.offer("a");
            Disposable put = queue.put("b").subscribe();
            List<Object> next = record(queue.put("c"));
            put.dispose();
            assertThat(queue.statistics().waitingToPut()).isOne();
            assertThat(queue.poll()).contains("a");
            assertThat(next).containsExactly("done");
            assertThat(everything(queue)).containsExactly("c");
            assertThat(queue.statistics().cancelled()).isOne();
            assertThat(queue.statistics().unfinished()).isEqualTo(2);
        }

        @Test
        void cancelledTakeLosesNothing() {
            AsyncQueue<String> queue = AsyncQueue.bounded(1);
            Disposable first = queue.take().subscribe();
            List<Object> second = record(queue.take());
            first.dispose();
            queue.offer("a");
            assertThat(second).containsExactly("a", "done");
            queue.offer("b");
            assertThat(queue.size()).isOne();
            assertNobodyWaits(queue);
        }

        /** The first taker's reaction cancels the second, which has its item already. */
        @Test
        void takeCancelledInTheInstantOfTheGrantHandsTheItemOn() {
            AsyncQueue<String> queue = AsyncQueue.bounded(2);
            AtomicReference<Disposable> second = new AtomicReference<>();
            List<Object> third = new ArrayList<>();
            queue.take().subscribe(item -> {
                queue.offer("b");
                second.get().dispose();
            });
            second.set(queue.take().subscribe());
            queue.take().subscribe(third::add);
            queue.offer("a");
            assertThat(third).containsExactly("b");
            assertThat(queue.isEmpty()).isTrue();
            assertThat(queue.statistics().taken()).isEqualTo(2);
            assertNobodyWaits(queue);
        }

        @Test
        void withNobodyElseTheItemGoesBackToTheFront() {
            AsyncQueue<String> queue = AsyncQueue.bounded(1);
            AtomicReference<Disposable> second = new AtomicReference<>();
            queue.take().subscribe(item -> {
                queue.offer("b");
                queue.offer("c");
                second.get().dispose();
            });
            second.set(queue.take().subscribe());
            queue.offer("a");
            assertThat(queue.size()).isEqualTo(2);
            assertThat(queue.isFull()).isTrue();
            assertThat(everything(queue)).containsExactly("b", "c");
        }

        @Test
        void inAPriorityQueueItGoesBackBeforeItsEquals() {
            AsyncQueue<String> queue = AsyncQueue.priority(5, Comparator.comparing(String::length));
            AtomicReference<Disposable> second = new AtomicReference<>();
            queue.take().subscribe(item -> {
                queue.offer("b");
                queue.offer("c");
                queue.offer("");
                second.get().dispose();
            });
            second.set(queue.take().subscribe());
            queue.offer("a");
            assertThat(everything(queue)).containsExactly("", "b", "c");
        }

        @Test
        void cancelBeforeTheFirstRequestIsNoTake() {
            AsyncQueue<String> queue = AsyncQueue.bounded(1);
            queue.offer("a");
            StepVerifier.create(queue.take(), 0).thenCancel().verify(LIMIT);
            assertThat(queue.poll()).contains("a");
        }

        @Test
        void cancelledJoinLeavesNoTrace() {
            AsyncQueue<String> queue = AsyncQueue.bounded(1);
            queue.offer("a");
            queue.join().subscribe().dispose();
            queue.taskDone();
            StepVerifier.create(queue.join()).verifyComplete();
        }
    }

    @Nested
    class Joining {

        @Test
        void anEmptyQueueIsDone() {
            StepVerifier.create(AsyncQueue.unbounded().join()).verifyComplete();
        }

        @Test
        void waitsUntilEachItemIsDone() {
            AsyncQueue<String> queue = AsyncQueue.unbounded();
            queue.offer("a");
            queue.offer("b");
            List<Object> joined = record(queue.join());
            queue.poll();
            queue.poll();
            queue.taskDone();
            assertThat(joined).isEmpty();
            queue.taskDone();
            assertThat(joined).containsExactly("done");
        }

        @Test
        void aNewPutMakesItWaitAgain() {
            AsyncQueue<String> queue = AsyncQueue.unbounded();
            queue.offer("a");
            queue.taskDone();
            StepVerifier.create(queue.join()).verifyComplete();
            queue.offer("b");
            assertThat(record(queue.join())).isEmpty();
        }

        @Test
        void taskDoneOnceTooOftenIsAnError() {
            AsyncQueue<String> queue = AsyncQueue.<String>builder().name("jobs").build();
            assertThatThrownBy(queue::taskDone)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("taskDone() of AsyncQueue 'jobs' was called more often than items were put in");
            queue.offer("a");
            queue.taskDone();
            assertThatThrownBy(queue::taskDone).isInstanceOf(IllegalStateException.class);
        }

        @Test
        void aWaitingPutDoesNotCountYet() {
            AsyncQueue<String> queue = AsyncQueue.bounded(1);
            queue.offer("a");
            Disposable put = queue.put("b").subscribe();
            queue.taskDone();
            StepVerifier.create(queue.join()).verifyComplete();
            put.dispose();
        }
    }

    @Nested
    class ShuttingDown {

        @Test
        void puttersFailAtOnce() {
            AsyncQueue<String> queue = AsyncQueue.bounded(1);
            queue.offer("a");
            List<Object> waiting = record(queue.put("b"));
            queue.shutdown();
            assertThat(waiting).singleElement().isInstanceOf(QueueShutdownException.class);
            StepVerifier.create(queue.put("c"))
                    .expectError(QueueShutdownException.class)
                    .verify(LIMIT);
            assertThat(queue.offer("d")).isFalse();
            assertThat(queue.isShutdown()).isTrue();
            assertThat(everything(queue)).containsExactly("a");
        }

        @Test
        void takersDrainThenFail() {
            AsyncQueue<String> queue = AsyncQueue.<String>builder().name("jobs").build();
            queue.offer("a");
            queue.shutdown();
            queue.shutdown();
            StepVerifier.create(queue.take()).expectNext("a").verifyComplete();
            StepVerifier.create(queue.take())
                    .expectErrorSatisfies(error -> assertThat(error)
                            .isInstanceOf(QueueShutdownException.class)
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessage("AsyncQueue 'jobs' is shut down and has no items left")
                            .extracting(e -> ((QueueShutdownException) e).queue())
                            .isEqualTo("AsyncQueue 'jobs'"))
                    .verify(LIMIT);
            assertThat(queue.poll()).isEmpty();
        }

        @Test
        void waitingTakersOfAnEmptyQueueFail() {
            AsyncQueue<String> queue = AsyncQueue.bounded(1);
            List<Object> first = record(queue.take());
            List<Object> second = record(queue.take());
            queue.shutdown();
            assertThat(first).singleElement().isInstanceOf(QueueShutdownException.class);
            assertThat(second).singleElement().isInstanceOf(QueueShutdownException.class);
            assertNobodyWaits(queue);
        }

        @Test
        void ofARendezvousFailsBothSides() {
            AsyncQueue<String> queue = AsyncQueue.rendezvous();
            List<Object> put = record(queue.put("a"));
            queue.shutdown();
            assertThat(put).singleElement().isInstanceOf(QueueShutdownException.class);
            StepVerifier.create(queue.take())
                    .expectError(QueueShutdownException.class)
                    .verify(LIMIT);
        }

        @Test
        void joinStillNeedsTaskDone() {
            AsyncQueue<String> queue = AsyncQueue.unbounded();
            queue.offer("a");
            queue.shutdown();
            List<Object> joined = record(queue.join());
            assertThat(joined).isEmpty();
            queue.poll();
            queue.taskDone();
            assertThat(joined).containsExactly("done");
        }

        @Test
        void nowDropsWhatIsInTheQueueAndCountsItAsDone() {
            List<String> discarded = new ArrayList<>();
            AsyncQueue<String> queue =
                    AsyncQueue.<String>builder().onDiscard(discarded::add).build();
            queue.offer("taken");
            queue.offer("a");
            queue.offer("b");
            queue.poll();
            List<Object> joined = record(queue.join());
            queue.shutdown();
            queue.shutdownNow();
            assertThat(discarded).containsExactly("a", "b");
            assertThat(queue.isEmpty()).isTrue();
            assertThat(joined).isEmpty();
            queue.taskDone();
            assertThat(joined).containsExactly("done");
            StepVerifier.create(queue.take())
                    .expectError(QueueShutdownException.class)
                    .verify(LIMIT);
        }

        @Test
        void nowTellsTheDiscardHookOfWhoeverPutTheItem() {
            List<Object> discarded = new ArrayList<>();
            AsyncQueue<String> queue = AsyncQueue.unbounded();
            queue.put("a").doOnDiscard(String.class, discarded::add).block(LIMIT);
            queue.put("b").block(LIMIT);
            queue.put("c").doOnDiscard(String.class, discarded::add).block(LIMIT);
            assertThat(queue.poll()).contains("a");
            queue.shutdownNow();
            assertThat(discarded).containsExactly("c");
        }

        @Test
        void nowDiscardsBeforeItLetsAnyoneGoOn() {
            List<Object> log = new ArrayList<>();
            AsyncQueue<String> queue =
                    AsyncQueue.<String>builder().onDiscard(log::add).build();
            queue.offer("a");
            queue.join().subscribe(null, null, () -> log.add("joined"));
            queue.shutdownNow();
            assertThat(log).containsExactly("a", "joined");
        }

        @Test
        void aDiscardHookThatThrowsHarmsNobody() {
            AsyncQueue<String> queue = AsyncQueue.<String>builder()
                    .onDiscard(item -> {
                        throw new IllegalStateException("hook");
                    })
                    .build();
            List<Throwable> dropped = new ArrayList<>();
            queue.offer("a");
            queue.offer("b");
            Hooks.onErrorDropped(dropped::add);
            try {
                queue.shutdownNow();
            } finally {
                Hooks.resetOnErrorDropped();
            }
            assertThat(dropped).hasSize(2).allSatisfy(error -> assertThat(error).hasMessage("hook"));
            StepVerifier.create(queue.join()).verifyComplete();
        }

        @Test
        void anItemThatComesBackAfterwardsIsDiscardedToo() {
            List<String> discarded = new ArrayList<>();
            AsyncQueue<String> queue =
                    AsyncQueue.<String>builder().onDiscard(discarded::add).build();
            AtomicReference<Disposable> second = new AtomicReference<>();
            queue.take().subscribe(item -> {
                queue.offer("b");
                queue.shutdownNow();
                second.get().dispose();
                queue.taskDone();
            });
            second.set(queue.take().subscribe());
            queue.offer("a");
            assertThat(discarded).containsExactly("b");
            StepVerifier.create(queue.join()).verifyComplete();
        }

        @Test
        void anItemThatComesBackAfterAPlainShutdownIsStillThere() {
            AsyncQueue<String> queue = AsyncQueue.unbounded();
            AtomicReference<Disposable> second = new AtomicReference<>();
            queue.take().subscribe(item -> {
                queue.offer("b");
                queue.shutdown();
                second.get().dispose();
            });
            second.set(queue.take().subscribe());
            queue.offer("a");
            StepVerifier.create(queue.take()).expectNext("b").verifyComplete();
        }
    }

    @Nested
    class Time {

        private final VirtualTimeScheduler clock = VirtualTimeScheduler.create();

        private final AsyncQueue<String> queue = AsyncQueue.<String>builder()
                .name("jobs")
                .capacity(1)
                .scheduler(clock)
                .build();

        @Test
        void takeGivesUpAfterItsLimit() {
            List<Object> taken = record(queue.take(Duration.ofSeconds(2)));
            clock.advanceTimeBy(Duration.ofMillis(1_999));
            assertThat(taken).isEmpty();
            clock.advanceTimeBy(Duration.ofMillis(1));
            assertThat(taken)
                    .singleElement()
                    .isInstanceOfSatisfying(
                            TimeoutException.class,
                            error -> assertThat(error).hasMessage("could not take from AsyncQueue 'jobs' within PT2S"));
            queue.offer("a");
            assertThat(queue.size()).isOne();
            assertNobodyWaits(queue);
        }

        @Test
        void putThatGivesUpLeavesNothing() {
            queue.offer("a");
            List<Object> put = record(queue.put("b", Duration.ofSeconds(2)));
            clock.advanceTimeBy(Duration.ofSeconds(2));
            assertThat(put).singleElement().isInstanceOf(TimeoutException.class);
            assertThat(everything(queue)).containsExactly("a");
            assertThat(queue.statistics().cancelled()).isOne();
        }

        @Test
        void inTimeIsInTime() {
            List<Object> taken = record(queue.take(Duration.ofSeconds(2)));
            clock.advanceTimeBy(Duration.ofSeconds(1));
            queue.offer("a");
            clock.advanceTimeBy(Duration.ZERO);
            assertThat(taken).containsExactly("a", "done");
            StepVerifier.create(queue.put("b", Duration.ofSeconds(1))).verifyComplete();
        }

        @Test
        void withoutASchedulerTheClockIsReactorsOwn() {
            StepVerifier.withVirtualTime(() -> AsyncQueue.<String>unbounded().take(Duration.ofHours(1)))
                    .expectSubscription()
                    .expectNoEvent(Duration.ofMinutes(59))
                    .thenAwait(Duration.ofMinutes(1))
                    .expectError(TimeoutException.class)
                    .verify(LIMIT);
        }

        @Test
        void limitsArePositive() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> queue.take(Duration.ZERO))
                    .withMessage("maxWait must be positive, but is PT0S");
            assertThatIllegalArgumentException().isThrownBy(() -> queue.put("a", Duration.ofSeconds(-1)));
        }

        @Test
        void waitersContinueOnTheScheduler() {
            Scheduler own = Schedulers.newSingle("own");
            try {
                AsyncQueue<String> elsewhere =
                        AsyncQueue.<String>builder().scheduler(own).build();
                Mono<String> thread =
                        elsewhere.take().map(item -> Thread.currentThread().getName());
                StepVerifier.create(thread)
                        .expectSubscription()
                        .then(() -> elsewhere.offer("a"))
                        .assertNext(name -> assertThat(name).startsWith("own"))
                        .expectComplete()
                        .verify(LIMIT);
            } finally {
                own.dispose();
            }
        }
    }

    @Nested
    class Deadlines {

        private static final Expiry PASSED = () -> 0;

        private final AsyncQueue<String> queue = AsyncQueue.bounded(1);

        private <T> Mono<T> late(Mono<T> mono) {
            return mono.contextWrite(PASSED::storeIn);
        }

        @Test
        void aWaitFailsAtOnce() {
            StepVerifier.create(late(queue.take()))
                    .expectError(TimeoutException.class)
                    .verify(LIMIT);
            StepVerifier.create(late(queue.take(Duration.ofDays(1))))
                    .expectError(TimeoutException.class)
                    .verify(LIMIT);
            queue.offer("a");
            StepVerifier.create(late(queue.put("b")))
                    .expectError(TimeoutException.class)
                    .verify(LIMIT);
            StepVerifier.create(late(queue.join()))
                    .expectError(TimeoutException.class)
                    .verify(LIMIT);
            assertThat(everything(queue)).containsExactly("a");
            StepVerifier.create(late(queue.asFlux().then()))
                    .expectError(TimeoutException.class)
                    .verify(LIMIT);
            StepVerifier.create(late(queue.drain(2, item -> Mono.empty())))
                    .expectError(TimeoutException.class)
                    .verify(LIMIT);
            assertNobodyWaits(queue);
        }

        @Test
        void whatNeedsNoWaitingSucceeds() {
            StepVerifier.create(late(queue.put("a"))).verifyComplete();
            StepVerifier.create(late(queue.take())).expectNext("a").verifyComplete();
            queue.taskDone();
            StepVerifier.create(late(queue.join())).verifyComplete();
        }
    }

    @Nested
    class Bounds {

        @Test
        void aFullLineIsAnError() {
            AsyncQueue<String> queue = AsyncQueue.<String>builder()
                    .name("jobs")
                    .capacity(1)
                    .maxWaiters(1)
                    .build();
            List<Object> first = record(queue.take());
            StepVerifier.create(queue.take())
                    .expectErrorSatisfies(error -> assertThat(error)
                            .isInstanceOf(RejectedExecutionException.class)
                            .hasMessage("cannot take from AsyncQueue 'jobs': 1 already wait"))
                    .verify(LIMIT);
            StepVerifier.create(queue.asFlux())
                    .expectError(RejectedExecutionException.class)
                    .verify(LIMIT);
            queue.offer("a");
            assertThat(first).containsExactly("a", "done");
            queue.offer("b");
            queue.put("c").subscribe();
            StepVerifier.create(queue.put("d"))
                    .expectErrorMessage("cannot put into AsyncQueue 'jobs': 1 already wait")
                    .verify(LIMIT);
            queue.join().subscribe();
            StepVerifier.create(queue.join())
                    .expectErrorMessage("cannot join AsyncQueue 'jobs': 1 already wait")
                    .verify(LIMIT);
            assertThat(everything(queue)).containsExactly("b", "c");
        }

        @Test
        void argumentsAreChecked() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> AsyncQueue.bounded(0))
                    .withMessage("capacity must be at least 1, but is 0");
            assertThatIllegalArgumentException().isThrownBy(() -> AsyncQueue.lifo(-1));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> AsyncQueue.priority(0, Comparator.<Integer>naturalOrder()));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> AsyncQueue.builder().maxWaiters(0))
                    .withMessage("maxWaiters must be at least 1, but is 0");
            AsyncQueue<String> queue = AsyncQueue.unbounded();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> queue.drain(0, item -> Mono.empty()))
                    .withMessage("workers must be at least 1, but is 0");
            assertThatNullPointerException().isThrownBy(() -> queue.put(none())).withMessage("item");
            assertThatNullPointerException()
                    .isThrownBy(() -> queue.offer(none()))
                    .withMessage("item");
            assertThatNullPointerException()
                    .isThrownBy(() -> AsyncQueue.priority(1, none()))
                    .withMessage("order");
            assertThatNullPointerException()
                    .isThrownBy(() -> queue.drain(1, none()))
                    .withMessage("worker");
        }

        @SuppressWarnings("NullAway")
        private static <T> T none() {
            return Map.<String, T>of().get("none");
        }

        @Test
        void anUnboundedQueueIsNeverFull() {
            AsyncQueue<Integer> queue = AsyncQueue.unbounded();
            Flux.range(0, 100_000).concatMap(queue::put).blockLast(LIMIT);
            assertThat(queue.isFull()).isFalse();
            assertThat(queue.size()).isEqualTo(100_000);
            assertThat(queue.capacity()).isEqualTo(Integer.MAX_VALUE);
        }
    }

    @Nested
    class Showing {

        @Test
        void toStringTellsNameAndState() {
            AsyncQueue<String> queue =
                    AsyncQueue.<String>builder().name("jobs").capacity(1).build();
            queue.offer("a");
            queue.put("b").subscribe();
            assertThat(queue)
                    .hasToString("AsyncQueue 'jobs' [1 of 1 items, 1 waiting to put, 0 to take, 1 unfinished]");
            queue.shutdownNow();
            assertThat(queue)
                    .hasToString(
                            "AsyncQueue 'jobs' [0 of 1 items, 0 waiting to put, 0 to take, 0 unfinished, shut down]");
            assertThat(AsyncQueue.unbounded().toString()).matches("AsyncQueue 'queue-\\d+' \\[0 items, .*");
        }

        @Test
        void statisticsCount() {
            AsyncQueue<String> queue = AsyncQueue.bounded(3);
            Flux.just("a", "b").concatMap(queue::put).blockLast(LIMIT);
            queue.take().block(LIMIT);
            queue.take().block(LIMIT);
            queue.taskDone();
            queue.take().subscribe().dispose();
            queue.take().subscribe();
            assertThat(queue.statistics()).isEqualTo(new QueueStatistics(0, 2, 0, 1, 2, 2, 1, 1));
        }

        @Test
        void reactorsToolsSeeIt() {
            AsyncQueue<String> queue =
                    AsyncQueue.<String>builder().name("jobs").capacity(3).build();
            queue.offer("a");
            assertThat(queue.scan(Scannable.Attr.NAME)).isEqualTo("jobs");
            assertThat(queue.scan(Scannable.Attr.BUFFERED)).isEqualTo(1);
            assertThat(queue.scan(Scannable.Attr.CAPACITY)).isEqualTo(3);
            assertThat(queue.scan(Scannable.Attr.TERMINATED)).isFalse();
            assertThat(queue.scan(Scannable.Attr.ERROR)).isNull();
            assertThat(Scannable.from(queue.put("b")).scan(Scannable.Attr.RUN_STYLE))
                    .isEqualTo(Scannable.Attr.RunStyle.UNKNOWN);
        }

        @Test
        void waitersAreScannable() {
            AsyncQueue<String> queue = AsyncQueue.bounded(1);
            Probe<String> probe = new Probe<>(1);
            queue.take().subscribe(probe);
            Scannable waiter = Scannable.from(probe.subscription);
            assertThat(waiter.scan(Scannable.Attr.ACTUAL)).isSameAs(probe);
            assertThat(waiter.scan(Scannable.Attr.TERMINATED)).isFalse();
            assertThat(waiter.scan(Scannable.Attr.CANCELLED)).isFalse();
            queue.offer("a");
            assertThat(waiter.scan(Scannable.Attr.TERMINATED)).isTrue();

            Probe<Void> second = new Probe<>(1);
            queue.offer("b");
            queue.join().subscribe(second);
            second.subscription.cancel();
            assertThat(Scannable.from(second.subscription).scan(Scannable.Attr.CANCELLED))
                    .isTrue();
        }

        @Test
        void badDemandTakesNothing() {
            AsyncQueue<String> queue = AsyncQueue.bounded(1);
            queue.offer("a");
            Probe<Object> probe = new Probe<>(0);
            queue.take().subscribe(probe);
            probe.subscription.request(-1);
            queue.asFlux().subscribe(probe);
            probe.subscription.request(0);
            assertThat(queue.size()).isOne();
        }

        /** The current task is told what it waits for. */
        @Test
        void theTaskKnowsWhatItWaitsFor() {
            List<String> log = new ArrayList<>();
            WaitProbe task = new WaitProbe() {
                @Override
                public void waitingFor(Object what) {
                    log.add("waits for " + what);
                }

                @Override
                public void resumed(Object what) {
                    log.add("got " + what);
                }
            };
            AsyncQueue<String> queue =
                    AsyncQueue.<String>builder().name("jobs").capacity(1).build();
            queue.take().contextWrite(task::storeIn).subscribe();
            queue.offer("a");
            queue.offer("b");
            queue.put("c").contextWrite(task::storeIn).subscribe().dispose();
            queue.join().contextWrite(task::storeIn).subscribe().dispose();
            assertThat(log)
                    .containsExactly(
                            "waits for AsyncQueue 'jobs' to have an item",
                            "got AsyncQueue 'jobs' to have an item",
                            "waits for AsyncQueue 'jobs' to have room",
                            "got AsyncQueue 'jobs' to have room",
                            "waits for AsyncQueue 'jobs' to be finished",
                            "got AsyncQueue 'jobs' to be finished");
        }
    }

    /** A subscriber that asks for so many and keeps its subscription. */
    private static final class Probe<T> implements CoreSubscriber<T>, Scannable {
        private final long demand;
        private Subscription subscription = Operators.emptySubscription();

        Probe(long demand) {
            this.demand = demand;
        }

        @Override
        public void onSubscribe(Subscription s) {
            subscription = s;
            if (demand > 0) {
                s.request(demand);
            }
        }

        @Override
        @SuppressWarnings("rawtypes")
        public Object scanUnsafe(Attr key) {
            return key == Attr.PREFETCH ? demand : null;
        }

        @Override
        public void onNext(T item) {}

        @Override
        public void onError(Throwable error) {}

        @Override
        public void onComplete() {}
    }

    @Test
    void itemsCrossThreads() {
        AsyncQueue<Integer> queue = AsyncQueue.bounded(3);
        Mono<Void> producer = Flux.range(0, 1_000)
                .publishOn(Schedulers.parallel())
                .concatMap(queue::put)
                .doOnComplete(queue::shutdown)
                .then();
        StepVerifier.create(queue.asFlux()
                        .publishOn(Schedulers.single())
                        .collectList()
                        .zipWith(producer.thenReturn(1)))
                .assertNext(both -> assertThat(both.getT1()).hasSize(1_000).isSorted())
                .expectComplete()
                .verify(LIMIT);
        assertThat(queue.statistics().unfinished()).isZero();
    }
}
