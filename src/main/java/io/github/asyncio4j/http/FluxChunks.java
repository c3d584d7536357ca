package io.github.asyncio4j.http;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;

/** The body in pieces: one for each read of the network, and no read before a piece is asked for. */
final class FluxChunks extends Flux<ByteBuffer> {

    private final DefaultClientResponse response;

    private FluxChunks(DefaultClientResponse response) {
        this.response = response;
    }

    static Flux<ByteBuffer> of(DefaultClientResponse response) {
        return onAssembly(new FluxChunks(response));
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuffer> actual) {
        actual.onSubscribe(new Pieces(response, actual));
    }

    /** Emits on the event loop only; requests may come from anywhere. */
    private static final class Pieces implements BodySink, Subscription, Scannable {
        private static final AtomicLongFieldUpdater<Pieces> REQUESTED =
                AtomicLongFieldUpdater.newUpdater(Pieces.class, "requested");

        private final DefaultClientResponse response;
        private final CoreSubscriber<? super ByteBuffer> actual;
        private volatile long requested;
        private volatile boolean cancelled;
        private boolean consuming;
        private ByteBuffer piece = ByteBuffer.allocate(0);

        Pieces(DefaultClientResponse response, CoreSubscriber<? super ByteBuffer> actual) {
            this.response = response;
            this.actual = actual;
        }

        @Override
        public void request(long n) {
            if (!Operators.validate(n)) {
                return;
            }
            boolean first = Operators.addCap(REQUESTED, this, n) == 0;
            if (!consuming) {
                consuming = true;
                response.consume(this);
            } else if (first) {
                response.wanted();
            }
        }

        @Override
        public void cancel() {
            cancelled = true;
            response.abort();
        }

        @Override
        public boolean wantsMore() {
            return requested > 0 && !cancelled;
        }

        // A chunked body may come in very many very small chunks; they are put together.
        @Override
        public void take(ByteBuf from, int length) {
            if (piece.remaining() < length) {
                ByteBuffer larger = ByteBuffer.allocate(piece.position() + Math.max(length, from.readableBytes()));
                larger.put(piece.flip());
                piece = larger;
            }
            int limit = piece.limit();
            piece.limit(piece.position() + length);
            from.readBytes(piece);
            piece.limit(limit);
        }

        @Override
        public void pump() {
            if (piece.position() > 0 && !cancelled) {
                ByteBuffer next = piece.flip();
                piece = ByteBuffer.allocate(0);
                Operators.produced(REQUESTED, this, 1);
                actual.onNext(next);
            }
        }

        @Override
        public void ended() {
            if (!cancelled) {
                actual.onComplete();
            }
        }

        @Override
        public void failed(Throwable error) {
            if (!cancelled) {
                actual.onError(error);
            }
        }

        @Override
        public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
            if (key == Attr.REQUESTED_FROM_DOWNSTREAM) {
                return requested;
            }
            return key == Attr.ACTUAL ? actual : key == Attr.CANCELLED ? cancelled : null;
        }
    }
}
