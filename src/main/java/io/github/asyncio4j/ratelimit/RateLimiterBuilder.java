package io.github.asyncio4j.ratelimit;

import io.github.asyncio4j.internal.Checks;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;

final class RateLimiterBuilder implements RateLimiter.Builder {

    private @Nullable Supplier<Pace> pace;
    private String name = "rate limiter";
    private boolean fromEnd;
    private int maxWaiters = Integer.MAX_VALUE;
    private @Nullable Scheduler scheduler;

    @Override
    public RateLimiter.Builder slidingWindow(int permits, Duration window) {
        Checks.atLeast(1, permits, "permits");
        long nanos = Checks.nanos(Checks.positive(window, "window"));
        pace = () -> new SlidingWindow(permits, nanos);
        return this;
    }

    @Override
    public RateLimiter.Builder tokenBucket(double perSecond, int burst) {
        Checks.positive(perSecond, "perSecond");
        Checks.atLeast(1, burst, "burst");
        pace = () -> new TokenBucket(perSecond, burst);
        return this;
    }

    @Override
    public RateLimiter.Builder smooth(double perSecond) {
        return tokenBucket(perSecond, 1);
    }

    @Override
    public RateLimiter.Builder name(String name) {
        this.name = Checks.notNull(name, "name");
        return this;
    }

    @Override
    public RateLimiter.Builder maxWaiters(int maxWaiters) {
        this.maxWaiters = Checks.atLeast(0, maxWaiters, "maxWaiters");
        return this;
    }

    @Override
    public RateLimiter.Builder scheduler(Scheduler scheduler) {
        this.scheduler = Checks.notNull(scheduler, "scheduler");
        return this;
    }

    @Override
    public RateLimiter.Builder countFromEnd() {
        fromEnd = true;
        return this;
    }

    @Override
    public RateLimiter build() {
        if (pace == null) {
            throw new IllegalStateException("choose slidingWindow, tokenBucket or smooth before build()");
        }
        return new DefaultRateLimiter(name, pace.get(), fromEnd, maxWaiters, scheduler);
    }
}
