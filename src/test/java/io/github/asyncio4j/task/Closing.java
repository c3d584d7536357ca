package io.github.asyncio4j.task;

import io.github.asyncio4j.internal.CleanupLedger;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.Context;

/** Never gives a value; cancelled, it closes for some time and is in the ledger until it has closed. */
final class Closing<T> extends Mono<T> {

    /** Opened and not closed, in the current test. */
    static final AtomicInteger OPEN = new AtomicInteger();

    private final String name;
    private final @Nullable Duration takes;
    private final @Nullable Throwable failure;

    private Closing(String name, @Nullable Duration takes, @Nullable Throwable failure) {
        this.name = name;
        this.takes = takes;
        this.failure = failure;
    }

    static <T> Mono<T> in(Duration takes) {
        return new Closing<>("resource", takes, null);
    }

    static <T> Mono<T> failing(Duration takes, Throwable failure) {
        return new Closing<>("resource", takes, failure);
    }

    static <T> Mono<T> never(String name) {
        return new Closing<>(name, null, null);
    }

    @Override
    public void subscribe(CoreSubscriber<? super T> actual) {
        Context context = actual.currentContext();
        CleanupLedger.Entry entry = CleanupLedger.enter(context, name);
        OPEN.incrementAndGet();
        actual.onSubscribe(new Subscription() {
            @Override
            public void request(long n) {
                Operators.validate(n);
            }

            @Override
            public void cancel() {
                if (takes != null) {
                    Schedulers.parallel().schedule(this::closed, takes.toNanos(), TimeUnit.NANOSECONDS);
                }
            }

            private void closed() {
                OPEN.decrementAndGet();
                if (failure == null) {
                    entry.leave();
                } else {
                    entry.leave(failure, context);
                }
            }
        });
    }
}
