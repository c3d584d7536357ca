package io.github.asyncio4j.file;

import io.github.asyncio4j.internal.Checks;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.Context;

/** The pieces of a file, read on demand on a thread that may block. */
final class FluxFile<T> extends Flux<T> implements Scannable {

    private final String name;
    private final Reading.Opening<T> opening;
    private final @Nullable Duration poll;

    private FluxFile(String name, Reading.Opening<T> opening, @Nullable Duration poll) {
        this.name = name;
        this.opening = opening;
        this.poll = poll;
    }

    /** @param poll how long to wait at the end for more; null if the end is the end */
    static <T> Flux<T> assemble(String name, Reading.Opening<T> opening, @Nullable Duration poll) {
        return onAssembly(new FluxFile<>(name, opening, poll));
    }

    @Override
    public void subscribe(CoreSubscriber<? super T> actual) {
        actual.onSubscribe(new Reader<>(this, actual));
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        return key == Attr.NAME ? name : null;
    }

    /**
     * One reader of the file. Requests and cancels only schedule the loop, unless it runs already; the loop alone touches
     * the file, so that it is never closed under a read, and no thread is interrupted.
     */
    private static final class Reader<T> extends FileLoop implements Subscription, Scannable {

        @SuppressWarnings("rawtypes")
        private static final AtomicLongFieldUpdater<Reader> REQUESTED =
                AtomicLongFieldUpdater.newUpdater(Reader.class, "requested");

        private final FluxFile<T> file;
        private final CoreSubscriber<? super T> actual;

        private volatile long requested;
        private volatile @Nullable Disposable pause;

        // Touched in the loop only.
        private @Nullable Reading<T> reading;
        private long emitted;

        Reader(FluxFile<T> file, CoreSubscriber<? super T> actual) {
            super(actual.currentContext(), file.name);
            this.file = file;
            this.actual = actual;
        }

        @Override
        public void request(long n) {
            if (Operators.validate(n)) {
                Operators.addCap(REQUESTED, this, n);
                trigger();
            }
        }

        @Override
        public void cancel() {
            cancelled = true;
            Disposable waiting = pause;
            if (waiting != null) {
                waiting.dispose();
            }
            trigger();
        }

        @Override
        boolean tryStep() throws IOException {
            if (cancelled) {
                finish(null);
                return false;
            }
            if (emitted == requested || pause != null) {
                return false;
            }
            Reading<T> open = reading;
            if (open == null) {
                open = file.opening.open();
                reading = open;
            }
            T piece = open.next();
            if (piece != null) {
                emitted += requested == Long.MAX_VALUE ? 0 : 1;
                actual.onNext(piece);
                return true;
            }
            if (file.poll == null) {
                finish(null);
            } else {
                waitForMore(file.poll);
            }
            return false;
        }

        private void waitForMore(Duration poll) {
            Disposable.Swap timer = Disposables.swap();
            pause = timer;
            timer.replace(Schedulers.parallel().schedule(this::resume, Checks.nanos(poll), TimeUnit.NANOSECONDS));
            if (cancelled) {
                timer.dispose();
            }
        }

        private void resume() {
            pause = null;
            trigger();
        }

        @Override
        @Nullable
        Closeable open() {
            return reading;
        }

        @Override
        void stopSource() {}

        @Override
        void end(@Nullable Throwable failure) {
            if (failure == null) {
                actual.onComplete();
            } else {
                actual.onError(failure);
            }
        }

        @Override
        Context context() {
            return actual.currentContext();
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
                return finished;
            }
            if (key == Attr.RUN_ON) {
                return scheduler;
            }
            if (key == Attr.RUN_STYLE) {
                return Attr.RunStyle.ASYNC;
            }
            return key == Attr.NAME ? file.name : null;
        }
    }
}
