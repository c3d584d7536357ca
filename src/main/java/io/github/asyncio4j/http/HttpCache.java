package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Checks;
import java.time.Duration;
import java.util.Set;
import reactor.core.publisher.Mono;

/**
 * Keeps responses in memory and answers from them as long as the server allows; afterwards it asks whether there is
 * something new, which costs one small answer when there is not. For feeds and APIs that are asked again and again.
 *
 * <pre>{@code
 * HttpCache cache = HttpCache.create();
 * ClientSession session = ClientSession.builder().networkMiddleware(cache).build();
 * }</pre>
 *
 * <p>A private cache by RFC 9111, for GET: {@code Cache-Control} of requests and responses, {@code Expires}, {@code Age},
 * {@code Vary}; {@code ETag} and {@code Last-Modified} with their conditional requests; {@code stale-if-error} (RFC 5861).
 * A POST, PUT, DELETE and the like makes it forget what it knows of their URL. It never guesses how long a response is
 * good: where the server says nothing, it asks. HEAD, ranges, requests with conditions of their own, event streams and
 * responses larger than {@link Builder#maxEntryBytes} pass through; so does {@code Cache-Control: no-store}.
 *
 * <p>A body is stored when it has been read to its end. Those who send other credentials or cookies are answered apart.
 * An answer says so itself, by {@code Age} and {@code Cache-Status} (RFC 9211), and does not set cookies again.
 *
 * <p>Its place is that of a {@link ClientSession.Builder#networkMiddleware}, where it sees redirects, cookies and all
 * headers; there sessions may share it, unless they have different client certificates. Around the request it answers
 * each session by itself and does not store what was redirected. For many who ask at the same time put
 * {@link SingleFlight} around the request.
 *
 * <p>May be used from any thread. aiohttp has none; Python's {@code hishel}.
 */
public final class HttpCache implements Middleware {

    private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS", "TRACE");
    private static final Set<String> CONDITIONS =
            Set.of("If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range", "Range");

    private final CacheStore store;
    private final int maxEntryBytes;
    private final long staleIfError;

    private HttpCache(Builder from) {
        store = new CacheStore(from.maxBytes);
        maxEntryBytes = from.maxEntryBytes;
        staleIfError = from.staleIfError.toMillis();
    }

    /** A cache with the defaults of the builder. */
    public static HttpCache create() {
        return builder().build();
    }

    /** A cache with settings of its own. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public Mono<ClientResponse> handle(ClientRequest request, Next next) {
        DefaultClientRequest ours = DefaultClientRequest.ours(request);
        if (!SAFE.contains(request.method())) {
            return invalidating(ours, next);
        }
        return isCacheable(ours)
                ? Mono.defer(() -> new CachedExchange(store, maxEntryBytes, staleIfError, ours, next).answer())
                : next.proceed(request);
    }

    private static boolean isCacheable(DefaultClientRequest request) {
        Headers headers = request.headers();
        return request.method().equals("GET")
                && request.body() == null
                && !request.isUpgrade()
                && CONDITIONS.stream().noneMatch(headers::contains)
                && !headers.first("Accept").orElse("").startsWith("text/event-stream");
    }

    // Also when its outcome is unknown: it may have had its effect.
    private Mono<ClientResponse> invalidating(DefaultClientRequest request, Next next) {
        return next.proceed(request)
                .doOnNext(response -> {
                    if (response.status() < 400) {
                        store.invalidate(request.url());
                        response.headers().first("Location").ifPresent(url -> invalidate(request, url));
                        response.headers().first("Content-Location").ifPresent(url -> invalidate(request, url));
                    }
                })
                .doOnError(error -> store.invalidate(request.url()))
                .doOnCancel(() -> store.invalidate(request.url()));
    }

    /** Another origin has no say in it. */
    private void invalidate(DefaultClientRequest request, String other) {
        Url url = request.resolved(other);
        if (url != null && url.origin.equals(request.origin())) {
            store.invalidate(url.toString());
        }
    }

    /** Forgets all responses. */
    public void clear() {
        store.clear();
    }

    /** Counters at this moment. */
    public Statistics statistics() {
        return store.statistics();
    }

    @Override
    public String toString() {
        return "HttpCache(" + statistics() + ")";
    }

    /**
     * What a cache did so far, and what it holds.
     *
     * <pre>{@code
     * HttpCache.Statistics seen = cache.statistics();
     * double share = (double) seen.hits() / (seen.hits() + seen.revalidated() + seen.misses());
     * }</pre>
     *
     * <p>aiohttp has none; OkHttp's {@code Cache.hitCount()} and its siblings.
     *
     * @param hits answers without asking the server
     * @param revalidated answers from memory after the server had said that nothing has changed
     * @param stale answers that were too old, as the server could not be asked
     * @param misses answers of the server, stored or not; what only passes through is not counted
     * @param evicted responses that made room for others
     * @param entries responses that are stored
     * @param bytes about how much memory they take
     */
    public record Statistics(
            long hits, long revalidated, long stale, long misses, long evicted, int entries, long bytes) {}

    /**
     * Settings of a cache.
     *
     * <pre>{@code
     * HttpCache cache = HttpCache.builder()
     *         .maxBytes(256L << 20)
     *         .staleIfError(Duration.ofHours(1))
     *         .build();
     * }</pre>
     *
     * <p>aiohttp has none; hishel's {@code CacheOptions}, for httpx.
     */
    public static final class Builder {

        private long maxBytes = 64L << 20;
        private int maxEntryBytes = 4 << 20;
        private Duration staleIfError = Duration.ZERO;

        private Builder() {}

        /** How much memory the responses may take together, about: 64 MiB if nothing is said. */
        public Builder maxBytes(long bytes) {
            if (bytes < 1) {
                throw new IllegalArgumentException("maxBytes must be at least 1, but is " + bytes);
            }
            maxBytes = bytes;
            return this;
        }

        /** How large a body may be that is stored, after decoding: 4 MiB if nothing is said. */
        public Builder maxEntryBytes(int bytes) {
            maxEntryBytes = Checks.atLeast(1, bytes, "maxEntryBytes");
            return this;
        }

        /**
         * How old a response may be, beyond its time, to stand in for a server that cannot be reached or answers 500,
         * 502, 503 or 504, where that server has said nothing of {@code stale-if-error}; not at all if nothing is said.
         * Never for a response with {@code must-revalidate} or {@code no-cache}.
         */
        public Builder staleIfError(Duration value) {
            staleIfError = Checks.notNegative(value, "staleIfError");
            return this;
        }

        /** The cache. */
        public HttpCache build() {
            return new HttpCache(this);
        }
    }
}
