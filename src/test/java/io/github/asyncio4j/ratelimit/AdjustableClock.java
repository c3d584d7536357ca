package io.github.asyncio4j.ratelimit;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Scheduler;

/**
 * A Scheduler whose wall clock can be set, and which remembers for each thread the instant it told last: the one that
 * the limiter counted when it let this thread through.
 */
final class AdjustableClock implements Scheduler {

    private final Scheduler delegate;
    private final ThreadLocal<Long> told = new ThreadLocal<>();
    private final AtomicInteger timers = new AtomicInteger();
    private volatile long offset;

    AdjustableClock(Scheduler delegate) {
        this.delegate = delegate;
    }

    void setBack(Duration by) {
        offset -= by.toNanos();
    }

    long lastTold() {
        return told.get();
    }

    @Override
    public long now(TimeUnit unit) {
        long now = delegate.now(TimeUnit.NANOSECONDS) + offset;
        told.set(now);
        return unit.convert(now, TimeUnit.NANOSECONDS);
    }

    /** Timers that have neither fired nor been disposed. */
    int timers() {
        return timers.get();
    }

    @Override
    public Disposable schedule(Runnable task) {
        return delegate.schedule(task);
    }

    @Override
    public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
        timers.incrementAndGet();
        AtomicBoolean over = new AtomicBoolean();
        Runnable end = () -> {
            if (over.compareAndSet(false, true)) {
                timers.decrementAndGet();
            }
        };
        Disposable timer = delegate.schedule(
                () -> {
                    end.run();
                    task.run();
                },
                delay,
                unit);
        return Disposables.composite(timer, end::run);
    }

    @Override
    public Worker createWorker() {
        return delegate.createWorker();
    }
}
