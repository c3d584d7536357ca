package io.github.asyncio4j.recipes;

import java.time.Duration;
import java.util.List;

/**
 * What all sources gave.
 *
 * <pre>{@code
 * Mono<String> summary = news.aggregate()
 *         .map(report -> report.articles().size() + " in " + report.elapsed().toMillis() + " ms");
 * }</pre>
 *
 * <p>What an asyncio program makes of the list that {@code gather} gives.
 *
 * @param articles without duplicates, in the order of the sources; at most as many as the aggregator's limit
 * @param results one for each source, in order
 * @param elapsed of the whole, which is about that of the slowest source
 */
public record NewsReport(List<Article> articles, List<FetchResult> results, Duration elapsed) {

    /** Copies the lists. */
    public NewsReport {
        articles = List.copyOf(articles);
        results = List.copyOf(results);
    }
}
