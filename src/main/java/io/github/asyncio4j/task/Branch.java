package io.github.asyncio4j.task;

import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * The subscriber of one source of a {@link FanScope}. It keeps the value until the source has completed: a source that
 * still has to give something back after its value is not done with it.
 */
abstract class Branch<T> implements CoreSubscriber<T>, Scannable {

    @SuppressWarnings("rawtypes")
    private static final AtomicReferenceFieldUpdater<Branch, Subscription> SUBSCRIPTION =
            AtomicReferenceFieldUpdater.newUpdater(Branch.class, Subscription.class, "subscription");

    @SuppressWarnings("rawtypes")
    private static final AtomicReferenceFieldUpdater<Branch, Object> VALUE =
            AtomicReferenceFieldUpdater.newUpdater(Branch.class, Object.class, "value");

    private volatile @Nullable Subscription subscription;
    private volatile @Nullable Object value;

    abstract FanScope<?> scope();

    /** The source has completed. False when the scope had given it up already, and the value is to be discarded. */
    abstract boolean completed(@Nullable T result);

    abstract void failed(Throwable error);

    /** True until the source has ended or was given up. */
    abstract boolean isAwaited();

    @Override
    public final Context currentContext() {
        return scope().inside();
    }

    @Override
    public final void onSubscribe(Subscription s) {
        if (Operators.setOnce(SUBSCRIPTION, this, s)) {
            s.request(Long.MAX_VALUE);
        }
    }

    @Override
    public final void onNext(T next) {
        if (value != null) {
            Operators.onNextDropped(next, currentContext());
            return;
        }
        value = next;
        if (subscription == Operators.cancelledSubscription()) {
            discardValue();
        }
    }

    @Override
    @SuppressWarnings("unchecked")
    public final void onComplete() {
        T kept = (T) value;
        if (!completed(kept)) {
            discardValue();
        }
    }

    @Override
    public final void onError(Throwable error) {
        discardValue();
        failed(error);
    }

    final void cancel() {
        Operators.terminate(SUBSCRIPTION, this);
        discardValue();
    }

    private void discardValue() {
        Object kept = VALUE.getAndSet(this, null);
        if (kept != null) {
            Operators.onDiscard(kept, currentContext());
        }
    }

    @Override
    @SuppressWarnings("rawtypes")
    public final @Nullable Object scanUnsafe(Attr key) {
        if (key == Attr.PARENT) {
            return subscription;
        }
        if (key == Attr.ACTUAL) {
            return scope();
        }
        if (key == Attr.CANCELLED) {
            return subscription == Operators.cancelledSubscription();
        }
        if (key == Attr.TERMINATED) {
            return !isAwaited();
        }
        if (key == Attr.PREFETCH) {
            return Integer.MAX_VALUE;
        }
        return key == Attr.RUN_STYLE ? Attr.RunStyle.SYNC : null;
    }
}
