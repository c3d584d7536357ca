package io.github.asyncio4j.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
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
     * One writer.
     *
     * <pre>
     *   request ► open ► subscribe ► ask for one ► write it ► … ► close ► emit the count
     * </pre>
     */
    private static final class Writer extends FileLoop implements CoreSubscriber<ByteBuffer>, Subscription, Scannable {

        private static final AtomicReferenceFieldUpdater<Writer, @Nullable Subscription> UPSTREAM =
                AtomicReferenceFieldUpdater.newUpdater(Writer.class, Subscription.class, "upstream");

        private final MonoWrite write;
        private final CoreSubscriber<? super Long> actual;

        private volatile boolean requested;
        private volatile boolean contentEnded;
        private volatile @Nullable ByteBuffer waiting;
        private volatile @Nullable Subscription upstream;
        private @Nullable Throwable contentFailure;

        // Touched in the loop only.
        private @Nullable FileChannel channel;
        private long written;

        Writer(MonoWrite write, CoreSubscriber<? super Long> actual) {
            super(actual.currentContext(), write);
            this.write = write;
            this.actual = actual;
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

        @Override
        boolean tryStep() throws Exception {
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

        @Override
        @Nullable
        Closeable open() {
            return channel;
        }

        @Override
        void stopSource() {
            Operators.terminate(UPSTREAM, this);
        }

        @Override
        void end(@Nullable Throwable failure) {
            if (failure == null) {
                actual.onNext(written);
                actual.onComplete();
            } else {
                actual.onError(failure);
            }
        }

        @Override
        Context context() {
            return currentContext();
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
