package io.github.asyncio4j.http;

import reactor.core.publisher.Mono;

/**
 * Code around every request of a session: it may change the request, answer itself, send it more than once, or look at
 * the response. aiohttp's client middlewares; OkHttp calls them interceptors.
 *
 * <pre>{@code
 * Middleware tagged = (request, next) -> next.proceed(request.header("X-Request-Id", newId()));
 * ClientSession session = ClientSession.builder().middleware(tagged).build();
 * }</pre>
 *
 * <p>The first one that is given to the session is the outermost. {@link #handle} runs anew for each subscription to a
 * request, and what it returns is subscribed to once, in the Reactor Context of the caller. Redirects are followed inside,
 * so a middleware sees the last response only; in the other seat, {@link ClientSession.Builder#networkMiddleware}, it
 * is around each of them. The total timeout of the request spans all that middlewares do.
 *
 * <p>A response that a middleware receives and does not pass on should be {@linkplain ClientResponse#release released} by
 * it, as its connection is needed for the next attempt; one that it forgets is released when the request ends. Methods
 * are called on whatever thread subscribes; do not block there.
 */
@FunctionalInterface
public interface Middleware {

    /**
     * Answers a request, mostly by way of {@code next}.
     *
     * @param request what is to be sent; its methods give changed ones to proceed with
     * @param next the rest of the chain, and at its end the network
     * @return exactly one response; what is empty fails the request with an {@link IllegalStateException}
     */
    Mono<ClientResponse> handle(ClientRequest request, Next next);

    /**
     * The rest of the chain.
     *
     * <pre>{@code
     * Middleware timed = (request, next) -> next.proceed(request)
     *         .elapsed()
     *         .doOnNext(answer -> log(request.url(), answer.getT1()))
     *         .map(Tuple2::getT2);
     * }</pre>
     *
     * <p>aiohttp's {@code ClientHandlerType}.
     */
    @FunctionalInterface
    interface Next {

        /**
         * Sends {@code request} through the rest of the chain, once for each subscription.
         *
         * @param request made by a {@link ClientSession}
         */
        Mono<ClientResponse> proceed(ClientRequest request);
    }
}
