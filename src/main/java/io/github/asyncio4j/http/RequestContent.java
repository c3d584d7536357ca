package io.github.asyncio4j.http;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A request with its body in memory.
 *
 * @param request what to send instead, as the body of the first may be readable only once
 * @param bytes null when there is no body
 */
record RequestContent(
        DefaultClientRequest request,
        byte @Nullable [] bytes,
        @Nullable String contentType) {

    private static final String BOUNDARY = "boundary=";

    /** Fails with {@link IllegalStateException} when the body is larger than the request's {@code maxBodySize}. */
    static Mono<RequestContent> of(DefaultClientRequest request) {
        RequestBody body = request.body();
        if (body == null) {
            return Mono.just(new RequestContent(request, null, null));
        }
        String type = request.headers().first("Content-Type").orElse(body.contentType());
        byte[] bytes = body.bytes();
        Supplier<? extends Publisher<? extends ByteBuffer>> source = body.source();
        if (bytes != null || source == null) {
            return Mono.just(new RequestContent(request, bytes, type));
        }
        long limit = request.options().maxBodySize();
        return Flux.from(source.get())
                .collect(ByteArrayOutputStream::new, (all, piece) -> append(all, piece, limit))
                .map(ByteArrayOutputStream::toByteArray)
                .map(all -> new RequestContent(request.withContent(all), all, type));
    }

    private static void append(ByteArrayOutputStream all, ByteBuffer piece, long limit) {
        if ((long) all.size() + piece.remaining() > limit) {
            throw new IllegalStateException(
                    "the body of the request is larger than maxBodySize allows (" + limit + " bytes)");
        }
        byte[] bytes = new byte[piece.remaining()];
        piece.get(bytes);
        all.writeBytes(bytes);
    }

    /** The body as text; the boundary of a multipart form, which is another one each time, made the same. */
    @Nullable
    BodyText text(Redaction redaction) {
        if (bytes == null) {
            return null;
        }
        int at = contentType == null ? -1 : contentType.indexOf(BOUNDARY);
        if (contentType == null || at < 0) {
            return BodyText.of(bytes, contentType, redaction);
        }
        String boundary = contentType.substring(at + BOUNDARY.length()).split(";", 2)[0];
        String same = new String(bytes, StandardCharsets.ISO_8859_1).replace(boundary, "boundary");
        return BodyText.of(same.getBytes(StandardCharsets.ISO_8859_1), contentType, redaction);
    }
}
