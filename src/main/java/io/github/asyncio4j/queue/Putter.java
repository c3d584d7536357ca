package io.github.asyncio4j.queue;

import io.github.asyncio4j.internal.Waiter;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;

/** One item on its way into the queue, and the subscriber who hears that it has arrived. */
final class Putter<T> extends Waiter implements Subscription, Scannable {

    final Object stored;

    // Set under the queue's lock, read by whoever delivers.
    boolean refused;

    @Nullable
    Throwable failure;

    @Nullable
    Taker<T> served;

    private final QueueState<T> queue;
    private final CoreSubscriber<? super Void> actual;
    private final @Nullable Duration maxWait;

    Putter(QueueState<T> queue, T item, CoreSubscriber<? super Void> actual, @Nullable Duration maxWait) {
        super(queue.putters);
        this.queue = queue;
        this.actual = actual;
        this.maxWait = maxWait;
        this.stored = Stored.of(item, actual.currentContext());
    }

    void start() {
        if (!queue.enter(this, actual.currentContext(), maxWait)) {
            actual.onError(queue.refusals.lineIsFull("put into"));
        }
    }

    // Takers first: their item is there, and what this subscriber does next may take its time.
    @Override
    protected void granted() {
        queue.takers.wake(served);
        if (refused) {
            actual.onError(queue.refusals.refused());
        } else if (failure != null) {
            actual.onError(failure);
        } else {
            actual.onComplete();
        }
    }

    @Override
    protected void handBack() {
        // It was never claimed, so nothing was put.
    }

    @Override
    protected void timedOut() {
        actual.onError(queue.refusals.waitedTooLong("put into", maxWait, actual.currentContext()));
    }

    @Override
    public void request(long n) {
        Operators.validate(n);
    }

    @Override
    public void cancel() {
        cancelWait();
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        return QueueScan.waiter(key, this, actual);
    }
}
