package io.github.asyncio4j.ratelimit;

import io.github.asyncio4j.internal.Checks;
import io.github.asyncio4j.internal.Expiry;
import io.github.asyncio4j.internal.WaiterQueue;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * The line, the clock and one timer for whoever stands first. A start is taken in the instant it is delivered, one at a
 * time, so the log tells what really happened and a waiter that leaves has taken nothing.
 */
final class DefaultRateLimiter extends WaiterQueue<AcquireWaiter> implements RateLimiter, Scannable {

    /** A timer that wakes later than this makes the bucket's rate drop rather than let a burst through. */
    private static final long LATENESS = TimeUnit.MILLISECONDS.toNanos(2);

    private final String name;
    private final Pace pace;
    private final boolean fromEnd;
    private final @Nullable Scheduler scheduler;

    // Guarded by the lock.
    private long lastNow = Long.MIN_VALUE;
    private long clockOffset;
    private long pausedUntil = Long.MIN_VALUE;
    private long armedFor;
    private @Nullable Disposable timer;
    private boolean ticking;
    private boolean ticked;

    DefaultRateLimiter(String name, Pace pace, boolean fromEnd, int maxWaiters, @Nullable Scheduler scheduler) {
        super(new Object(), maxWaiters, null);
        this.name = name;
        this.pace = pace;
        this.fromEnd = fromEnd;
        this.scheduler = scheduler;
    }

    @Override
    public Mono<Void> acquire() {
        return new MonoAcquire<Void>(this, false).assembled();
    }

    @Override
    public <T> Mono<T> limit(Mono<? extends T> work) {
        if (!fromEnd) {
            return RateLimiter.super.limit(work);
        }
        Checks.notNull(work, "work");
        return new MonoAcquire<Long>(this, true)
                .assembled()
                .flatMap(startedAt -> Mono.<T>from(work)
                        .doOnTerminate(() -> countAnew(startedAt))
                        .doOnCancel(() -> countAnew(startedAt)));
    }

    private void countAnew(long startedAt) {
        synchronized (lock) {
            long now = now();
            pace.takeBack(startedAt);
            pace.started(now, now);
        }
    }

    @Override
    public boolean tryAcquire() {
        synchronized (lock) {
            return isEmpty() && start(now()) && counted();
        }
    }

    @Override
    public Duration estimatedWait() {
        return Duration.ofNanos(estimatedNanos());
    }

    long estimatedNanos() {
        synchronized (lock) {
            long now = now();
            return pace.due(Math.max(now, pausedUntil), size() + 1) - now;
        }
    }

    @Override
    public Mono<Void> pause(Duration duration) {
        Checks.notNegative(duration, "duration");
        return Mono.fromRunnable(() -> {
            synchronized (lock) {
                long until = now() + Checks.nanos(duration);
                pausedUntil = Math.max(pausedUntil, until < 0 ? Long.MAX_VALUE : until);
            }
        });
    }

    @Override
    public RateLimiterStatistics statistics() {
        synchronized (lock) {
            long now = now();
            long pause = Math.max(pausedUntil, now) - now;
            return new Snapshot(size(), grantedCount(), cancelledCount(), Duration.ofNanos(pause));
        }
    }

    /** True when the limiter remembers nothing that a new one would not. */
    boolean isIdle() {
        synchronized (lock) {
            return isEmpty() && pausedUntil <= now() && pace.isFresh(now());
        }
    }

    @Override
    protected boolean tryTake(AcquireWaiter waiter) {
        if (ticking && ticked) {
            return false;
        }
        // Somebody who waited is as late as his timer; somebody who just came is not late.
        long now = now();
        if (!start(ticking ? Math.max(armedFor, now - LATENESS) : now)) {
            return false;
        }
        ticked = true;
        waiter.startedAt = now;
        return true;
    }

    private boolean counted() {
        countGrant();
        return true;
    }

    private boolean start(long from) {
        long now = lastNow;
        long intended = pace.due(Math.max(from, pausedUntil), 1);
        if (intended > now) {
            return false;
        }
        pace.started(now, intended);
        return true;
    }

    /** The start that {@code waiter} had taken did not happen. */
    void takeBack(AcquireWaiter waiter) {
        synchronized (lock) {
            pace.takeBack(waiter.startedAt);
        }
        rearm();
    }

    /** The line or the pace has changed: somebody has to be waked when the first in line is due, or nobody. */
    void rearm() {
        Disposable before;
        Disposable.Swap next = null;
        long delay = 0;
        synchronized (lock) {
            before = timer;
            if (!isEmpty()) {
                long now = now();
                long due = pace.due(Math.max(now, pausedUntil), 1);
                if (before != null && armedFor <= due) {
                    return; // it fires in time, and looks again
                }
                armedFor = due;
                delay = due - now;
                next = Disposables.swap();
            }
            timer = next;
        }
        if (before != null) {
            before.dispose();
        }
        if (next != null) {
            Disposable.Swap armed = next;
            armed.replace(clock().schedule(() -> tick(armed), delay, TimeUnit.NANOSECONDS));
        }
    }

    private void tick(Disposable by) {
        synchronized (lock) {
            if (timer == by) {
                timer = null;
            }
        }
        AcquireWaiter first = takeOne();
        while (first != null) {
            wake(first);
            first = takeOne();
        }
        rearm();
    }

    private @Nullable AcquireWaiter takeOne() {
        synchronized (lock) {
            ticking = true;
            ticked = false;
            try {
                return takeable();
            } finally {
                ticking = false;
            }
        }
    }

    Scheduler clock() {
        return scheduler == null ? Schedulers.parallel() : scheduler;
    }

    // Never backwards: a clock that was set back goes on from where it was.
    private long now() {
        long now = clock().now(TimeUnit.NANOSECONDS) + clockOffset;
        if (now < lastNow) {
            clockOffset += lastNow - now;
            return lastNow;
        }
        lastNow = now;
        return now;
    }

    RejectedExecutionException full() {
        return new RejectedExecutionException(name + ": " + size() + " wait already, no more are let in");
    }

    TimeoutException tooLate(Expiry deadline) {
        return deadline.exceeded("waiting " + estimatedWait() + " for " + name);
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        if (key == Attr.NAME) {
            return name;
        }
        return key == Attr.BUFFERED ? Integer.valueOf(statistics().waiting()) : null;
    }

    @Override
    public String toString() {
        synchronized (lock) {
            return name + "[" + pace + ", waiting " + size() + "]";
        }
    }

    private record Snapshot(int waiting, long granted, long cancelled, Duration paused)
            implements RateLimiterStatistics {}
}
