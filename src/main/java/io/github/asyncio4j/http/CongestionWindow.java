package io.github.asyncio4j.http;

import io.github.asyncio4j.sync.AsyncSemaphore;

/**
 * How many requests may be under way to one origin, found as TCP finds it (RFC 5681): twice as many with each round
 * until the first failure, then one more with each round, and half as many after a failure. What was sent before the
 * window was halved does not halve it again.
 */
final class CongestionWindow {

    private final int min;
    private final int max;
    final AsyncSemaphore permits;
    // Guarded by this.
    private double size;
    private boolean slowStart = true;
    private int halvings;
    private int inFlight;
    private long succeeded;
    private long failed;

    CongestionWindow(int min, int initial, int max) {
        this.min = min;
        this.max = max;
        this.size = initial;
        this.permits = AsyncSemaphore.create(initial);
    }

    /** A request is sent; {@link #failed} wants to know what this gives. */
    synchronized int started() {
        inFlight++;
        return halvings;
    }

    /** It ended in a way that says nothing about the load. */
    synchronized void ended() {
        inFlight--;
    }

    void succeeded() {
        boolean isFull = permits.waiting() > 0;
        synchronized (this) {
            succeeded++;
            // Whoever does not use what he has learns nothing about more.
            if (isFull || inFlight >= (int) size) {
                size = Math.min(max, size + (slowStart ? 1 : 1 / size));
            }
            inFlight--;
        }
        resize();
    }

    void failed(int startedAt) {
        synchronized (this) {
            failed++;
            inFlight--;
            slowStart = false;
            if (startedAt == halvings) {
                size = Math.max(min, size / 2);
                halvings++;
            }
        }
        resize();
    }

    private synchronized int limit() {
        return (int) size;
    }

    // Not under the lock, as it lets waiters go on; of two at once the slower one sets right what it may have undone.
    private void resize() {
        int limit;
        do {
            limit = limit();
            permits.resize(limit);
        } while (limit != limit());
    }

    synchronized AdaptiveConcurrency.Statistics statistics() {
        return new AdaptiveConcurrency.Statistics((int) size, inFlight, permits.waiting(), succeeded, failed);
    }
}
