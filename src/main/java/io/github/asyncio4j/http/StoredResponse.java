package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Checks;
import java.io.IOException;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A response with its body in memory: it holds no connection, and its body can be read as often as one likes. */
record StoredResponse(
        int status,
        String reason,
        Headers headers,
        String url,
        List<Hop> history,
        Timings timings,
        Headers trailers,
        byte[] content)
        implements OpenResponse {

    /** Reads the body, which releases the response. */
    static Mono<ClientResponse> of(ClientResponse response) {
        return response.bytes()
                .defaultIfEmpty(new byte[0])
                .map(content -> new StoredResponse(
                        response.status(),
                        response.reason(),
                        response.headers(),
                        response.url(),
                        response.history(),
                        response.timings(),
                        response.trailers(),
                        content));
    }

    @Override
    public boolean ok() {
        return status < 400;
    }

    @Override
    public Mono<byte[]> bytes() {
        return Mono.fromSupplier(content::clone);
    }

    @Override
    public Mono<String> text() {
        return Mono.fromSupplier(() -> text(content));
    }

    private String text(byte[] bytes) {
        return Charsets.decode(bytes, Charsets.of(headers.first("content-type").orElse(null)));
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
        return Mono.defer(() -> {
            String declared = headers.first("content-type").orElse(null);
            if (content.length == 0) {
                return Mono.empty();
            }
            if (!Charsets.isJson(declared)) {
                return Mono.error(new ContentTypeException(
                        url + ": not JSON, its Content-Type is " + declared, status, headers, start()));
            }
            try {
                return Mono.justOrEmpty(Json.<T>read(content, type));
            } catch (IOException e) {
                return Mono.error(new ClientPayloadException(
                        url + ": cannot be read as " + type.getTypeName() + ": " + e.getMessage(),
                        content.length,
                        content.length,
                        e));
            }
        });
    }

    @Override
    public Flux<ByteBuffer> chunks() {
        return Flux.defer(() -> content.length == 0 ? Flux.empty() : Flux.just(ByteBuffer.wrap(content.clone())));
    }

    @Override
    public Flux<ByteBuffer> chunks(int size) {
        Checks.atLeast(1, size, "size");
        return EqualPieces.of(chunks(), size);
    }

    @Override
    public Flux<String> lines() {
        return Lines.of(chunks(), Charsets.of(headers.first("content-type").orElse(null)));
    }

    @Override
    public Flux<ServerSentEvent> events() {
        return EventParser.events(Lines.of(chunks(), StandardCharsets.UTF_8));
    }

    @Override
    public Mono<Void> release() {
        return Mono.empty();
    }

    @Override
    public void release(Runnable then) {
        then.run();
    }

    @Override
    public void abort() {}

    @Override
    public ClientResponse raiseForStatus() {
        if (!ok()) {
            throw Exceptions.propagate(raisedError());
        }
        return this;
    }

    @Override
    public Mono<ClientResponseException> statusError() {
        return Mono.fromSupplier(this::raisedError);
    }

    private ClientResponseException raisedError() {
        return new ClientResponseException(url + ": " + status + " " + reason, status, headers, start());
    }

    private String start() {
        return text(Arrays.copyOf(content, Math.min(content.length, DefaultClientResponse.SHOWN_IN_ERRORS)));
    }

    @Override
    public String toString() {
        return url + ": " + status + " " + headers;
    }
}
