package io.github.asyncio4j.task;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/**
 * A scope over a known number of sources with one result. Each source has a slot:
 *
 * <pre>
 *   null ──► Leaf ──► what the source gave      and from each of them ──► GONE
 * </pre>
 *
 * <p>Whoever moves a slot on owns what was in it, so each value is delivered or discarded, once.
 */
abstract class FanOut<T, R> extends FanScope<R> {

    private static final Object GONE = "gone";

    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Object[].class);

    final Object[] sources;
    final @Nullable Object[] slots;

    private volatile boolean requested;
    private volatile boolean drained;

    FanOut(CoreSubscriber<? super R> actual, String name, Object[] sources) {
        super(actual, name);
        this.sources = sources;
        this.slots = new Object[sources.length];
    }

    /** See {@link Branch#completed}. */
    abstract boolean completed(Leaf<T> leaf, @Nullable T value);

    abstract void failed(Leaf<T> leaf, Throwable error);

    /** What a slot held will not be delivered. */
    abstract void discardKept(Object kept);

    /** Subscribes a source, unless all is over. Only while {@link #work} runs. */
    final boolean subscribe(int index, Mono<? extends T> source) {
        openLedger();
        Leaf<T> leaf = new Leaf<>(this, index);
        boolean free = move(index, null, leaf);
        if (free) {
            source.subscribe(leaf);
        }
        return free;
    }

    /** False when the slot is not in the state {@code from} any more. */
    final boolean move(int index, @Nullable Leaf<T> from, Object to) {
        return SLOT.compareAndSet(slots, index, from, to);
    }

    final boolean remove(int index, @Nullable Leaf<T> from) {
        return move(index, from, GONE);
    }

    @Override
    void stop() {
        for (int i = 0; i < slots.length; i++) {
            Object held = SLOT.getAndSet(slots, i, GONE);
            if (held instanceof Leaf<?> leaf) {
                leaf.cancel();
            } else if (held != null && held != GONE) {
                discardKept(held);
            }
        }
    }

    @Override
    final void drained() {
        drained = true;
        if (requested) {
            deliver();
        }
    }

    @Override
    public final void request(long n) {
        if (Operators.validate(n)) {
            requested = true;
            if (drained) {
                deliver();
            }
        }
    }

    @SuppressWarnings("unchecked")
    private void deliver() {
        Object decided = outcome();
        if (decided != null && decided != CANCELLED && decided != SIGNALLED && signals(decided)) {
            emit((R) decided);
        }
    }

    void emit(R result) {
        actual.onNext(result);
        actual.onComplete();
    }

    @Override
    public Stream<? extends Scannable> inners() {
        return Arrays.stream(slots).filter(Leaf.class::isInstance).map(Scannable::from);
    }

    /** The subscriber of the source at {@code index}. */
    static final class Leaf<T> extends Branch<T> {
        final int index;
        private final FanOut<T, ?> owner;

        Leaf(FanOut<T, ?> owner, int index) {
            this.owner = owner;
            this.index = index;
        }

        @Override
        FanScope<?> scope() {
            return owner;
        }

        @Override
        boolean completed(@Nullable T result) {
            return owner.completed(this, result);
        }

        @Override
        void failed(Throwable error) {
            owner.failed(this, error);
        }

        @Override
        boolean isAwaited() {
            return SLOT.getVolatile(owner.slots, index) == this;
        }
    }
}
