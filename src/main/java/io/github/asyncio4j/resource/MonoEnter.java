package io.github.asyncio4j.resource;

import io.github.asyncio4j.internal.CleanupLedger;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** Opens a resource and puts its closing on a stack. */
final class MonoEnter<T> extends Mono<T> implements Scannable {

    private final AsyncExitStack stack;
    private final DefaultAsyncResource<? extends T> resource;

    private MonoEnter(AsyncExitStack stack, DefaultAsyncResource<? extends T> resource) {
        this.stack = stack;
        this.resource = resource;
    }

    static <T> Mono<T> of(AsyncExitStack stack, DefaultAsyncResource<? extends T> resource) {
        return onAssembly(new MonoEnter<>(stack, resource));
    }

    @Override
    public void subscribe(CoreSubscriber<? super T> actual) {
        subscribe(actual, resource);
    }

    private <U extends T> void subscribe(CoreSubscriber<? super T> actual, DefaultAsyncResource<U> typed) {
        if (stack.isClosed()) {
            Operators.error(actual, AsyncExitStack.closedError());
            return;
        }
        new Entering<>(actual, stack, typed).run();
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        if (key == Attr.PARENT) {
            return resource.open();
        }
        return key == Attr.RUN_STYLE ? Attr.RunStyle.ASYNC : null;
    }

    @Override
    public String stepName() {
        return "enter";
    }

    /**
     * Until it is decided whose the resource is: the stack's, or nobody's, who closes it at once. The opening does not
     * wait for demand, the value does.
     */
    private static final class Entering<T> implements Subscription, Scannable {

        private enum State {
            OPENING,
            REQUESTED,
            OPENED,
            ENDED,
            CANCELLED
        }

        @SuppressWarnings("rawtypes")
        private static final AtomicReferenceFieldUpdater<Entering, State> STATE =
                AtomicReferenceFieldUpdater.newUpdater(Entering.class, State.class, "state");

        private final CoreSubscriber<? super T> actual;
        private final AsyncExitStack stack;
        private final DefaultAsyncResource<T> resource;
        private final Context context;
        private final CleanupLedger.Entry entry;
        private final Opening<T> opening;
        private volatile State state = State.OPENING;
        private @Nullable T value;

        Entering(CoreSubscriber<? super T> actual, AsyncExitStack stack, DefaultAsyncResource<T> resource) {
            this.actual = actual;
            this.stack = stack;
            this.resource = resource;
            this.context = actual.currentContext();
            this.entry = CleanupLedger.enter(context, this);
            this.opening = new Opening<>(resource, context, this::opened, this::notOpened);
        }

        void run() {
            actual.onSubscribe(this);
            if (state == State.CANCELLED) {
                entry.leave();
            } else {
                opening.start();
            }
        }

        @Override
        public void request(long n) {
            if (Operators.validate(n) && !STATE.compareAndSet(this, State.OPENING, State.REQUESTED)) {
                emit();
            }
        }

        private void emit() {
            if (STATE.compareAndSet(this, State.OPENED, State.ENDED)) {
                actual.onNext(value);
                actual.onComplete();
            }
        }

        @Override
        public void cancel() {
            State before = STATE.getAndSet(this, State.CANCELLED);
            if (resource.cancellableOpen() && (before == State.OPENING || before == State.REQUESTED)) {
                opening.cancel();
                entry.leave();
            }
        }

        // The stack takes it before anybody sees it, so that from here on a cancel cannot lose it.
        private void opened(T arrived) {
            if (state == State.CANCELLED) {
                closeAtOnce(arrived, false);
                return;
            }
            if (!stack.push(exit -> resource.closing(arrived, exit))) {
                closeAtOnce(arrived, true);
                return;
            }
            entry.leave();
            value = arrived;
            if (!STATE.compareAndSet(this, State.OPENING, State.OPENED)
                    && STATE.compareAndSet(this, State.REQUESTED, State.OPENED)) {
                emit();
            }
        }

        private void closeAtOnce(T unwanted, boolean stackIsClosed) {
            // An opening that did not obey its cancel is late: then our entry has left already.
            CleanupLedger.Entry late = resource.cancellableOpen() ? CleanupLedger.enter(context, this) : entry;
            Closing.of(resource, unwanted, DefaultExit.CANCELLED, context, error -> {
                Closing.leave(late, error, context);
                entry.leave();
                if (stackIsClosed) {
                    fail(AsyncExitStack.closedError());
                }
            });
        }

        private void notOpened(Throwable error) {
            entry.leave();
            fail(error);
        }

        private void fail(Throwable error) {
            if (STATE.getAndSet(this, State.ENDED) == State.CANCELLED) {
                Operators.onErrorDropped(error, context);
            } else {
                actual.onError(error);
            }
        }

        @Override
        @SuppressWarnings("rawtypes")
        public @Nullable Object scanUnsafe(Attr key) {
            if (key == Attr.ACTUAL) {
                return actual;
            }
            if (key == Attr.PARENT) {
                return opening;
            }
            if (key == Attr.TERMINATED) {
                return state == State.ENDED;
            }
            return key == Attr.CANCELLED ? state == State.CANCELLED : null;
        }

        @Override
        public String toString() {
            return resource.nameFor(null);
        }
    }
}
