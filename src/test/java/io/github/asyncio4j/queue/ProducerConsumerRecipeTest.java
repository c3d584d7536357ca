package io.github.asyncio4j.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.testing.Recipe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** The course's producer and consumer, and the bounded queue that Reactor's users look for. */
class ProducerConsumerRecipeTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final List<String> log = Collections.synchronizedList(new ArrayList<>());

    /** Ten items through a queue of five, a sentinel at the end; the producer is faster and has to wait. */
    @Test
    @Recipe(
            row = "31",
            value =
                    "Producer and consumer over a queue of five: ten items, a sentinel, `taskDone` and `join`; the producer waits.")
    void producerAndConsumerWithASentinelTaskDoneAndJoin() {
        AtomicInteger fullest = new AtomicInteger();
        StepVerifier.withVirtualTime(() -> {
                    AsyncQueue<String> queue = AsyncQueue.bounded(5);
                    Mono<Void> producer = Flux.range(0, 10)
                            .map(i -> "item " + i)
                            .concatMap(item -> queue.put(item).doOnSuccess(put -> {
                                log.add("put " + item);
                                fullest.accumulateAndGet(queue.size(), Math::max);
                            }))
                            .then(queue.put("stop"));
                    Mono<Long> consumer = Flux.defer(queue::take)
                            .repeat()
                            .concatMap(
                                    item -> Mono.delay(Duration.ofSeconds(1))
                                            .doOnNext(worked -> {
                                                log.add("done " + item);
                                                queue.taskDone();
                                            })
                                            .thenReturn(item),
                                    0)
                            .takeUntil("stop"::equals)
                            .count();
                    return Mono.zip(consumer, producer.then(queue.join()).thenReturn("joined"));
                })
                .expectSubscription()
                .expectNoEvent(Duration.ofMillis(10_999))
                .thenAwait(Duration.ofMillis(1))
                .assertNext(end -> assertThat(end.getT1()).isEqualTo(11))
                .expectComplete()
                .verify(LIMIT);
        assertThat(fullest).hasValue(5);
        assertThat(log.indexOf("put item 9")).isGreaterThan(log.indexOf("done item 2"));
        assertThat(log.stream().filter(line -> line.startsWith("done")))
                .containsExactlyElementsOf(IntStream.rangeClosed(0, 10)
                        .mapToObj(i -> i < 10 ? "done item " + i : "done stop")
                        .toList());
    }

    /** The same without sentinel and bookkeeping: shut down at the end, drain with one worker. */
    @Test
    void theSameWithShutdownAndDrain() {
        AsyncQueue<Integer> queue = AsyncQueue.bounded(5);
        List<Integer> done = new ArrayList<>();
        Mono<Void> producer = Flux.range(0, 10)
                .concatMap(queue::put)
                .doOnComplete(queue::shutdown)
                .then();
        StepVerifier.create(Mono.when(producer, queue.drain(1, item -> Mono.fromRunnable(() -> done.add(item)))))
                .expectComplete()
                .verify(LIMIT);
        assertThat(done)
                .containsExactlyElementsOf(IntStream.range(0, 10).boxed().toList());
        StepVerifier.create(queue.join()).verifyComplete();
    }

    /** Eight producers of 2,000 each: a Reactor sink refuses most of them, the queue lets them wait. */
    @Test
    @Recipe(row = "B18", value = "Eight producers, one bounded queue, four workers: every item received once.")
    void severalProducersOneBoundedQueueAllReceivedOnce() {
        AsyncQueue<Integer> queue = AsyncQueue.bounded(16);
        Mono<Void> producers = Flux.range(0, 8)
                .flatMap(p -> Flux.range(p * 2_000, 2_000).concatMap(queue::put).subscribeOn(Schedulers.parallel()))
                .doOnComplete(queue::shutdown)
                .then();
        List<Integer> received = Collections.synchronizedList(new ArrayList<>());
        Mono<Void> workers = queue.drain(4, item -> Mono.fromRunnable(() -> received.add(item)));
        StepVerifier.create(Mono.when(producers, workers)).expectComplete().verify(LIMIT);
        assertThat(received)
                .hasSize(16_000)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 16_000).boxed().toList());
    }
}
