package io.github.asyncio4j.time;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxOperator;
import reactor.core.publisher.Operators;

/** A Flux of which all must have come before the deadline. */
final class FluxTimeout<T> extends FluxOperator<T, T> implements Scannable {

    private final TimeLimit limit;

    private FluxTimeout(Flux<T> source, TimeLimit limit) {
        super(source);
        this.limit = limit;
    }

    @SuppressWarnings("unchecked")
    static <T> Flux<T> of(Flux<? extends T> source, TimeLimit limit) {
        return onAssembly(new FluxTimeout<>((Flux<T>) source, limit));
    }

    @Override
    public void subscribe(CoreSubscriber<? super T> actual) {
        new Scope<T>(actual, limit).run(scope -> source);
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        return key == Attr.RUN_STYLE ? Attr.RunStyle.ASYNC : super.scanUnsafe(key);
    }

    @Override
    public String stepName() {
        return "timeout";
    }

    /**
     * The timer's thread must not signal the end while another thread is inside {@code onNext}: then the latter signals
     * it on its way out. {@code wip} counts those inside and carries the two marks.
     */
    private static final class Scope<T> extends DefaultTimeoutScope<T> {

        private static final int TERMINAL = 1 << 30;
        private static final int SIGNALLED = 1 << 31;

        @SuppressWarnings("rawtypes")
        private static final AtomicIntegerFieldUpdater<Scope> WIP =
                AtomicIntegerFieldUpdater.newUpdater(Scope.class, "wip");

        private volatile int wip;
        private @Nullable Throwable error;

        Scope(CoreSubscriber<? super T> actual, TimeLimit limit) {
            super(actual, limit);
        }

        @Override
        public void onNext(T value) {
            WIP.incrementAndGet(this);
            if (isActive()) {
                actual.onNext(value);
            } else {
                Operators.onDiscard(value, currentContext());
            }
            if (WIP.decrementAndGet(this) == TERMINAL) {
                signalTerminal();
            }
        }

        @Override
        void deliver(@Nullable Throwable merged, boolean completed) {
            error = merged;
            if (WIP.addAndGet(this, TERMINAL) == TERMINAL) {
                signalTerminal();
            }
        }

        private void signalTerminal() {
            if (WIP.compareAndSet(this, TERMINAL, SIGNALLED)) {
                if (error == null) {
                    actual.onComplete();
                } else {
                    actual.onError(error);
                }
            }
        }
    }
}
