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
        return limited(through(middlewares, request, Chain::send), timeout, request.describe());
    }

    /** @param last what is at the end of the chain */
    static Mono<ClientResponse> through(
            List<Middleware> middlewares, DefaultClientRequest request, Middleware.Next last) {
        Middleware.Next next = last;
        for (int i = middlewares.size() - 1; i >= 0; i--) {
            next = link(middlewares.get(i), next);
        }
        return next.proceed(request);
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
    static <R> Mono<R> limited(Mono<R> all, ClientTimeout timeout, String request) {
        return timeout.total()
                .map(total -> all.timeout(total, Mono.error(() -> timedOut(request, total)))
                        .onErrorMap(Budget.Exceeded.class, e -> tooLate(request, e)))
                .orElse(all);
    }

    private static ClientTimeoutException tooLate(String request, Budget.Exceeded error) {
        return new ClientTimeoutException(request + ": " + error.getMessage(), ClientTimeoutException.Phase.TOTAL);
    }

    private static ClientTimeoutException timedOut(String request, Duration total) {
        return new ClientTimeoutException(
                request + ": timed out after " + total.toMillis() + " ms, its total time was used up",
                ClientTimeoutException.Phase.TOTAL);
    }
}
