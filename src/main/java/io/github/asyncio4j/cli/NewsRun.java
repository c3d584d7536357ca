package io.github.asyncio4j.cli;

import io.github.asyncio4j.recipes.FetchResult;
import io.github.asyncio4j.recipes.NewsAggregator;
import io.github.asyncio4j.recipes.NewsReport;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/** One collection of headlines; what has come until it is interrupted is a report too. */
final class NewsRun {

    private final NewsAggregator news;
    private final List<String> sources;
    private final int limit;
    private final Queue<FetchResult> results = new ConcurrentLinkedQueue<>();

    NewsRun(NewsAggregator news, List<String> sources, int limit) {
        this.news = news;
        this.sources = sources;
        this.limit = limit;
    }

    /** Blocks until all sources have answered or {@code foreground} is interrupted. */
    NewsReport report(Foreground foreground) throws Exception {
        long started = System.nanoTime();
        foreground.run(news.fetch().doOnNext(results::add).then());
        Set<String> seen = new HashSet<>();
        List<FetchResult> inOrder = results.stream()
                .sorted(Comparator.comparingInt(result -> sources.indexOf(result.source())))
                .toList();
        return new NewsReport(
                inOrder.stream()
                        .flatMap(result -> result.articles().stream())
                        .filter(article -> seen.add(article.fingerprint()))
                        .limit(limit)
                        .toList(),
                inOrder,
                Duration.ofNanos(System.nanoTime() - started));
    }
}
