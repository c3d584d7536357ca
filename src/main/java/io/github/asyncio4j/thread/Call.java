package io.github.asyncio4j.thread;

import io.github.asyncio4j.internal.CleanupLedger;
import io.github.asyncio4j.internal.WaitProbe;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Exceptions;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * One call, from the line in front of the threads to its end.
 *
 * <pre>
 *   IDLE ─► QUEUED ─► RUNNING ─► DONE                        the outcome is delivered
 *     │       │          ├─────► INTERRUPTING ─► INTERRUPTED   a cancel; the end waits for the second of these steps,
 *     │       │          └─────► LEFT                        so that the interrupt hits this call and no later one
 *     └───────┴────────► CANCELLED                           never runs
 * </pre>
 */
final class Call<T> implements Subscription, Runnable, Scannable {

    private enum State {
        IDLE,
        QUEUED,
        RUNNING,
        INTERRUPTING,
        INTERRUPTED,
        LEFT,
        DONE,
        CANCELLED
    }

    @SuppressWarnings("rawtypes")
    private static final AtomicReferenceFieldUpdater<Call, State> STATE =
            AtomicReferenceFieldUpdater.newUpdater(Call.class, State.class, "state");

    private final CoreSubscriber<? super T> actual;
    private final Callable<? extends T> body;
    private final OnCancel mode;
    private final Function<Runnable, Disposable> executor;
    private final Context context;
    private final @Nullable WaitProbe probe;

    private volatile State state = State.IDLE;
    private volatile @Nullable Disposable inLine;

    // Written before the step to QUEUED and RUNNING.
    private CleanupLedger.@Nullable Entry entry;
    private @Nullable Thread thread;

    private @Nullable T value;
    private @Nullable Throwable error;

    Call(
            CoreSubscriber<? super T> actual,
            Callable<? extends T> body,
            OnCancel mode,
            Function<Runnable, Disposable> executor) {
        this.actual = actual;
        this.body = body;
        this.mode = mode;
        this.executor = executor;
        this.context = actual.currentContext();
        this.probe = WaitProbe.from(context);
    }

    @Override
    public void request(long n) {
        if (!Operators.validate(n) || state != State.IDLE) {
            return;
        }
        CleanupLedger.Entry entered = CleanupLedger.enter(context, this);
        entry = entered;
        if (STATE.compareAndSet(this, State.IDLE, State.QUEUED)) {
            enqueue();
        } else {
            entered.leave();
        }
    }

    private void enqueue() {
        if (probe != null) {
            probe.waitingFor(this);
        }
        try {
            Disposable queued = executor.apply(this);
            inLine = queued;
            if (state == State.CANCELLED) {
                queued.dispose();
            }
        } catch (Throwable refused) {
            Exceptions.throwIfFatal(refused);
            if (STATE.compareAndSet(this, State.QUEUED, State.DONE)) {
                leave();
                actual.onError(refused);
            } else {
                Operators.onErrorDropped(refused, context);
            }
        }
    }

    @Override
    public void run() {
        thread = Thread.currentThread();
        if (STATE.compareAndSet(this, State.QUEUED, State.RUNNING)) {
            Restoring.run(context, this::call);
            end();
        }
    }

    private void call() {
        try {
            value = body.call();
        } catch (Throwable t) {
            error = t;
        }
    }

    private void end() {
        if (STATE.compareAndSet(this, State.RUNNING, State.DONE)) {
            leave();
            deliver();
        } else {
            endLate();
        }
        if (error != null) {
            Exceptions.throwIfFatal(error);
        }
    }

    private void deliver() {
        if (error != null) {
            actual.onError(error);
            return;
        }
        if (value != null) {
            actual.onNext(value);
        }
        actual.onComplete();
    }

    private void endLate() {
        while (state == State.INTERRUPTING) {
            Thread.onSpinWait();
        }
        boolean interrupted = state == State.INTERRUPTED;
        if (interrupted) {
            Thread.interrupted();
        }
        if (error == null) {
            Operators.onDiscard(value, context);
        } else if (!interrupted || !isInterruption(error)) {
            Operators.onErrorDropped(error, context);
        }
        leave();
    }

    private static boolean isInterruption(Throwable error) {
        int depth = 0;
        for (Throwable cause = error; cause != null && depth < 32; cause = cause.getCause(), depth++) {
            if (cause instanceof InterruptedException
                    || cause instanceof InterruptedIOException
                    || cause instanceof ClosedByInterruptException) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void cancel() {
        if (STATE.compareAndSet(this, State.IDLE, State.CANCELLED)) {
            return;
        }
        if (STATE.compareAndSet(this, State.QUEUED, State.CANCELLED)) {
            Disposable queued = inLine;
            if (queued != null) {
                queued.dispose();
            }
            leave();
            return;
        }
        if (mode == OnCancel.INTERRUPT) {
            interrupt();
        } else if (STATE.compareAndSet(this, State.RUNNING, State.LEFT) && mode == OnCancel.ABANDON) {
            leave();
        }
    }

    private void interrupt() {
        Thread running = thread;
        if (running == null || running == Thread.currentThread()) {
            // The code itself has led to its cancel; it goes on and ends by itself.
            STATE.compareAndSet(this, State.RUNNING, State.LEFT);
        } else if (STATE.compareAndSet(this, State.RUNNING, State.INTERRUPTING)) {
            running.interrupt();
            state = State.INTERRUPTED;
        }
    }

    private void leave() {
        if (probe != null) {
            probe.resumed(this);
        }
        CleanupLedger.Entry entered = entry;
        if (entered != null) {
            entered.leave();
        }
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        State now = state;
        if (key == Attr.ACTUAL) {
            return actual;
        }
        if (key == Attr.TERMINATED) {
            return now == State.DONE;
        }
        if (key == Attr.CANCELLED) {
            return now.compareTo(State.RUNNING) > 0 && now != State.DONE;
        }
        return key == Attr.RUN_STYLE ? Attr.RunStyle.ASYNC : null;
    }

    @Override
    public String toString() {
        Thread running = thread;
        return running == null ? "blocking call (queued)" : "blocking call on " + running.getName();
    }
}
