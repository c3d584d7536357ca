package io.github.asyncio4j.internal;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.ContextView;

/**
 * One suspended subscriber in a {@link WaiterQueue}. Its fate is one compare-and-set:
 *
 * <pre>
 *   WAITING ──► GRANTED     granted() runs, once, outside any lock
 *           ├─► CANCELLED   nothing runs; what was already taken for it is handed back
 *           └─► TIMED_OUT   timedOut() runs; the same
 * </pre>
 *
 * <p>The queue takes what the waiter wants <em>before</em> that step and delivers <em>in</em> it. A waiter that leaves in
 * between hands back himself, through {@link #handBack()}: it is all back when {@link #cancelWait()} returns, and also if
 * the deliverer never comes (its Scheduler was disposed).
 *
 * <p>Where the grant cannot be handed back, because others see it at once (an item that was put), the primitive makes
 * the decision under its lock: {@link #claim()} takes the waiter to CLAIMED, from where only GRANTED follows.
 */
public abstract class Waiter extends Trampoline.Link {

    private static final int WAITING = 0;
    private static final int GRANTED = 1;
    private static final int CANCELLED = 2;
    private static final int TIMED_OUT = 3;
    private static final int CLAIMED = 4;

    private static final AtomicIntegerFieldUpdater<Waiter> STATE =
            AtomicIntegerFieldUpdater.newUpdater(Waiter.class, "state");

    private final WaiterQueue<?> queue;
    private volatile int state;
    private volatile @Nullable Disposable timer;
    private volatile @Nullable WaitProbe probe;

    // Guarded by the queue's lock; `next` of the link serves as the forward pointer while in line.
    @Nullable
    Waiter previous;

    Place place = Place.OUTSIDE;

    enum Place {
        OUTSIDE,
        IN_LINE,
        /** Something was taken for him; whether it is delivered too, his state tells. */
        TAKEN
    }

    protected Waiter(WaiterQueue<?> queue) {
        this.queue = queue;
    }

    /** What the waiter asked for is his; called once, outside any lock. */
    protected abstract void granted();

    /** What was taken for him cannot be delivered any more and goes back to the primitive. */
    protected abstract void handBack();

    /** The wait ended without a grant: the time limit passed. */
    protected void timedOut() {
        throw new IllegalStateException("no time limit was set");
    }

    /** False for one who gave up his place for a while and may not be refused when he comes back. */
    protected boolean isBounded() {
        return true;
    }

    /**
     * Takes at once what is wanted, or waits in line.
     *
     * @param context the subscriber's, to tell the current task what it waits for
     * @return false when the line is full: nothing was taken and nobody waits
     */
    public final boolean enter(ContextView context) {
        return enter(context, null, null);
    }

    /**
     * The same with a time limit, counted from now on {@code clock} (null: {@code Schedulers.parallel()}); zero or less
     * never waits.
     */
    public final boolean enter(ContextView context, @Nullable Duration limit, @Nullable Scheduler clock) {
        switch (queue.admit(this, limit == null || limit.compareTo(Duration.ZERO) > 0)) {
            case TAKEN -> run();
            case FULL -> {
                return false;
            }
            case MUST_WAIT -> expire();
            case QUEUED -> {
                watch(WaitProbe.from(context));
                if (limit != null) {
                    arm(limit, clock == null ? Schedulers.parallel() : clock);
                }
            }
            case GONE -> {}
        }
        return true;
    }

    /** Leaves the line; false when the grant or the time limit was first. */
    public final boolean cancelWait() {
        return leave(CANCELLED);
    }

    /**
     * Decides for the grant already in {@code tryTake}, under the lock. False when the waiter has left: {@code tryTake}
     * then takes nothing and answers true to get him out of the way, and {@link #handBack()} has nothing to hand back.
     */
    public final boolean claim() {
        return STATE.compareAndSet(this, WAITING, CLAIMED);
    }

    public final boolean isWaiting() {
        return state == WAITING;
    }

    public final boolean isGranted() {
        return state == GRANTED;
    }

    /** The wait ends here with a failure of the primitive (shutdown, broken barrier): true for the one who decided it. */
    public final boolean fail() {
        return leave(CANCELLED);
    }

    /** Delivers a grant; run by the queue, on the granter's thread. */
    @Override
    public final void run() {
        if (STATE.compareAndSet(this, WAITING, GRANTED) || STATE.compareAndSet(this, CLAIMED, GRANTED)) {
            stopWatching();
            granted();
        } else {
            queue.reclaim(this);
        }
    }

    private void expire() {
        if (leave(TIMED_OUT)) {
            timedOut();
        }
    }

    private boolean leave(int end) {
        if (!STATE.compareAndSet(this, WAITING, end)) {
            return false;
        }
        stopWatching();
        if (queue.remove(this)) {
            handBack();
        }
        return true;
    }

    private void arm(Duration limit, Scheduler clock) {
        Disposable task;
        try {
            task = clock.schedule(this::expire, Checks.nanos(limit), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            expire();
            return;
        }
        timer = task;
        // Not when it is the timer that ended the wait: dispose would interrupt the thread that runs timedOut().
        int now = state;
        if (now == GRANTED || now == CANCELLED) {
            task.dispose();
        }
    }

    private void watch(@Nullable WaitProbe found) {
        if (found != null) {
            probe = found;
            found.waitingFor(queue);
            if (state != WAITING) {
                found.resumed(queue);
            }
        }
    }

    private void stopWatching() {
        Disposable task = timer;
        if (task != null) {
            task.dispose();
        }
        WaitProbe told = probe;
        if (told != null) {
            told.resumed(queue);
        }
    }
}
