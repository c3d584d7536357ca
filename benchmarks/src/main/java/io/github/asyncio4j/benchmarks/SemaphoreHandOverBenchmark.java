package io.github.asyncio4j.benchmarks;

import io.github.asyncio4j.sync.AsyncSemaphore;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
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
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.pool.InstrumentedPool;
import reactor.pool.PoolBuilder;

/**
 * Nanoseconds for each turn when so many pipelines share one permit, each on a thread of its own, and ask again as soon
 * as they have given it back. {@code withPermit} and {@code reactorPool} hand over without blocking; {@code hop} is the
 * same loop without a permit, {@code jdkSemaphore} blocks a thread for each and is fair, too.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class SemaphoreHandOverBenchmark {

    private static final int TURNS = 40_000;

    @Param({"1", "2", "8"})
    private int threads;

    private Scheduler[] workers;
    private int shared;

    @Setup
    public void startThreads() {
        workers = new Scheduler[threads];
        for (int i = 0; i < threads; i++) {
            workers[i] = Schedulers.newSingle("worker-" + i);
        }
    }

    @TearDown
    public void stopThreads() {
        for (Scheduler worker : workers) {
            worker.dispose();
        }
    }

    private int turns(Mono<Integer> turn) {
        Flux.range(0, threads)
                .flatMap(
                        i -> turn.subscribeOn(workers[i])
                                .repeat(TURNS / threads - 1)
                                .then(),
                        threads)
                .blockLast();
        return shared;
    }

    private int work() {
        return ++shared;
    }

    @Benchmark
    @OperationsPerInvocation(TURNS)
    public int hop() {
        return turns(Mono.fromSupplier(() -> 1));
    }

    @Benchmark
    @OperationsPerInvocation(TURNS)
    public int withPermit() {
        AsyncSemaphore semaphore = AsyncSemaphore.create(1);
        return turns(semaphore.withPermit(Mono.fromSupplier(this::work)));
    }

    @Benchmark
    @OperationsPerInvocation(TURNS)
    public int reactorPool() {
        InstrumentedPool<Integer> pool =
                PoolBuilder.from(Mono.just(1)).sizeBetween(1, 1).buildPool();
        return turns(pool.withPoolable(one -> Mono.fromSupplier(this::work)).next());
    }

    @Benchmark
    @OperationsPerInvocation(TURNS)
    public int jdkSemaphore() {
        Semaphore semaphore = new Semaphore(1, true);
        return turns(Mono.fromSupplier(() -> {
            semaphore.acquireUninterruptibly();
            try {
                return work();
            } finally {
                semaphore.release();
            }
        }));
    }
}
