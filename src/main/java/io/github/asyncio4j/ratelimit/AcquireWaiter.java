package io.github.asyncio4j.ratelimit;

import io.github.asyncio4j.internal.Expiry;
import io.github.asyncio4j.internal.Waiter;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;

/** Somebody who waits for a start. */
final class AcquireWaiter extends Waiter implements Subscription, Scannable {

    private static final AtomicIntegerFieldUpdater<AcquireWaiter> REQUESTED =
            AtomicIntegerFieldUpdater.newUpdater(AcquireWaiter.class, "requested");

    private final DefaultRateLimiter limiter;
    private final CoreSubscriber<Object> actual;
    private final boolean tellsInstant;
    private volatile int requested;
    // Guarded by the limiter's lock.
    long startedAt;

    AcquireWaiter(DefaultRateLimiter limiter, CoreSubscriber<Object> actual, boolean tellsInstant) {
        super(limiter);
        this.limiter = limiter;
        this.actual = actual;
        this.tellsInstant = tellsInstant;
    }

    @Override
    public void request(long n) {
        if (!Operators.validate(n) || !REQUESTED.compareAndSet(this, 0, 1)) {
            return;
        }
        Expiry deadline = Expiry.from(actual.currentContext());
        if (deadline != null && limiter.estimatedNanos() > deadline.remainingNanos()) {
            if (cancelWait()) {
                actual.onError(limiter.tooLate(deadline));
            }
        } else if (!enter(actual.currentContext())) {
            if (cancelWait()) {
                actual.onError(limiter.full());
            }
        } else if (isWaiting()) {
            limiter.rearm();
        }
    }

    @Override
    public void cancel() {
        if (cancelWait()) {
            limiter.rearm();
        }
    }

    @Override
    protected void granted() {
        if (tellsInstant) {
            actual.onNext(startedAt);
        }
        actual.onComplete();
    }

    @Override
    protected void handBack() {
        limiter.takeBack(this);
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        if (key == Attr.ACTUAL) {
            return actual;
        }
        if (key == Attr.RUN_STYLE) {
            return Attr.RunStyle.ASYNC;
        }
        return key == Attr.TERMINATED ? isGranted() : null;
    }
}
