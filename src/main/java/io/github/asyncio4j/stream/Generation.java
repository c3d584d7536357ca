package io.github.asyncio4j.stream;

import io.github.asyncio4j.internal.Checks;
import io.github.asyncio4j.internal.Drain;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * One run of the body. Requests, emits and the end of the body come from anywhere; all signals, to downstream and
 * back to the body, come from one drain loop, so they never overlap and never nest:
 *
 * <pre>
 *   request ► body starts ► emit ► onNext ► (no demand: pause) ► request ► emit completes ► …
 * </pre>
 */
final class Generation<T> extends Drain implements AsyncGenerator.Yielder<T>, Subscription, Scannable {

    @SuppressWarnings("rawtypes")
    private static final AtomicLongFieldUpdater<Generation> REQUESTED =
            AtomicLongFieldUpdater.newUpdater(Generation.class, "requested");

    @SuppressWarnings("rawtypes")
    private static final AtomicReferenceFieldUpdater<Generation, @Nullable Emission> CURRENT =
            AtomicReferenceFieldUpdater.newUpdater(Generation.class, Emission.class, "current");

    private final Function<? super AsyncGenerator.Yielder<T>, ? extends Mono<Void>> body;
    private final CoreSubscriber<? super T> actual;
    private final Body<T> running = new Body<>(this);

    private volatile long requested;
    private volatile boolean cancelled;
    private volatile boolean bodyEnded;
    private volatile @Nullable Emission<T> current;
    private @Nullable Throwable failure;

    // Touched in the drain loop only.
    private boolean started;
    private boolean terminated;
    private long emitted;

    Generation(
            Function<? super AsyncGenerator.Yielder<T>, ? extends Mono<Void>> body, CoreSubscriber<? super T> actual) {
        this.body = body;
        this.actual = actual;
    }

    @Override
    public Mono<Void> emit(T value) {
        return MonoEmit.assemble(this, Checks.notNull(value, "value"));
    }

    /** An emit was subscribed to. */
    void begin(Emission<T> emission) {
        if (CURRENT.compareAndSet(this, null, emission)) {
            if (emission.isOver()) {
                forget(emission); // cancelled just before it got here
            }
            drain();
        } else {
            emission.refuse(new IllegalStateException("emit(" + emission.value()
                    + ") came while another emit was waiting: a generator makes one value at a time"));
        }
    }

    /** The body lost interest in an emit. */
    void forget(Emission<T> emission) {
        CURRENT.compareAndSet(this, emission, null);
    }

    void bodyEnded(@Nullable Throwable error) {
        failure = error;
        bodyEnded = true;
        drain();
    }

    @Override
    public void request(long n) {
        if (Operators.validate(n)) {
            Operators.addCap(REQUESTED, this, n);
            drain();
        }
    }

    @Override
    public void cancel() {
        cancelled = true;
        running.cancel();
        drain();
    }

    @Override
    protected boolean step() {
        Emission<T> emission = current;
        if (cancelled || terminated) {
            return emission != null && refuse(emission);
        }
        if (bodyEnded) {
            terminate();
            return true;
        }
        if (emitted == requested) {
            return false;
        }
        if (!started) {
            started = true;
            Checks.callMono(body, this, "generator body").subscribe(running);
            return true;
        }
        if (emission == null) {
            return false;
        }
        if (emission.isEmitted()) {
            forget(emission);
            emission.complete();
        } else {
            emission.setEmitted();
            emitted += requested == Long.MAX_VALUE ? 0 : 1;
            actual.onNext(emission.value());
        }
        return true;
    }

    private boolean refuse(Emission<T> emission) {
        forget(emission);
        emission.refuse(
                cancelled
                        ? new CancellationException("the generator was cancelled")
                        : new IllegalStateException(
                                "emit(" + emission.value() + ") after the generator's body had ended"));
        return true;
    }

    private void terminate() {
        terminated = true;
        if (failure == null) {
            actual.onComplete();
        } else {
            actual.onError(failure);
        }
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        if (key == Attr.ACTUAL) {
            return actual;
        }
        if (key == Attr.REQUESTED_FROM_DOWNSTREAM) {
            return requested;
        }
        if (key == Attr.CANCELLED) {
            return cancelled;
        }
        if (key == Attr.TERMINATED) {
            return bodyEnded;
        }
        if (key == Attr.ERROR) {
            return failure;
        }
        return null;
    }

    /** Listens to the Mono that the body returned. */
    private static final class Body<T> implements CoreSubscriber<Void>, Scannable {

        @SuppressWarnings("rawtypes")
        private static final AtomicReferenceFieldUpdater<Body, @Nullable Subscription> UPSTREAM =
                AtomicReferenceFieldUpdater.newUpdater(Body.class, Subscription.class, "upstream");

        private final Generation<T> generation;
        private volatile @Nullable Subscription upstream;

        Body(Generation<T> generation) {
            this.generation = generation;
        }

        @Override
        public Context currentContext() {
            return generation.actual.currentContext();
        }

        @Override
        public void onSubscribe(Subscription s) {
            if (Operators.setOnce(UPSTREAM, this, s)) {
                s.request(Long.MAX_VALUE);
            }
        }

        @Override
        public void onNext(Void never) {}

        @Override
        public void onError(Throwable error) {
            if (!generation.cancelled) {
                generation.bodyEnded(error);
            } else if (!(error instanceof CancellationException)) {
                Operators.onErrorDropped(error, currentContext());
            }
        }

        @Override
        public void onComplete() {
            generation.bodyEnded(null);
        }

        void cancel() {
            Operators.terminate(UPSTREAM, this);
        }

        @Override
        @SuppressWarnings("rawtypes")
        public @Nullable Object scanUnsafe(Attr key) {
            if (key == Attr.PARENT) {
                return upstream;
            }
            return key == Attr.ACTUAL ? generation : null;
        }
    }
}
