package io.github.asyncio4j.task;

import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Fuseable;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** Passes every signal on and says when a callback begins and ends, in debug mode. */
final class TimedSubscriber<T> implements CoreSubscriber<T>, Subscription, Scannable {

    private final CoreSubscriber<? super T> actual;
    private final SlowCallbacks slow;
    private Subscription upstream = Operators.emptySubscription();

    TimedSubscriber(CoreSubscriber<? super T> actual, SlowCallbacks slow) {
        this.actual = actual;
        this.slow = slow;
    }

    @Override
    public Context currentContext() {
        return actual.currentContext();
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        upstream = subscription;
        // A fuseable operator casts what it is given; there the requests go untimed.
        Subscription given = subscription instanceof Fuseable.QueueSubscription ? subscription : this;
        timed(() -> actual.onSubscribe(given));
    }

    @Override
    public void onNext(T value) {
        timed(() -> actual.onNext(value));
    }

    @Override
    public void onError(Throwable error) {
        timed(() -> actual.onError(error));
    }

    @Override
    public void onComplete() {
        timed(actual::onComplete);
    }

    @Override
    public void request(long n) {
        timed(() -> upstream.request(n));
    }

    @Override
    public void cancel() {
        timed(upstream::cancel);
    }

    private void timed(Runnable signal) {
        boolean outermost = slow.enter(actual.currentContext());
        try {
            signal.run();
        } finally {
            if (outermost) {
                slow.exit();
            }
        }
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        if (key == Attr.ACTUAL) {
            return actual;
        }
        if (key == Attr.PARENT) {
            return upstream;
        }
        return key == Attr.RUN_STYLE ? Attr.RunStyle.SYNC : null;
    }
}
