package io.github.asyncio4j.sync;

import io.github.asyncio4j.internal.WaiterQueue;
import org.jspecify.annotations.Nullable;
import reactor.core.Scannable;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Permits and the line of those who wait for them: the heart of the semaphore and, with one permit, of the lock. */
final class PermitLine extends WaiterQueue<PermitWaiter> {

    private final String label;
    private final int maxWaiters;
    private final @Nullable Scheduler scheduler;

    // Guarded by the lock. After a shrink more may be held than there are permits.
    private int permits;
    private int held;
    private int peak;

    /** @param label kind and name, for messages and dumps */
    PermitLine(String label, int permits, int maxWaiters, @Nullable Scheduler scheduler) {
        super(new Object(), maxWaiters, scheduler);
        this.label = label;
        this.permits = permits;
        this.maxWaiters = maxWaiters;
        this.scheduler = scheduler;
    }

    @Override
    protected boolean tryTake(PermitWaiter waiter) {
        return take(waiter.admission.weight);
    }

    @Override
    protected boolean untake(PermitWaiter waiter) {
        held -= waiter.admission.weight;
        return true;
    }

    private boolean take(int weight) {
        if (weight > permits - held) {
            return false;
        }
        held += weight;
        peak = Math.max(peak, held);
        return true;
    }

    /** For one who does not wait, and does not go before those who do. */
    boolean tryAcquire(int weight) {
        synchronized (lock) {
            if (!isEmpty() || !take(weight)) {
                return false;
            }
            countGrant();
            return true;
        }
    }

    /** Gives back; the caller wakes whom it returns. */
    @Nullable
    PermitWaiter release(int weight) {
        synchronized (lock) {
            held -= weight;
            return takeable();
        }
    }

    void releaseAndWake(int weight) {
        wake(release(weight));
    }

    void resize(int permits) {
        PermitWaiter chain;
        synchronized (lock) {
            this.permits = permits;
            chain = takeable();
        }
        wake(chain);
    }

    int available() {
        synchronized (lock) {
            return permits - held;
        }
    }

    int permits() {
        synchronized (lock) {
            return permits;
        }
    }

    /** The clock of the time limits. */
    Scheduler clock() {
        return scheduler == null ? Schedulers.parallel() : scheduler;
    }

    String label() {
        return label;
    }

    TooManyWaitersException full() {
        return new TooManyWaitersException(label, maxWaiters);
    }

    SyncStatistics statistics() {
        synchronized (lock) {
            return new SyncStatistics(size(), held, grantedCount(), cancelledCount(), peak);
        }
    }

    /** What Reactor's tools ask of the primitive. */
    @Nullable
    Object scan(Scannable.Attr<?> key) {
        if (key == Scannable.Attr.NAME) {
            return label;
        }
        return key == Scannable.Attr.BUFFERED ? Integer.valueOf(statistics().waiting()) : null;
    }

    @Override
    public String toString() {
        synchronized (lock) {
            return label + "[" + (permits - held) + " of " + permits + " available, " + size() + " waiting]";
        }
    }
}
