package io.github.asyncio4j.task;

import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/**
 * One subscription to a piece of work. What becomes of it is decided by one compare-and-set, first come first served:
 *
 * <pre>
 *   NEW ──► RUNNING ──onNext──► VALUED ──onComplete──► DONE
 *    │         ├────onComplete─────────────────────────►│
 *    │         ├────onError────────► BROKEN ◄─onError── VALUED
 *    └─stop────┴────stop───────────► STOPPED            │
 *                                        a stop now keeps the value: VALUED ─► DONE
 * </pre>
 *
 * <p>{@link #over()} follows once, when that is decided and the call to {@code subscribe} has returned: from then on
 * no thread is inside the work on our behalf.
 */
abstract class Work<T> implements CoreSubscriber<T> {

    private static final int NEW = 0;
    private static final int RUNNING = 1;
    private static final int VALUED = 2;
    private static final int STOPPED = 3;
    private static final int BROKEN = 4;
    private static final int DONE = 5;

    private static final int INSIDE = 0;
    private static final int RETURNED = 1;
    private static final int DECIDED = 2;

    @SuppressWarnings("rawtypes")
    private static final AtomicIntegerFieldUpdater<Work> PHASE =
            AtomicIntegerFieldUpdater.newUpdater(Work.class, "phase");

    @SuppressWarnings("rawtypes")
    private static final AtomicIntegerFieldUpdater<Work> CALL =
            AtomicIntegerFieldUpdater.newUpdater(Work.class, "call");

    @SuppressWarnings("rawtypes")
    private static final AtomicReferenceFieldUpdater<Work, @Nullable Subscription> SUBSCRIPTION =
            AtomicReferenceFieldUpdater.newUpdater(Work.class, Subscription.class, "subscription");

    private volatile int phase;
    private volatile int call;
    private volatile @Nullable Subscription subscription;

    /** What it came to; settled before {@link #over()}. Both null when it completed empty. */
    @Nullable
    T value;

    @Nullable
    Throwable failure;

    /** The work has failed; its cleanup may still go on. */
    abstract void failing(Throwable error);

    /** A stop has been decided and comes next. */
    abstract void stopping();

    /** Decided, and no thread is inside any more. */
    abstract void over();

    /** Subscribes, unless it was stopped before. */
    final void start(Mono<? extends T> work) {
        if (!PHASE.compareAndSet(this, NEW, RUNNING)) {
            return;
        }
        try {
            inContext(work).subscribe(this);
        } catch (Throwable fatal) {
            onError(fatal);
            throw fatal;
        } finally {
            if (!CALL.compareAndSet(this, INSIDE, RETURNED)) {
                over();
            }
        }
    }

    // The thread that starts us has the ThreadLocals of somebody else; this operator puts ours in place meanwhile.
    private static <T> Mono<T> inContext(Mono<T> work) {
        return Hooks.isAutomaticContextPropagationEnabled() ? work.contextWrite(Function.identity()) : work;
    }

    /** Stops the work for {@code why}; true when that is what ends it, or already was. */
    final boolean stop(Throwable why) {
        while (true) {
            switch (phase) {
                case NEW -> {
                    if (PHASE.compareAndSet(this, NEW, STOPPED)) {
                        failure = why;
                        over();
                        return true;
                    }
                }
                case RUNNING -> {
                    if (PHASE.compareAndSet(this, RUNNING, STOPPED)) {
                        failure = why;
                        stopping();
                        Operators.terminate(SUBSCRIPTION, this);
                        decided();
                        return true;
                    }
                }
                case VALUED -> {
                    if (PHASE.compareAndSet(this, VALUED, DONE)) {
                        Operators.terminate(SUBSCRIPTION, this);
                        decided();
                        return false;
                    }
                }
                default -> {
                    return phase == STOPPED;
                }
            }
        }
    }

    final boolean isStopped() {
        return phase == STOPPED;
    }

    final @Nullable Subscription subscription() {
        return subscription;
    }

    /** Frees the pipeline, after the end. */
    final void forgetSubscription() {
        subscription = Operators.cancelledSubscription();
    }

    @Override
    public final void onSubscribe(Subscription s) {
        if (Operators.setOnce(SUBSCRIPTION, this, s)) {
            s.request(Long.MAX_VALUE);
        }
    }

    @Override
    public final void onNext(T next) {
        if (phase == RUNNING) {
            value = next;
            if (PHASE.compareAndSet(this, RUNNING, VALUED)) {
                return;
            }
            value = null;
        }
        if (phase == STOPPED) {
            Operators.onDiscard(next, currentContext());
        } else {
            Operators.onNextDropped(next, currentContext());
        }
    }

    @Override
    public final void onComplete() {
        if (PHASE.compareAndSet(this, VALUED, DONE) || PHASE.compareAndSet(this, RUNNING, DONE)) {
            decided();
        }
    }

    @Override
    public final void onError(Throwable error) {
        if (PHASE.compareAndSet(this, RUNNING, BROKEN)) {
            fail(error);
        } else if (PHASE.compareAndSet(this, VALUED, BROKEN)) {
            discardValue();
            fail(error);
        } else if (phase != STOPPED || !isFallout(error)) {
            Operators.onErrorDropped(error, currentContext());
        }
    }

    final void discardValue() {
        T unwanted = value;
        value = null;
        if (unwanted != null) {
            Operators.onDiscard(unwanted, currentContext());
        }
    }

    private void fail(Throwable error) {
        failure = error;
        failing(error);
        decided();
    }

    private void decided() {
        if (!CALL.compareAndSet(this, INSIDE, DECIDED)) {
            over();
        }
    }

    // What our own cancel makes the work say: an interrupted thread, a cancelled future.
    static boolean isFallout(Throwable error) {
        Throwable cause = Exceptions.unwrap(error);
        return cause instanceof CancellationException || cause instanceof InterruptedException;
    }
}
