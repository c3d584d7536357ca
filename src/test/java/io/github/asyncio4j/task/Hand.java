package io.github.asyncio4j.task;

import io.github.asyncio4j.internal.CleanupLedger;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/** A source moved by hand, for one subscriber; it signals to whoever has not cancelled as far as it has seen. */
final class Hand<T> extends Mono<T> {

    /** Signals that were held back as the subscriber had cancelled. */
    final AtomicInteger heldBack = new AtomicInteger();

    private final boolean cleaning;
    private volatile boolean cancelled;
    private volatile @Nullable CoreSubscriber<? super T> actual;
    private volatile CleanupLedger.@Nullable Entry entry;

    Hand() {
        this(false);
    }

    /** {@code cleaning}: it stays in the ledger until {@link #clean}. */
    Hand(boolean cleaning) {
        this.cleaning = cleaning;
    }

    @Override
    public void subscribe(CoreSubscriber<? super T> subscriber) {
        actual = subscriber;
        entry = cleaning ? CleanupLedger.enter(subscriber.currentContext(), "hand") : null;
        subscriber.onSubscribe(new Subscription() {
            @Override
            public void request(long n) {}

            @Override
            public void cancel() {
                cancelled = true;
            }
        });
    }

    /** The subscriber, to be told whatever a bad source might say. */
    CoreSubscriber<? super T> subscriber() {
        return Objects.requireNonNull(actual);
    }

    boolean isSubscribed() {
        return actual != null;
    }

    void emit(T value) {
        CoreSubscriber<? super T> subscriber = actual;
        if (cancelled || subscriber == null) {
            heldBack.incrementAndGet();
        } else {
            subscriber.onNext(value);
            subscriber.onComplete();
        }
    }

    void fail(Throwable error) {
        CoreSubscriber<? super T> subscriber = actual;
        if (cancelled || subscriber == null) {
            heldBack.incrementAndGet();
        } else {
            subscriber.onError(error);
        }
    }

    void clean() {
        CleanupLedger.Entry entered = entry;
        if (entered != null) {
            entered.leave();
        }
    }

    void clean(Throwable failure) {
        CleanupLedger.Entry entered = entry;
        if (entered != null) {
            entered.leave(failure, Context.empty());
        }
    }
}
