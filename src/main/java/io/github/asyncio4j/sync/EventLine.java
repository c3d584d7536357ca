package io.github.asyncio4j.sync;

import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** The flag of an event and those who wait for it. */
final class EventLine extends SignalLine<EventLine.Listener> {

    // Guarded by the lock.
    private boolean flag;

    EventLine(String label, int maxWaiters, @Nullable Scheduler scheduler) {
        super(label, maxWaiters, scheduler);
    }

    Mono<Void> await() {
        return Arrival.mono(this, actual -> new Listener(actual, this));
    }

    @Override
    protected boolean tryTake(Listener waiter) {
        return flag;
    }

    void set() {
        Listener chain;
        synchronized (lock) {
            flag = true;
            chain = takeable();
        }
        wake(chain);
    }

    void clear() {
        synchronized (lock) {
            flag = false;
        }
    }

    boolean isSet() {
        synchronized (lock) {
            return flag;
        }
    }

    @Override
    public String toString() {
        synchronized (lock) {
            return label() + "[" + (flag ? "set" : "not set") + ", " + size() + " waiting]";
        }
    }

    static final class Listener extends Arrival<Void> {

        Listener(CoreSubscriber<? super Void> actual, EventLine line) {
            super(actual, line);
        }

        @Override
        protected void granted() {
            actual.onComplete();
        }

        @Override
        protected void handBack() {
            // A flag is not used up.
        }
    }
}
