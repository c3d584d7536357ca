package io.github.asyncio4j.ratelimit;

import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;

/** One start per subscription. */
final class MonoAcquire extends Mono<Void> implements Scannable {

    private final DefaultRateLimiter limiter;

    MonoAcquire(DefaultRateLimiter limiter) {
        this.limiter = limiter;
    }

    Mono<Void> assembled() {
        return onAssembly(this);
    }

    @Override
    public void subscribe(CoreSubscriber<? super Void> actual) {
        actual.onSubscribe(new AcquireWaiter(limiter, actual));
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        return key == Attr.RUN_STYLE ? Attr.RunStyle.ASYNC : null;
    }
}
