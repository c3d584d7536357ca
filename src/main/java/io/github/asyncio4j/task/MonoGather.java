package io.github.asyncio4j.task;

import io.github.asyncio4j.internal.Checks;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.function.Tuples;

/** All sources at once or some at a time, one result from all of them, in order. */
final class MonoGather<T, R> extends Mono<R> implements Scannable {

    /** What a slot is to hold, and what an empty source means. */
    private enum Kind {
        VALUES,
        OUTCOMES,
        NOTHING
    }

    private static final Object NO_VALUE = "no value";

    private final String name;
    private final Kind kind;
    private final Iterable<?> elements;
    private final int concurrency;
    private final @Nullable Function<Object, ? extends Mono<? extends T>> function;
    private final Function<@Nullable Object[], Object> combine;

    private MonoGather(
            String name,
            Kind kind,
            Iterable<?> elements,
            int concurrency,
            @Nullable Function<Object, ? extends Mono<? extends T>> function,
            Function<@Nullable Object[], Object> combine) {
        this.name = name;
        this.kind = kind;
        this.elements = elements;
        this.concurrency = concurrency;
        this.function = function;
        this.combine = combine;
    }

    /** The tuple is the one that fits the number of sources, two to eight. */
    static <R> Mono<R> tuple(Mono<?>... sources) {
        for (int i = 0; i < sources.length; i++) {
            Checks.notNull(sources[i], String.valueOf((char) ('a' + i)));
        }
        return onAssembly(new MonoGather<>(
                "gather", Kind.VALUES, Arrays.asList(sources), Integer.MAX_VALUE, null, Tuples::fromArray));
    }

    static <T> Mono<List<T>> list(Iterable<? extends Mono<? extends T>> sources, int concurrency) {
        return gather("gather", Kind.VALUES, sources, concurrency, MonoGather::asList);
    }

    static <T> Mono<List<Outcome<T>>> settled(Iterable<? extends Mono<? extends T>> sources, int concurrency) {
        return gather("gatherSettled", Kind.OUTCOMES, sources, concurrency, MonoGather::asList);
    }

    static Mono<Void> join(Iterable<? extends Mono<?>> sources, int concurrency) {
        return gather("join", Kind.NOTHING, sources, concurrency, slots -> NO_VALUE);
    }

    @SuppressWarnings("unchecked")
    static <I, T> Mono<List<T>> map(
            Iterable<? extends I> items, int concurrency, Function<? super I, ? extends Mono<? extends T>> f) {
        Checks.notNull(items, "items");
        Checks.atLeast(1, concurrency, "concurrency");
        Checks.notNull(f, "f");
        Function<Object, ? extends Mono<? extends T>> function = (Function<Object, ? extends Mono<? extends T>>) f;
        return onAssembly(
                new MonoGather<T, List<T>>("map", Kind.VALUES, items, concurrency, function, MonoGather::asList));
    }

    private static <R> Mono<R> gather(
            String name,
            Kind kind,
            Iterable<?> sources,
            int concurrency,
            Function<@Nullable Object[], Object> combine) {
        Checks.notNull(sources, "sources");
        Checks.atLeast(1, concurrency, "concurrency");
        return onAssembly(new MonoGather<>(name, kind, sources, concurrency, null, combine));
    }

    private static Object asList(@Nullable Object[] slots) {
        return Collections.unmodifiableList(Arrays.asList(slots));
    }

    @Override
    public void subscribe(CoreSubscriber<? super R> actual) {
        Object[] read;
        try {
            read = Sources.read(elements, function == null ? "sources" : "items");
        } catch (Throwable t) {
            Operators.error(actual, Operators.onOperatorError(t, actual.currentContext()));
            return;
        }
        Gathering<T, R> gathering = new Gathering<>(actual, this, read);
        actual.onSubscribe(gathering);
        gathering.begin();
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        return key == Attr.RUN_STYLE ? Attr.RunStyle.SYNC : null;
    }

    private static final class Gathering<T, R> extends FanOut<T, R> {

        @SuppressWarnings("rawtypes")
        private static final AtomicIntegerFieldUpdater<Gathering> UNFINISHED =
                AtomicIntegerFieldUpdater.newUpdater(Gathering.class, "unfinished");

        private final MonoGather<T, R> plan;
        private final boolean bounded;
        private int next;

        // One more than there are sources until the first round has been started.
        private volatile int unfinished;

        Gathering(CoreSubscriber<? super R> actual, MonoGather<T, R> plan, Object[] sources) {
            super(actual, plan.name, sources);
            this.plan = plan;
            this.bounded = plan.concurrency < sources.length;
            this.unfinished = sources.length + 1;
        }

        void begin() {
            if (sources.length > 0) {
                proceed(Math.min(plan.concurrency, sources.length));
            }
            finished(1);
        }

        /** One source for each free place; one that is complete already takes none. */
        @Override
        void work(int free) {
            int started = 0;
            int complete = 0;
            while (started < free && next < sources.length && isUndecided()) {
                int index = next++;
                Mono<? extends T> source = source(index);
                if (source instanceof Callable<?> ready) {
                    complete += call(index, ready) ? 1 : 0;
                } else {
                    started++;
                    subscribe(index, source);
                }
            }
            if (complete > 0) {
                finished(complete);
            }
        }

        @SuppressWarnings("unchecked")
        private Mono<? extends T> source(int index) {
            Object element = sources[index];
            return plan.function == null
                    ? (Mono<? extends T>) element
                    : Sources.apply(plan.function, element, name, index);
        }

        @SuppressWarnings("unchecked")
        private boolean call(int index, Callable<?> ready) {
            T value;
            try {
                value = (T) ready.call();
            } catch (Throwable t) {
                Exceptions.throwIfFatal(t);
                return keepFailure(index, null, Exceptions.unwrap(t));
            }
            if (keep(index, null, value)) {
                return true;
            }
            if (value != null) {
                discard(value);
            }
            return false;
        }

        @Override
        boolean completed(Leaf<T> leaf, @Nullable T value) {
            if (!keep(leaf.index, leaf, value)) {
                return false;
            }
            leafFinished();
            return true;
        }

        @Override
        void failed(Leaf<T> leaf, Throwable error) {
            if (keepFailure(leaf.index, leaf, error)) {
                leafFinished();
            }
        }

        /** True when the slot now holds how its source ended. */
        private boolean keep(int index, @Nullable Leaf<T> from, @Nullable T value) {
            switch (plan.kind) {
                case OUTCOMES -> {
                    return move(index, from, value == null ? Outcome.empty() : Outcome.success(value));
                }
                case NOTHING -> {
                    boolean moved = move(index, from, NO_VALUE);
                    if (moved && value != null) {
                        discard(value);
                    }
                    return moved;
                }
                default -> {
                    if (value != null) {
                        return move(index, from, value);
                    }
                    if (remove(index, from)) {
                        fail(new NoSuchElementException("source " + index + " of " + name + " completed empty"));
                    }
                    return false;
                }
            }
        }

        private boolean keepFailure(int index, @Nullable Leaf<T> from, Throwable error) {
            if (plan.kind == Kind.OUTCOMES && move(index, from, Outcome.failure(error))) {
                return true;
            }
            if (plan.kind != Kind.OUTCOMES && remove(index, from)) {
                fail(error);
            } else {
                alsoFailed(error);
            }
            return false;
        }

        private void leafFinished() {
            finished(1);
            if (bounded) {
                proceed(1);
            }
        }

        private void finished(int count) {
            if (UNFINISHED.addAndGet(this, -count) == 0 && decide(plan.combine.apply(slots))) {
                proceed(1);
            }
        }

        @Override
        void emit(R result) {
            if (result == NO_VALUE) {
                actual.onComplete();
            } else {
                super.emit(result);
            }
        }

        // The result is made of the slots.
        @Override
        void discardResult(Object result) {
            stop();
        }

        @Override
        void discardKept(Object kept) {
            if (kept instanceof Outcome<?> outcome && plan.kind == Kind.OUTCOMES) {
                outcome.value().ifPresent(this::discard);
            } else if (kept != NO_VALUE) {
                discard(kept);
            }
        }
    }
}
