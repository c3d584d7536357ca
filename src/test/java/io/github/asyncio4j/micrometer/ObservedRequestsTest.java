package io.github.asyncio4j.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.github.asyncio4j.http.ClientRequest;
import io.github.asyncio4j.http.ClientResponse;
import io.github.asyncio4j.http.ClientSession;
import io.github.asyncio4j.http.ClientTimeoutException;
import io.github.asyncio4j.http.Middleware;
import io.github.asyncio4j.http.MockResponse;
import io.github.asyncio4j.http.MockTransport;
import io.github.asyncio4j.http.Retry;
import io.github.asyncio4j.http.ServerDisconnectedException;
import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import io.micrometer.observation.GlobalObservationConvention;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.util.RaceTestUtils;

/** The registry of the tests refuses an observation that is stopped twice, or not started. */
class ObservedRequestsTest {

    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final String URL = "http://shop.test:8080/items?token=secret";

    private final TestObservationRegistry registry = TestObservationRegistry.create();
    private final Seen seen = new Seen();
    private final MockTransport transport = MockTransport.create();

    ObservedRequestsTest() {
        registry.observationConfig().observationHandler(seen);
    }

    private ClientSession session(Middleware... outer) {
        ClientSession.Builder builder = ClientSession.builder();
        for (Middleware middleware : outer) {
            builder.middleware(middleware);
        }
        return builder.middleware(transport).build();
    }

    private ClientRequest get(MockResponse... answers) {
        transport.on("GET", URL, answers);
        return session(ObservedRequests.of(registry)).get(URL);
    }

    private static void tags(Observation.Context context, String... expected) {
        assertThat(context.getLowCardinalityKeyValues().stream()
                        .map(value -> value.getKey() + "=" + value.getValue())
                        .collect(Collectors.toList()))
                .contains(expected);
    }

    @AfterEach
    void everyObservationThatBeganHasStopped() {
        assertThat(seen.stopped).hasSameSizeAs(seen.started);
    }

    @Test
    void responseIsTimedUnderTheNamesOfSpring() {
        assertThat(get(MockResponse.text("x")).text().block(LIMIT)).isEqualTo("x");

        TestObservationRegistryAssert.assertThat(registry)
                .hasSingleObservationThat()
                .hasNameEqualTo("http.client.requests")
                .hasContextualNameEqualTo("http get")
                .hasBeenStarted()
                .hasBeenStopped()
                .hasHighCardinalityKeyValue("http.url", "http://shop.test:8080/items");
        assertThat(seen.only().getLowCardinalityKeyValues())
                .containsExactly(
                        KeyValue.of("client.name", "shop.test"),
                        KeyValue.of("exception", "none"),
                        KeyValue.of("method", "GET"),
                        KeyValue.of("outcome", "SUCCESS"),
                        KeyValue.of("status", "200"),
                        KeyValue.of("uri", "none"));
        assertThat(seen.only().getRemoteServiceAddress()).isEqualTo("http://shop.test:8080");
    }

    @ParameterizedTest
    @CsvSource({"304,REDIRECTION", "404,CLIENT_ERROR", "503,SERVER_ERROR"})
    void statusHasItsOutcome(int status, String outcome) {
        transport.on("GET", URL, MockResponse.of(status));
        session(ObservedRequests.of(registry)).get(URL).status().block(LIMIT);
        tags(seen.only(), "status=" + status, "outcome=" + outcome, "exception=none");
    }

    @ParameterizedTest
    @CsvSource({"http://h,h", "http://h/?x=/,h", "https://[::1]:81/a,[::1]", "http://[::1]/,[::1]"})
    void clientNameIsTheHost(String url, String host) {
        transport.otherwise(request -> Mono.just(MockResponse.of(200)));
        session(ObservedRequests.of(registry)).get(url).status().block(LIMIT);
        tags(seen.only(), "client.name=" + host);
    }

    @Test
    void uriIsNamedByTheUser() {
        transport.otherwise(request -> Mono.just(MockResponse.of(200)));
        ObservedRequests named = ObservedRequests.of(registry).uri(request -> "/items/{id}");
        session(named).get("http://h/items/7").status().block(LIMIT);
        tags(seen.only(), "uri=/items/{id}");
        assertThat(seen.only().uri()).isEqualTo("/items/{id}");
    }

    @Test
    void uriThatIsNullFailsTheRequestAndNamesTheFunction() {
        @SuppressWarnings("NullAway")
        ObservedRequests named = ObservedRequests.of(registry).uri(request -> null);
        StepVerifier.create(session(named).get(URL).status())
                .expectErrorMatches(error -> error.getMessage().contains("the function for uri"))
                .verify(LIMIT);
        assertThat(seen.started).isEmpty();
    }

    @Test
    void nullIsRefused() {
        assertThatNullPointerException()
                .isThrownBy(() -> ObservedRequests.of(null))
                .withMessageContaining("registry");
        assertThatNullPointerException()
                .isThrownBy(() -> ObservedRequests.of(registry).uri(null))
                .withMessageContaining("name");
    }

    @Test
    void conventionOfTheRegistryReplacesTheNames() {
        registry.observationConfig().observationConvention(new GlobalObservationConvention<RequestContext>() {
            @Override
            public boolean supportsContext(Observation.Context context) {
                return context instanceof RequestContext;
            }

            @Override
            public String getName() {
                return "calls";
            }

            @Override
            public KeyValues getLowCardinalityKeyValues(RequestContext context) {
                return KeyValues.of("path", context.request().method());
            }
        });
        get(MockResponse.of(200)).status().block(LIMIT);
        assertThat(seen.only().getName()).isEqualTo("calls");
        assertThat(seen.only().getLowCardinalityKeyValues()).containsExactly(KeyValue.of("path", "GET"));
    }

    @Nested
    class Ends {

        @Test
        void stoppedBeforeTheResponseGoesOn() {
            List<Integer> stops = new ArrayList<>();
            get(MockResponse.of(200))
                    .use(response -> Mono.fromRunnable(() -> stops.add(seen.stopped.size())))
                    .block(LIMIT);
            assertThat(stops).containsExactly(1);
        }

        @Test
        void failedRequestHasItsError() {
            StepVerifier.create(get(MockResponse.failure(new ServerDisconnectedException("gone", null)))
                            .text())
                    .expectError(ServerDisconnectedException.class)
                    .verify(LIMIT);
            tags(seen.only(), "exception=ServerDisconnectedException", "status=IO_ERROR", "outcome=UNKNOWN");
            assertThat(seen.only().getError()).isInstanceOf(ServerDisconnectedException.class);
        }

        @Test
        void failureOfOtherCodeIsTheClients() {
            Middleware broken = (request, next) -> Mono.error(new IllegalStateException() {});
            StepVerifier.create(session(ObservedRequests.of(registry), broken)
                            .get(URL)
                            .text())
                    .expectError(IllegalStateException.class)
                    .verify(LIMIT);
            tags(seen.only(), "status=CLIENT_ERROR");
            assertThat(seen.only().getLowCardinalityKeyValue("exception").getValue())
                    .startsWith(ObservedRequestsTest.class.getName());
        }

        @Test
        void noResponseAtAllStopsIt() {
            Middleware silent = (request, next) -> Mono.empty();
            StepVerifier.create(session(ObservedRequests.of(registry), silent)
                            .get(URL)
                            .text())
                    .expectError(IllegalStateException.class)
                    .verify(LIMIT);
            assertThat(seen.stopped).hasSize(1);
        }

        @Test
        void cancelledRequestIsNoError() {
            Disposable running =
                    get(MockResponse.of(200).after(Duration.ofDays(1))).text().subscribe();
            assertThat(seen.stopped).isEmpty();
            running.dispose();
            tags(seen.only(), "exception=CancellationException", "status=CLIENT_ERROR", "outcome=UNKNOWN");
            assertThat(seen.only().getError()).isNull();
            assertThat(seen.only().isCancelled()).isTrue();
            assertThat(seen.events).containsExactly("cancelled");
        }

        @Test
        void requestWhoseTimeIsUpIsATimeout() {
            StepVerifier.withVirtualTime(() -> get(MockResponse.of(200).after(Duration.ofDays(1)))
                            .timeout(Duration.ofSeconds(3))
                            .text())
                    .thenAwait(Duration.ofSeconds(3))
                    .expectError(ClientTimeoutException.class)
                    .verify(LIMIT);
            tags(seen.only(), "exception=ClientTimeoutException", "status=IO_ERROR");
            assertThat(seen.only().getError())
                    .hasMessage("GET http://shop.test:8080: time was up before there was a response");
        }

        @Test
        void cancelThatMeetsTheResponseStopsItOnce() {
            // The registry of the tests keeps all it has seen.
            ObservationRegistry quick = ObservationRegistry.create();
            quick.observationConfig().observationHandler(seen);
            ClientRequest request = session().get(URL);
            for (int round = 0; round < 10_000; round++) {
                AtomicReference<Runnable> answer = new AtomicReference<>();
                Disposable running = ObservedRequests.of(quick)
                        .handle(request, sent -> Mono.create(sink -> answer.set(sink::success)))
                        .subscribe();
                RaceTestUtils.race(answer.get(), running::dispose);
            }
            assertThat(seen.stopped).hasSize(10_000);
        }
    }

    @Nested
    class Places {

        @Test
        void keyIsTheOneOfMicrometer() {
            assertThat(Running.KEY).isEqualTo(ObservationThreadLocalAccessor.KEY);
        }

        @Test
        void parentComesFromTheContextAndTheRequestIsTheParentInside() {
            Observation parent = Observation.start("page", registry);
            Middleware inner = (request, next) -> Mono.deferContextual(context -> {
                Observation.createNotStarted("inner", registry)
                        .parentObservation(context.get(Running.KEY))
                        .start()
                        .stop();
                return next.proceed(request);
            });
            transport.otherwise(request -> Mono.just(MockResponse.of(200)));
            session(ObservedRequests.of(registry), inner)
                    .get(URL)
                    .status()
                    .contextWrite(context -> context.put(Running.KEY, parent))
                    .block(LIMIT);
            parent.stop();
            Observation.ContextView request = seen.named("http.client.requests");
            assertThat(request.getParentObservation()).isSameAs(parent);
            assertThat(seen.named("inner").getParentObservation().getContextView())
                    .isSameAs(request);
        }

        @Test
        void eachSubscriptionIsObservedAnew() {
            Mono<Integer> request = get(MockResponse.of(200)).status();
            request.then(request).block(LIMIT);
            assertThat(seen.stopped).hasSize(2);
        }

        @Test
        void insideOfARetryItIsEachAttempt() {
            transport.on("GET", URL, MockResponse.of(503), MockResponse.of(200));
            StepVerifier.withVirtualTime(() -> session(Retry.create(), ObservedRequests.of(registry))
                            .get(URL)
                            .status())
                    .thenAwait(Duration.ofMinutes(1))
                    .expectNext(200)
                    .expectComplete()
                    .verify(LIMIT);
            assertThat(seen.stopped).hasSize(2);
        }
    }

    @Nested
    class Propagation {

        private void inject(String name, String value) {
            seen.onStart = context -> context.getSetter().set(context.getCarrier(), name, value);
        }

        @Test
        void headersOfTheTracerGoOutInPlaceOfThoseOfTheRequest() {
            inject("traceparent", "00-1-2-01");
            get(MockResponse.of(200)).header("Traceparent", "old").status().block(LIMIT);
            assertThat(transport.requests().get(0).headers().all("traceparent")).containsExactly("00-1-2-01");
        }

        @Test
        void withoutATracerTheRequestGoesAsItIs() {
            get(MockResponse.of(200)).status().block(LIMIT);
            assertThat(transport.requests().get(0).headers().contains("traceparent"))
                    .isFalse();
        }

        @Test
        void whatCannotBeAHeaderFailsTheRequestAndStopsTheObservation() {
            inject("bad name", "x");
            StepVerifier.create(get(MockResponse.of(200)).status())
                    .expectError(IllegalArgumentException.class)
                    .verify(LIMIT);
            tags(seen.only(), "exception=IllegalArgumentException");
        }
    }

    @Nested
    class Off {

        @Test
        void registryWithoutHandlersCostsNothing() {
            ClientRequest[] proceeded = new ClientRequest[1];
            ClientRequest request = session().get(URL);
            Mono<ClientResponse> answer = Mono.never();
            Mono<ClientResponse> handled = ObservedRequests.of(ObservationRegistry.NOOP)
                    .handle(request, next -> {
                        proceeded[0] = next;
                        return answer;
                    });
            assertThat(handled).isSameAs(answer);
            assertThat(proceeded[0]).isSameAs(request);
        }

        @Test
        void whatAPredicateLeavesOutHasTheOuterObservationInside() {
            registry.observationConfig().observationPredicate((name, context) -> !(context instanceof RequestContext));
            AtomicReference<Object> inside = new AtomicReference<>();
            Middleware look = (request, next) -> Mono.deferContextual(context -> {
                inside.set(context.get(Running.KEY));
                return next.proceed(request);
            });
            transport.otherwise(request -> Mono.just(MockResponse.of(200)));
            session(ObservedRequests.of(registry), look)
                    .get(URL)
                    .status()
                    .contextWrite(context -> context.put(Running.KEY, "outer"))
                    .block(LIMIT);
            assertThat(inside.get()).isEqualTo("outer");
            assertThat(seen.started).isEmpty();
        }
    }

    /** All that was started and stopped. */
    private static final class Seen implements ObservationHandler<Observation.Context> {

        final List<Observation.Context> started = new ArrayList<>();
        final List<Observation.Context> stopped = new ArrayList<>();
        final List<String> events = new ArrayList<>();
        Consumer<RequestContext> onStart = context -> {};

        @Override
        public boolean supportsContext(Observation.Context context) {
            return true;
        }

        @Override
        public synchronized void onStart(Observation.Context context) {
            started.add(context);
            if (context instanceof RequestContext request) {
                onStart.accept(request);
            }
        }

        @Override
        public synchronized void onEvent(Observation.Event event, Observation.Context context) {
            events.add(event.getName());
        }

        @Override
        public synchronized void onStop(Observation.Context context) {
            stopped.add(context);
        }

        RequestContext only() {
            assertThat(stopped).hasSize(1);
            return (RequestContext) stopped.get(0);
        }

        Observation.Context named(String name) {
            return stopped.stream()
                    .filter(context -> name.equals(context.getName()))
                    .findFirst()
                    .orElseThrow();
        }
    }
}
