package io.github.asyncio4j.micrometer;

import io.github.asyncio4j.http.ClientRequest;
import io.github.asyncio4j.http.ClientResponse;
import io.micrometer.observation.transport.RequestReplySenderContext;
import java.util.Map;
import java.util.TreeMap;

/**
 * What handlers, filters, predicates and conventions of Micrometer see of a request that {@link ObservedRequests}
 * observes. Its carrier are the headers that go out besides those of the request: a tracer puts {@code traceparent} there.
 *
 * <pre>{@code
 * registry.observationConfig()
 *         .observationPredicate((name, context) -> !(context instanceof RequestContext request
 *                 && request.request().url().endsWith("/health")));
 * }</pre>
 *
 * <p>The response is there to be looked at, from the moment it has arrived; its body belongs to the caller.
 *
 * <p>Spring's {@code ClientRequestObservationContext}; in aiohttp, what a {@code TraceConfig} hands to its signals.
 */
public final class RequestContext extends RequestReplySenderContext<Map<String, String>, ClientResponse> {

    private final ClientRequest request;
    private final String uri;
    private volatile boolean cancelled;

    RequestContext(ClientRequest request, String uri) {
        super((carrier, name, value) -> {
            if (carrier != null) {
                carrier.put(name, value);
            }
        });
        this.request = request;
        this.uri = uri;
        setCarrier(new TreeMap<>(String.CASE_INSENSITIVE_ORDER));
        setRemoteServiceAddress(Names.address(request.url()));
    }

    /** The request, before the headers of the carrier were added. */
    public ClientRequest request() {
        return request;
    }

    /** The name that {@link ObservedRequests#uri} gave to the resource; {@code "none"} if there was no such function. */
    public String uri() {
        return uri;
    }

    /** Whether nobody wanted the response any more, before there was one. */
    public boolean isCancelled() {
        return cancelled;
    }

    void cancelled() {
        cancelled = true;
    }

    /** The request with all that was put into the carrier. */
    ClientRequest propagated() {
        Map<String, String> carrier = getCarrier();
        return carrier == null || carrier.isEmpty() ? request : request.headers(carrier);
    }
}
