package io.github.asyncio4j.micrometer;

import io.github.asyncio4j.http.ClientRequest;
import io.github.asyncio4j.http.ClientResponse;
import io.github.asyncio4j.http.Middleware;
import io.github.asyncio4j.internal.Checks;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import java.util.function.Function;
import reactor.core.publisher.Mono;
import reactor.util.context.ContextView;

/**
 * A Micrometer observation for each request, from the moment it is sent until the head of its response is here: a timer,
 * and with a tracer in the registry a span whose {@code traceparent} goes out with the request.
 *
 * <pre>{@code
 * ClientSession session = ClientSession.builder()
 *         .middleware(ObservedRequests.of(registry))
 *         .build();
 * }</pre>
 *
 * <p>Its name is {@code http.client.requests}, and its key values are those of Spring's WebClient: {@code client.name} (the
 * host), {@code exception}, {@code method}, {@code outcome}, {@code status} and {@code uri}; {@code http.url}, without
 * the query, is of high cardinality. A {@code GlobalObservationConvention} for {@link RequestContext} replaces them.
 *
 * <p>The parent is the observation in the Reactor Context, else the current one of the thread that subscribes; what
 * runs inside finds this one in its Context. Around the request it spans redirects and, if it is the outermost, retries; as
 * {@link io.github.asyncio4j.http.ClientSession.Builder#networkMiddleware} it is one for each hop and attempt. Reading
 * the body is not part of it.
 *
 * <p>It stops exactly once. A cancelled request is no error: its {@code exception} is {@code CancellationException}, unless
 * it was cancelled because its time was up, which counts as a {@code ClientTimeoutException}.
 *
 * <p>In aiohttp, a {@code TraceConfig} as OpenTelemetry installs it.
 */
public final class ObservedRequests implements Middleware {

    private final ObservationRegistry registry;
    private final Function<? super ClientRequest, String> uri;

    private ObservedRequests(ObservationRegistry registry, Function<? super ClientRequest, String> uri) {
        this.registry = registry;
        this.uri = uri;
    }

    /** Observes with the handlers of {@code registry}; does nothing while it has none. */
    public static ObservedRequests of(ObservationRegistry registry) {
        return new ObservedRequests(Checks.notNull(registry, "registry"), request -> Names.NONE);
    }

    /**
     * Names the resource that is asked for, the key value {@code uri}, in few ways: {@code "/users/{id}"} and not
     * {@code "/users/7"}.
     */
    public ObservedRequests uri(Function<? super ClientRequest, String> name) {
        return new ObservedRequests(registry, Checks.notNull(name, "name"));
    }

    @Override
    public Mono<ClientResponse> handle(ClientRequest request, Next next) {
        return registry.isNoop()
                ? next.proceed(request)
                : Mono.deferContextual(context -> observed(request, next, context));
    }

    private String uri(ClientRequest request) {
        return Checks.notNull(uri.apply(request), "what the function for uri gave back");
    }

    private Mono<ClientResponse> observed(ClientRequest request, Next next, ContextView context) {
        RequestContext observed = new RequestContext(request, uri(request));
        Observation observation = Observation.createNotStarted(null, Names.INSTANCE, () -> observed, registry);
        if (observation.isNoop()) {
            return next.proceed(request);
        }
        return new Running(observation, observed, context).around(next);
    }
}
