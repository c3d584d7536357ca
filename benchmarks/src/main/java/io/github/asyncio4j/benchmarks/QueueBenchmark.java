package io.github.asyncio4j.benchmarks;

import io.github.asyncio4j.queue.AsyncQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Nanoseconds for each item that goes through a queue of 1,024, from so many producers to so many consumers. The sink's
 * producers try again when it is busy or full, and its one consumer deals its items out to several; LinkedBlockingQueue
 * blocks a thread for each.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class QueueBenchmark {

    private static final int ITEMS = 80_000;
    private static final int CAPACITY = 1_024;

    @Param({"1:1", "4:4", "8:1"})
    private String shape;

    private int producers;
    private int consumers;
    private Scheduler threads;
    private ExecutorService pool;

    @Setup
    public void startThreads() {
        producers = Integer.parseInt(shape.substring(0, 1));
        consumers = Integer.parseInt(shape.substring(2));
        threads = Schedulers.newParallel("queue", producers + consumers);
        pool = Executors.newFixedThreadPool(producers + consumers);
    }

    @TearDown
    public void stopThreads() {
        threads.dispose();
        pool.shutdownNow();
    }

    @Benchmark
    @OperationsPerInvocation(ITEMS)
    public long asFlux() {
        AsyncQueue<Integer> queue = AsyncQueue.bounded(CAPACITY);
        LongAdder count = new LongAdder();
        Mono<Void> consuming = Flux.range(0, consumers)
                .flatMap(i -> queue.asFlux().doOnNext(item -> count.increment()).subscribeOn(threads), consumers)
                .then();
        Mono.when(consuming, producing(queue)).block();
        return count.sum();
    }

    @Benchmark
    @OperationsPerInvocation(ITEMS)
    public long take() {
        AsyncQueue<Integer> queue = AsyncQueue.bounded(CAPACITY);
        LongAdder count = new LongAdder();
        Mono<Void> consuming = Flux.range(0, consumers)
                .flatMap(
                        i -> queue.take()
                                .doOnNext(item -> count.increment())
                                .repeat()
                                .onErrorComplete()
                                .subscribeOn(threads),
                        consumers)
                .then();
        Mono.when(consuming, producing(queue)).block();
        return count.sum();
    }

    private Mono<Void> producing(AsyncQueue<Integer> queue) {
        return Flux.range(0, producers)
                .flatMap(
                        i -> Flux.range(0, ITEMS / producers)
                                .concatMap(queue::put, 1)
                                .subscribeOn(threads),
                        producers)
                .doOnComplete(queue::shutdown)
                .then();
    }

    @Benchmark
    @OperationsPerInvocation(ITEMS)
    public long sinkWithRetry() {
        Sinks.Many<Integer> sink = Sinks.many().unicast().onBackpressureBuffer(new ArrayBlockingQueue<>(CAPACITY));
        LongAdder count = new LongAdder();
        Mono<Void> consuming = sink.asFlux()
                .parallel(consumers)
                .runOn(threads)
                .doOnNext(item -> count.increment())
                .then();
        Mono<Void> producing = Flux.range(0, producers)
                .flatMap(
                        i -> Flux.range(0, ITEMS / producers)
                                .doOnNext(item -> emit(sink, item))
                                .subscribeOn(threads),
                        producers)
                .doOnComplete(() -> complete(sink))
                .then();
        Mono.when(consuming, producing).block();
        return count.sum();
    }

    private static void emit(Sinks.Many<Integer> sink, Integer item) {
        while (sink.tryEmitNext(item).isFailure()) {
            Thread.yield();
        }
    }

    private static void complete(Sinks.Many<Integer> sink) {
        while (sink.tryEmitComplete().isFailure()) {
            Thread.yield();
        }
    }

    @Benchmark
    @OperationsPerInvocation(ITEMS)
    public long kotlinChannel() throws InterruptedException {
        KotlinChannel channel = new KotlinChannel(CAPACITY, pool);
        LongAdder count = new LongAdder();
        CountDownLatch produced = new CountDownLatch(producers);
        CountDownLatch consumed = new CountDownLatch(consumers);
        for (int i = 0; i < consumers; i++) {
            channel.consume(count, consumed);
        }
        for (int i = 0; i < producers; i++) {
            channel.produce(ITEMS / producers, produced);
        }
        produced.await();
        channel.close();
        consumed.await();
        return count.sum();
    }

    @Benchmark
    @OperationsPerInvocation(ITEMS)
    public long linkedBlockingQueue() throws InterruptedException {
        BlockingQueue<Integer> queue = new LinkedBlockingQueue<>(CAPACITY);
        LongAdder count = new LongAdder();
        List<Thread> producing = start(producers, () -> {
            for (int item = 0; item < ITEMS / producers; item++) {
                queue.put(item);
            }
        });
        List<Thread> consuming = start(consumers, () -> {
            while (queue.take() >= 0) {
                count.increment();
            }
        });
        join(producing);
        for (int i = 0; i < consumers; i++) {
            queue.put(-1);
        }
        join(consuming);
        return count.sum();
    }

    private interface Blocking {
        void run() throws InterruptedException;
    }

    private static List<Thread> start(int count, Blocking work) {
        List<Thread> started = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Thread thread = new Thread(() -> {
                try {
                    work.run();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            thread.start();
            started.add(thread);
        }
        return started;
    }

    private static void join(List<Thread> threads) throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
