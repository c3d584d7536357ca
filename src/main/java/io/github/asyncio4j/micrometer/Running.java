package io.github.asyncio4j.micrometer;

import io.github.asyncio4j.http.ClientRequest;
import io.github.asyncio4j.http.ClientResponse;
import io.github.asyncio4j.http.ClientTimeoutException;
import io.github.asyncio4j.http.Middleware;
import io.github.asyncio4j.internal.Expiry;
import io.micrometer.observation.Observation;
import java.util.concurrent.atomic.AtomicBoolean;
import reactor.core.publisher.Mono;
import reactor.util.context.ContextView;

/** One request under observation; whatever ends it first stops the observation. */
final class Running {

    /** {@code ObservationThreadLocalAccessor.KEY}, whose class cannot be loaded without the context propagation library. */
    static final String KEY = "micrometer.observation";

    private final Observation observation;
    private final RequestContext request;
    private final ContextView context;
    private final AtomicBoolean stopped = new AtomicBoolean();

    Running(Observation observation, RequestContext request, ContextView context) {
        this.observation = observation;
        this.request = request;
        this.context = context;
    }

    Mono<ClientResponse> around(Middleware.Next next) {
        if (context.getOrDefault(KEY, null) instanceof Observation parent) {
            observation.parentObservation(parent);
        }
        observation.start();
        // A handler may have put what cannot be a header.
        return Mono.defer(() -> next.proceed(request.propagated()))
                .contextWrite(inner -> inner.put(KEY, observation))
                .doOnNext(this::arrived)
                .doOnError(this::failed)
                .doOnCancel(this::cancelled)
                .doOnTerminate(this::stop);
    }

    // Stops before the response goes on: whoever takes it may cancel what is above, or look at the meters.
    private void arrived(ClientResponse response) {
        if (stopped.compareAndSet(false, true)) {
            request.setResponse(response);
            observation.stop();
        }
    }

    private void failed(Throwable error) {
        if (stopped.compareAndSet(false, true)) {
            observation.error(error);
            observation.stop();
        }
    }

    private void cancelled() {
        if (stopped.compareAndSet(false, true)) {
            if (Expiry.isExpired(context)) {
                observation.error(timeout(request.request()));
            } else {
                request.cancelled();
                observation.event(Observation.Event.of("cancelled"));
            }
            observation.stop();
        }
    }

    private void stop() {
        if (stopped.compareAndSet(false, true)) {
            observation.stop();
        }
    }

    private static ClientTimeoutException timeout(ClientRequest request) {
        return new ClientTimeoutException(
                request.method() + " " + Names.address(request.url()) + ": time was up before there was a response",
                ClientTimeoutException.Phase.TOTAL);
    }
}
