package io.github.asyncio4j.sync;

import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoOperator;
import reactor.core.publisher.Operators;

/** Subscribes its source while holding permits; the value is passed on when they have been given back. */
final class MonoWithPermit<T> extends MonoOperator<T, T> {

    private final Admission admission;

    private MonoWithPermit(Mono<? extends T> source, Admission admission) {
        super(source);
        this.admission = admission;
    }

    static <T> Mono<T> assemble(Mono<? extends T> source, Admission admission) {
        return onAssembly(new MonoWithPermit<>(restoring(source), admission));
    }

    // The work is subscribed on the thread of whoever released: ThreadLocals must come from the Context.
    private static <T> Mono<? extends T> restoring(Mono<? extends T> source) {
        return Hooks.isAutomaticContextPropagationEnabled() ? source.contextWrite(context -> context) : source;
    }

    @Override
    public void subscribe(CoreSubscriber<? super T> actual) {
        actual.onSubscribe(new MonoHolder<>(actual, source, admission));
    }

    private static final class MonoHolder<T> extends Holder<T> {

        @SuppressWarnings("rawtypes")
        private static final AtomicReferenceFieldUpdater<MonoHolder, @Nullable Object> VALUE =
                AtomicReferenceFieldUpdater.newUpdater(MonoHolder.class, Object.class, "value");

        private final Mono<? extends T> source;
        private volatile @Nullable Object value;

        MonoHolder(CoreSubscriber<? super T> actual, Mono<? extends T> source, Admission admission) {
            super(actual, admission);
            this.source = source;
        }

        @Override
        public void request(long n) {
            if (Operators.validate(n)) {
                start();
            }
        }

        @Override
        void subscribeToWork() {
            source.subscribe(this);
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            if (setUpstream(subscription)) {
                subscription.request(Long.MAX_VALUE);
            }
        }

        @Override
        public void onNext(T item) {
            value = item;
            if (isCancelled()) {
                discard();
            }
        }

        @Override
        @SuppressWarnings("unchecked")
        void complete() {
            T item = (T) value;
            if (item != null) {
                actual.onNext(item);
            }
            actual.onComplete();
        }

        @Override
        void discard() {
            Operators.onDiscard(VALUE.getAndSet(this, null), actual.currentContext());
        }
    }
}
