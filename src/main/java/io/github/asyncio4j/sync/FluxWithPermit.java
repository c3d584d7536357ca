package io.github.asyncio4j.sync;

import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxOperator;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Operators;

/** Subscribes its source while holding permits, from the first request to the end of the stream. */
final class FluxWithPermit<T> extends FluxOperator<T, T> {

    private final Admission admission;

    private FluxWithPermit(Flux<? extends T> source, Admission admission) {
        super(source);
        this.admission = admission;
    }

    static <T> Flux<T> assemble(Flux<? extends T> source, Admission admission) {
        return onAssembly(new FluxWithPermit<>(restoring(source), admission));
    }

    // The work is subscribed on the thread of whoever released: ThreadLocals must come from the Context.
    private static <T> Flux<? extends T> restoring(Flux<? extends T> source) {
        return Hooks.isAutomaticContextPropagationEnabled() ? source.contextWrite(context -> context) : source;
    }

    @Override
    public void subscribe(CoreSubscriber<? super T> actual) {
        actual.onSubscribe(new FluxHolder<>(actual, source, admission));
    }

    private static final class FluxHolder<T> extends Holder<T> {

        @SuppressWarnings("rawtypes")
        private static final AtomicLongFieldUpdater<FluxHolder> REQUESTED =
                AtomicLongFieldUpdater.newUpdater(FluxHolder.class, "requested");

        private final Flux<? extends T> source;
        private volatile long requested;

        FluxHolder(CoreSubscriber<? super T> actual, Flux<? extends T> source, Admission admission) {
            super(actual, admission);
            this.source = source;
        }

        @Override
        public void request(long n) {
            if (!Operators.validate(n)) {
                return;
            }
            Operators.addCap(REQUESTED, this, n);
            if (!start()) {
                passOnDemand();
            }
        }

        // Demand from before the work was subscribed waits here; either side may come first.
        private void passOnDemand() {
            Subscription subscription = upstream;
            if (subscription != null) {
                long n = REQUESTED.getAndSet(this, 0);
                if (n != 0) {
                    subscription.request(n);
                }
            }
        }

        @Override
        void subscribeToWork() {
            source.subscribe(this);
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            if (setUpstream(subscription)) {
                passOnDemand();
            }
        }

        @Override
        public void onNext(T item) {
            if (isCancelled()) {
                Operators.onDiscard(item, actual.currentContext());
            } else {
                actual.onNext(item);
            }
        }

        @Override
        void complete() {
            actual.onComplete();
        }

        @Override
        void discard() {}
    }
}
