package io.github.asyncio4j.ratelimit;

import java.time.Duration;

/**
 * What a {@link RateLimiter} has done so far, and who waits.
 *
 * <p>aiolimiter tells {@code has_capacity()} only.
 */
public interface RateLimiterStatistics {

    /** Waiting in line now. */
    int waiting();

    /** Starts so far. */
    long granted();

    /** Waiters that left the line without a start: cancelled, or timed out by a scope around them. */
    long cancelled();

    /** How long the limiter is still paused; zero when it is not. */
    Duration paused();
}
