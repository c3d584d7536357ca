package io.github.asyncio4j.http;

import io.github.asyncio4j.http.ClientTimeoutException.Phase;
import io.github.asyncio4j.internal.Checks;
import io.github.asyncio4j.internal.Expiry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * Answers requests from a script in place of the network, for tests of code that uses a {@link ClientSession}. Delays run
 * on the virtual clock where there is one, and each request is kept to be looked at.
 *
 * <pre>{@code
 * MockTransport network = MockTransport.create()
 *         .on("GET", "http://api/users/1", MockResponse.json("{\"name\": \"Ada\"}"))
 *         .on("GET", "http://api/flaky", MockResponse.of(503), MockResponse.text("ok"))
 *         .otherwise(request -> Mono.just(MockResponse.of(404)));
 * ClientSession session =
 *         ClientSession.builder().networkMiddleware(network).build();
 * }</pre>
 *
 * <p>As network middleware it stands below all that a session does: redirects, cookies, credentials, decoding and its
 * guards, limits on bodies, {@code raiseForStatus}, middlewares and the timeouts {@code total} and {@code sockRead} work as
 * ever. What is left out is below it: looking up, connecting, TLS, proxies, the pool with its limits and statistics,
 * {@code publicAddressesOnly}, the wire format, WebSockets. As {@link ClientSession.Builder#middleware} it works, too, but
 * then nothing follows redirects and nothing keeps cookies. httpx's {@code MockTransport}, aioresponses for aiohttp.
 *
 * <p>Safe for use from any thread.
 */
public final class MockTransport implements Middleware {

    // Guarded by itself, as is all below by it.
    private final Map<String, ArrayDeque<MockResponse>> answers = new LinkedHashMap<>();
    private final List<ClientRequest> requests = new ArrayList<>();
    private final List<String> neverAsked = new ArrayList<>();
    private final List<String> unexpected = new ArrayList<>();
    private @Nullable Function<? super ClientRequest, ? extends Mono<MockResponse>> otherwise;

    private MockTransport() {}

    /** One that knows no answer yet. */
    public static MockTransport create() {
        return new MockTransport();
    }

    /**
     * Says how a request is answered: the first time by the first response, and so on, and by the last from then on.
     * Replaces what was said for that request before.
     *
     * @param method as in {@link ClientSession#request(String, String)}
     * @param url absolute, with the query; compared as it is sent
     * @param responses at least one
     * @return this transport
     */
    public MockTransport on(String method, String url, MockResponse... responses) {
        if (responses.length == 0) {
            throw new IllegalArgumentException("responses must not be empty");
        }
        Url parsed;
        try {
            parsed = Url.parse(Checks.notNull(url, "url"));
        } catch (InvalidUrlException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        String key = key(Checks.notNull(method, "method").toUpperCase(Locale.ROOT), parsed.toString());
        synchronized (answers) {
            answers.put(key, new ArrayDeque<>(Arrays.asList(responses)));
            neverAsked.remove(key);
            neverAsked.add(key);
        }
        return this;
    }

    /**
     * Says how all other requests are answered. The function sees a request as it would go out, and may read its
     * {@link ClientRequest#content}; when it gives nothing, the request is unexpected.
     *
     * @return this transport
     */
    public MockTransport otherwise(Function<? super ClientRequest, ? extends Mono<MockResponse>> answer) {
        Checks.notNull(answer, "answer");
        synchronized (answers) {
            otherwise = answer;
        }
        return this;
    }

    /** The requests so far, as they would have gone out, in that order, and each with its body to be read again. */
    public List<ClientRequest> requests() {
        synchronized (answers) {
            return List.copyOf(requests);
        }
    }

    /**
     * For the end of a test: was everything asked for that {@link #on} names, and nothing else?
     *
     * @throws AssertionError if not, with what was unexpected and what never came
     */
    public void verify() {
        List<String> found = new ArrayList<>();
        synchronized (answers) {
            unexpected.forEach(request -> found.add("unexpected: " + request));
            neverAsked.forEach(request -> found.add("never asked for: " + request));
        }
        if (!found.isEmpty()) {
            throw new AssertionError(String.join("; ", found));
        }
    }

    /** Answers; there is no rest of the chain. An unexpected request fails with {@link IllegalStateException}. */
    @Override
    public Mono<ClientResponse> handle(ClientRequest request, Next next) {
        DefaultClientRequest ours = DefaultClientRequest.ours(request);
        Outgoing outgoing;
        try {
            outgoing = ours.outgoing();
        } catch (InvalidUrlException | IllegalArgumentException e) {
            return Mono.error(e);
        }
        return received(outgoing)
                .flatMap(sent -> answer(new DefaultClientRequest(ours.session(), sent, ours.options()))
                        .flatMap(answer -> respond(sent, ours.options(), answer)));
    }

    /** A server would read the body; so it is read. */
    private static Mono<Outgoing> received(Outgoing outgoing) {
        RequestBody body = outgoing.body();
        if (body == null || body.bytes() != null) {
            return Mono.just(outgoing);
        }
        return RequestBodies.collected(body)
                .map(bytes -> outgoing.withBody(RequestBody.of(bytes, Objects.requireNonNull(body.contentType()))));
    }

    private Mono<MockResponse> answer(ClientRequest request) {
        String key = key(request.method(), request.url());
        Function<? super ClientRequest, ? extends Mono<MockResponse>> other;
        synchronized (answers) {
            requests.add(request);
            neverAsked.remove(key);
            ArrayDeque<MockResponse> left = answers.get(key);
            if (left != null) {
                return Mono.just(left.size() > 1 ? left.remove() : left.element());
            }
            other = otherwise;
        }
        Mono<MockResponse> found = other == null
                ? Mono.empty()
                : Mono.from(Checks.callMono(other, request, "the answer of a MockTransport"));
        return found.switchIfEmpty(Mono.error(() -> unexpected(key)));
    }

    private IllegalStateException unexpected(String key) {
        synchronized (answers) {
            unexpected.add(key);
            return new IllegalStateException(
                    "no answer for " + key + ", only for " + String.join(", ", answers.keySet()));
        }
    }

    private static Mono<ClientResponse> respond(Outgoing request, RequestOptions options, MockResponse answer) {
        Mono<ClientResponse> response = answer.failure == null
                ? Mono.deferContextual(context -> Mono.fromCallable(() -> arrived(request, options, answer, context)))
                : Mono.error(answer.failure);
        Optional<Duration> total = options.timeout().total();
        Optional<Duration> silence = options.timeout().sockRead();
        Phase phase = silence.isPresent() && (total.isEmpty() || silence.get().compareTo(total.get()) < 0)
                ? Phase.HEADERS
                : Phase.TOTAL;
        Optional<Duration> limit = phase == Phase.HEADERS ? silence : total;
        if (limit.isPresent() && answer.delay.compareTo(limit.get()) > 0) {
            return Mono.delay(limit.get()).then(Mono.error(() -> silent(request, limit.get(), phase)));
        }
        return answer.delay.isZero() ? response : Mono.delay(answer.delay).then(response);
    }

    private static ClientTimeoutException silent(Outgoing request, Duration after, Phase phase) {
        return new ClientTimeoutException(
                request.describe() + ": timed out after " + after.toMillis() + " ms, "
                        + (phase == Phase.TOTAL ? "its total time was used up" : "waiting for the response"),
                phase);
    }

    private static ClientResponse arrived(
            Outgoing request, RequestOptions options, MockResponse answer, ContextView context)
            throws InvalidResponseException {
        Expiry expiry = Expiry.from(context);
        long left = expiry instanceof Budget budget ? budget.own() : Instants.FOREVER;
        MockExchange exchange = new MockExchange(request, options, answer, left, Context.of(context));
        ResponseHead head = ResponseHead.of(answer.status, answer.headers.fields());
        boolean complete = !answer.hasBody(request);
        if (complete) {
            exchange.abort();
        }
        DefaultClientResponse response = new DefaultClientResponse(exchange, head, complete);
        OpenResponses open = OpenResponses.from(context);
        if (open != null && !open.add(response)) {
            response.abort();
        }
        return response;
    }

    private static String key(String method, String url) {
        return method + " " + url;
    }

    @Override
    public String toString() {
        synchronized (answers) {
            return "MockTransport" + answers.keySet() + ", requests: " + requests.size();
        }
    }
}
