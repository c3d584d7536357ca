package io.github.asyncio4j.task;

import io.github.asyncio4j.internal.CleanupLedger;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/** Work that never ends by itself, and needs a while to clean up when it is cancelled. */
final class Cleaning extends Mono<Object> {

    private final String name;
    private final Mono<?> cleanup;
    final AtomicInteger started = new AtomicInteger();
    final AtomicInteger cleaned = new AtomicInteger();

    private Cleaning(String name, Mono<?> cleanup) {
        this.name = name;
        this.cleanup = cleanup;
    }

    static Cleaning in(Duration duration) {
        return new Cleaning("cleaning", Mono.delay(duration));
    }

    static Cleaning with(String name, Mono<?> cleanup) {
        return new Cleaning(name, cleanup);
    }

    @Override
    public void subscribe(CoreSubscriber<? super Object> actual) {
        started.incrementAndGet();
        Context context = actual.currentContext();
        CleanupLedger.Entry entry = CleanupLedger.enter(context, name);
        actual.onSubscribe(new Subscription() {
            private boolean cancelled;

            @Override
            public void request(long n) {}

            @Override
            public void cancel() {
                if (!cancelled) {
                    cancelled = true;
                    cleanup.subscribe(null, error -> end(error), () -> end(null));
                }
            }

            private void end(@Nullable Throwable error) {
                cleaned.incrementAndGet();
                if (error == null) {
                    entry.leave();
                } else {
                    entry.leave(error, context);
                }
            }
        });
    }
}
