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
 *
 * <pre>
 *   subscription:  null ──► the source's ──► ENDED       by the source: the value is the scope's
 *                    └────────────┴────────► cancelled   by the scope: the value is discarded here
 * </pre>
 */
abstract class Branch<T> implements CoreSubscriber<T>, Scannable {

    // Not one of Reactor's own markers: sources that end at once hand those out.
    private static final Subscription ENDED = new Subscription() {
        @Override
        public void request(long n) {}

        @Override
        public void cancel() {}
    };

    @SuppressWarnings("rawtypes")
    private static final AtomicReferenceFieldUpdater<Branch, @Nullable Subscription> SUBSCRIPTION =
            AtomicReferenceFieldUpdater.newUpdater(Branch.class, Subscription.class, "subscription");

    @SuppressWarnings("rawtypes")
    private static final AtomicReferenceFieldUpdater<Branch, @Nullable Object> VALUE =
            AtomicReferenceFieldUpdater.newUpdater(Branch.class, Object.class, "value");

    private volatile @Nullable Subscription subscription;
    private volatile @Nullable Object value;

    abstract FanScope<?> scope();

    /** The source has completed; called once, and not after {@link #cancel}. */
    abstract void completed(@Nullable T result);

    /** The source has failed; called once, and not after {@link #cancel}. */
    abstract void failed(Throwable error);

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
        if (value != null || subscription == ENDED) {
            Operators.onNextDropped(next, currentContext());
            return;
        }
        value = next;
        if (isCancelled()) {
            discardValue();
        }
    }

    @Override
    public final void onComplete() {
        if (end()) {
            completed(value());
        } else if (isCancelled()) {
            discardValue();
        }
    }

    @Override
    public final void onError(Throwable error) {
        if (end()) {
            discardValue();
            failed(error);
        } else {
            scope().alsoFailed(error);
        }
    }

    private boolean end() {
        Subscription current = subscription;
        return current != ENDED
                && current != Operators.cancelledSubscription()
                && SUBSCRIPTION.compareAndSet(this, current, ENDED);
    }

    /** Gives the source up, unless it has ended. */
    final void cancel() {
        Subscription current = subscription;
        while (current != ENDED && current != Operators.cancelledSubscription()) {
            if (SUBSCRIPTION.compareAndSet(this, current, Operators.cancelledSubscription())) {
                if (current != null) {
                    current.cancel();
                }
                discardValue();
                return;
            }
            current = subscription;
        }
    }

    @SuppressWarnings("unchecked")
    final @Nullable T value() {
        return (T) value;
    }

    /** Once, by whoever comes first. */
    final void discardValue() {
        Object kept = VALUE.getAndSet(this, null);
        if (kept != null) {
            Operators.onDiscard(kept, currentContext());
        }
    }

    private boolean isCancelled() {
        return subscription == Operators.cancelledSubscription();
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
            return isCancelled();
        }
        if (key == Attr.TERMINATED) {
            return subscription == ENDED;
        }
        if (key == Attr.PREFETCH) {
            return Integer.MAX_VALUE;
        }
        return key == Attr.RUN_STYLE ? Attr.RunStyle.SYNC : null;
    }
}
