package io.github.asyncio4j.task;

import io.github.asyncio4j.internal.Checks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Schedulers;

/** The first value wins; all contenders start at once, or one after the other with a delay between them. */
final class MonoRace<T> extends Mono<T> implements Scannable {

    private final String name;
    private final String parameter;
    private final Iterable<? extends Mono<? extends T>> contenders;
    private final @Nullable Duration delay;

    private MonoRace(
            String name, String parameter, Iterable<? extends Mono<? extends T>> contenders, @Nullable Duration delay) {
        this.name = name;
        this.parameter = parameter;
        this.contenders = contenders;
        this.delay = delay;
        if (Checks.notNull(contenders, parameter) instanceof Collection<?> all && all.isEmpty()) {
            throw nobody();
        }
    }

    static <T> Mono<T> race(Iterable<? extends Mono<? extends T>> contenders) {
        return onAssembly(new MonoRace<T>("race", "contenders", contenders, null));
    }

    static <T> Mono<T> hedge(Duration delay, Iterable<? extends Mono<? extends T>> attempts) {
        return onAssembly(new MonoRace<T>("hedge", "attempts", attempts, Checks.positive(delay, "delay")));
    }

    private IllegalArgumentException nobody() {
        return new IllegalArgumentException(parameter + " of " + name + " must not be empty");
    }

    @Override
    public void subscribe(CoreSubscriber<? super T> actual) {
        Object[] read;
        try {
            read = Sources.read(contenders, parameter);
            if (read.length == 0) {
                throw nobody();
            }
        } catch (Throwable t) {
            Operators.error(actual, Operators.onOperatorError(t, actual.currentContext()));
            return;
        }
        Racing<T> racing = new Racing<>(actual, name, read, delay);
        actual.onSubscribe(racing);
        racing.proceed(1);
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        return key == Attr.RUN_STYLE ? Attr.RunStyle.SYNC : null;
    }

    private static final class Racing<T> extends FanOut<T, T> {

        @SuppressWarnings("rawtypes")
        private static final AtomicIntegerFieldUpdater<Racing> DUE =
                AtomicIntegerFieldUpdater.newUpdater(Racing.class, "due");

        private final @Nullable Duration delay;
        private final Disposable.Swap timer = Disposables.swap();
        private final List<Throwable> losses = new ArrayList<>(); // guarded by its own monitor
        private int next;

        // How many contenders should have been started by now; it may run ahead of how many there are.
        private volatile int due;

        Racing(CoreSubscriber<? super T> actual, String name, Object[] sources, @Nullable Duration delay) {
            super(actual, name, sources);
            this.delay = delay;
            this.due = delay == null ? sources.length : 1;
        }

        @Override
        @SuppressWarnings("unchecked")
        void work(int calls) {
            int before = next;
            while (next < due && next < sources.length && isUndecided()) {
                int index = next++;
                subscribe(index, (Mono<? extends T>) sources[index]);
            }
            if (delay != null && next > before && next < sources.length && isUndecided()) {
                arm(delay, next);
            }
        }

        private void arm(Duration pause, int index) {
            try {
                timer.update(Schedulers.parallel()
                        .schedule(() -> pausedBefore(index), Checks.nanos(pause), TimeUnit.NANOSECONDS));
            } catch (RejectedExecutionException e) {
                // Without a clock the next attempt waits for a failure; those that run may still win.
            }
        }

        // A failure may have made the same attempt due already; it does not count twice.
        private void pausedBefore(int index) {
            if (DUE.compareAndSet(this, index, index + 1)) {
                proceed(1);
            }
        }

        @Override
        void completed(Leaf<T> leaf, @Nullable T value) {
            if (value == null) {
                lost(new NoSuchElementException("source " + leaf.index + " of " + name + " completed empty"));
            } else if (decide(value)) {
                stop();
                proceed(1);
            } else {
                discard(value);
            }
        }

        @Override
        void failed(Leaf<T> leaf, Throwable error) {
            if (isUndecided()) {
                lost(error);
            } else {
                alsoFailed(error);
            }
        }

        // Losers are heard of only if nobody wins.
        @Override
        void alsoFailed(Throwable error) {
            if (isFailed() || outcome() == CANCELLED) {
                super.alsoFailed(error);
            }
        }

        private void lost(Throwable error) {
            List<Throwable> all = null;
            synchronized (losses) {
                losses.add(error);
                if (losses.size() == sources.length) {
                    all = List.copyOf(losses);
                }
            }
            if (all != null) {
                fail(all.get(0), all.subList(1, all.size()));
            } else if (delay != null) {
                DUE.incrementAndGet(this);
                proceed(1);
            }
        }

        @Override
        void stop() {
            timer.dispose();
            super.stop();
        }

        // A contender that began while another one won may not have been in sight then.
        @Override
        void close() {
            stop();
        }

        @Override
        void discardResult(Object result) {
            discard(result);
        }

        @Override
        @SuppressWarnings("unchecked")
        void emit(Object result) {
            actual.onNext((T) result);
            actual.onComplete();
        }
    }
}
