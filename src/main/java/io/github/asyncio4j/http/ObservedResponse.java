package io.github.asyncio4j.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A response that somebody looks at while its body is read. */
final class ObservedResponse extends ForeignResponse {

    private final OpenResponse response;
    private final Observer observer;
    private final AtomicBoolean left = new AtomicBoolean();
    private volatile boolean read;

    /** Told of what is read, one call after the other. */
    interface Observer {
        /** A piece of the body; a view that is not to be kept. */
        void piece(ByteBuffer piece);

        /** An error shows the beginning of the body, which is all that will be read of it. */
        default void shown(ByteBuffer start) {
            piece(start);
        }

        /** The body is complete; whoever reads it is told when this is. */
        Mono<Void> ended();

        /** The body broke off. */
        void failed(Throwable error);

        /** The response was given back, once, whatever was read of it. */
        void left();
    }

    ObservedResponse(ClientResponse response, Observer observer) {
        super(response);
        this.response = OpenResponse.of(response);
        this.observer = observer;
    }

    @Override
    public Mono<byte[]> bytes() {
        return read
                ? response.bytes()
                : response.bytes().doOnError(observer::failed).flatMap(content -> {
                    if (read) {
                        return Mono.just(content);
                    }
                    read = true;
                    observer.piece(ByteBuffer.wrap(content).asReadOnlyBuffer());
                    return observer.ended().thenReturn(content);
                });
    }

    @Override
    public Mono<String> text() {
        return bytes().then(Mono.defer(response::text));
    }

    @Override
    public <T> Mono<T> json(Class<T> type) {
        return bytes().then(Mono.defer(() -> response.json(type)));
    }

    @Override
    public <T> Mono<T> json(TypeRef<T> type) {
        return bytes().then(Mono.defer(() -> response.json(type)));
    }

    @Override
    public Flux<ByteBuffer> chunks() {
        return response.chunks()
                .doOnError(observer::failed)
                .doOnNext(piece -> observer.piece(piece.asReadOnlyBuffer()))
                .concatWith(Mono.defer(observer::ended).then(Mono.empty()));
    }

    @Override
    public Flux<ByteBuffer> chunks(int size) {
        return EqualPieces.of(chunks(), io.github.asyncio4j.internal.Checks.atLeast(1, size, "size"));
    }

    @Override
    public Flux<String> lines() {
        return Lines.of(chunks(), Charsets.of(headers().first("content-type").orElse(null)));
    }

    @Override
    public Flux<ServerSentEvent> events() {
        return EventParser.events(Lines.of(chunks(), StandardCharsets.UTF_8));
    }

    /** What an error shows of the body is all that is read of it. */
    @Override
    public Mono<ClientResponseException> statusError() {
        return response.statusError().doOnNext(error -> {
            if (!read) {
                observer.shown(ByteBuffer.wrap(error.body().getBytes(StandardCharsets.UTF_8)));
            }
        });
    }

    @Override
    public Mono<Void> release() {
        return Mono.defer(() -> {
            leave();
            return response.release();
        });
    }

    @Override
    public void release(Runnable then) {
        leave();
        response.release(then);
    }

    @Override
    public void abort() {
        leave();
        response.abort();
    }

    private void leave() {
        if (left.compareAndSet(false, true)) {
            observer.left();
        }
    }
}
