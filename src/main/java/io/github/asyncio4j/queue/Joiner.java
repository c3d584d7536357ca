package io.github.asyncio4j.queue;

import io.github.asyncio4j.internal.Waiter;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;

/** Somebody who waits until all items are done. */
final class Joiner extends Waiter implements Subscription, Scannable {

    private final QueueState<?> queue;
    private final CoreSubscriber<? super Void> actual;

    Joiner(QueueState<?> queue, CoreSubscriber<? super Void> actual) {
        super(queue.joiners);
        this.queue = queue;
        this.actual = actual;
    }

    void start() {
        if (!queue.enter(this, actual.currentContext(), null)) {
            actual.onError(queue.refusals.lineIsFull("join"));
        }
    }

    @Override
    protected void granted() {
        actual.onComplete();
    }

    @Override
    protected void handBack() {
        // Nothing was taken.
    }

    @Override
    protected void timedOut() {
        actual.onError(queue.refusals.waitedTooLong("join", null, actual.currentContext()));
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
