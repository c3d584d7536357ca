package io.github.asyncio4j.queue;

import io.github.asyncio4j.internal.Downstream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

final class MonoTake<T> extends Mono<T> implements Scannable {

    private final QueueState<T> queue;
    private final @Nullable Duration maxWait;

    private MonoTake(QueueState<T> queue, @Nullable Duration maxWait) {
        this.queue = queue;
        this.maxWait = maxWait;
    }

    static <T> Mono<T> assemble(QueueState<T> queue, @Nullable Duration maxWait) {
        return onAssembly(new MonoTake<>(queue, maxWait));
    }

    @Override
    public void subscribe(CoreSubscriber<? super T> actual) {
        actual.onSubscribe(new One<>(queue, actual, maxWait));
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        return QueueScan.publisher(key);
    }

    /** Stands in line from the first request on: without demand no item leaves the queue. */
    private static final class One<T> extends Taker<T> implements Subscription, Scannable {

        @SuppressWarnings("rawtypes")
        private static final AtomicIntegerFieldUpdater<One> REQUESTED =
                AtomicIntegerFieldUpdater.newUpdater(One.class, "requested");

        @SuppressWarnings("rawtypes")
        private static final AtomicIntegerFieldUpdater<One> RETURNED =
                AtomicIntegerFieldUpdater.newUpdater(One.class, "returned");

        private final CoreSubscriber<? super T> actual;
        private final @Nullable Duration maxWait;
        private volatile int requested;
        private volatile int returned;

        One(QueueState<T> queue, CoreSubscriber<? super T> actual, @Nullable Duration maxWait) {
            super(queue);
            this.actual = actual;
            this.maxWait = maxWait;
        }

        @Override
        public void request(long n) {
            if (Operators.validate(n) && REQUESTED.compareAndSet(this, 0, 1)) {
                if (!queue.enter(this, actual.currentContext(), maxWait)) {
                    actual.onError(queue.refusals.lineIsFull("take from"));
                }
            }
        }

        @Override
        public void cancel() {
            if (!cancelWait() && isGranted() && Downstream.cancelsOnlyWhatItDropped(actual)) {
                giveBack();
            }
        }

        @Override
        void received(Object stored) {
            if (Downstream.isCancelled(actual)) {
                giveBack();
            } else {
                actual.onNext(Stored.item(stored));
                actual.onComplete();
            }
        }

        private void giveBack() {
            Object item = stored;
            if (item != null && RETURNED.compareAndSet(this, 0, 1)) {
                queue.handBack(item);
            }
        }

        @Override
        void ended() {
            actual.onError(queue.refusals.ended());
        }

        @Override
        protected void timedOut() {
            actual.onError(queue.refusals.waitedTooLong("take from", maxWait, actual.currentContext()));
        }

        @Override
        @SuppressWarnings("rawtypes")
        public @Nullable Object scanUnsafe(Attr key) {
            return QueueScan.waiter(key, this, actual);
        }
    }
}
