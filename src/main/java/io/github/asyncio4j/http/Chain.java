package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Checks;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/** The middlewares around a request, the first one outermost, and the network at their end. */
final class Chain {

    private Chain() {}

    static Mono<ClientResponse> mono(
            List<Middleware> middlewares, DefaultClientRequest request, ClientTimeout timeout) {
        Middleware.Next next = Chain::send;
        for (int i = middlewares.size() - 1; i >= 0; i--) {
            next = link(middlewares.get(i), next);
        }
        Mono<ClientResponse> all = next.proceed(request);
        return timeout.total().map(total -> limited(all, total, request)).orElse(all);
    }

    private static Mono<ClientResponse> send(ClientRequest request) {
        return DefaultClientRequest.ours(request).send().cast(ClientResponse.class);
    }

    private static Middleware.Next link(Middleware middleware, Middleware.Next next) {
        Function<ClientRequest, Mono<ClientResponse>> handle = request -> middleware.handle(request, next);
        return request -> {
            DefaultClientRequest ours = DefaultClientRequest.ours(request);
            return Mono.defer(() -> Mono.from(Checks.callMono(handle, ours, "a middleware")));
        };
    }

    /** A request keeps to its deadline by itself; this is for what middlewares do in between. */
    private static Mono<ClientResponse> limited(
            Mono<ClientResponse> all, Duration total, DefaultClientRequest request) {
        return all.timeout(total, Mono.error(() -> request.timedOut(total)));
    }
}
