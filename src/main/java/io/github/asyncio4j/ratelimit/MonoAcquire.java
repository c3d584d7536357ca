package io.github.asyncio4j.ratelimit;

import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;

/** One start per subscription; emits its instant, or just completes. */
final class MonoAcquire<T> extends Mono<T> implements Scannable {

    private final DefaultRateLimiter limiter;
    private final boolean tellsInstant;

    MonoAcquire(DefaultRateLimiter limiter, boolean tellsInstant) {
        this.limiter = limiter;
        this.tellsInstant = tellsInstant;
    }

    Mono<T> assembled() {
        return onAssembly(this);
    }

    @Override
    @SuppressWarnings("unchecked")
    public void subscribe(CoreSubscriber<? super T> actual) {
        actual.onSubscribe(new AcquireWaiter(limiter, (CoreSubscriber<Object>) actual, tellsInstant));
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        return key == Attr.RUN_STYLE ? Attr.RunStyle.ASYNC : null;
    }
}
