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
 * A scope over a known number of sources with one result.
 *
 * <p>There is a slot for each source, with its subscriber in it, or at once with what a complete source gave. Slots are
 * filled by whoever owns the work, without a fence, so {@link #stop} may miss the latest; {@link #close} comes after all
 * of them and does not.
 */
abstract class FanOut<T, R> extends FanScope<R> {

    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Object[].class);

    final Object[] sources;
    private final @Nullable Object[] slots;

    private volatile boolean requested;
    private volatile boolean drained;

    FanOut(CoreSubscriber<? super R> actual, String name, Object[] sources) {
        super(actual, name);
        this.sources = sources;
        this.slots = new Object[sources.length];
    }

    /** See {@link Branch#completed}. */
    abstract void completed(Leaf<T> leaf, @Nullable T value);

    abstract void failed(Leaf<T> leaf, Throwable error);

    /** The decided result, as the subscriber gets it. */
    abstract void emit(Object result);

    /** Subscribes a source. Only while {@link #work} runs. */
    final void subscribe(int index, Mono<? extends T> source) {
        openLedger();
        Leaf<T> leaf = new Leaf<>(this, index);
        fill(index, leaf);
        source.subscribe(leaf);
    }

    /** Only while {@link #work} runs. */
    final void fill(int index, Object kept) {
        SLOT.setRelease(slots, index, kept);
    }

    /** Empties a slot, once. */
    final @Nullable Object take(int index) {
        return SLOT.getAndSet(slots, index, null);
    }

    /** For the one who delivers the result. */
    final @Nullable Object[] slots() {
        return slots;
    }

    @Override
    void stop() {
        for (int i = 0; i < slots.length; i++) {
            if (SLOT.getAcquire(slots, i) instanceof Leaf<?> leaf) {
                leaf.cancel();
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

    private void deliver() {
        Object decided = outcome();
        if (decided != null && decided != CANCELLED && decided != SIGNALLED && signals(decided)) {
            emit(decided);
        }
    }

    @Override
    public Stream<? extends Scannable> inners() {
        return Arrays.stream(slots).filter(Leaf.class::isInstance).map(Scannable::from);
    }

    /** The subscriber of the source at {@code index}. */
    static final class Leaf<T> extends Branch<T> {
        final int index;
        private final FanOut<T, ?> owner;

        // For a scope that goes on after it.
        @Nullable
        Throwable failure;

        Leaf(FanOut<T, ?> owner, int index) {
            this.owner = owner;
            this.index = index;
        }

        @Override
        FanScope<?> scope() {
            return owner;
        }

        @Override
        void completed(@Nullable T result) {
            owner.completed(this, result);
        }

        @Override
        void failed(Throwable error) {
            owner.failed(this, error);
        }
    }
}
