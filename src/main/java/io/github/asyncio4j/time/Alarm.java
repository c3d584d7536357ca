package io.github.asyncio4j.time;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;

/** One deadline of a scope, with its timer. */
final class Alarm implements Runnable {

    private final DefaultTimeoutScope<?> scope;
    private final long at;
    private final Scheduler clock;
    private volatile @Nullable Disposable timer;

    Alarm(DefaultTimeoutScope<?> scope, long at, Scheduler clock) {
        this.scope = scope;
        this.at = at;
        this.clock = clock;
    }

    long at() {
        return at;
    }

    long remaining() {
        return at - Deadline.now(clock);
    }

    void arm() {
        Disposable set;
        try {
            set = clock.schedule(this, Math.max(0, remaining()), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            scope.fail(e);
            return;
        }
        timer = set;
        if (!scope.isCurrent(this)) {
            set.dispose();
        }
    }

    void disarm() {
        Disposable set = timer;
        if (set != null) {
            set.dispose();
        }
    }

    @Override
    public void run() {
        scope.expire(this);
    }
}
