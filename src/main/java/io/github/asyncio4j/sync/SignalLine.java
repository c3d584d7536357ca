package io.github.asyncio4j.sync;

import io.github.asyncio4j.internal.Waiter;
import io.github.asyncio4j.internal.WaiterQueue;
import org.jspecify.annotations.Nullable;
import reactor.core.Scannable;
import reactor.core.scheduler.Scheduler;

/** A line in front of a primitive that lets in without handing out anything to hold. */
abstract class SignalLine<W extends Waiter> extends WaiterQueue<W> {

    private final String label;
    private final int maxWaiters;

    // Guarded by the lock.
    private int peak;

    /** @param label kind and name, for messages and dumps */
    SignalLine(String label, int maxWaiters, @Nullable Scheduler scheduler) {
        super(new Object(), maxWaiters, scheduler);
        this.label = label;
        this.maxWaiters = maxWaiters;
    }

    final String label() {
        return label;
    }

    final TooManyWaitersException full() {
        return new TooManyWaitersException(label, maxWaiters);
    }

    /** A newcomer stands in line. */
    void arrived() {
        synchronized (lock) {
            peak = Math.max(peak, size());
        }
    }

    final SyncStatistics statistics() {
        synchronized (lock) {
            return new SyncStatistics(size(), 0, grantedCount(), cancelledCount(), peak);
        }
    }

    /** What Reactor's tools ask of the primitive. */
    final @Nullable Object scan(Scannable.Attr<?> key) {
        if (key == Scannable.Attr.NAME) {
            return label;
        }
        return key == Scannable.Attr.BUFFERED ? Integer.valueOf(statistics().waiting()) : null;
    }

    @Override
    public String toString() {
        return label + "[" + size() + " waiting]";
    }
}
