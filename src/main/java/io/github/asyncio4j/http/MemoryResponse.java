package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Checks;
import java.io.IOException;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A response whose body is in memory: it holds nothing, and may be read as often as one likes. */
final class MemoryResponse implements ClientResponse {

    private static final Timings NONE =
            new Timings(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);

    private final String request;
    private final String url;
    private final int status;
    private final Headers headers;
    private final byte[] content;

    MemoryResponse(String request, String url, MockResponse answer) {
        this.request = request;
        this.url = url;
        this.status = answer.status;
        this.headers = new RequestHeaders(answer.headers);
        this.content = answer.content();
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public String reason() {
        return "";
    }

    @Override
    public Headers headers() {
        return headers;
    }

    @Override
    public String url() {
        return url;
    }

    @Override
    public List<Hop> history() {
        return List.of();
    }

    @Override
    public boolean ok() {
        return status < 400;
    }

    @Override
    public Timings timings() {
        return NONE;
    }

    private @Nullable String contentType() {
        return headers.first("content-type").orElse(null);
    }

    private Charset charset() {
        return Charsets.of(contentType());
    }

    @Override
    public Mono<String> text() {
        return Mono.fromSupplier(() -> Charsets.decode(content, charset()));
    }

    @Override
    public Mono<byte[]> bytes() {
        return Mono.fromSupplier(content::clone);
    }

    @Override
    public <T> Mono<T> json(Class<T> type) {
        return readJson(type);
    }

    @Override
    public <T> Mono<T> json(TypeRef<T> type) {
        return readJson(type.type());
    }

    private <T> Mono<T> readJson(Type type) {
        return Mono.fromCallable(() -> {
            if (content.length == 0) {
                return null;
            }
            if (!Charsets.isJson(contentType())) {
                throw new ContentTypeException(
                        request + ": not JSON, its Content-Type is " + contentType(), status, headers, start());
            }
            try {
                return Json.<T>read(content, type);
            } catch (IOException e) {
                throw new ClientPayloadException(
                        request + ": cannot be read as " + type.getTypeName() + ": " + e.getMessage(),
                        content.length,
                        content.length,
                        e);
            }
        });
    }

    @Override
    public Flux<ByteBuffer> chunks() {
        return content.length == 0 ? Flux.empty() : Flux.defer(() -> Flux.just(ByteBuffer.wrap(content.clone())));
    }

    @Override
    public Flux<ByteBuffer> chunks(int size) {
        Checks.atLeast(1, size, "size");
        return EqualPieces.of(chunks(), size);
    }

    @Override
    public Headers trailers() {
        return HeaderBlock.EMPTY;
    }

    @Override
    public Flux<String> lines() {
        return Lines.of(chunks(), charset());
    }

    @Override
    public Mono<Void> release() {
        return Mono.empty();
    }

    @Override
    public ClientResponse raiseForStatus() {
        if (!ok()) {
            throw Exceptions.propagate(new ClientResponseException(request + ": " + status, status, headers, start()));
        }
        return this;
    }

    private String start() {
        byte[] shown = content.length > DefaultClientResponse.SHOWN_IN_ERRORS
                ? Arrays.copyOf(content, DefaultClientResponse.SHOWN_IN_ERRORS)
                : content;
        return Charsets.decode(shown, charset());
    }

    @Override
    public String toString() {
        return "ClientResponse(" + status + ", " + request + ")";
    }
}
