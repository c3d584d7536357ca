package io.github.asyncio4j.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.internal.CleanupLedger;
import io.github.asyncio4j.internal.Failures;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
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
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

class QueueDrainTest {

    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final AsyncQueue<Integer> queue = AsyncQueue.unbounded();

    private void fill(int items) {
        IntStream.range(0, items).forEach(queue::offer);
    }

    /** Recipe: a hundred jobs, at most ten in flight. */
    @Test
    void aHundredJobsAtMostTenInFlight() {
        AtomicInteger inFlight = new AtomicInteger();
        AtomicInteger peak = new AtomicInteger();
        List<Integer> done = Collections.synchronizedList(new ArrayList<>());
        StepVerifier.withVirtualTime(() -> {
                    fill(100);
                    queue.shutdown();
                    return queue.drain(
                            10,
                            job -> Mono.delay(Duration.ofSeconds(1))
                                    .doOnSubscribe(
                                            start -> peak.accumulateAndGet(inFlight.incrementAndGet(), Math::max))
                                    .doOnTerminate(inFlight::decrementAndGet)
                                    .doOnNext(tick -> done.add(job)));
                })
                .expectSubscription()
                .expectNoEvent(Duration.ofMillis(9_999))
                .thenAwait(Duration.ofMillis(1))
                .expectComplete()
                .verify(LIMIT);
        assertThat(peak).hasValue(10);
        assertThat(done).hasSize(100).doesNotHaveDuplicates();
        StepVerifier.create(queue.join()).verifyComplete();
    }

    @Nested
    class Ending {

        @Test
        void completesWhenShutDownAndDrainedAndAllWorkHasEnded() {
            Sinks.Empty<Void> work = Sinks.empty();
            fill(1);
            List<String> ended = new ArrayList<>();
            queue.drain(3, item -> work.asMono()).subscribe(null, null, () -> ended.add("done"));
            queue.shutdown();
            assertThat(ended).isEmpty();
            work.tryEmitEmpty();
            assertThat(ended).containsExactly("done");
        }

        @Test
        void ofAnEmptyQueueThatIsShutDownIsAtOnce() {
            queue.shutdown();
            StepVerifier.create(queue.drain(2, item -> Mono.never())).verifyComplete();
        }

        @Test
        void synchronousWorkNeedsTheStackOfOne() {
            fill(100_000);
            queue.shutdown();
            AtomicInteger done = new AtomicInteger();
            StepVerifier.create(queue.drain(2, item -> Mono.fromRunnable(done::incrementAndGet)))
                    .verifyComplete();
            assertThat(done).hasValue(100_000);
            assertThat(queue.statistics().unfinished()).isZero();
        }

        @Test
        void itemsAreDoneWhenTheirWorkIs() {
            Sinks.Empty<Void> work = Sinks.empty();
            fill(2);
            Disposable drain = queue.drain(2, item -> item == 0 ? work.asMono() : Mono.empty())
                    .subscribe();
            assertThat(queue.statistics().unfinished()).isEqualTo(1);
            work.tryEmitEmpty();
            assertThat(queue.statistics().unfinished()).isZero();
            drain.dispose();
        }

        @Test
        void valuesOfTheWorkAreDiscarded() {
            fill(2);
            queue.shutdown();
            List<String> discarded = new ArrayList<>();
            StepVerifier.create(queue.drain(1, item -> Mono.just("r" + item)).doOnDiscard(String.class, discarded::add))
                    .verifyComplete();
            assertThat(discarded).containsExactly("r0", "r1");
        }

        @Test
        void canBeRepeatedForTheNextBatch() {
            Mono<Void> drain = queue.drain(1, item -> Mono.empty());
            fill(1);
            Disposable first = drain.subscribe();
            first.dispose();
            fill(2);
            queue.shutdown();
            StepVerifier.create(drain).verifyComplete();
            assertThat(queue.isEmpty()).isTrue();
        }
    }

    @Nested
    class Failing {

        @Test
        void theFirstFailureCancelsTheOthersAndLeavesTheRestInTheQueue() {
            AtomicInteger cancelled = new AtomicInteger();
            Sinks.Empty<Void> bad = Sinks.empty();
            fill(5);
            StepVerifier.create(queue.drain(
                            3,
                            item -> item == 1
                                    ? bad.asMono().then(Mono.error(new IllegalStateException("bad item")))
                                    : Mono.never().doOnCancel(cancelled::incrementAndGet)))
                    .expectSubscription()
                    .then(bad::tryEmitEmpty)
                    .expectErrorMessage("bad item")
                    .verify(LIMIT);
            assertThat(cancelled).hasValue(2);
            assertThat(queue.size()).isEqualTo(2);
            assertThat(queue.statistics().unfinished()).isEqualTo(2);
            assertThat(queue.statistics().waitingToTake()).isZero();
        }

        @Test
        void aWorkerThatThrowsOrGivesNullFailsIt() {
            fill(2);
            StepVerifier.create(queue.drain(1, item -> {
                        throw new IllegalStateException("thrown");
                    }))
                    .expectErrorMessage("thrown")
                    .verify(LIMIT);
            AsyncQueue<Integer> named =
                    AsyncQueue.<Integer>builder().name("jobs").build();
            named.offer(1);
            StepVerifier.create(named.drain(1, item -> List.<Mono<?>>of().isEmpty() ? none() : Mono.empty()))
                    .expectErrorMessage("worker of AsyncQueue 'jobs' returned null")
                    .verify(LIMIT);
        }

        private static <T> T none() {
            return java.util.Map.<String, T>of().get("none");
        }

        @Test
        void theFailureWaitsForTheCleanupOfTheCancelled() {
            AtomicReference<CleanupLedger.Entry> resource = new AtomicReference<>();
            List<Throwable> errors = new ArrayList<>();
            Sinks.Empty<Void> bad = Sinks.empty();
            fill(2);
            queue.drain(
                            2,
                            item -> item == 0
                                    ? Mono.deferContextual(context -> {
                                        resource.set(CleanupLedger.enter(context, "db"));
                                        return Mono.never();
                                    })
                                    : bad.asMono().then(Mono.error(new IllegalStateException("bad"))))
                    .subscribe(null, errors::add);
            bad.tryEmitEmpty();
            assertThat(errors).isEmpty();
            IllegalStateException late = new IllegalStateException("closing failed");
            resource.get().leave(late, reactor.util.context.Context.empty());
            assertThat(errors)
                    .singleElement()
                    .satisfies(error -> assertThat(error)
                            .hasMessage("bad")
                            .satisfies(e -> assertThat(Failures.of(e)).contains(late)));
        }

        @Test
        void aCleanupThatFailsIsTheErrorWhenThereIsNoOther() {
            fill(1);
            queue.shutdown();
            StepVerifier.create(queue.drain(
                            1,
                            item -> Mono.deferContextual(context -> {
                                CleanupLedger.enter(context, "db")
                                        .leave(
                                                new IllegalStateException("closing failed"),
                                                reactor.util.context.Context.empty());
                                return Mono.empty();
                            })))
                    .expectErrorMessage("closing failed")
                    .verify(LIMIT);
        }

        /** A sibling that fails while it is being cancelled is not lost either. */
        @Test
        void failuresOfSiblingsComeAlong() {
            IllegalStateException second = new IllegalStateException("second");
            Sinks.Empty<Void> bad = Sinks.empty();
            fill(2);
            StepVerifier.create(queue.drain(
                            2,
                            item -> item == 0
                                    ? new FailsOnCancel(second)
                                    : bad.asMono().then(Mono.error(new IllegalStateException("first")))))
                    .expectSubscription()
                    .then(bad::tryEmitEmpty)
                    .expectErrorSatisfies(error -> {
                        assertThat(error).hasMessage("first");
                        assertThat(Failures.of(error)).containsExactly(error, second);
                    })
                    .verify(LIMIT);
        }
    }

    /** Work whose cancel is answered with an error. */
    private static final class FailsOnCancel extends Mono<Object> {
        private final Throwable error;

        FailsOnCancel(Throwable error) {
            this.error = error;
        }

        @Override
        public void subscribe(CoreSubscriber<? super Object> actual) {
            actual.onSubscribe(new Subscription() {
                @Override
                public void request(long n) {}

                @Override
                public void cancel() {
                    actual.onError(error);
                }
            });
        }
    }

    @Nested
    class Cancelling {

        @Test
        void cancelsTheWorkAndLeavesTheLine() {
            AtomicBoolean cancelled = new AtomicBoolean();
            fill(1);
            Disposable drain = queue.drain(3, item -> Mono.never().doOnCancel(() -> cancelled.set(true)))
                    .subscribe();
            assertThat(queue.statistics().waitingToTake()).isEqualTo(2);
            drain.dispose();
            assertThat(cancelled).isTrue();
            assertThat(queue.statistics().waitingToTake()).isZero();
            assertThat(queue.statistics().unfinished()).isZero();
        }

        @Test
        void workThatHasEndedIsNotCancelled() {
            AtomicInteger cancels = new AtomicInteger();
            fill(1);
            queue.drain(1, item -> Mono.empty().doOnCancel(cancels::incrementAndGet))
                    .subscribe()
                    .dispose();
            assertThat(cancels).hasValue(0);
        }

        @Test
        void aSurroundingScopeWaitsForTheCleanup() {
            CleanupLedger scope = CleanupLedger.open(reactor.util.context.Context.empty(), "scope");
            AtomicReference<CleanupLedger.Entry> resource = new AtomicReference<>();
            fill(1);
            queue.drain(
                            1,
                            item -> Mono.deferContextual(context -> {
                                resource.set(CleanupLedger.enter(context, "db"));
                                return Mono.never();
                            }))
                    .contextWrite(scope::storeIn)
                    .subscribe()
                    .dispose();
            AtomicBoolean ended = new AtomicBoolean();
            scope.finish(failures -> ended.set(true));
            assertThat(ended).isFalse();
            resource.get().leave();
            assertThat(ended).isTrue();
        }

        @Test
        void errorsThatComeLaterAreDroppedNotLost() {
            List<Throwable> dropped = new ArrayList<>();
            IllegalStateException late = new IllegalStateException("late");
            fill(1);
            Hooks.onErrorDropped(dropped::add);
            try {
                queue.drain(1, item -> new FailsOnCancel(late)).subscribe().dispose();
            } finally {
                Hooks.resetOnErrorDropped();
            }
            assertThat(dropped).containsExactly(late);
        }

        @Test
        void whileItDrainsAfterAFailureTheFailureIsDroppedNotLost() {
            List<Throwable> dropped = new ArrayList<>();
            AtomicReference<CleanupLedger.Entry> resource = new AtomicReference<>();
            Sinks.Empty<Void> bad = Sinks.empty();
            fill(2);
            Disposable drain = queue.drain(
                            2,
                            item -> item == 0
                                    ? Mono.deferContextual(context -> {
                                        resource.set(CleanupLedger.enter(context, "db"));
                                        return Mono.never();
                                    })
                                    : bad.asMono().then(Mono.error(new IllegalStateException("bad"))))
                    .subscribe();
            bad.tryEmitEmpty();
            Hooks.onErrorDropped(dropped::add);
            try {
                drain.dispose();
                resource.get().leave();
            } finally {
                Hooks.resetOnErrorDropped();
            }
            assertThat(dropped).singleElement().hasToString("java.lang.IllegalStateException: bad");
        }
    }

    @Test
    void theSubscribersContextReachesTheWork() {
        fill(1);
        queue.shutdown();
        List<String> users = new ArrayList<>();
        StepVerifier.create(queue.drain(
                                1,
                                item -> Mono.deferContextual(context -> {
                                    users.add(context.get("user"));
                                    return Mono.empty();
                                }))
                        .contextWrite(context -> context.put("user", "ada")))
                .verifyComplete();
        assertThat(users).containsExactly("ada");
    }

    @Test
    void workersShareTheItemsOverThreads() {
        AtomicInteger sum = new AtomicInteger();
        Mono<Void> workers = queue.drain(
                8, item -> Mono.fromRunnable(() -> sum.addAndGet(item)).subscribeOn(Schedulers.parallel()));
        Mono<Void> producer = Flux.range(1, 20_000)
                .concatMap(queue::put)
                .doOnComplete(queue::shutdown)
                .then();
        StepVerifier.create(Mono.when(workers, producer)).expectComplete().verify(LIMIT);
        assertThat(sum).hasValue(20_000 / 2 * 20_001);
        assertThat(queue.statistics().unfinished()).isZero();
    }

    @Test
    void reactorsToolsSeeIt() {
        AtomicReference<Subscription> kept = new AtomicReference<>();
        CoreSubscriber<Void> subscriber = new CoreSubscriber<>() {
            @Override
            public void onSubscribe(Subscription s) {
                kept.set(s);
            }

            @Override
            public void onNext(Void never) {}

            @Override
            public void onError(Throwable error) {}

            @Override
            public void onComplete() {}
        };
        AtomicReference<Scannable> work = new AtomicReference<>();
        fill(1);
        queue.drain(1, item -> new Mono<Object>() {
                    @Override
                    public void subscribe(CoreSubscriber<? super Object> actual) {
                        work.set(Scannable.from(actual));
                        actual.onSubscribe(Operators.emptySubscription());
                    }
                })
                .subscribe(subscriber);
        Scannable pool = Scannable.from(kept.get());
        assertThat(pool.scan(Scannable.Attr.CANCELLED)).isFalse();
        assertThat(pool.scan(Scannable.Attr.TERMINATED)).isFalse();
        assertThat(work.get().actuals().anyMatch(pool::equals)).isTrue();
        kept.get().request(1);
        kept.get().cancel();
        assertThat(pool.scan(Scannable.Attr.CANCELLED)).isTrue();
    }
}
