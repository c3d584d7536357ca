package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Checks;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import reactor.core.publisher.Mono;

/**
 * Answers requests from a script, without a network, for tests of code that uses a {@link ClientSession}. Delays run on
 * the virtual clock where there is one, and each request is kept to be looked at. It is a middleware, the last of its
 * session: those before it see it as the network.
 *
 * <pre>{@code
 * MockTransport network = MockTransport.create()
 *         .on("GET", "http://api/users/1", MockResponse.json("{\"name\": \"Ada\"}"))
 *         .on("GET", "http://api/flaky", MockResponse.of(503), MockResponse.text("ok"));
 * ClientSession session = ClientSession.builder().middleware(network).build();
 * }</pre>
 *
 * <p>What the engine does below all middlewares is left out: connections and their timeouts, redirects, cookies,
 * decoding, limits on the size of bodies. Test those against a real server on port 0. The total timeout, {@code
 * raiseForStatus}, JSON, lines and events work as ever. httpx's {@code MockTransport}, aioresponses for aiohttp.
 *
 * <p>Safe for use from any thread.
 */
public final class MockTransport implements Middleware {

    // Guarded by itself, as is the list below by it.
    private final Map<String, ArrayDeque<MockResponse>> answers = new LinkedHashMap<>();
    private final List<ClientRequest> requests = new ArrayList<>();

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
        synchronized (answers) {
            answers.put(
                    key(Checks.notNull(method, "method").toUpperCase(Locale.ROOT), parsed.toString()),
                    new ArrayDeque<>(Arrays.asList(responses)));
        }
        return this;
    }

    /** The requests so far, in the order in which they were sent. */
    public List<ClientRequest> requests() {
        synchronized (answers) {
            return List.copyOf(requests);
        }
    }

    /** Answers; there is no rest of the chain. An unexpected request fails with {@link IllegalStateException}. */
    @Override
    public Mono<ClientResponse> handle(ClientRequest request, Next next) {
        MockResponse answer = answer(request);
        Mono<ClientResponse> response = answer.failure == null
                ? Mono.fromSupplier(
                        () -> new MemoryResponse(request.method() + " " + request.url(), request.url(), answer))
                : Mono.error(answer.failure);
        return answer.delay.isZero() ? response : Mono.delay(answer.delay).then(response);
    }

    private MockResponse answer(ClientRequest request) {
        synchronized (answers) {
            requests.add(request);
            ArrayDeque<MockResponse> left = answers.get(key(request.method(), request.url()));
            if (left == null) {
                throw new IllegalStateException("no answer for " + key(request.method(), request.url()) + ", only for "
                        + String.join(", ", answers.keySet()));
            }
            return left.size() > 1 ? left.remove() : left.element();
        }
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
