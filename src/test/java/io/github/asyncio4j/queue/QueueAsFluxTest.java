package io.github.asyncio4j.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.Disposable;
import reactor.core.Scannable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

class QueueAsFluxTest {

    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final AsyncQueue<String> queue = AsyncQueue.bounded(10);

    private boolean isJoined() {
        List<String> done = new ArrayList<>();
        Disposable join = queue.join().subscribe(null, null, () -> done.add("joined"));
        join.dispose();
        return !done.isEmpty();
    }

    private void offer(String... items) {
        for (String item : items) {
            assertThat(queue.offer(item)).isTrue();
        }
    }

    @Nested
    class Taking {

        @Test
        void takesUntilShutdownAndDrained() {
            offer("a", "b");
            StepVerifier.create(queue.asFlux())
                    .expectNext("a", "b")
                    .then(() -> offer("c"))
                    .expectNext("c")
                    .then(queue::shutdown)
                    .expectComplete()
                    .verify(LIMIT);
            StepVerifier.create(queue.asFlux()).verifyComplete();
        }

        @Test
        void drainsWhatIsLeftAfterAShutdown() {
            offer("a", "b");
            queue.shutdown();
            StepVerifier.create(queue.asFlux()).expectNext("a", "b").verifyComplete();
            assertThat(isJoined()).isTrue();
        }

        @Test
        void takesNoMoreThanDownstreamAsksFor() {
            offer("a", "b", "c");
            StepVerifier.create(queue.asFlux(), 0)
                    .expectSubscription()
                    .then(() -> assertThat(queue.size()).isEqualTo(3))
                    .thenRequest(2)
                    .expectNext("a", "b")
                    .then(() -> assertThat(queue.size()).isOne())
                    .thenCancel()
                    .verify(LIMIT);
            assertThat(queue.poll()).contains("c");
            assertThat(queue.statistics().waitingToTake()).isZero();
        }

        @Test
        void consumersCompete() {
            List<String> first = new ArrayList<>();
            List<String> second = new ArrayList<>();
            queue.asFlux().subscribe(first::add);
            queue.asFlux().subscribe(second::add);
            offer("a", "b", "c", "d");
            assertThat(first).containsExactly("a", "c");
            assertThat(second).containsExactly("b", "d");
            queue.shutdown();
        }

        @Test
        void letsWaitingPutsIn() {
            AsyncQueue<String> rendezvous = AsyncQueue.rendezvous();
            List<String> done = new ArrayList<>();
            rendezvous.put("a").subscribe(null, null, () -> done.add("a"));
            rendezvous.put("b").subscribe(null, null, () -> done.add("b"));
            StepVerifier.create(rendezvous.asFlux(), 1)
                    .expectNext("a")
                    .then(() -> assertThat(done).containsExactly("a"))
                    .thenRequest(1)
                    .expectNext("b")
                    .then(rendezvous::shutdown)
                    .expectComplete()
                    .verify(LIMIT);
            assertThat(done).containsExactly("a", "b");
        }

        @Test
        void theEndNeedsNoDemand() {
            offer("a", "b", "c");
            StepVerifier.create(queue.asFlux(), 2)
                    .expectNext("a", "b")
                    .then(queue::shutdown)
                    .expectNoEvent(Duration.ofMillis(10))
                    .then(queue::poll)
                    .expectComplete()
                    .verify(LIMIT);
            StepVerifier.create(queue.asFlux(), 0).expectComplete().verify(LIMIT);
        }

        @Test
        void anotherConsumerMayTakeTheLastItem() {
            StepVerifier.create(queue.asFlux(), 1)
                    .then(() -> offer("a", "b"))
                    .expectNext("a")
                    .then(queue::shutdown)
                    .then(() ->
                            StepVerifier.create(queue.take()).expectNext("b").verifyComplete())
                    .expectComplete()
                    .verify(LIMIT);
            assertThat(queue.statistics().unfinished()).isOne();
        }

        @Test
        void itsOwnConsumerMayFillIt() {
            offer("1");
            StepVerifier.create(queue.asFlux()
                            .doOnNext(item -> {
                                if (item.length() < 5) {
                                    offer(item + "1");
                                } else {
                                    queue.shutdown();
                                }
                            })
                            .map(String::length))
                    .expectNext(1, 2, 3, 4, 5)
                    .verifyComplete();
        }
    }

    @Nested
    class CountingAsDone {

        @Test
        void anItemIsDoneWhenDownstreamAsksForMore() {
            offer("a", "b");
            StepVerifier.create(queue.asFlux(), 1)
                    .expectNext("a")
                    .then(() -> assertThat(queue.statistics().unfinished()).isEqualTo(2))
                    .thenRequest(1)
                    .expectNext("b")
                    .then(() -> assertThat(queue.statistics().unfinished()).isEqualTo(1))
                    .thenRequest(1)
                    .then(() -> assertThat(isJoined()).isTrue())
                    .thenCancel()
                    .verify(LIMIT);
        }

        @Test
        void withUnboundedDemandItIsDoneWhenOnNextHasReturned() {
            List<Long> during = new ArrayList<>();
            offer("a", "b");
            Disposable consumer = queue.asFlux()
                    .subscribe(item -> during.add(queue.statistics().unfinished()));
            assertThat(during).containsExactly(2L, 1L);
            assertThat(isJoined()).isTrue();
            offer("c");
            assertThat(isJoined()).isTrue();
            consumer.dispose();
        }

        @Test
        void workInFlightIsNotDone() {
            Sinks.Empty<Void> first = Sinks.empty();
            Sinks.Empty<Void> second = Sinks.empty();
            offer("a", "b");
            Disposable workers = queue.asFlux()
                    .flatMap(item -> item.equals("a") ? first.asMono() : second.asMono(), 5)
                    .subscribe();
            assertThat(queue.statistics().unfinished()).isEqualTo(2);
            second.tryEmitEmpty();
            assertThat(queue.statistics().unfinished()).isEqualTo(1);
            first.tryEmitEmpty();
            assertThat(isJoined()).isTrue();
            workers.dispose();
        }

        @Test
        void oneAfterTheOtherIsExactWithConcatMapWithoutPrefetch() {
            Sinks.Empty<Void> work = Sinks.empty();
            offer("a", "b");
            Disposable worker =
                    queue.asFlux().concatMap(item -> work.asMono(), 0).subscribe();
            assertThat(queue.size()).isOne();
            assertThat(queue.statistics().unfinished()).isEqualTo(2);
            work.tryEmitEmpty();
            assertThat(isJoined()).isTrue();
            worker.dispose();
        }

        @Test
        void aCancelLeavesNothingUndone() {
            offer("a", "b", "c");
            StepVerifier.create(queue.asFlux().take(2)).expectNext("a", "b").verifyComplete();
            assertThat(queue.statistics().unfinished()).isEqualTo(1);
            assertThat(queue.poll()).contains("c");
        }

        @Test
        void theEndLeavesNothingUndone() {
            offer("a");
            queue.shutdown();
            StepVerifier.create(queue.asFlux(), 5).expectNext("a").verifyComplete();
            assertThat(isJoined()).isTrue();
        }
    }

    @Nested
    class Cancelling {

        @Test
        void leavesTheLine() {
            Disposable consumer = queue.asFlux().subscribe();
            assertThat(queue.statistics().waitingToTake()).isOne();
            consumer.dispose();
            assertThat(queue.statistics().waitingToTake()).isZero();
            offer("a");
            assertThat(queue.poll()).contains("a");
        }

        @Test
        void inTheInstantOfTheGrantTheItemGoesBack() {
            AtomicReference<Disposable> second = new AtomicReference<>();
            queue.take().subscribe(item -> {
                offer("b");
                second.get().dispose();
            });
            List<String> never = new ArrayList<>();
            second.set(queue.asFlux().subscribe(never::add));
            offer("a");
            assertThat(never).isEmpty();
            assertThat(queue.poll()).contains("b");
            assertThat(queue.statistics().unfinished()).isEqualTo(2);
        }

        @Test
        void beforeTheRequestNothingHappens() {
            AtomicReference<Subscription> kept = new AtomicReference<>();
            queue.asFlux().subscribe(new BaseSubscriber<>() {
                @Override
                protected void hookOnSubscribe(Subscription subscription) {
                    kept.set(subscription);
                }
            });
            kept.get().cancel();
            kept.get().request(1);
            offer("a");
            assertThat(queue.size()).isOne();
        }
    }

    @Test
    void reactorsToolsSeeIt() {
        AtomicReference<Subscription> kept = new AtomicReference<>();
        BaseSubscriber<String> consumer = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                kept.set(subscription);
                subscription.request(3);
            }
        };
        queue.asFlux().subscribe(consumer);
        Scannable scannable = Scannable.from(kept.get());
        assertThat(scannable.scan(Scannable.Attr.REQUESTED_FROM_DOWNSTREAM)).isEqualTo(3);
        assertThat(scannable.scan(Scannable.Attr.BUFFERED)).isZero();
        assertThat(scannable.scan(Scannable.Attr.CANCELLED)).isFalse();
        assertThat(scannable.scan(Scannable.Attr.TERMINATED)).isFalse();
        assertThat(scannable.scan(Scannable.Attr.ACTUAL)).isNotNull();
        queue.shutdown();
        assertThat(scannable.scan(Scannable.Attr.TERMINATED)).isTrue();
    }

    /** A million items from four producers to four consumers, each once, and for each producer in its order. */
    @Test
    void itemsOfOneProducerKeepTheirOrder() {
        AsyncQueue<Integer> items = AsyncQueue.bounded(7);
        Mono<Void> producer = Flux.range(0, 50_000)
                .publishOn(Schedulers.parallel())
                .concatMap(items::put)
                .doOnComplete(items::shutdown)
                .then();
        List<Mono<List<Integer>>> consumers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            consumers.add(items.asFlux()
                    .publishOn(Schedulers.parallel(), 1)
                    .collectList()
                    .subscribeOn(Schedulers.parallel()));
        }
        Mono<Integer> all = Flux.merge(consumers)
                .doOnNext(one -> assertThat(one).isSorted())
                .map(List::size)
                .reduce(0, Integer::sum);
        StepVerifier.create(Mono.zip(all, producer.thenReturn(1)))
                .assertNext(both -> assertThat(both.getT1()).isEqualTo(50_000))
                .expectComplete()
                .verify(LIMIT.multipliedBy(3));
        assertThat(items.statistics().unfinished()).isZero();
    }
}
