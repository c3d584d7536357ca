package io.github.asyncio4j.queue;

import io.github.asyncio4j.internal.Drain;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * One consumer. All signals come from one drain loop:
 *
 * <pre>
 *   no demand ──request──► take what is there ──► emit ──► settle, and again
 *                           │ nothing there
 *                           ▼
 *                          in line ──granted──► emit
 *                           │ shut down         ▲
 *                           ▼                   │ a cancel finds the item in `slot`: handed back
 *                          complete
 * </pre>
 *
 * <p>An item is settled, that is counted by {@code taskDone}, when downstream asks for one more after it got it. With
 * unbounded demand that is when {@code onNext} has returned, and at the end of the stream for all the rest.
 */
final class Consumption<T> extends Drain implements Subscription, Scannable {

    @SuppressWarnings("rawtypes")
    private static final AtomicLongFieldUpdater<Consumption> REQUESTED =
            AtomicLongFieldUpdater.newUpdater(Consumption.class, "requested");

    private final QueueState<T> queue;
    private final CoreSubscriber<? super T> actual;
    private final boolean endNeedsDemand;

    private volatile long requested;
    private volatile boolean cancelled;
    private volatile @Nullable Place place;
    private volatile @Nullable Leaver leaver;
    private volatile @Nullable Object slot;
    private volatile boolean ended;
    private volatile boolean drained;
    private @Nullable Throwable failure;

    // Touched in the drain loop only.
    private long seen;
    private long emitted;
    private long unsettled;
    private long done;
    private boolean waited;
    private boolean terminated;

    Consumption(QueueState<T> queue, CoreSubscriber<? super T> actual, boolean endNeedsDemand) {
        this.queue = queue;
        this.actual = actual;
        this.endNeedsDemand = endNeedsDemand;
    }

    /** Looks what there is, also before the first request. */
    void begin() {
        drain();
    }

    @Override
    public void request(long n) {
        if (Operators.validate(n)) {
            Operators.addCap(REQUESTED, this, n);
            drain();
        }
    }

    @Override
    public void cancel() {
        cancelled = true;
        Place standing = place;
        if (standing != null) {
            standing.cancelWait();
        }
        stopWatching();
        drain();
    }

    private void stopWatching() {
        Leaver watching = leaver;
        if (watching != null) {
            watching.cancelWait();
        }
    }

    @Override
    protected boolean step() {
        if (cancelled) {
            leave();
            return false;
        }
        if (terminated) {
            return false;
        }
        settleWhatWasAskedFor();
        if (ended) {
            terminate();
            return false;
        }
        Object stored = slot;
        if (stored != null) {
            slot = null;
            place = null;
            emit(stored);
            return true;
        }
        if (place != null) {
            tellDone();
            return false;
        }
        if (emitted == seen) {
            tellDone();
            watchForTheEnd();
            return false;
        }
        // Who had to wait for the last item will have to wait for this one.
        stored = waited ? null : queue.poll(takeDone());
        if (stored == null) {
            standInLine();
            return slot != null;
        }
        emit(stored);
        return true;
    }

    private void emit(Object stored) {
        emitted++;
        unsettled++;
        actual.onNext(Stored.item(stored));
        if (seen == Long.MAX_VALUE && !cancelled) {
            settle(1);
        }
    }

    /** What is settled but not told yet; told together with asking for the next item. */
    private long takeDone() {
        long count = done;
        done = 0;
        return count;
    }

    private void tellDone() {
        if (done > 0) {
            queue.taskDone(takeDone());
        }
    }

    private void settleWhatWasAskedFor() {
        long now = requested;
        if (now != seen) {
            long more = now - seen;
            seen = now;
            settle(now == Long.MAX_VALUE ? unsettled : Math.min(more, unsettled));
        }
    }

    private void settle(long count) {
        if (count > 0) {
            unsettled -= count;
            done += count;
        }
    }

    private void standInLine() {
        Place standing = new Place();
        place = standing;
        if (cancelled) {
            standing.cancelWait();
            return;
        }
        standing.done = takeDone();
        if (!queue.enter(standing, actual.currentContext(), null)) {
            end(queue.refusals.lineIsFull("take from"));
        }
        done = standing.done; // not told if he was cancelled on the way
        queue.joiners.wake(standing.joined);
        waited = slot == null;
    }

    /** Once is enough: it stands there until the end, and costs nothing meanwhile. */
    private void watchForTheEnd() {
        if (drained) {
            terminate();
        } else if (leaver == null && !endNeedsDemand) {
            Leaver watching = new Leaver(queue, this::drained);
            leaver = watching;
            if (cancelled) {
                watching.cancelWait();
            } else {
                watching.enter(Context.empty());
            }
        }
    }

    // Not the end yet for one in line: the last item may be on its way to him.
    private void drained() {
        drained = true;
        drain();
    }

    private void end(@Nullable Throwable error) {
        failure = error;
        ended = true;
        drain();
    }

    private void terminate() {
        terminated = true;
        stopWatching();
        settle(unsettled);
        tellDone();
        if (failure == null) {
            actual.onComplete();
        } else {
            actual.onError(failure);
        }
    }

    // More than once if need be: a grant may come in after the cancel.
    private void leave() {
        settle(unsettled);
        tellDone();
        Object undelivered = slot;
        if (undelivered != null) {
            slot = null;
            queue.handBack(undelivered);
        }
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        if (key == Attr.ACTUAL) {
            return actual;
        }
        if (key == Attr.REQUESTED_FROM_DOWNSTREAM) {
            return requested;
        }
        if (key == Attr.CANCELLED) {
            return cancelled;
        }
        if (key == Attr.TERMINATED) {
            return terminated;
        }
        if (key == Attr.BUFFERED) {
            return slot == null ? 0 : 1;
        }
        return QueueScan.publisher(key);
    }

    /** This consumer's place in line. */
    private final class Place extends Taker<T> {

        Place() {
            super(Consumption.this.queue);
        }

        @Override
        void received(Object item) {
            slot = item;
            drain();
        }

        @Override
        void ended() {
            end(null);
        }

        @Override
        protected void timedOut() {
            end(queue.refusals.waitedTooLong("take from", null, actual.currentContext()));
        }
    }
}
