package io.github.asyncio4j.task;

import io.github.asyncio4j.internal.WaitProbe;
import io.github.asyncio4j.internal.Waiter;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/** Waits for a task without owning it: each subscriber stands in the task's line and may leave it. */
final class MonoTask<T, R> extends Mono<R> implements Scannable {

    /** What a waiter makes of the end of the task. */
    enum View {
        RESULT,
        OUTCOME,
        END
    }

    private final DefaultTask<T> task;
    private final View view;
    private final @Nullable String cancelReason;

    private MonoTask(DefaultTask<T> task, View view, @Nullable String cancelReason) {
        this.task = task;
        this.view = view;
        this.cancelReason = cancelReason;
    }

    static <T> Mono<T> result(DefaultTask<T> task) {
        return onAssembly(new MonoTask<T, T>(task, View.RESULT, null));
    }

    static <T> Mono<Outcome<T>> outcome(DefaultTask<T> task) {
        return onAssembly(new MonoTask<T, Outcome<T>>(task, View.OUTCOME, null));
    }

    static Mono<Void> cancelAndEnd(DefaultTask<?> task, String reason) {
        return onAssembly(new MonoTask<>(task, View.END, reason));
    }

    @Override
    public void subscribe(CoreSubscriber<? super R> actual) {
        if (cancelReason == null && WaitProbe.from(actual.currentContext()) == task) {
            Operators.error(actual, new IllegalStateException(task + " cannot await itself"));
            return;
        }
        Waiting<R> waiting = new Waiting<>(task, view, actual);
        actual.onSubscribe(waiting);
        if (cancelReason != null) {
            task.cancel(cancelReason);
        }
        waiting.enter(actual.currentContext());
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        return key == Attr.RUN_STYLE ? Attr.RunStyle.SYNC : null;
    }

    /** One subscriber. The end of the task and the request for it come in any order. */
    static final class Waiting<R> extends Waiter implements Subscription, Scannable {

        private static final int NEITHER = 0;
        private static final int REQUESTED = 1;
        private static final int ENDED = 2;
        private static final int OVER = 3;

        @SuppressWarnings("rawtypes")
        private static final AtomicIntegerFieldUpdater<Waiting> DEMAND =
                AtomicIntegerFieldUpdater.newUpdater(Waiting.class, "demand");

        private final DefaultTask<?> task;
        private final View view;
        private final CoreSubscriber<? super R> actual;
        private volatile int demand;

        /** Seen by whoever is told of the end after the waiters. */
        boolean failureDelivered;

        Waiting(DefaultTask<?> task, View view, CoreSubscriber<? super R> actual) {
            super(task.waiters());
            this.task = task;
            this.view = view;
            this.actual = actual;
        }

        @Override
        protected void granted() {
            if (view == View.RESULT) {
                task.observed();
            }
            Throwable error = view == View.RESULT ? task.failure : null;
            Object result = result();
            if (result != null && DEMAND.compareAndSet(this, NEITHER, ENDED)) {
                return;
            }
            if (DEMAND.getAndSet(this, OVER) == OVER) {
                return;
            }
            if (error != null) {
                failureDelivered = true;
                actual.onError(error);
            } else if (result == null) {
                actual.onComplete();
            } else {
                deliver(result);
            }
        }

        private @Nullable Object result() {
            return switch (view) {
                case RESULT -> task.failure == null ? task.value : null;
                case OUTCOME -> task.outcome();
                case END -> null;
            };
        }

        // The task keeps what it came to: a waiter that has left since takes nothing with him.
        @SuppressWarnings("unchecked")
        private void deliver(Object result) {
            actual.onNext((R) result);
            actual.onComplete();
        }

        @Override
        protected void handBack() {}

        @Override
        public void request(long n) {
            if (Operators.validate(n)
                    && !DEMAND.compareAndSet(this, NEITHER, REQUESTED)
                    && DEMAND.compareAndSet(this, ENDED, OVER)) {
                Object result = result();
                if (result != null) {
                    deliver(result);
                }
            }
        }

        @Override
        public void cancel() {
            DEMAND.set(this, OVER);
            cancelWait();
        }

        @Override
        @SuppressWarnings("rawtypes")
        public @Nullable Object scanUnsafe(Attr key) {
            if (key == Attr.ACTUAL) {
                return actual;
            }
            if (key == Attr.CANCELLED) {
                return demand == OVER && !isGranted();
            }
            if (key == Attr.TERMINATED) {
                return demand == OVER && isGranted();
            }
            return key == Attr.RUN_STYLE ? Attr.RunStyle.SYNC : null;
        }
    }
}
