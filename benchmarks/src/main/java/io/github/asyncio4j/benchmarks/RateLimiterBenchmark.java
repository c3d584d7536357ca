package io.github.asyncio4j.benchmarks;

import io.github.asyncio4j.ratelimit.RateLimiter;
import io.github.bucket4j.Bucket;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.github.resilience4j.reactor.ratelimiter.operator.RateLimiterOperator;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
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

/**
 * Nanoseconds for one start that nobody has to wait for: the limits are far above what one thread can ask. Those that
 * end in {@code Mono} are subscribed to; the others are plain calls. Ours is exact over any window, which costs a log;
 * resilience4j counts per calendar period, bucket4j and Guava count tokens.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class RateLimiterBenchmark {

    private static final int PERMITS = 10_000;
    private static final Duration PERIOD = Duration.ofNanos(20_000);
    private static final double PER_SECOND = 5e8;

    private final RateLimiter window = RateLimiter.slidingWindow(PERMITS, PERIOD);
    private final RateLimiter bucket = RateLimiter.tokenBucket(PER_SECOND, PERMITS);
    private final Mono<Void> windowMono = window.acquire();
    private final Mono<Void> bucketMono = bucket.acquire();
    private final io.github.resilience4j.ratelimiter.RateLimiter resilience4j =
            io.github.resilience4j.ratelimiter.RateLimiter.of(
                    "benchmark",
                    RateLimiterConfig.custom()
                            .limitForPeriod(PERMITS)
                            .limitRefreshPeriod(PERIOD)
                            .build());
    private final Mono<Void> resilience4jMono =
            Mono.<Void>empty().hide().transformDeferred(RateLimiterOperator.of(resilience4j));
    private final Bucket bucket4j = Bucket.builder()
            .addLimit(limit -> limit.capacity(PERMITS).refillGreedy(PERMITS, PERIOD))
            .build();
    private final com.google.common.util.concurrent.RateLimiter guava =
            com.google.common.util.concurrent.RateLimiter.create(PER_SECOND);

    @Benchmark
    public void slidingWindowMono(Blackhole blackhole) {
        windowMono.subscribe(new End(blackhole));
    }

    @Benchmark
    public void tokenBucketMono(Blackhole blackhole) {
        bucketMono.subscribe(new End(blackhole));
    }

    @Benchmark
    public void resilience4jMono(Blackhole blackhole) {
        resilience4jMono.subscribe(new End(blackhole));
    }

    @Benchmark
    public boolean slidingWindow() {
        return window.tryAcquire();
    }

    @Benchmark
    public boolean tokenBucket() {
        return bucket.tryAcquire();
    }

    @Benchmark
    public boolean resilience4j() {
        return resilience4j.acquirePermission();
    }

    @Benchmark
    public boolean bucket4j() {
        return bucket4j.tryConsume(1);
    }

    @Benchmark
    public boolean guava() {
        return guava.tryAcquire();
    }

    private record End(Blackhole blackhole) implements CoreSubscriber<Void> {
        @Override
        public void onSubscribe(Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(Void value) {
            blackhole.consume(value);
        }

        @Override
        public void onError(Throwable error) {
            throw new IllegalStateException(error);
        }

        @Override
        public void onComplete() {
            blackhole.consume(this);
        }
    }
}
