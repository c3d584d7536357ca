package io.github.asyncio4j.file;

import io.github.asyncio4j.internal.CleanupLedger;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.Context;

/** Writes what comes, one buffer at a time, on a thread that may block; emits how many bytes that were. */
final class MonoWrite extends Mono<Long> implements Scannable {

    private final Path file;
    private final Callable<? extends Publisher<? extends ByteBuffer>> content;
    private final Set<OpenOption> options;

    private MonoWrite(Path file, Callable<? extends Publisher<? extends ByteBuffer>> content, Set<OpenOption> options) {
        this.file = file;
        this.content = content;
        this.options = options;
    }

    /** @param content called before the file is opened; when it fails the file is left alone */
    static Mono<Long> assemble(
            Path file, Callable<? extends Publisher<? extends ByteBuffer>> content, Set<OpenOption> options) {
        return onAssembly(new MonoWrite(file, content, options));
    }

    @Override
    public void subscribe(CoreSubscriber<? super Long> actual) {
        actual.onSubscribe(new Writer(this, actual));
    }

    @Override
    public String toString() {
        return "write to " + file;
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        return key == Attr.NAME ? toString() : null;
    }

    /**
     * One writer. Signals from the content and a cancel only schedule the loop, unless it runs already; the loop alone
     * touches the file.
     *
     * <pre>
     *   request ► open ► subscribe ► ask for one ► write it ► … ► close ► emit the count
     * </pre>
     */
    private static final class Writer implements CoreSubscriber<ByteBuffer>, Subscription, Scannable, Runnable {

        private static final AtomicIntegerFieldUpdater<Writer> WIP =
                AtomicIntegerFieldUpdater.newUpdater(Writer.class, "wip");

        private static final AtomicReferenceFieldUpdater<Writer, @Nullable Subscription> UPSTREAM =
                AtomicReferenceFieldUpdater.newUpdater(Writer.class, Subscription.class, "upstream");

        private final MonoWrite write;
        private final CoreSubscriber<? super Long> actual;
        private final Scheduler scheduler = Schedulers.boundedElastic();
        private final CleanupLedger.Entry entry;

        private volatile int wip;
        private volatile boolean requested;
        private volatile boolean cancelled;
        private volatile boolean contentEnded;
        private volatile @Nullable ByteBuffer waiting;
        private volatile @Nullable Subscription upstream;
        private @Nullable Throwable contentFailure;

        // Touched in the loop only.
        private @Nullable FileChannel channel;
        private long written;
        private boolean finished;

        Writer(MonoWrite write, CoreSubscriber<? super Long> actual) {
            this.write = write;
            this.actual = actual;
            this.entry = CleanupLedger.enter(actual.currentContext(), write);
        }

        @Override
        public void request(long n) {
            if (Operators.validate(n) && !requested) {
                requested = true;
                trigger();
            }
        }

        @Override
        public void cancel() {
            cancelled = true;
            Operators.terminate(UPSTREAM, this);
            trigger();
        }

        @Override
        public Context currentContext() {
            return actual.currentContext();
        }

        @Override
        public void onSubscribe(Subscription s) {
            if (Operators.setOnce(UPSTREAM, this, s)) {
                s.request(1);
            }
        }

        @Override
        public void onNext(ByteBuffer buffer) {
            waiting = buffer;
            trigger();
        }

        @Override
        public void onError(Throwable error) {
            if (contentEnded || cancelled) {
                Operators.onErrorDropped(error, currentContext());
                return;
            }
            contentFailure = error;
            contentEnded = true;
            trigger();
        }

        @Override
        public void onComplete() {
            contentEnded = true;
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
                    Operators.terminate(UPSTREAM, this);
                    finish(t);
                    Exceptions.throwIfFatal(t);
                }
                missed = WIP.addAndGet(this, -missed);
            } while (missed != 0);
        }

        private boolean step() throws Exception {
            if (finished) {
                return false;
            }
            ByteBuffer buffer = waiting;
            waiting = null;
            if (cancelled) {
                Operators.onDiscard(buffer, currentContext());
                finish(null);
            } else if (channel == null) {
                begin();
            } else if (buffer != null) {
                writeAll(channel, buffer);
                askForOne();
                return true;
            } else if (contentEnded) {
                finish(contentFailure);
            }
            return false;
        }

        private void begin() throws Exception {
            Publisher<? extends ByteBuffer> content = write.content.call();
            channel = FileChannel.open(write.file, write.options);
            Flux.<ByteBuffer>from(content).subscribe(this);
        }

        private void askForOne() {
            Subscription source = upstream;
            if (source != null) {
                source.request(1);
            }
        }

        // The buffer stays as it is, for others who hold it and for another subscription. In slices, because the JDK
        // copies a heap buffer into a direct one of the same size and keeps that one.
        private void writeAll(FileChannel open, ByteBuffer buffer) throws IOException {
            ByteBuffer slice = buffer.duplicate();
            int end = slice.limit();
            while (slice.position() < end && !cancelled) {
                slice.limit(Math.min(end, slice.position() + ChunkReading.CHUNK));
                written += open.write(slice);
            }
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
                    entry.leave(failure, currentContext());
                }
                return;
            }
            entry.leave();
            if (failure == null) {
                actual.onNext(written);
                actual.onComplete();
            } else {
                actual.onError(failure);
            }
        }

        private @Nullable Throwable close(@Nullable Throwable error) {
            FileChannel open = channel;
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
            if (key == Attr.PARENT) {
                return upstream;
            }
            if (key == Attr.ACTUAL) {
                return actual;
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
            return key == Attr.RUN_STYLE ? Attr.RunStyle.ASYNC : null;
        }
    }
}
