package io.github.asyncio4j.sync;

import io.github.asyncio4j.internal.Checks;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * At most so many at once, across all pipelines that share it, waiting without a thread. {@code flatMap(f, n)} limits
 * one operator and suffices inside one pipeline; a semaphore limits a database or a remote host for the whole program.
 *
 * <pre>{@code
 * AsyncSemaphore hosts = AsyncSemaphore.create(10);
 * Mono<String> page = hosts.withPermit(fetch(url));
 * }</pre>
 *
 * <p><b>Order.</b> First come, first served, also between requests of different weight, and nobody passes those who wait:
 * a free permit with somebody in line is not free for a newcomer.
 *
 * <p><b>Threads.</b> Any. Whoever waited goes on on the thread that released, one after the other rather than one inside
 * the other, or on the builder's Scheduler.
 *
 * <p><b>Cancellation.</b> Cancelling a wait leaves the line; in the very instant of a grant the permit goes to the next.
 * Cancelling the work gives the permit back when the work's cleanup has ended, so that at no time more run than there are
 * permits.
 *
 * <p><b>Deadline.</b> A wait under a deadline of the Context that has passed fails at once, with the error of the scope
 * whose deadline it is.
 *
 * <p>asyncio's {@code Semaphore} and {@code BoundedSemaphore}, with the changeable size of Trio's
 * {@code CapacityLimiter}; java.util.concurrent's {@code Semaphore} blocks its thread.
 */
public final class AsyncSemaphore implements Scannable {

    private final PermitLine line;

    private AsyncSemaphore(PermitLine line) {
        this.line = line;
    }

    /**
     * A semaphore with an unbounded line.
     *
     * @param permits how many may be held at once; zero lets nobody in until {@link #resize}
     * @throws IllegalArgumentException if negative
     */
    public static AsyncSemaphore create(int permits) {
        return builder().permits(permits).build();
    }

    /** A semaphore with options. */
    public static Builder builder() {
        return new DefaultBuilder();
    }

    /**
     * Runs {@code work} while holding one permit.
     *
     * @see #withPermits(int, Mono)
     */
    public <T> Mono<T> withPermit(Mono<? extends T> work) {
        return withPermits(1, work);
    }

    /**
     * The same with a time limit for the wait; the work itself is not limited.
     *
     * @see #withPermits(int, Mono, Duration)
     */
    public <T> Mono<T> withPermit(Mono<? extends T> work, Duration maxWait) {
        return withPermits(1, work, maxWait);
    }

    /**
     * Runs {@code work} while holding {@code weight} permits. Subscribing and requesting waits in line; then {@code work}
     * is subscribed. It emits what {@code work} emits, after the permits have been given back and before the next in line
     * goes on.
     *
     * <p>Cancelling leaves the line or cancels {@code work}. Errors are those of {@code work}, and {@link
     * TooManyWaitersException} if the line is full, {@link java.util.concurrent.TimeoutException} if the deadline of the Context has
     * passed and no permit is free; in both cases {@code work} is not subscribed.
     *
     * @param weight at least 1; while it exceeds the size of the semaphore it waits for {@link #resize}
     */
    public <T> Mono<T> withPermits(int weight, Mono<? extends T> work) {
        Checks.notNull(work, "work");
        return MonoWithPermit.assemble(work, admission(weight, null));
    }

    /**
     * The same with a time limit for the wait, after which it fails with {@link AcquireTimeoutException}.
     *
     * @param maxWait positive; counted from the subscription
     */
    public <T> Mono<T> withPermits(int weight, Mono<? extends T> work, Duration maxWait) {
        Checks.notNull(work, "work");
        return MonoWithPermit.assemble(work, admission(weight, Checks.positive(maxWait, "maxWait")));
    }

    /**
     * Runs {@code work} while holding one permit, from the first request until the stream has ended or was cancelled.
     *
     * @see #withPermits(int, Mono)
     */
    public <T> Flux<T> withPermit(Flux<? extends T> work) {
        Checks.notNull(work, "work");
        return FluxWithPermit.assemble(work, admission(1, null));
    }

    /**
     * Waits for one permit.
     *
     * @see #acquire(int)
     */
    public Mono<Permit> acquire() {
        return acquire(1);
    }

    /**
     * Waits for {@code weight} permits, from the first request on, and emits them as one {@link Permit}, which the
     * receiver gives back. Cancelling leaves the line. It fails with {@link TooManyWaitersException} if the line is full,
     * and with {@link java.util.concurrent.TimeoutException} if the deadline of the Context has passed and not enough is free.
     *
     * <p>Give a time limit to {@link #acquire(int, Duration)} rather than to Reactor's {@code timeout}, which drops a
     * permit that arrives together with the timeout.
     *
     * @param weight at least 1; while it exceeds the size of the semaphore it waits for {@link #resize}
     */
    public Mono<Permit> acquire(int weight) {
        return MonoAcquire.assemble(admission(weight, null));
    }

    /**
     * The same with a time limit, after which it fails with {@link AcquireTimeoutException}; then nothing is held.
     *
     * @param maxWait positive; on the clock of the builder's Scheduler or of {@code Schedulers.parallel()}
     */
    public Mono<Permit> acquire(int weight, Duration maxWait) {
        return MonoAcquire.assemble(admission(weight, Checks.positive(maxWait, "maxWait")));
    }

    private Admission admission(int weight, @Nullable Duration maxWait) {
        return new Admission(line, Checks.atLeast(1, weight, "weight"), maxWait, false);
    }

    /** A permit if one is free and nobody waits; never waits. */
    public Optional<Permit> tryAcquire() {
        return line.tryAcquire(1) ? Optional.of(new DefaultPermit(line, 1)) : Optional.empty();
    }

    /** How many permits are free; below zero while more are held than a {@link #resize} left. */
    public int available() {
        return line.available();
    }

    /** How many wait in line. */
    public int waiting() {
        return line.size();
    }

    /**
     * Changes how many may be held at once. Growing lets waiters in at once; shrinking takes nothing away, permits that
     * come back stay back until the new size is reached. Zero pauses.
     *
     * @param permits zero or more
     */
    public void resize(int permits) {
        line.resize(Checks.atLeast(0, permits, "permits"));
    }

    /** What it has seen so far; {@code held} and {@code peak} count permits, the others requests. */
    public SyncStatistics statistics() {
        return line.statistics();
    }

    /** Tells its name, and as buffered how many wait. */
    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        return line.scan(key);
    }

    /** Kind, name and state. */
    @Override
    public String toString() {
        return line.toString();
    }

    /**
     * The options of a semaphore.
     *
     * <pre>{@code
     * AsyncSemaphore connections = AsyncSemaphore.builder()
     *         .permits(10)
     *         .name("connections")
     *         .maxWaiters(500)
     *         .build();
     * }</pre>
     *
     * <p>asyncio's {@code Semaphore} has its number and no other option.
     */
    public interface Builder {

        /** How many may be held at once; default 1. */
        Builder permits(int permits);

        /** The name in messages and dumps. */
        Builder name(String name);

        /** How many may wait at once, at least 1; the next gets {@link TooManyWaitersException}. Default: no limit. */
        Builder maxWaiters(int maxWaiters);

        /** Where those who waited go on, and whose clock counts their time limits. Default: the releaser's thread. */
        Builder scheduler(Scheduler scheduler);

        /** Builds it. */
        AsyncSemaphore build();
    }

    private static final class DefaultBuilder implements Builder {

        private int permits = 1;
        private @Nullable String name;
        private int maxWaiters = Integer.MAX_VALUE;
        private @Nullable Scheduler scheduler;

        @Override
        public Builder permits(int permits) {
            this.permits = Checks.atLeast(0, permits, "permits");
            return this;
        }

        @Override
        public Builder name(String name) {
            this.name = Checks.notNull(name, "name");
            return this;
        }

        @Override
        public Builder maxWaiters(int maxWaiters) {
            this.maxWaiters = Checks.atLeast(1, maxWaiters, "maxWaiters");
            return this;
        }

        @Override
        public Builder scheduler(Scheduler scheduler) {
            this.scheduler = Checks.notNull(scheduler, "scheduler");
            return this;
        }

        @Override
        public AsyncSemaphore build() {
            String label = name == null ? "AsyncSemaphore" : "AsyncSemaphore '" + name + "'";
            return new AsyncSemaphore(new PermitLine(label, permits, maxWaiters, scheduler));
        }
    }
}
