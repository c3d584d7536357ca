package io.github.asyncio4j.recipes;

import io.github.asyncio4j.task.Tasks;
import java.util.List;
import reactor.core.publisher.Mono;

/** What the Javadoc of this package shows, for the compiler. {@code DocumentationTest} compares. */
@SuppressWarnings("unused")
final class DocumentationSamples {

    private DocumentationSamples() {}

    void newsAggregator() {
        // region newsAggregator
        NewsAggregator news = NewsAggregator.builder()
                .source(NewsSource.hackerNews())
                .source(NewsSource.feed("Inside Java", "https://inside.java/feed.xml"))
                .build();
        Mono<NewsReport> report = news.aggregate();
        // endregion
    }

    void rateLimitedFetcher(List<String> urls) {
        // region rateLimitedFetcher
        Mono<List<String>> pages = RateLimitedFetcher.using(10, 5, fetcher -> Tasks.map(urls, 100, fetcher::fetch));
        // endregion
    }
}
