package io.github.asyncio4j.sync;

import io.github.asyncio4j.internal.Checks;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * One at a time, across all pipelines that share it, waiting without a thread. For state that one operator owns,
 * {@code concatMap} or {@code flatMap(f, 1)} suffices; for one at a time <em>per key</em> see {@link KeyedLocks}.
 *
 * <pre>{@code
 * AsyncLock lock = AsyncLock.create();
 * Mono<Token> token = lock.withLock(Mono.defer(() -> cached.isFresh() ? Mono.just(cached) : refresh()));
 * }</pre>
 *
 * <p><b>Owned.</b> The lock is released by the {@code withLock} that got it, or by its {@link Permit}, once. It is not
 * re-entrant: asking again inside the same {@code withLock} fails with a sentence instead of waiting for itself for ever.
 * The Context tells; tasks that are started inside inherit it.
 *
 * <p><b>Order, threads, cancellation, deadlines:</b> as {@link AsyncSemaphore}. In particular, work that was cancelled
 * keeps the lock until its cleanup has ended.
 *
 * <p>asyncio's {@code Lock}, owned as Trio's.
 */
public final class AsyncLock implements Scannable {

    private final PermitLine line;
    private final int maxWaiters;

    private AsyncLock(SyncBuilder<AsyncLock> options) {
        line = new PermitLine(options.label(), 1, options.maxWaiters(), options.scheduler());
        maxWaiters = options.maxWaiters();
    }

    /** A lock with an unbounded line. */
    public static AsyncLock create() {
        return builder().build();
    }

    /** A lock with options. */
    public static SyncBuilder<AsyncLock> builder() {
        return new SyncBuilder<>("AsyncLock", AsyncLock::new);
    }

    /**
     * Runs {@code work} while holding the lock. Subscribing and requesting waits in line; then {@code work} is
     * subscribed. It emits what {@code work} emits, after the lock has been released and before the next in line goes on.
     *
     * <p>Cancelling leaves the line or cancels {@code work}. Errors are those of {@code work}, and without {@code work}
     * having been subscribed: {@link IllegalStateException} when the pipeline already is inside this lock, {@link
     * TooManyWaitersException} if the line is full, {@link java.util.concurrent.TimeoutException} if the lock is not free and the
     * deadline of the Context has passed.
     */
    public <T> Mono<T> withLock(Mono<? extends T> work) {
        Checks.notNull(work, "work");
        return MonoWithPermit.assemble(work, admission(null));
    }

    /**
     * The same with a time limit for the wait, after which it fails with {@link AcquireTimeoutException}.
     *
     * @param maxWait positive; counted from the subscription
     */
    public <T> Mono<T> withLock(Mono<? extends T> work, Duration maxWait) {
        Checks.notNull(work, "work");
        return MonoWithPermit.assemble(work, admission(Checks.positive(maxWait, "maxWait")));
    }

    /** The same for a stream, which holds the lock from the first request until it has ended or was cancelled. */
    public <T> Flux<T> withLock(Flux<? extends T> work) {
        Checks.notNull(work, "work");
        return FluxWithPermit.assemble(work, admission(null));
    }

    /**
     * Waits for the lock, from the first request on, and emits it as a {@link Permit}, which the receiver gives back.
     * Cancelling leaves the line. Errors as {@link #withLock(Mono)}.
     */
    public Mono<Permit> acquire() {
        return MonoAcquire.assemble(admission(null));
    }

    /**
     * The same with a time limit, after which it fails with {@link AcquireTimeoutException}; then nothing is held.
     *
     * @param maxWait positive; on the clock of the builder's Scheduler or of {@code Schedulers.parallel()}
     */
    public Mono<Permit> acquire(Duration maxWait) {
        return MonoAcquire.assemble(admission(Checks.positive(maxWait, "maxWait")));
    }

    /** The lock if it is free and nobody waits; never waits. */
    public Optional<Permit> tryAcquire() {
        return line.tryAcquire(1) ? Optional.of(new DefaultPermit(line, 1)) : Optional.empty();
    }

    /** Whether somebody holds it. */
    public boolean isLocked() {
        return line.available() <= 0;
    }

    /** A condition of this lock; a lock can have many. */
    public AsyncCondition newCondition() {
        return new AsyncCondition(line, maxWaiters);
    }

    /** What it has seen so far; {@code held} and {@code peak} are 0 or 1. */
    public SyncStatistics statistics() {
        return line.statistics();
    }

    private Admission admission(@Nullable Duration maxWait) {
        return new Admission(line, 1, maxWait, true);
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
}
