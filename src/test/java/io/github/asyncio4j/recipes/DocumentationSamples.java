package io.github.asyncio4j.recipes;

import io.github.asyncio4j.http.ClientSession;
import io.github.asyncio4j.task.Tasks;
import java.time.Duration;
import java.util.List;
import reactor.core.publisher.Flux;
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

    void article(NewsAggregator news) {
        // region article
        Flux<String> lines = news.headlines().map(article -> article.title() + " (" + article.source() + ")");
        // endregion
    }

    void fetchResult(NewsAggregator news) {
        // region fetchResult
        Flux<String> down = news.fetch()
                .filter(result -> !result.success())
                .map(result -> result.source() + ": " + result.error().orElse(""));
        // endregion
    }

    void newsAggregatorBuilder(ClientSession session) {
        // region newsAggregatorBuilder
        NewsAggregator news = NewsAggregator.builder()
                .session(session)
                .source(NewsSource.dev())
                .limit(30)
                .build();
        // endregion
    }

    void newsParser() {
        // region newsParser
        NewsParser lines = (source, body) -> body.lines()
                .map(title -> new Article(title, "https://example.com/", source, ""))
                .toList();
        // endregion
    }

    void newsReport(NewsAggregator news) {
        // region newsReport
        Mono<String> summary = news.aggregate()
                .map(report ->
                        report.articles().size() + " in " + report.elapsed().toMillis() + " ms");
        // endregion
    }

    void newsSource() {
        // region newsSource
        NewsSource slow = new NewsSource("slow", "https://example.com/feed", NewsParser.feed(), Duration.ofSeconds(30));
        // endregion
    }
}
