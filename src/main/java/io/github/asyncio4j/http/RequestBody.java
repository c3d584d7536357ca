package io.github.asyncio4j.http;

import java.io.IOException;
import java.net.URLConnection;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * What is sent after the head: bytes that are here, or a source of them that is subscribed to when they are to be sent.
 *
 * @param bytes all of it, or null when there is a source
 * @param source gives the content, once for each time the request is sent
 * @param length in bytes, -1 when unknown
 * @param measure finds out the length before the request is sent, if that takes a look at the disk
 * @param contentType its type unless the request names one
 * @param isReplayable whether the source can be subscribed to more than once
 */
record RequestBody(
        byte @Nullable [] bytes,
        @Nullable Supplier<? extends Publisher<? extends ByteBuffer>> source,
        long length,
        @Nullable Mono<Long> measure,
        @Nullable String contentType,
        boolean isReplayable) {

    private static final int PIECE = 64 * 1024;
    private static final String BINARY = "application/octet-stream";

    static RequestBody of(byte[] bytes, String contentType) {
        return new RequestBody(bytes, null, bytes.length, null, contentType, true);
    }

    static RequestBody of(Publisher<? extends ByteBuffer> content) {
        return new RequestBody(null, () -> content, -1, null, BINARY, false);
    }

    static RequestBody of(Supplier<? extends Publisher<? extends ByteBuffer>> content) {
        return new RequestBody(null, content, -1, null, BINARY, true);
    }

    static RequestBody of(Path file) {
        String guessed = URLConnection.guessContentTypeFromName(file.toString());
        return measured(read(file), size(file), guessed == null ? BINARY : guessed);
    }

    static RequestBody measured(Flux<ByteBuffer> content, Mono<Long> measure, String contentType) {
        return new RequestBody(null, () -> content, -1, measure, contentType, true);
    }

    static Mono<Long> size(Path file) {
        return Mono.fromCallable(() -> Files.size(file)).subscribeOn(Schedulers.boundedElastic());
    }

    boolean isPrepared() {
        return measure == null;
    }

    /** The same with its length known. */
    Mono<RequestBody> prepared() {
        return measure == null ? Mono.just(this) : measure.map(this::withLength);
    }

    /** The same under another framing; -1 sends it in chunks. */
    RequestBody withLength(long known) {
        byte[] content = bytes;
        return known < 0 && content != null
                ? new RequestBody(null, () -> Mono.just(ByteBuffer.wrap(content)), -1, null, contentType, isReplayable)
                : new RequestBody(content, source, known, null, contentType, isReplayable);
    }

    /** The pieces of a file, read on a thread that may block, and no sooner than they are asked for. */
    static Flux<ByteBuffer> read(Path file) {
        return Flux.<ByteBuffer, ReadableByteChannel>generate(
                        () -> Files.newByteChannel(file),
                        (channel, sink) -> {
                            try {
                                ByteBuffer piece = ByteBuffer.allocate(PIECE);
                                if (channel.read(piece) < 0) {
                                    sink.complete();
                                } else {
                                    sink.next(piece.flip());
                                }
                            } catch (IOException e) {
                                sink.error(e);
                            }
                            return channel;
                        },
                        RequestBody::close)
                .subscribeOn(Schedulers.boundedElastic());
    }

    private static void close(ReadableByteChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // Read to its end or given up: nothing is lost.
        }
    }
}
