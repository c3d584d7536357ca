package io.github.asyncio4j.ratelimit;

import io.github.asyncio4j.internal.Checks;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Limits how many starts there are per time, across all pipelines that share it. Whoever is too early waits in line,
 * first in, first out, without blocking a thread.
 *
 * <pre>{@code
 * RateLimiter limiter = RateLimiter.slidingWindow(10, Duration.ofSeconds(1));
 * Flux<String> pages = Flux.fromIterable(urls).flatMap(url -> limiter.limit(session.get(url).text()));
 * }</pre>
 *
 * <p>Three kinds. {@link #slidingWindow} is exact: no window of the given length, wherever it is laid on the time axis,
 * holds more than {@code permits} starts. {@link #tokenBucket} lets a burst through and then keeps the rate.
 * {@link #smooth} spaces the starts evenly. For a limit on how many run <em>at the same time</em> take a semaphore; for
 * pacing one single stream core's {@code delayElements} suffices.
 *
 * <p>A start is counted when it happens, never in advance, so a cancelled waiter gives its place back by leaving. The
 * clock is the Scheduler's; it may be set back without making anybody wait for it. A waiter continues on the Scheduler's
 * thread, somebody who need not wait on his own. All methods may be called from any thread. asyncio has no counterpart;
 * aiolimiter's {@code AsyncLimiter} is what Python users reach for.
 */
public interface RateLimiter {

    /**
     * At most {@code permits} starts in any window of length {@code window}, half open: the start exactly one window
     * after another no longer shares one with it. Remembers the instants of the last {@code permits} starts.
     *
     * @param permits at least 1
     * @param window positive
     */
    static RateLimiter slidingWindow(int permits, Duration window) {
        return builder().slidingWindow(permits, window).build();
    }

    /**
     * {@code perSecond} starts on average, up to {@code burst} of them at once after a quiet time. The bucket starts
     * full. In {@code t} seconds there are at most {@code burst + perSecond × t} starts; one that its timer woke late
     * does not delay the next, within 2 ms.
     *
     * @param perSecond positive, fractions allowed
     * @param burst at least 1
     */
    static RateLimiter tokenBucket(double perSecond, int burst) {
        return builder().tokenBucket(perSecond, burst).build();
    }

    /**
     * {@code perSecond} starts, evenly spaced: a {@link #tokenBucket} with a burst of one.
     *
     * @param perSecond positive, fractions allowed
     */
    static RateLimiter smooth(double perSecond) {
        return builder().smooth(perSecond).build();
    }

    /** A builder for a name, a bound on the waiters or another clock. One of the three kinds has to be chosen. */
    static Builder builder() {
        return new RateLimiterBuilder();
    }

    /**
     * Waits for a start. Each subscription is one start; the place in line is taken when the first element is requested.
     *
     * <p>Completes empty when the start is due. Cancelling leaves the line and costs nobody a start.
     *
     * <p>Fails with {@link RejectedExecutionException} when {@code maxWaiters} already wait, and at once with
     * {@link io.github.asyncio4j.time.DeadlineExceededException} when the wait could not end before the deadline of the
     * Context.
     */
    Mono<Void> acquire();

    /**
     * {@link #acquire()}, then {@code work}: its value, its emptiness and its errors. A waiter that is cancelled never
     * subscribes {@code work}.
     */
    default <T> Mono<T> limit(Mono<? extends T> work) {
        return acquire().then(Mono.from(Checks.notNull(work, "work")));
    }

    /** Takes a start if one is due right now and nobody waits for it; never waits. */
    boolean tryAcquire();

    /**
     * How long somebody who acquired now would wait, if nobody in front leaves and nobody pauses the limiter meanwhile.
     * Zero when he would not wait.
     */
    Duration estimatedWait();

    /**
     * On subscription, holds back all starts for {@code duration} from now, also of those who wait already, as a
     * {@code Retry-After} asks for. Of several pauses the latest end counts. Completes empty, at once.
     *
     * @param duration not negative
     */
    Mono<Void> pause(Duration duration);

    /** Counters at this moment. */
    RateLimiterStatistics statistics();

    /**
     * Options; each method returns the builder.
     *
     * <pre>{@code
     * RateLimiter limiter = RateLimiter.builder()
     *         .slidingWindow(100, Duration.ofSeconds(1))
     *         .name("search")
     *         .maxWaiters(1_000)
     *         .build();
     * }</pre>
     *
     * <p>The arguments of aiolimiter's {@code AsyncLimiter}, and what it leaves open.
     */
    interface Builder {

        /** See {@link RateLimiter#slidingWindow}. */
        Builder slidingWindow(int permits, Duration window);

        /** See {@link RateLimiter#tokenBucket}. */
        Builder tokenBucket(double perSecond, int burst);

        /** See {@link RateLimiter#smooth}. */
        Builder smooth(double perSecond);

        /** Shown in errors and dumps; default {@code "rate limiter"}. */
        Builder name(String name);

        /** How many may wait, at least 0; unbounded if not set. */
        Builder maxWaiters(int maxWaiters);

        /** The clock and the thread that waiters continue on; default is {@code Schedulers.parallel()}. */
        Builder scheduler(Scheduler scheduler);

        /**
         * {@link RateLimiter#limit} counts a start anew when its work ends, if that is within the window. For a limit
         * that is enforced on another clock: a request has arrived there by the time it is answered, so what arrives
         * within one window never exceeds the limit, however long requests are under way. Costs as much of the rate as
         * the work takes of the window.
         */
        Builder countFromEnd();

        /** Throws {@link IllegalStateException} when no kind was chosen. */
        RateLimiter build();
    }
}
