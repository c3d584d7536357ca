package io.github.asyncio4j.task;

import io.github.asyncio4j.internal.CleanupLedger;
import io.github.asyncio4j.internal.Failures;
import java.util.ArrayList;
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
 * Several sources running inside one subscription, and its end. The end is decided once; then the sources that still
 * run are cancelled, and when their cleanup is over the end is signalled.
 *
 * <pre>
 *   outcome:  null ──► result or Failed ──► SIGNALLED
 *               └───────────┴─────────────► CANCELLED   by downstream
 * </pre>
 *
 * <p>Starting sources and ending are serialised by {@code work}: the end never overtakes a source that is still being
 * subscribed, as that one may be about to enter the ledger.
 *
 * @param <S> what the subscriber gets
 */
abstract class FanScope<S> implements Subscription, Scannable, CleanupLedger.Ending {

    static final Object CANCELLED = "cancelled";
    static final Object SIGNALLED = "signalled";

    @SuppressWarnings("rawtypes")
    private static final AtomicReferenceFieldUpdater<FanScope, @Nullable Object> OUTCOME =
            AtomicReferenceFieldUpdater.newUpdater(FanScope.class, Object.class, "outcome");

    @SuppressWarnings("rawtypes")
    private static final AtomicIntegerFieldUpdater<FanScope> WORK =
            AtomicIntegerFieldUpdater.newUpdater(FanScope.class, "work");

    final CoreSubscriber<? super S> actual;
    final String name;

    private volatile @Nullable Object outcome;
    private volatile int work;
    private volatile boolean ending;

    // Written by the thread that owns `work`, before the first source that can need it is subscribed.
    private @Nullable CleanupLedger ledger;
    private @Nullable Context inside;

    // Guarded by this object's monitor.
    private @Nullable List<Throwable> alsoFailed;
    private boolean closed;

    FanScope(CoreSubscriber<? super S> actual, String name) {
        this.actual = actual;
        this.name = name;
    }

    private record Failed(Throwable error, List<Throwable> before) {}

    /** Does what can be done now; {@code calls} says how often this was asked for since the last time. */
    abstract void work(int calls);

    /** The outcome is decided: cancels what still runs, as far as the caller can see it. */
    abstract void stop();

    /** The outcome is decided and nothing starts any more: the same for the rest, and for what will not be delivered. */
    abstract void close();

    /** The outcome is a result and all cleanup is over. */
    abstract void drained();

    /** A result that had been decided will not be signalled. */
    abstract void discardResult(Object result);

    final Context context() {
        return actual.currentContext();
    }

    /** The Context of the sources. */
    final Context inside() {
        Context opened = inside;
        return opened == null ? context() : opened;
    }

    /** Called before a source is subscribed; a scope whose sources are all complete never needs its ledger. */
    final void openLedger() {
        if (ledger == null) {
            CleanupLedger opened = CleanupLedger.open(context(), name);
            ledger = opened;
            inside = opened.storeIn(context());
        }
    }

    final void discard(Object value) {
        Operators.onDiscard(value, context());
    }

    final @Nullable Object outcome() {
        return outcome;
    }

    final boolean isUndecided() {
        return outcome == null;
    }

    final boolean isFailed() {
        return outcome instanceof Failed;
    }

    /** Asks for {@link #work}, or for the end when the outcome is decided. */
    final void proceed(int calls) {
        if (WORK.getAndAdd(this, calls) != 0) {
            return;
        }
        int missed = calls;
        do {
            if (outcome == null) {
                tryWork(missed);
            }
            if (outcome != null) {
                end(); // `work` stays up: nothing starts or ends after this
                return;
            }
            missed = WORK.addAndGet(this, -missed);
        } while (missed != 0);
    }

    // Only what is fatal gets out of `work`; it is rethrown, but not without an end for those who wait for one.
    private void tryWork(int calls) {
        try {
            work(calls);
        } catch (Throwable fatal) {
            fail(fatal);
            end();
            throw fatal;
        }
    }

    final boolean decide(Object decision) {
        return OUTCOME.compareAndSet(this, null, decision);
    }

    /** The last step, taken by one caller only. */
    final boolean signals(@Nullable Object decided) {
        return OUTCOME.compareAndSet(this, decided, SIGNALLED);
    }

    /** The first failure decides; those that follow are kept with it. */
    final void fail(Throwable error) {
        fail(error, List.of());
    }

    /** The same with failures that came before and did not decide. */
    final void fail(Throwable error, List<Throwable> others) {
        if (decide(new Failed(error, others))) {
            stop();
            proceed(1);
        } else {
            alsoFailed(error);
        }
    }

    /** A failure after the decision: kept until the end of the drain, but for the fall-out of our own cancelling. */
    void alsoFailed(Throwable error) {
        if (Work.isFallout(error)) {
            return;
        }
        synchronized (this) {
            if (!closed && isFailed()) {
                alsoFailed = alsoFailed == null ? new ArrayList<>(2) : alsoFailed;
                alsoFailed.add(error);
                return;
            }
        }
        Operators.onErrorDropped(error, context());
    }

    private void end() {
        close();
        ending = true;
        CleanupLedger opened = ledger;
        if (opened == null) {
            ended(List.of(), List.of());
        } else if (outcome == CANCELLED) {
            opened.abandon(context());
        } else {
            opened.finish(this);
            if (outcome == CANCELLED) {
                opened.abandon(context()); // a cancel that came before it could see `ending`
            }
        }
    }

    @Override
    public final void ended(List<Throwable> cleanup) {
        ended(cleanup, List.of());
    }

    // Why something inside had failed and was given up counts for a failure only: a result was reached without it.
    @Override
    public final void ended(List<Throwable> cleanup, List<Throwable> reasons) {
        Object decided = outcome;
        if (decided == CANCELLED) {
            cleanup.forEach(error -> Operators.onErrorDropped(error, context()));
            return;
        }
        Throwable error = error(decided, cleanup, reasons);
        if (error == null) {
            drained();
        } else if (signals(decided)) {
            if (decided != null && !(decided instanceof Failed)) {
                discardResult(decided);
            }
            actual.onError(error);
        }
    }

    /** What the scope signals, if anything but its result; whatever fails later is too late. */
    private @Nullable Throwable error(@Nullable Object decided, List<Throwable> cleanup, List<Throwable> reasons) {
        List<Throwable> siblings = new ArrayList<>(0);
        Throwable error = null;
        if (decided instanceof Failed failed) {
            error = failed.error();
            siblings.addAll(failed.before());
            siblings.addAll(reasons);
        }
        synchronized (this) {
            closed = true;
            if (alsoFailed != null) {
                siblings.addAll(alsoFailed);
            }
        }
        return ledger == null ? error : Failures.merge(error, siblings, cleanup, ledger, context());
    }

    @Override
    public final void cancel() {
        Object decided = OUTCOME.getAndUpdate(this, now -> now == SIGNALLED ? SIGNALLED : CANCELLED);
        if (decided == CANCELLED || decided == SIGNALLED) {
            return;
        }
        if (decided == null) {
            stop();
            proceed(1);
            return;
        }
        if (decided instanceof Failed failed) {
            handUp(failed);
        } else {
            discardResult(decided);
        }
        CleanupLedger opened = ledger;
        if (ending && opened != null) {
            opened.abandon(context());
        }
    }

    // This scope had failed already and is cancelled while draining: whoever cancelled it may have a use for the
    // reason.
    private void handUp(Failed failed) {
        Throwable error = error(failed, List.of(), List.of());
        CleanupLedger.tellNearest(error == null ? failed.error() : error, context());
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        if (key == Attr.ACTUAL) {
            return actual;
        }
        if (key == Attr.CANCELLED) {
            return outcome == CANCELLED;
        }
        if (key == Attr.TERMINATED) {
            return outcome == SIGNALLED;
        }
        if (key == Attr.ERROR) {
            return outcome instanceof Failed failed ? failed.error() : null;
        }
        if (key == Attr.NAME) {
            return name;
        }
        return key == Attr.RUN_STYLE ? Attr.RunStyle.SYNC : null;
    }
}
