package io.github.asyncio4j.task;

import io.github.asyncio4j.internal.Checks;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/** Sources as they complete. A source holds its place until its completion has been taken by downstream. */
final class FluxAsCompleted<T> extends Flux<Completion<T>> implements Scannable {

    private static final String NAME = "asCompleted";
    private static final Object EXHAUSTED = "exhausted";

    private final Iterable<? extends Mono<? extends T>> sources;
    private final int concurrency;

    private FluxAsCompleted(Iterable<? extends Mono<? extends T>> sources, int concurrency) {
        this.sources = sources;
        this.concurrency = concurrency;
    }

    static <T> Flux<Completion<T>> create(Iterable<? extends Mono<? extends T>> sources, int concurrency) {
        Checks.notNull(sources, "sources");
        Checks.atLeast(1, concurrency, "concurrency");
        return onAssembly(new FluxAsCompleted<T>(sources, concurrency));
    }

    @Override
    public void subscribe(CoreSubscriber<? super Completion<T>> actual) {
        Iterator<? extends Mono<? extends T>> iterator;
        try {
            iterator = Checks.notNull(sources.iterator(), "sources.iterator()");
        } catch (Throwable t) {
            Operators.error(actual, Operators.onOperatorError(t, actual.currentContext()));
            return;
        }
        Completing<T> completing = new Completing<>(actual, iterator, concurrency);
        actual.onSubscribe(completing);
        completing.proceed(1);
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        return key == Attr.RUN_STYLE ? Attr.RunStyle.SYNC : null;
    }

    /** The subscription. Its lock guards who runs and who waits to be emitted, never foreign code. */
    private static final class Completing<T> extends FanScope<Completion<T>> {

        @SuppressWarnings("rawtypes")
        private static final AtomicLongFieldUpdater<Completing> REQUESTED =
                AtomicLongFieldUpdater.newUpdater(Completing.class, "requested");

        private final Iterator<? extends Mono<? extends T>> sources;
        private final int concurrency;
        private volatile long requested;

        // Owned by whoever works.
        private int next;
        private int places;
        private boolean exhausted;

        private final Object lock = new Object();
        private final Queue<Completion<T>> ended = new ArrayDeque<>();
        private @Nullable Running<T> first;
        private boolean stopped;

        Completing(
                CoreSubscriber<? super Completion<T>> actual,
                Iterator<? extends Mono<? extends T>> sources,
                int concurrency) {
            super(actual, NAME);
            this.sources = sources;
            this.concurrency = concurrency;
        }

        @Override
        public void request(long n) {
            if (n > 0) {
                Operators.addCap(REQUESTED, this, n);
                proceed(1);
            } else if (isUndecided()) {
                fail(new IllegalArgumentException("request must be at least 1 (rule 3.9), but is " + n));
            }
        }

        @Override
        void work(int calls) {
            boolean moved = true;
            while (moved && isUndecided()) {
                boolean emitted = emit();
                moved = start() || emitted;
            }
            if (exhausted && places == 0) {
                decide(EXHAUSTED);
            }
        }

        private boolean emit() {
            long wanted = requested;
            long emitted = 0;
            while (emitted < wanted && isUndecided()) {
                Completion<T> completion = poll();
                if (completion == null) {
                    break;
                }
                places--;
                emitted++;
                actual.onNext(completion);
            }
            if (emitted > 0 && wanted != Long.MAX_VALUE) {
                REQUESTED.addAndGet(this, -emitted);
            }
            return emitted > 0;
        }

        private boolean start() {
            int before = next;
            while (places < concurrency && !exhausted && isUndecided()) {
                Mono<? extends T> source = nextSource();
                if (source != null) {
                    places++;
                    start(next++, source);
                }
            }
            return next > before;
        }

        private @Nullable Mono<? extends T> nextSource() {
            try {
                exhausted = !sources.hasNext();
                return exhausted ? null : Sources.present(sources.next(), "sources", next);
            } catch (Throwable t) {
                Exceptions.throwIfFatal(t);
                exhausted = true;
                fail(Sources.trace(t, "reading sources[" + next + "]"));
                return null;
            }
        }

        private void start(int index, Mono<? extends T> source) {
            if (source instanceof Callable<?> ready) {
                offer(new Completion<>(index, call(ready)), null);
                return;
            }
            openLedger();
            Running<T> running = new Running<>(this, index);
            if (link(running)) {
                source.subscribe(running);
            }
        }

        @SuppressWarnings("unchecked")
        private Outcome<T> call(Callable<?> ready) {
            try {
                T value = (T) ready.call();
                return value == null ? Outcome.empty() : Outcome.success(value);
            } catch (Throwable t) {
                Exceptions.throwIfFatal(t);
                return Outcome.failure(Exceptions.unwrap(t));
            }
        }

        void ended(Running<T> running, Outcome<T> outcome) {
            offer(new Completion<>(running.index, outcome), running);
            proceed(1);
        }

        private void offer(Completion<T> completion, @Nullable Running<T> by) {
            synchronized (lock) {
                if (!stopped) {
                    if (by != null) {
                        unlink(by);
                    }
                    ended.add(completion);
                    return;
                }
            }
            discard(completion);
        }

        private @Nullable Completion<T> poll() {
            synchronized (lock) {
                return ended.poll();
            }
        }

        private boolean link(Running<T> running) {
            synchronized (lock) {
                if (stopped) {
                    return false;
                }
                running.after = first;
                if (first != null) {
                    first.before = running;
                }
                first = running;
                return true;
            }
        }

        private void unlink(Running<T> running) {
            if (running.before == null) {
                first = running.after;
            } else {
                running.before.after = running.after;
            }
            if (running.after != null) {
                running.after.before = running.before;
            }
        }

        private List<Running<T>> running() {
            List<Running<T>> all = new ArrayList<>();
            synchronized (lock) {
                for (Running<T> running = first; running != null; running = running.after) {
                    all.add(running);
                }
            }
            return all;
        }

        @Override
        void stop() {
            synchronized (lock) {
                stopped = true;
            }
            running().forEach(Running::cancel);
            for (Completion<T> left = poll(); left != null; left = poll()) {
                discard(left);
            }
        }

        private void discard(Completion<T> completion) {
            completion.outcome().value().ifPresent(this::discard);
        }

        @Override
        void drained() {
            if (signals(EXHAUSTED)) {
                actual.onComplete();
            }
        }

        @Override
        void close() {}

        // Nothing is left when all has been emitted.
        @Override
        void discardResult(Object result) {}

        @Override
        public Stream<? extends Scannable> inners() {
            return running().stream();
        }

        @Override
        @SuppressWarnings("rawtypes")
        public @Nullable Object scanUnsafe(Attr key) {
            if (key == Attr.REQUESTED_FROM_DOWNSTREAM) {
                return requested;
            }
            if (key == Attr.BUFFERED) {
                synchronized (lock) {
                    return ended.size();
                }
            }
            return super.scanUnsafe(key);
        }
    }

    private static final class Running<T> extends Branch<T> {
        private final Completing<T> owner;
        private final int index;
        private @Nullable Running<T> before;
        private @Nullable Running<T> after;

        Running(Completing<T> owner, int index) {
            this.owner = owner;
            this.index = index;
        }

        @Override
        FanScope<?> scope() {
            return owner;
        }

        @Override
        void completed(@Nullable T result) {
            owner.ended(this, result == null ? Outcome.empty() : Outcome.success(result));
        }

        @Override
        void failed(Throwable error) {
            owner.ended(this, Outcome.failure(error));
        }
    }
}
