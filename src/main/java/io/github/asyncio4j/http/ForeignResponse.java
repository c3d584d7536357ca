package io.github.asyncio4j.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A response that is not this library's: a middleware made it, or wrapped one of ours. */
class ForeignResponse implements OpenResponse {

    private final ClientResponse response;
    private final List<Hop> before;

    ForeignResponse(ClientResponse response) {
        this(response, List.of());
    }

    /** @param before the redirects that led to it, besides those that it knows of */
    ForeignResponse(ClientResponse response, List<Hop> before) {
        this.response = response;
        this.before = List.copyOf(before);
    }

    @Override
    public void release(Runnable then) {
        response.release().onErrorComplete().doFinally(signal -> then.run()).subscribe();
    }

    @Override
    public void abort() {
        release(() -> {});
    }

    @Override
    public Flux<ServerSentEvent> events() {
        return EventParser.events(Lines.of(chunks(), StandardCharsets.UTF_8));
    }

    @Override
    public Mono<ClientResponseException> statusError() {
        return bytes().onErrorReturn(new byte[0])
                .defaultIfEmpty(new byte[0])
                .map(content -> new ClientResponseException(
                        url() + ": " + status() + " " + reason(),
                        status(),
                        headers(),
                        Charsets.decode(
                                Arrays.copyOf(content, Math.min(content.length, DefaultClientResponse.SHOWN_IN_ERRORS)),
                                Charsets.of(headers().first("content-type").orElse(null)))));
    }

    @Override
    public int status() {
        return response.status();
    }

    @Override
    public String reason() {
        return response.reason();
    }

    @Override
    public Headers headers() {
        return response.headers();
    }

    @Override
    public String url() {
        return response.url();
    }

    @Override
    public String realUrl() {
        return response.realUrl();
    }

    @Override
    public List<Hop> history() {
        List<Hop> all = new ArrayList<>(before);
        all.addAll(response.history());
        return List.copyOf(all);
    }

    @Override
    public boolean ok() {
        return response.ok();
    }

    @Override
    public Timings timings() {
        return response.timings();
    }

    @Override
    public ConnectTimings connectTimings() {
        return response.connectTimings();
    }

    @Override
    public Mono<String> text() {
        return response.text();
    }

    @Override
    public Mono<byte[]> bytes() {
        return response.bytes();
    }

    @Override
    public <T> Mono<T> json(Class<T> type) {
        return response.json(type);
    }

    @Override
    public <T> Mono<T> json(TypeRef<T> type) {
        return response.json(type);
    }

    @Override
    public Flux<ByteBuffer> chunks() {
        return response.chunks();
    }

    @Override
    public Flux<ByteBuffer> chunks(int size) {
        return response.chunks(size);
    }

    @Override
    public Headers trailers() {
        return response.trailers();
    }

    @Override
    public Flux<String> lines() {
        return response.lines();
    }

    @Override
    public Mono<Void> release() {
        return response.release();
    }

    @Override
    public ClientResponse raiseForStatus() {
        return response.raiseForStatus();
    }

    @Override
    public String toString() {
        return response.toString();
    }
}
