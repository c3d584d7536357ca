package io.github.asyncio4j.sync;

import io.github.asyncio4j.internal.CleanupLedger;
import io.github.asyncio4j.internal.Failures;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * One subscriber of {@code withPermit} or {@code withLock}: waits in line, runs the work, gives back, signals, wakes the
 * next.
 *
 * <pre>
 *   WAITING ──► STARTING ──► RUNNING ──► ENDING ──► OVER
 *      │           │  (the work was      │ (the work ended, its cleanup may go on)
 *      │           │   subscribed)       │
 *      │           ▼                     ▼
 *      │     CANCELLED_STARTING ──► CANCELLED     gives back once the work's cleanup is over
 *      └──────────────────────────────────┘
 * </pre>
 *
 * A cancel that meets STARTING leaves giving back to the thread that is still inside the work's {@code subscribe}: work
 * that runs right there holds its permit to its end.
 *
 * <p>The ledger is opened when the work first asks for its Context. Work that never asks cannot have entered anything.
 */
abstract class Holder<T> extends PermitWaiter implements CoreSubscriber<T>, Subscription, Scannable {

    private static final int WAITING = 0;
    private static final int STARTING = 1;
    private static final int RUNNING = 2;
    private static final int ENDING = 3;
    private static final int OVER = 4;
    private static final int CANCELLED_STARTING = 5;
    private static final int CANCELLED = 6;

    private static final Context NO_CONTEXT = Context.of(Holder.class, "ended");

    @SuppressWarnings("rawtypes")
    private static final AtomicIntegerFieldUpdater<Holder> PHASE =
            AtomicIntegerFieldUpdater.newUpdater(Holder.class, "phase");

    @SuppressWarnings("rawtypes")
    private static final AtomicIntegerFieldUpdater<Holder> ASKED =
            AtomicIntegerFieldUpdater.newUpdater(Holder.class, "asked");

    @SuppressWarnings("rawtypes")
    private static final AtomicReferenceFieldUpdater<Holder, @Nullable Subscription> UPSTREAM =
            AtomicReferenceFieldUpdater.newUpdater(Holder.class, Subscription.class, "upstream");

    @SuppressWarnings("rawtypes")
    private static final AtomicReferenceFieldUpdater<Holder, @Nullable Context> INNER =
            AtomicReferenceFieldUpdater.newUpdater(Holder.class, Context.class, "inner");

    final CoreSubscriber<? super T> actual;
    volatile @Nullable Subscription upstream;
    private volatile int asked;
    private volatile int phase;
    private volatile @Nullable Context inner;
    private @Nullable Throwable error;

    Holder(CoreSubscriber<? super T> actual, Admission admission) {
        super(admission);
        this.actual = actual;
    }

    /** Subscribes this to the work. */
    abstract void subscribeToWork();

    /** The work ended well and all is given back: signals its end. */
    abstract void complete();

    /** What is still held for downstream will not be asked for. */
    abstract void discard();

    final boolean isHolding() {
        int now = phase;
        return now != WAITING && now != OVER && admission.isHeld();
    }

    final boolean isCancelled() {
        return phase >= CANCELLED_STARTING;
    }

    /** True on the first call: downstream wants the work. */
    final boolean start() {
        if (!ASKED.compareAndSet(this, 0, 1)) {
            return false;
        }
        Context context = actual.currentContext();
        if (isReentrant(context)) {
            failWith(reentrance());
        } else {
            standInLine(context);
        }
        return true;
    }

    @Override
    protected final void granted() {
        if (!PHASE.compareAndSet(this, WAITING, STARTING)) {
            handBack();
            admission.departed();
            return;
        }
        subscribeToWork();
        if (!PHASE.compareAndSet(this, STARTING, RUNNING) && PHASE.compareAndSet(this, CANCELLED_STARTING, CANCELLED)) {
            giveBackAfterCleanup();
        }
    }

    @Override
    final void failed(Throwable error) {
        admission.departed();
        actual.onError(error);
    }

    @Override
    public final void cancel() {
        if (ASKED.compareAndSet(this, 0, 1) || cancelWait()) {
            admission.departed();
        } else if (PHASE.compareAndSet(this, WAITING, CANCELLED)) {
            return; // granted() is about to find out
        } else if (PHASE.compareAndSet(this, STARTING, CANCELLED_STARTING)) {
            Operators.terminate(UPSTREAM, this);
        } else if (PHASE.compareAndSet(this, RUNNING, CANCELLED)) {
            Operators.terminate(UPSTREAM, this);
            giveBackAfterCleanup();
        } else if (PHASE.compareAndSet(this, ENDING, CANCELLED)) {
            CleanupLedger ledger = ledger();
            if (ledger != null) {
                Throwable late = error;
                ledger.abandon(actual.currentContext(), () -> giveBack(late));
            }
        }
    }

    final boolean setUpstream(Subscription subscription) {
        return Operators.setOnce(UPSTREAM, this, subscription);
    }

    @Override
    public final void onError(Throwable failure) {
        error = failure;
        if (ending()) {
            finish();
        } else {
            Operators.onErrorDropped(failure, actual.currentContext());
        }
    }

    @Override
    public final void onComplete() {
        if (ending()) {
            finish();
        }
    }

    private boolean ending() {
        return PHASE.compareAndSet(this, RUNNING, ENDING) || PHASE.compareAndSet(this, STARTING, ENDING);
    }

    private void finish() {
        CleanupLedger ledger = closeContext();
        if (ledger == null) {
            end(error);
        } else {
            ledger.finish(failures -> end(Failures.merge(error, List.of(), failures, ledger, actual.currentContext())));
        }
    }

    private void end(@Nullable Throwable failure) {
        if (!PHASE.compareAndSet(this, ENDING, OVER)) {
            giveBack(failure);
            return;
        }
        PermitWaiter next = admission.release();
        admission.departed();
        try {
            if (failure == null) {
                complete();
            } else {
                discard();
                actual.onError(failure);
            }
        } finally {
            admission.line.wake(next);
        }
    }

    private void giveBackAfterCleanup() {
        CleanupLedger ledger = closeContext();
        if (ledger == null) {
            giveBack(null);
        } else {
            ledger.abandon(actual.currentContext(), () -> giveBack(null));
        }
    }

    /** For one whom nobody listens to any more. */
    private void giveBack(@Nullable Throwable late) {
        PermitWaiter next = admission.release();
        admission.departed();
        admission.line.wake(next);
        discard();
        if (late != null) {
            Operators.onErrorDropped(late, actual.currentContext());
        }
    }

    @Override
    public final Context currentContext() {
        Context known = inner;
        if (known != null) {
            return known == NO_CONTEXT ? actual.currentContext() : known;
        }
        Context outer = actual.currentContext();
        CleanupLedger ledger = CleanupLedger.open(outer, admission.line.label());
        Context fresh = ledger.storeIn(admission.exclusive ? outer.put(admission.line, this) : outer);
        if (INNER.compareAndSet(this, null, fresh)) {
            return fresh;
        }
        ledger.finish(failures -> {});
        return currentContext();
    }

    /** The ledger, if the work has asked for its Context; from now on none will be opened. */
    private @Nullable CleanupLedger closeContext() {
        return INNER.compareAndSet(this, null, NO_CONTEXT) ? null : ledger();
    }

    private @Nullable CleanupLedger ledger() {
        Context known = inner;
        return known == null || known == NO_CONTEXT ? null : known.getOrDefault(CleanupLedger.class, null);
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        if (key == Attr.ACTUAL) {
            return actual;
        }
        if (key == Attr.PARENT) {
            return upstream;
        }
        if (key == Attr.CANCELLED) {
            return isCancelled();
        }
        if (key == Attr.TERMINATED) {
            return phase == OVER;
        }
        if (key == Attr.ERROR) {
            return error;
        }
        return null;
    }
}
