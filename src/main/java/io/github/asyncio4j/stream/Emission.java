package io.github.asyncio4j.stream;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;

/** One emit under way. */
final class Emission<T> implements Subscription, Scannable {

    @SuppressWarnings("rawtypes")
    private static final AtomicIntegerFieldUpdater<Emission> OVER =
            AtomicIntegerFieldUpdater.newUpdater(Emission.class, "over");

    private final Generation<T> generation;
    private final T value;
    private final CoreSubscriber<? super Void> actual;
    private volatile int over;

    private boolean emitted;

    Emission(Generation<T> generation, T value, CoreSubscriber<? super Void> actual) {
        this.generation = generation;
        this.value = value;
        this.actual = actual;
    }

    T value() {
        return value;
    }

    boolean isOver() {
        return over != 0;
    }

    boolean isEmitted() {
        return emitted;
    }

    void setEmitted() {
        emitted = true;
    }

    void complete() {
        if (OVER.compareAndSet(this, 0, 1)) {
            actual.onComplete();
        }
    }

    void refuse(Throwable error) {
        if (!emitted) {
            Operators.onDiscard(value, actual.currentContext());
        }
        if (OVER.compareAndSet(this, 0, 1)) {
            actual.onError(error);
        }
    }

    @Override
    public void request(long n) {
        Operators.validate(n);
    }

    @Override
    public void cancel() {
        if (OVER.compareAndSet(this, 0, 1)) {
            generation.forget(this);
        }
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        if (key == Attr.ACTUAL) {
            return actual;
        }
        if (key == Attr.PARENT) {
            return generation;
        }
        return key == Attr.TERMINATED ? isOver() : null;
    }
}
