package io.github.asyncio4j.task;

import io.github.asyncio4j.internal.Checks;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
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

    private static final Object ALL_FINISHED = "all finished";

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
    @SuppressWarnings("NullAway") // values of kind VALUES leave no slot empty
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
        return gather("join", Kind.NOTHING, sources, concurrency, slots -> slots);
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

        private final MonoGather<T, R> plan;
        private final boolean bounded;
        private int next;

        // One more than there are sources until the first round has been started. An object of its own, as the threads
        // that count would otherwise take the cache line away from the one that starts.
        private final AtomicInteger unfinished;

        Gathering(CoreSubscriber<? super R> actual, MonoGather<T, R> plan, Object[] sources) {
            super(actual, plan.name, sources);
            this.plan = plan;
            this.bounded = plan.concurrency < sources.length;
            this.unfinished = new AtomicInteger(sources.length + 1);
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
            int index = next;
            int started = 0;
            int complete = 0;
            while (started < free && index < sources.length && isUndecided()) {
                Mono<? extends T> source = source(index);
                if (source instanceof Callable<?> ready) {
                    complete += call(index, ready) ? 1 : 0;
                } else {
                    started++;
                    subscribe(index, source);
                }
                index++;
            }
            next = index;
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

        /** False when that was the end of it all. */
        private boolean call(int index, Callable<?> ready) {
            Object value;
            try {
                value = ready.call();
            } catch (Throwable t) {
                Exceptions.throwIfFatal(t);
                return keepFailure(index, Exceptions.unwrap(t));
            }
            return keep(index, value);
        }

        private boolean keep(int index, @Nullable Object value) {
            switch (plan.kind) {
                case OUTCOMES -> fill(index, value == null ? Outcome.empty() : Outcome.success(value));
                case NOTHING -> {
                    if (value != null) {
                        discard(value);
                    }
                }
                default -> {
                    if (value == null) {
                        fail(empty(index));
                        return false;
                    }
                    fill(index, value);
                }
            }
            return true;
        }

        private boolean keepFailure(int index, Throwable error) {
            if (plan.kind == Kind.OUTCOMES) {
                fill(index, Outcome.failure(error));
                return true;
            }
            fail(error);
            return false;
        }

        private NoSuchElementException empty(int index) {
            return new NoSuchElementException("source " + index + " of " + name + " completed empty");
        }

        @Override
        void completed(Leaf<T> leaf, @Nullable T value) {
            if (plan.kind == Kind.VALUES && value == null) {
                // Once all is decided, a missing value may as well be one that was just discarded.
                if (isUndecided()) {
                    fail(empty(leaf.index));
                }
                return;
            }
            if (plan.kind == Kind.NOTHING) {
                leaf.discardValue();
            }
            leafFinished();
        }

        @Override
        void failed(Leaf<T> leaf, Throwable error) {
            if (plan.kind == Kind.OUTCOMES) {
                leaf.failure = error;
                leafFinished();
            } else {
                fail(error);
            }
        }

        private void leafFinished() {
            finished(1);
            if (bounded) {
                proceed(1);
            }
        }

        private void finished(int count) {
            if (unfinished.addAndGet(-count) == 0 && decide(ALL_FINISHED)) {
                proceed(1);
            }
        }

        @Override
        @SuppressWarnings("unchecked")
        void emit(Object allFinished) {
            if (plan.kind != Kind.NOTHING) {
                actual.onNext((R) plan.combine.apply(collect()));
            }
            actual.onComplete();
        }

        /** What the sources gave, in the slots. */
        private @Nullable Object[] collect() {
            @Nullable Object[] slots = slots();
            for (int i = 0; i < slots.length; i++) {
                if (slots[i] instanceof Leaf<?> leaf) {
                    slots[i] = plan.kind == Kind.OUTCOMES ? outcome(leaf) : leaf.value();
                }
            }
            return slots;
        }

        private static <V> Outcome<V> outcome(Leaf<V> leaf) {
            if (leaf.failure != null) {
                return Outcome.failure(leaf.failure);
            }
            V value = leaf.value();
            return value == null ? Outcome.empty() : Outcome.success(value);
        }

        @Override
        void close() {
            if (outcome() != ALL_FINISHED) {
                discardAll();
            }
        }

        @Override
        void discardResult(Object allFinished) {
            discardAll();
        }

        private void discardAll() {
            for (int i = 0; i < sources.length; i++) {
                Object held = take(i);
                if (held instanceof Leaf<?> leaf) {
                    leaf.cancel();
                    leaf.discardValue();
                } else if (held instanceof Outcome<?> outcome && plan.kind == Kind.OUTCOMES) {
                    outcome.value().ifPresent(this::discard);
                } else if (held != null) {
                    discard(held);
                }
            }
        }
    }
}
