package io.github.asyncio4j.stream;

import io.github.asyncio4j.internal.Drain;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

final class FluxPages<P> extends Flux<P> implements Scannable {

    private final Mono<? extends P> first;
    private final Function<P, Optional<? extends Mono<? extends P>>> following;

    private FluxPages(Mono<? extends P> first, Function<P, Optional<? extends Mono<? extends P>>> following) {
        this.first = first;
        this.following = following;
    }

    /** @param following the request for the page after this one, or empty when this was the last */
    static <P> Flux<P> assemble(Mono<? extends P> first, Function<P, Optional<? extends Mono<? extends P>>> following) {
        return onAssembly(new FluxPages<>(first, following));
    }

    @Override
    public void subscribe(CoreSubscriber<? super P> actual) {
        actual.onSubscribe(new Turning<>(first, following, actual));
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        return null;
    }

    /** Listens to one request after the other; the next is made in a loop, not in the signal of the one before. */
    private static final class Turning<P> extends Drain implements CoreSubscriber<P>, Subscription, Scannable {

        @SuppressWarnings("rawtypes")
        private static final AtomicLongFieldUpdater<Turning> REQUESTED =
                AtomicLongFieldUpdater.newUpdater(Turning.class, "requested");

        @SuppressWarnings("rawtypes")
        private static final AtomicReferenceFieldUpdater<Turning, @Nullable Subscription> UPSTREAM =
                AtomicReferenceFieldUpdater.newUpdater(Turning.class, Subscription.class, "upstream");

        private final Function<P, Optional<? extends Mono<? extends P>>> following;
        private final CoreSubscriber<? super P> actual;

        private volatile long requested;
        private volatile @Nullable Subscription upstream;

        /** The request to make when it is asked for; null while one is under way and after the end. */
        private volatile @Nullable Mono<? extends P> waiting;

        // Touched by the request under way only.
        private @Nullable Mono<? extends P> after;
        private boolean done;

        // Touched in the loop only.
        private long made;

        Turning(
                Mono<? extends P> first,
                Function<P, Optional<? extends Mono<? extends P>>> following,
                CoreSubscriber<? super P> actual) {
            this.waiting = first;
            this.following = following;
            this.actual = actual;
        }

        @Override
        public void request(long n) {
            if (Operators.validate(n)) {
                Operators.addCap(REQUESTED, this, n);
                drain();
            }
        }

        @Override
        protected boolean step() {
            Mono<? extends P> page = waiting;
            if (page == null || made == requested || upstream == Operators.cancelledSubscription()) {
                return false;
            }
            waiting = null;
            made += requested == Long.MAX_VALUE ? 0 : 1;
            page.subscribe(this);
            return true;
        }

        @Override
        public Context currentContext() {
            return actual.currentContext();
        }

        @Override
        public void onSubscribe(Subscription s) {
            if (Operators.replace(UPSTREAM, this, s)) {
                s.request(Long.MAX_VALUE);
            }
        }

        @Override
        public void onNext(P page) {
            if (done) {
                Operators.onNextDropped(page, currentContext());
                return;
            }
            actual.onNext(page);
            try {
                Optional<? extends Mono<? extends P>> next = following.apply(page);
                after = next.isPresent() ? next.get() : null;
            } catch (Throwable t) {
                Exceptions.throwIfFatal(t);
                onError(t);
                return;
            }
            if (after == null) {
                done = true;
                actual.onComplete();
            }
        }

        @Override
        public void onError(Throwable error) {
            if (done) {
                Operators.onErrorDropped(error, currentContext());
                return;
            }
            done = true;
            actual.onError(error);
        }

        @Override
        public void onComplete() {
            if (done) {
                return;
            }
            Mono<? extends P> next = after;
            if (next == null) {
                done = true;
                actual.onComplete();
            } else {
                after = null;
                forgetRequest();
                waiting = next;
                drain();
            }
        }

        // A request that has ended is not to be cancelled any more.
        private void forgetRequest() {
            Subscription ended = upstream;
            if (ended != Operators.cancelledSubscription()) {
                UPSTREAM.compareAndSet(this, ended, null);
            }
        }

        @Override
        public void cancel() {
            Operators.terminate(UPSTREAM, this);
        }

        @Override
        @SuppressWarnings("rawtypes")
        public @Nullable Object scanUnsafe(Attr key) {
            if (key == Attr.PARENT) {
                return upstream;
            }
            if (key == Attr.ACTUAL) {
                return actual;
            }
            if (key == Attr.REQUESTED_FROM_DOWNSTREAM) {
                return requested;
            }
            if (key == Attr.CANCELLED) {
                return upstream == Operators.cancelledSubscription();
            }
            return key == Attr.TERMINATED ? done : null;
        }
    }
}
