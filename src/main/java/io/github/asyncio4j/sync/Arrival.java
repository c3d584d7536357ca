package io.github.asyncio4j.sync;

import io.github.asyncio4j.internal.Expiry;
import io.github.asyncio4j.internal.Waiter;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** A subscriber that stands in a {@link SignalLine} from its first request on. */
abstract class Arrival<T> extends Waiter implements Subscription, Scannable {

    @SuppressWarnings("rawtypes")
    private static final AtomicIntegerFieldUpdater<Arrival> ASKED =
            AtomicIntegerFieldUpdater.newUpdater(Arrival.class, "asked");

    final CoreSubscriber<? super T> actual;
    private final SignalLine<?> line;
    private volatile int asked;

    Arrival(CoreSubscriber<? super T> actual, SignalLine<?> line) {
        super(line);
        this.actual = actual;
        this.line = line;
    }

    /** The Mono whose subscribers arrive at {@code line}. */
    static <T> Mono<T> mono(SignalLine<?> line, Function<CoreSubscriber<? super T>, Arrival<T>> arrival) {
        return new MonoArrival<>(line, arrival).assembled();
    }

    @Override
    public final void request(long n) {
        if (!Operators.validate(n) || !ASKED.compareAndSet(this, 0, 1)) {
            return;
        }
        Context context = actual.currentContext();
        if (!enter(context)) {
            failWith(line.full());
            return;
        }
        line.arrived();
        if (isWaiting() && Expiry.isExpired(context)) {
            failWith(Expiry.exceeded(context, "waiting for " + line.label()));
        }
    }

    final void failWith(Throwable error) {
        if (fail()) {
            actual.onError(error);
        }
    }

    @Override
    public final void cancel() {
        if (!ASKED.compareAndSet(this, 0, 1)) {
            cancelWait();
        }
    }

    @Override
    @SuppressWarnings("rawtypes")
    public final @Nullable Object scanUnsafe(Attr key) {
        if (key == Attr.ACTUAL) {
            return actual;
        }
        if (key == Attr.TERMINATED) {
            return isGranted();
        }
        return null;
    }

    private static final class MonoArrival<T> extends Mono<T> implements Scannable {

        private final SignalLine<?> line;
        private final Function<CoreSubscriber<? super T>, Arrival<T>> arrival;

        MonoArrival(SignalLine<?> line, Function<CoreSubscriber<? super T>, Arrival<T>> arrival) {
            this.line = line;
            this.arrival = arrival;
        }

        Mono<T> assembled() {
            return onAssembly(this);
        }

        @Override
        public void subscribe(CoreSubscriber<? super T> actual) {
            actual.onSubscribe(arrival.apply(actual));
        }

        @Override
        @SuppressWarnings("rawtypes")
        public @Nullable Object scanUnsafe(Attr key) {
            return key == Attr.NAME ? line.label() : null;
        }
    }
}
