package io.github.asyncio4j.sync;

import reactor.core.Disposable;

/**
 * What {@link AsyncSemaphore#acquire()} and {@link AsyncLock#acquire()} hand out: the right to go on, to be given back
 * once.
 *
 * <p>Prefer {@link AsyncSemaphore#withPermit} and {@link AsyncLock#withLock}, which cannot forget it. Where a permit
 * must outlive one pipeline, this is the manual form:
 *
 * <pre>{@code
 * Mono<String> page = semaphore.acquire()
 *         .flatMap(permit -> fetch(url).doFinally(end -> permit.release()));
 * }</pre>
 *
 * <p>Safe to use from any thread. asyncio's {@code release()} is a method of the semaphore and may be called too often;
 * here the permit knows whether it was given back.
 */
public interface Permit extends Disposable {

    /**
     * Gives the permit back; whoever waits for it goes on, on this thread unless the primitive was given a Scheduler.
     * Calling it again does nothing.
     */
    void release();

    /** Whether it was given back. */
    boolean isReleased();

    /** How many permits of the semaphore it stands for; 1 for a lock. */
    int weight();

    /** The same as {@link #release()}. */
    @Override
    default void dispose() {
        release();
    }

    /** The same as {@link #isReleased()}. */
    @Override
    default boolean isDisposed() {
        return isReleased();
    }
}
