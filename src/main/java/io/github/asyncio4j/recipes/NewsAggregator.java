package io.github.asyncio4j.recipes;

import io.github.asyncio4j.http.ClientSession;
import io.github.asyncio4j.resource.AsyncResource;
import io.github.asyncio4j.task.Completion;
import io.github.asyncio4j.task.Outcome;
import io.github.asyncio4j.task.Tasks;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Headlines from many sources at once. A source that is slow, down or sends nonsense costs its own timeout and nobody
 * else anything: its {@link FetchResult} says what happened.
 *
 * <pre>{@code
 * NewsAggregator news = NewsAggregator.builder()
 *         .source(NewsSource.hackerNews())
 *         .source(NewsSource.feed("Inside Java", "https://inside.java/feed.xml"))
 *         .build();
 * Mono<NewsReport> report = news.aggregate();
 * }</pre>
 *
 * <p>Every subscription fetches anew. What a source sent is remembered with its validators, so that fetching again from
 * the same aggregator costs an unchanged source one small answer (RFC 9110, 13.1). Bodies are limited to 2 MiB and
 * articles to 100 a source; redirects to another site are not followed. Parsing runs on
 * {@code Schedulers.boundedElastic()}, as parsers may read files of their own.
 * Cancelling closes the connections in use. The task of the asyncio course it answers is the concurrent news
 * aggregator.
 */
public final class NewsAggregator {

    private final List<NewsSource> sources;
    private final @Nullable ClientSession session;
    private final int limit;
    private final Map<NewsSource, NewsFetch.Remembered> remembered = new ConcurrentHashMap<>();

    private NewsAggregator(Builder builder) {
        this.sources = List.copyOf(builder.sources);
        this.session = builder.session;
        this.limit = builder.limit;
    }

    /** A builder without sources. */
    public static Builder builder() {
        return new Builder();
    }

    /** One result for each source, as they come in; none if there are no sources. Never fails because a source does. */
    public Flux<FetchResult> fetch() {
        return session == null
                ? AsyncResource.of(Mono.fromSupplier(ClientSession::create), ClientSession::close)
                        .useMany(this::fetch)
                : fetch(session);
    }

    private Flux<FetchResult> fetch(ClientSession over) {
        return Tasks.asCompleted(fetches(over)).map(Completion::outcome).map(Outcome::orElseThrow);
    }

    /** All of it: articles in the order of the sources, each story once. */
    public Mono<NewsReport> aggregate() {
        Function<ClientSession, Mono<NewsReport>> all = over -> Tasks.gather(fetches(over))
                .timed()
                .map(results -> new NewsReport(merged(results.get()), results.get(), results.elapsed()));
        return session == null ? ClientSession.using(all) : all.apply(session);
    }

    /** The articles as they come in, each story once, at most as many as the limit; the rest is cancelled then. */
    public Flux<Article> headlines() {
        return Flux.defer(() -> {
            Set<String> seen = new HashSet<>();
            return fetch().concatMapIterable(FetchResult::articles)
                    .filter(article -> seen.add(article.fingerprint()))
                    .take(limit);
        });
    }

    private List<Mono<FetchResult>> fetches(ClientSession over) {
        return sources.stream()
                .map(source -> new NewsFetch(over, source, remembered).result())
                .toList();
    }

    private List<Article> merged(List<FetchResult> results) {
        Set<String> seen = new HashSet<>();
        return results.stream()
                .flatMap(result -> result.articles().stream())
                .filter(article -> seen.add(article.fingerprint()))
                .limit(limit)
                .toList();
    }

    /**
     * Options; each method returns the builder.
     *
     * <pre>{@code
     * NewsAggregator news = NewsAggregator.builder()
     *         .session(session)
     *         .source(NewsSource.dev())
     *         .limit(30)
     *         .build();
     * }</pre>
     *
     * <p>In Python, the arguments of a function.
     */
    public static final class Builder {

        private final List<NewsSource> sources = new ArrayList<>();
        private @Nullable ClientSession session;
        private int limit = Integer.MAX_VALUE;

        private Builder() {}

        /** Adds a source; their order is the order of the report. */
        public Builder source(NewsSource source) {
            sources.add(Objects.requireNonNull(source, "source"));
            return this;
        }

        /** The session to fetch with, which stays open; by default each run has its own. */
        public Builder session(ClientSession session) {
            this.session = Objects.requireNonNull(session, "session");
            return this;
        }

        /** How many articles are delivered in all, at least 1; unlimited if not set. */
        public Builder limit(int articles) {
            this.limit = Arguments.atLeastOne(articles, "articles");
            return this;
        }

        /** The aggregator, which nothing said to this builder afterwards changes. */
        public NewsAggregator build() {
            return new NewsAggregator(this);
        }
    }
}
