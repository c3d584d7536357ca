package io.github.asyncio4j.benchmarks;

import io.github.asyncio4j.task.Tasks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * What joining costs: {@code gather}'s scope and order against Reactor's own ways and futures, which promise less. The
 * score is for the whole join; divide by the number of sources. {@code -p sources=100000} shows whether it is linear,
 * {@code -prof gc} the bytes.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class GatherBenchmark {

    @Param({"10", "1000"})
    private int sources;

    /** Values that are there; values from one of two other threads; or, if asked for, there but "subscribed" to. */
    @Param({"complete", "hopping"})
    private String kind;

    private ExecutorService threads;
    private Scheduler scheduler;
    private List<Mono<Integer>> all;

    @Setup
    public void createSources() {
        threads = Executors.newFixedThreadPool(2);
        scheduler = Schedulers.fromExecutorService(threads);
        all = IntStream.range(0, sources).mapToObj(this::source).toList();
    }

    private Mono<Integer> source(int value) {
        return switch (kind) {
            case "complete" -> Mono.just(value);
            case "subscribed" -> Mono.just(value).hide();
            case "hopping" -> Mono.fromCallable(() -> value).subscribeOn(scheduler);
            default -> throw new IllegalArgumentException(kind);
        };
    }

    @TearDown
    public void stopThreads() {
        scheduler.dispose();
        threads.shutdownNow();
    }

    @Benchmark
    public List<Integer> gather() {
        return Tasks.gather(all).block();
    }

    @Benchmark
    public List<Integer> gatherTenthAtATime() {
        return Tasks.gather(all, sources / 10).block();
    }

    @Benchmark
    public Long asCompleted() {
        return Tasks.asCompleted(all).count().block();
    }

    @Benchmark
    public List<Object> zip() {
        return Mono.zip(all, Arrays::asList).block();
    }

    @Benchmark
    public List<Integer> flatMap() {
        return Flux.fromIterable(all)
                .flatMap(source -> source, sources)
                .collectList()
                .block();
    }

    /** The least that can be: each source subscribed, its value put into its place, no scope and no cancellation. */
    @Benchmark
    public Integer[] floor() throws InterruptedException {
        Integer[] values = new Integer[sources];
        CountDownLatch latch = new CountDownLatch(sources);
        for (int i = 0; i < sources; i++) {
            all.get(i).subscribe(new Slot(values, i, latch));
        }
        latch.await();
        return values;
    }

    private record Slot(Integer[] values, int index, CountDownLatch latch) implements CoreSubscriber<Integer> {
        @Override
        public void onSubscribe(Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(Integer value) {
            values[index] = value;
        }

        @Override
        public void onError(Throwable error) {
            throw new IllegalStateException(error);
        }

        @Override
        public void onComplete() {
            latch.countDown();
        }
    }

    @Benchmark
    public List<Integer> completableFuture() {
        List<CompletableFuture<Integer>> futures = new ArrayList<>(sources);
        for (int i = 0; i < sources; i++) {
            Integer value = i;
            futures.add(
                    kind.equals("hopping")
                            ? CompletableFuture.supplyAsync(() -> value, threads)
                            : CompletableFuture.completedFuture(value));
        }
        CompletableFuture.allOf(futures.toArray(CompletableFuture<?>[]::new)).join();
        return futures.stream().map(CompletableFuture::join).toList();
    }
}
