package io.github.asyncio4j.file;

import io.github.asyncio4j.internal.Checks;
import io.github.asyncio4j.internal.CleanupLedger;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.Exceptions;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

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
    private static final class Reader<T> implements Subscription, Scannable, Runnable {

        @SuppressWarnings("rawtypes")
        private static final AtomicLongFieldUpdater<Reader> REQUESTED =
                AtomicLongFieldUpdater.newUpdater(Reader.class, "requested");

        @SuppressWarnings("rawtypes")
        private static final AtomicIntegerFieldUpdater<Reader> WIP =
                AtomicIntegerFieldUpdater.newUpdater(Reader.class, "wip");

        private final FluxFile<T> file;
        private final CoreSubscriber<? super T> actual;
        private final Scheduler scheduler = Schedulers.boundedElastic();
        private final CleanupLedger.Entry entry;

        private volatile long requested;
        private volatile int wip;
        private volatile boolean cancelled;
        private volatile @Nullable Disposable pause;

        // Touched in the loop only.
        private @Nullable Reading<T> reading;
        private long emitted;
        private boolean finished;

        Reader(FluxFile<T> file, CoreSubscriber<? super T> actual) {
            this.file = file;
            this.actual = actual;
            this.entry = CleanupLedger.enter(actual.currentContext(), file.name);
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

        private void trigger() {
            if (WIP.getAndIncrement(this) == 0) {
                try {
                    scheduler.schedule(this);
                } catch (RejectedExecutionException e) {
                    // Nobody else will close the file now.
                    finish(e);
                }
            }
        }

        @Override
        public void run() {
            int missed = 1;
            do {
                try {
                    while (step()) {
                        // as long as there is something to do
                    }
                } catch (Throwable t) {
                    finish(t);
                    Exceptions.throwIfFatal(t);
                }
                missed = WIP.addAndGet(this, -missed);
            } while (missed != 0);
        }

        private boolean step() throws IOException {
            if (finished) {
                return false;
            }
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

        /** Closes the file first: who hears of the end finds it closed. */
        private void finish(@Nullable Throwable error) {
            if (finished) {
                return;
            }
            finished = true;
            Throwable failure = close(error);
            if (cancelled) {
                if (failure == null) {
                    entry.leave();
                } else {
                    entry.leave(failure, actual.currentContext());
                }
                return;
            }
            entry.leave();
            if (failure == null) {
                actual.onComplete();
            } else {
                actual.onError(failure);
            }
        }

        private @Nullable Throwable close(@Nullable Throwable error) {
            Reading<T> open = reading;
            reading = null;
            if (open == null) {
                return error;
            }
            try {
                open.close();
                return error;
            } catch (IOException e) {
                return error == null ? e : Exceptions.addSuppressed(error, e);
            }
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
