package io.github.asyncio4j.benchmarks;

import io.github.asyncio4j.sync.AsyncLock;
import io.github.asyncio4j.sync.AsyncSemaphore;
import io.github.asyncio4j.sync.Permit;
import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.github.resilience4j.reactor.bulkhead.operator.BulkheadOperator;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import kotlin.Unit;
import kotlin.coroutines.Continuation;
import kotlin.coroutines.CoroutineContext;
import kotlin.coroutines.EmptyCoroutineContext;
import kotlinx.coroutines.sync.SemaphoreKt;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.pool.InstrumentedPool;
import reactor.pool.PoolBuilder;

/**
 * Nanoseconds to take and give back one of ten free permits, nobody else around. The operators run a {@code Mono.just}
 * under the permit; {@code source} is that Mono alone, to be subtracted. The JDK's and Kotlin's semaphores and {@code
 * tryAcquire} have no pipeline.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class SemaphoreBenchmark {

    private static final int PERMITS = 10;

    private final Mono<Integer> source = Mono.just(1).hide();
    private final AsyncSemaphore semaphore = AsyncSemaphore.create(PERMITS);
    private final Mono<Integer> withPermit = semaphore.withPermit(source);
    private final Mono<Permit> acquire = semaphore.acquire();
    private final Mono<Integer> withLock = AsyncLock.create().withLock(source);
    private final InstrumentedPool<Integer> pool =
            PoolBuilder.from(Mono.just(1)).sizeBetween(PERMITS, PERMITS).buildPool();
    private final Mono<Integer> pooled = pool.withPoolable(one -> source).next();
    private final Bulkhead bulkhead = Bulkhead.of(
            "benchmark", BulkheadConfig.custom().maxConcurrentCalls(PERMITS).build());
    private final Mono<Integer> bulkheaded = source.transformDeferred(BulkheadOperator.of(bulkhead));
    private final Semaphore blocking = new Semaphore(PERMITS);
    private final kotlinx.coroutines.sync.Semaphore kotlin = SemaphoreKt.Semaphore(PERMITS, 0);

    @Benchmark
    public void source(Blackhole blackhole) {
        source.subscribe(new Sink(blackhole));
    }

    @Benchmark
    public void withPermit(Blackhole blackhole) {
        withPermit.subscribe(new Sink(blackhole));
    }

    @Benchmark
    public void withLock(Blackhole blackhole) {
        withLock.subscribe(new Sink(blackhole));
    }

    @Benchmark
    public void acquireAndRelease(Blackhole blackhole) {
        acquire.subscribe(new Sink(blackhole));
    }

    @Benchmark
    public void tryAcquireAndRelease() {
        semaphore.tryAcquire().orElseThrow().release();
    }

    @Benchmark
    public void reactorPool(Blackhole blackhole) {
        pooled.subscribe(new Sink(blackhole));
    }

    @Benchmark
    public void resilience4jBulkhead(Blackhole blackhole) {
        bulkheaded.subscribe(new Sink(blackhole));
    }

    @Benchmark
    public void jdkSemaphore() throws InterruptedException {
        blocking.acquire();
        blocking.release();
    }

    @Benchmark
    public Object kotlinSemaphore() {
        Object result = kotlin.acquire(Nowhere.INSTANCE);
        kotlin.release();
        return result;
    }

    /** Gives a permit back as soon as it has one. */
    private record Sink(Blackhole blackhole) implements CoreSubscriber<Object> {
        @Override
        public void onSubscribe(Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(Object value) {
            blackhole.consume(value);
            if (value instanceof Permit permit) {
                permit.release();
            }
        }

        @Override
        public void onError(Throwable error) {
            throw new IllegalStateException(error);
        }

        @Override
        public void onComplete() {}
    }

    /** Never resumed: a permit is always free. */
    private enum Nowhere implements Continuation<Unit> {
        INSTANCE;

        @Override
        public CoroutineContext getContext() {
            return EmptyCoroutineContext.INSTANCE;
        }

        @Override
        public void resumeWith(Object result) {
            throw new IllegalStateException("suspended");
        }
    }
}
