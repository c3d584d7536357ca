package io.github.asyncio4j.http;

import java.util.List;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What {@link Use} needs of a response, wherever it comes from. */
interface OpenResponse extends ClientResponse {

    /** Ours as it is; one that a middleware brought along, with what it lacks. */
    static OpenResponse of(ClientResponse response) {
        return response instanceof OpenResponse ours ? ours : new ForeignResponse(response);
    }

    /** Gives back what the response holds; then runs {@code then}. */
    void release(Runnable then);

    /** Gives it back at once, the rest unread. */
    void abort();

    /** The same with the responses that led to it. */
    default OpenResponse arrivedAfter(List<Hop> hops) {
        return hops.isEmpty() ? this : new ForeignResponse(this, hops);
    }

    /** The body as server-sent events. */
    Flux<ServerSentEvent> events();

    /** The status as an error, with the beginning of the body. */
    Mono<ClientResponseException> statusError();

    /** The status as an error, whatever the body would have given. */
    default <R> Mono<R> raised() {
        return statusError().flatMap(Mono::error);
    }

    /** {@link #raiseForStatus} cannot wait for the body: its error gets it on its way out. */
    default <R> Mono<R> withBody(Throwable thrown) {
        Throwable error = Exceptions.unwrap(thrown);
        boolean ours = error instanceof ClientResponseException raised
                && raised.headers() == headers()
                && raised.getClass() == ClientResponseException.class
                && raised.body().isEmpty();
        return ours ? raised() : Mono.error(error);
    }
}
