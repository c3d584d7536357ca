package io.github.asyncio4j.recipes;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * How one source did. A source that failed has no articles and says why.
 *
 * <pre>{@code
 * Flux<String> down = news.fetch()
 *         .filter(result -> !result.success())
 *         .map(result -> result.source() + ": " + result.error().orElse(""));
 * }</pre>
 *
 * <p>In asyncio, an element of what {@code gather(…, return_exceptions=True)} gives.
 *
 * @param source its name
 * @param articles in the order of the source; none when it failed
 * @param error one line for people; empty when all went well
 * @param elapsed from the first request to the last parsed article, or to the failure
 */
public record FetchResult(String source, List<Article> articles, Optional<String> error, Duration elapsed) {

    /** Copies the list. */
    public FetchResult {
        Objects.requireNonNull(source, "source");
        articles = List.copyOf(articles);
        Objects.requireNonNull(error, "error");
        Objects.requireNonNull(elapsed, "elapsed");
    }

    /** True when there was no error. */
    public boolean success() {
        return error.isEmpty();
    }
}
