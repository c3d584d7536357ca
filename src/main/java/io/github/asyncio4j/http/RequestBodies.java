package io.github.asyncio4j.http;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Bodies made of bodies. */
final class RequestBodies {

    private static final int PIECE = 64 * 1024;

    private RequestBodies() {}

    /** The same, packed while it is sent: nobody knows its length before. */
    static RequestBody compressed(RequestBody body, HeaderList headers) {
        for (String name : new String[] {"Content-Encoding", "Content-Length"}) {
            if (headers.contains(name)) {
                throw new IllegalArgumentException("compress sets the framing itself, but there is a " + name);
            }
        }
        Supplier<Publisher<? extends ByteBuffer>> packed = () -> Flux.defer(() -> {
            GzipEncoder encoder = new GzipEncoder();
            return content(body)
                    .map(encoder::pack)
                    .concatWith(Mono.fromSupplier(encoder::end))
                    .doFinally(end -> encoder.close());
        });
        return new RequestBody(null, packed, -1, null, body.contentType(), body.isReplayable());
    }

    /** The same, and {@code progress} is told how much of it has gone out. */
    static RequestBody observed(RequestBody body, LongConsumer progress) {
        Supplier<Publisher<? extends ByteBuffer>> counted = () -> Flux.defer(() -> {
            AtomicLong sent = new AtomicLong();
            return content(body).doOnNext(piece -> progress.accept(sent.addAndGet(piece.remaining())));
        });
        return new RequestBody(null, counted, body.length(), body.measure(), body.contentType(), body.isReplayable());
    }

    /** All of it; empty when there is nothing. */
    static Mono<byte[]> collected(RequestBody body) {
        byte[] bytes = body.bytes();
        return bytes != null
                ? Mono.fromSupplier(bytes::clone)
                : Mono.defer(() -> content(body).collect(ByteArrayOutputStream::new, RequestBodies::append))
                        .map(ByteArrayOutputStream::toByteArray);
    }

    private static void append(ByteArrayOutputStream all, ByteBuffer piece) {
        byte[] bytes = new byte[piece.remaining()];
        piece.duplicate().get(bytes);
        all.writeBytes(bytes);
    }

    private static Flux<ByteBuffer> content(RequestBody body) {
        byte[] bytes = body.bytes();
        if (bytes != null) {
            int pieces = (bytes.length + PIECE - 1) / PIECE;
            return Flux.fromStream(() -> IntStream.range(0, pieces)
                    .mapToObj(i -> ByteBuffer.wrap(bytes, i * PIECE, Math.min(PIECE, bytes.length - i * PIECE))));
        }
        Supplier<? extends Publisher<? extends ByteBuffer>> source = body.source();
        return source == null ? Flux.empty() : Flux.from(source.get());
    }
}
