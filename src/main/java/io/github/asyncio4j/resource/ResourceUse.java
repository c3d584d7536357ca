package io.github.asyncio4j.resource;

import io.github.asyncio4j.internal.CleanupLedger;
import io.github.asyncio4j.internal.Failures;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * One use: opens, runs the body, waits for what the body left behind, closes, signals. It is the body's subscriber and
 * downstream's subscription.
 *
 * <pre>
 *   OPENING ───────► BODY ───────► ENDING ───────► ENDED
 *      │     opened   │   its end    │    closed
 *      │ cancel       │ cancel       │ cancel
 *      ▼              ▼              ▼
 *   UNWANTED        LEFT ◄─────────┘    the closing goes on, in the surrounding ledger
 * </pre>
 *
 * <p>The body has a ledger of its own: a resource or a blocking call inside it must be over before this one closes.
 */
abstract class ResourceUse<T, R> extends Operators.DeferredSubscription implements CoreSubscriber<R> {

    private enum State {
        OPENING,
        UNWANTED,
        BODY,
        ENDING,
        LEFT,
        ENDED
    }

    @SuppressWarnings("rawtypes")
    private static final AtomicReferenceFieldUpdater<ResourceUse, State> STATE =
            AtomicReferenceFieldUpdater.newUpdater(ResourceUse.class, State.class, "state");

    final CoreSubscriber<? super R> actual;
    private final DefaultAsyncResource<T> resource;
    private final Function<? super T, ? extends Publisher<? extends R>> body;
    private final Context outside;
    private final CleanupLedger.Entry entry;
    private final Opening<T> opening;

    private volatile State state = State.OPENING;
    private volatile @Nullable T opened;

    // Set before the body begins.
    private @Nullable CleanupLedger ledger;
    private Context inside;

    // Written before the step that makes it known.
    private @Nullable Throwable failure;

    ResourceUse(
            CoreSubscriber<? super R> actual,
            DefaultAsyncResource<T> resource,
            Function<? super T, ? extends Publisher<? extends R>> body) {
        this.actual = actual;
        this.resource = resource;
        this.body = body;
        this.outside = actual.currentContext();
        this.entry = CleanupLedger.enter(outside, this);
        this.inside = outside;
        this.opening = new Opening<>(resource, outside, this::opened, this::notOpened);
    }

    /** Passes the end on, after the closing. */
    abstract void deliver(@Nullable Throwable error);

    /** What the body gave cannot be delivered. */
    void discardResult() {}

    final void run() {
        actual.onSubscribe(this);
        if (state == State.OPENING) {
            opening.start();
        } else {
            entry.leave();
        }
    }

    final boolean inBody() {
        return state == State.BODY;
    }

    @Override
    public final Context currentContext() {
        return inside;
    }

    private void opened(T value) {
        opened = value;
        CleanupLedger own = CleanupLedger.open(outside, this);
        ledger = own;
        inside = own.storeIn(outside);
        if (STATE.compareAndSet(this, State.OPENING, State.BODY)) {
            startBody(value, own);
        } else {
            own.finish(nothing -> {});
            closeUnwanted(value);
        }
    }

    // An opening that did not obey its cancel is late: then our entry has left already.
    private void closeUnwanted(T value) {
        CleanupLedger.Entry late = resource.cancellableOpen() ? CleanupLedger.enter(outside, this) : entry;
        Closing.of(resource, value, DefaultExit.CANCELLED, outside, error -> Closing.leave(late, error, outside));
    }

    private void notOpened(Throwable error) {
        entry.leave();
        if (STATE.compareAndSet(this, State.OPENING, State.ENDED)) {
            actual.onError(error);
        } else {
            Operators.onErrorDropped(error, outside);
        }
    }

    // The body is entered into its own ledger while it is being subscribed: a body that works right there, on this
    // thread, still uses the resource when a cancel comes from another.
    private void startBody(T value, CleanupLedger own) {
        CleanupLedger.Entry subscribing = own.enter(this);
        try {
            if (inBody()) {
                body.apply(value).subscribe(this);
            }
        } finally {
            subscribing.leave();
        }
    }

    @Override
    public final void onSubscribe(Subscription subscription) {
        set(subscription);
    }

    @Override
    public final void onError(Throwable error) {
        failure = error;
        if (!endBody(DefaultExit.failed(error))) {
            Operators.onErrorDropped(error, inside);
        }
    }

    @Override
    public void onComplete() {
        endBody(DefaultExit.COMPLETED);
    }

    /** True for the one signal that ends the body. */
    final boolean endBody(DefaultExit exit) {
        if (!STATE.compareAndSet(this, State.BODY, State.ENDING)) {
            return false;
        }
        drainAndClose(exit);
        return true;
    }

    @Override
    public final void cancel() {
        if (STATE.compareAndSet(this, State.OPENING, State.UNWANTED)) {
            if (resource.cancellableOpen()) {
                opening.cancel();
                entry.leave();
            }
        } else if (STATE.compareAndSet(this, State.BODY, State.LEFT)) {
            super.cancel();
            discardResult();
            drainAndClose(DefaultExit.CANCELLED);
        } else if (STATE.compareAndSet(this, State.ENDING, State.LEFT)) {
            discardResult();
            if (failure != null) {
                Operators.onErrorDropped(failure, outside);
            }
        }
    }

    private void drainAndClose(DefaultExit exit) {
        CleanupLedger own = ledger;
        T value = opened;
        if (own != null && value != null) {
            own.finish(failures -> {
                DefaultExit told = failures.isEmpty() ? exit : exit.andThen(failures.get(0));
                Closing.of(resource, value, told, outside, error -> closed(own, failures, error));
            });
        }
    }

    private void closed(CleanupLedger own, List<Throwable> inBody, @Nullable Throwable error) {
        List<Throwable> cleanup = new ArrayList<>(inBody);
        if (error != null) {
            cleanup.add(error);
        }
        if (!STATE.compareAndSet(this, State.ENDING, State.ENDED)) {
            Closing.leave(entry, Failures.merge(null, List.of(), cleanup, own, outside), outside);
            return;
        }
        entry.leave();
        Throwable signalled = Failures.merge(failure, List.of(), cleanup, own, outside);
        if (signalled != null) {
            discardResult();
        }
        deliver(signalled);
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        State now = state;
        if (key == Attr.ACTUAL) {
            return actual;
        }
        if (key == Attr.TERMINATED) {
            return now == State.ENDED || now == State.ENDING;
        }
        if (key == Attr.CANCELLED) {
            return now == State.LEFT || now == State.UNWANTED;
        }
        if (key == Attr.RUN_STYLE) {
            return Attr.RunStyle.ASYNC;
        }
        return super.scanUnsafe(key);
    }

    @Override
    public final String toString() {
        return resource.nameFor(opened);
    }
}
