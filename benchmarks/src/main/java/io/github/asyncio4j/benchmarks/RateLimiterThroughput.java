package io.github.asyncio4j.benchmarks;

import io.github.asyncio4j.ratelimit.RateLimiter;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/**
 * How near to its limit each limiter comes in real time when more is asked of it all the time. Eight seconds each, so no
 * JMH; run it with {@code java -cp benchmarks/target/benchmarks.jar
 * io.github.asyncio4j.benchmarks.RateLimiterThroughput}.
 */
public final class RateLimiterThroughput {

    private static final int SECONDS = 8;

    private RateLimiterThroughput() {}

    public static void main(String[] args) throws InterruptedException {
        measure("sliding window, 1,000 in 1 s", RateLimiter.slidingWindow(1_000, Duration.ofSeconds(1)), 1_000, 1_000);
        measure("sliding window, 100 in 100 ms", RateLimiter.slidingWindow(100, Duration.ofMillis(100)), 1_000, 100);
        measure("token bucket, 1,000/s, burst 10", RateLimiter.tokenBucket(1_000, 10), 1_000, 10);
        measure("token bucket, 5,000/s, burst 100", RateLimiter.tokenBucket(5_000, 100), 5_000, 100);
        measure("smooth, 50/s", RateLimiter.smooth(50), 50, 1);
        measure("smooth, 500/s", RateLimiter.smooth(500), 500, 1);
    }

    /** The first {@code burst} starts come at once and are not counted. */
    private static void measure(String name, RateLimiter limiter, int perSecond, int burst)
            throws InterruptedException {
        int starts = perSecond * SECONDS;
        CountDownLatch started = new CountDownLatch(starts);
        long begin = System.nanoTime();
        for (int i = 0; i < starts; i++) {
            limiter.acquire().subscribe(null, null, started::countDown);
        }
        started.await();
        double seconds = (System.nanoTime() - begin) / 1e9;
        double reached = 100 * (starts - burst) / seconds / perSecond;
        System.out.printf("%-34s %,6d starts in %.3f s: %.2f %% of the limit%n", name, starts, seconds, reached);
    }
}
