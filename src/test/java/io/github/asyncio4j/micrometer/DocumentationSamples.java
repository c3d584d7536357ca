package io.github.asyncio4j.micrometer;

import io.github.asyncio4j.http.ClientRequest;
import io.github.asyncio4j.http.ClientSession;
import io.github.asyncio4j.http.Retry;
import io.github.asyncio4j.sync.AsyncSemaphore;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.observation.ObservationRegistry;

/** What the Javadoc of this package and docs/operating.md show, for the compiler. {@code DocumentationTest} compares. */
@SuppressWarnings("unused")
final class DocumentationSamples {

    private DocumentationSamples() {}

    void observedRequests(ObservationRegistry registry) {
        // region observedRequests
        ClientSession session = ClientSession.builder()
                .middleware(ObservedRequests.of(registry))
                .build();
        // endregion
    }

    void requestContext(ObservationRegistry registry) {
        // region requestContext
        registry.observationConfig()
                .observationPredicate((name, context) -> !(context instanceof RequestContext request
                        && request.request().url().endsWith("/health")));
        // endregion
    }

    void meters(MeterRegistry registry, ClientSession session, AsyncSemaphore semaphore) {
        // region meters
        Meters.of(registry, Tag.of("service", "shop")).bind("backend", session).bind("backend", semaphore);
        // endregion
    }

    void operating(ObservationRegistry observations, MeterRegistry meters) {
        // region operating
        ClientSession session = ClientSession.builder()
                .middleware(ObservedRequests.of(observations).uri(this::template))
                .middleware(Retry.create())
                .build();
        Meters.of(meters).bind("backend", session);
        // endregion
    }

    private String template(ClientRequest request) {
        return request.url().replaceAll("\\?.*|(?<=/)\\d+(?=/|$)", "");
    }
}
