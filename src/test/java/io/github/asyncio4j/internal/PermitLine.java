package io.github.asyncio4j.internal;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/** The smallest primitive on a {@link WaiterQueue}: a semaphore that its waiters take from by weight. */
class PermitLine extends WaiterQueue<PermitLine.Taker> {

    private int permits;

    PermitLine(int permits) {
        this(permits, Integer.MAX_VALUE, null);
    }

    PermitLine(int permits, int maxWaiters, @Nullable Scheduler scheduler) {
        super(new Object(), maxWaiters, scheduler);
        this.permits = permits;
    }

    @Override
    protected boolean tryTake(Taker taker) {
        if (permits < taker.weight) {
            return false;
        }
        permits -= taker.weight;
        return true;
    }

    boolean tryAcquire() {
        synchronized (lock) {
            if (!isEmpty() || permits < 1) {
                return false;
            }
            permits--;
            countGrant();
            return true;
        }
    }

    void release(int weight) {
        Taker woken;
        synchronized (lock) {
            permits += weight;
            woken = takeable();
        }
        wake(woken);
    }

    int permits() {
        synchronized (lock) {
            return permits;
        }
    }

    /** Ends every wait with a failure, as a shutdown does; answers how many it ended. */
    int failAll() {
        java.util.List<Taker> all;
        synchronized (lock) {
            all = removeAll();
        }
        return (int) all.stream().filter(Waiter::fail).count();
    }

    @Override
    public String toString() {
        return "permits";
    }

    /** Records its ends; releases what it got when told to. */
    class Taker extends Waiter {
        final int weight;
        final AtomicInteger grants = new AtomicInteger();
        final AtomicInteger handedBack = new AtomicInteger();
        final AtomicInteger timeouts = new AtomicInteger();
        private final Runnable onGrant;

        Taker(int weight, Runnable onGrant) {
            super(PermitLine.this);
            this.weight = weight;
            this.onGrant = onGrant;
        }

        Taker() {
            this(1, () -> {});
        }

        boolean enter() {
            return enter(Context.empty());
        }

        boolean enterWithin(Duration limit, @Nullable Scheduler clock) {
            return enter(Context.empty(), limit, clock);
        }

        boolean enterIn(ContextView context) {
            return enter(context);
        }

        @Override
        protected void granted() {
            grants.incrementAndGet();
            onGrant.run();
        }

        @Override
        protected void handBack() {
            handedBack.incrementAndGet();
            release(weight);
        }

        @Override
        protected void timedOut() {
            timeouts.incrementAndGet();
        }
    }
}
