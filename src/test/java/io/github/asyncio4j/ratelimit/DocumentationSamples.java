package io.github.asyncio4j.ratelimit;

import io.github.asyncio4j.http.ClientSession;
import java.time.Duration;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What the Javadoc of this package shows, for the compiler. {@code DocumentationTest} compares. */
@SuppressWarnings("unused")
final class DocumentationSamples {

    private DocumentationSamples() {}

    void rateLimiter(ClientSession session, List<String> urls) {
        // region rateLimiter
        RateLimiter limiter = RateLimiter.slidingWindow(10, Duration.ofSeconds(1));
        Flux<String> pages = Flux.fromIterable(urls)
                .flatMap(url -> limiter.limit(session.get(url).text()));
        // endregion
    }

    void rateLimiters(ClientSession session, String host, String url) {
        // region rateLimiters
        RateLimiters<String> perHost = RateLimiters.create(() -> RateLimiter.slidingWindow(5, Duration.ofSeconds(1)));
        Mono<String> page = perHost.limit(host, session.get(url).text());
        // endregion
    }

    void rateLimiterBuilder() {
        // region rateLimiterBuilder
        RateLimiter limiter = RateLimiter.builder()
                .slidingWindow(100, Duration.ofSeconds(1))
                .name("search")
                .maxWaiters(1_000)
                .build();
        // endregion
    }
}
