package io.github.asyncio4j.recipes.webflux;

import static org.springframework.web.reactive.function.server.RouterFunctions.route;

import io.github.asyncio4j.sync.AsyncSemaphore;
import io.github.asyncio4j.task.BackgroundTasks;
import io.github.asyncio4j.task.Tasks;
import io.github.asyncio4j.time.DeadlineExceededException;
import io.github.asyncio4j.time.Timeouts;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/**
 * A service on Spring WebFlux. Its handlers gather from several places, share one limit on the place that is slow, keep the
 * deadline that the caller names, and leave work behind that has an owner.
 */
final class ShopService {

    static final String TRACE = "trace";
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private final Backend backend;
    private final AsyncSemaphore backendCalls;
    private final BackgroundTasks audits =
            BackgroundTasks.builder().name("audits").capacity(100).build();

    /** Where prices, stock and reviews come from, and where orders are recorded. */
    interface Backend {
        Mono<Integer> price(String product);

        Mono<Integer> stock(String product);

        /** Empty when there is none. */
        Mono<String> review(String product);

        Mono<Void> record(String product);
    }

    ShopService(Backend backend, int mostBackendCalls) {
        this.backend = backend;
        this.backendCalls = AsyncSemaphore.builder()
                .permits(mostBackendCalls)
                .maxWaiters(1_000)
                .name("backend")
                .build();
    }

    RouterFunction<ServerResponse> routes() {
        return route().GET("/products/{id}", this::product)
                .POST("/orders/{id}", this::order)
                .filter((request, next) -> traced(request, withinItsDeadline(request, next)))
                .build();
    }

    // region product
    private Mono<ServerResponse> product(ServerRequest request) {
        String id = request.pathVariable("id");
        return Tasks.gather(
                        backendCalls.withPermit(backend.price(id)),
                        backendCalls.withPermit(backend.stock(id)),
                        backendCalls.withPermit(backend.review(id)).singleOptional())
                .flatMap(parts -> ServerResponse.ok()
                        .bodyValue(id + " costs " + parts.getT1() + ", " + parts.getT2() + " left"
                                + parts.getT3().map(review -> ", " + review).orElse("")));
    }
    // endregion

    // region order
    private Mono<ServerResponse> order(ServerRequest request) {
        String id = request.pathVariable("id");
        return audits.submit(backend.record(id))
                .then(ServerResponse.accepted().bodyValue("ordered " + id))
                .onErrorResume(RejectedExecutionException.class, full -> status(HttpStatus.SERVICE_UNAVAILABLE));
    }
    // endregion

    // region deadline
    private static Mono<ServerResponse> withinItsDeadline(ServerRequest request, HandlerFunction<ServerResponse> next) {
        Duration budget = request.headers().header("X-Timeout-Ms").stream()
                .findFirst()
                .map(millis -> Duration.ofMillis(Long.parseLong(millis)))
                .orElse(LONGEST);
        return Timeouts.timeout(next.handle(request), budget, request.path())
                .onErrorResume(DeadlineExceededException.class, late -> status(HttpStatus.GATEWAY_TIMEOUT));
    }
    // endregion

    private static Mono<ServerResponse> traced(ServerRequest request, Mono<ServerResponse> response) {
        String trace = request.headers().firstHeader("X-Trace");
        return trace == null ? response : response.contextWrite(Context.of(TRACE, trace));
    }

    private static Mono<ServerResponse> status(HttpStatus status) {
        return ServerResponse.status(status).build();
    }

    AsyncSemaphore backendCalls() {
        return backendCalls;
    }

    /** New orders are refused; completes when the last record is written. The server is to be stopped after it. */
    Mono<Void> close() {
        return audits.close();
    }
}
