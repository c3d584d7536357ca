package io.github.asyncio4j.task;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;

/**
 * The downstream end of a scope that gives at most one value: it waits for the request, and exactly one of value, end,
 * error and cancel happens.
 */
final class Emission<T> implements Subscription, Scannable {

    private static final int OPEN = 0;
    private static final int REQUESTED = 1;
    private static final int HOLDING = 2;
    private static final int OVER = 3;
    private static final int CANCELLED = 4;

    @SuppressWarnings("rawtypes")
    private static final AtomicIntegerFieldUpdater<Emission> STATE =
            AtomicIntegerFieldUpdater.newUpdater(Emission.class, "state");

    private final CoreSubscriber<? super T> actual;
    private final Disposable onCancel;
    private volatile int state;
    private @Nullable T held;

    Emission(CoreSubscriber<? super T> actual, Disposable onCancel) {
        this.actual = actual;
        this.onCancel = onCancel;
    }

    /** False when it came too late; the value is discarded then. */
    boolean emit(@Nullable T value) {
        if (value == null) {
            return complete();
        }
        held = value;
        if (STATE.compareAndSet(this, OPEN, HOLDING)) {
            return true;
        }
        held = null;
        if (STATE.compareAndSet(this, REQUESTED, OVER)) {
            deliver(value);
            return true;
        }
        Operators.onDiscard(value, actual.currentContext());
        return false;
    }

    /** False when it came too late. */
    boolean error(Throwable error) {
        if (!close()) {
            return false;
        }
        actual.onError(error);
        return true;
    }

    private boolean complete() {
        if (!close()) {
            return false;
        }
        actual.onComplete();
        return true;
    }

    private boolean close() {
        return STATE.compareAndSet(this, REQUESTED, OVER) || STATE.compareAndSet(this, OPEN, OVER);
    }

    private void deliver(T value) {
        actual.onNext(value);
        actual.onComplete();
    }

    @Override
    public void request(long n) {
        if (!Operators.validate(n) || STATE.compareAndSet(this, OPEN, REQUESTED)) {
            return;
        }
        T value = held;
        if (STATE.compareAndSet(this, HOLDING, OVER) && value != null) {
            held = null;
            deliver(value);
        }
    }

    @Override
    public void cancel() {
        switch (STATE.getAndUpdate(this, now -> now == OVER ? OVER : CANCELLED)) {
            case OPEN, REQUESTED -> onCancel.dispose();
            case HOLDING -> Operators.onDiscard(held, actual.currentContext());
            default -> {}
        }
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        if (key == Attr.ACTUAL) {
            return actual;
        }
        if (key == Attr.TERMINATED) {
            return state == OVER;
        }
        if (key == Attr.CANCELLED) {
            return state == CANCELLED;
        }
        return key == Attr.RUN_STYLE ? Attr.RunStyle.SYNC : null;
    }
}
