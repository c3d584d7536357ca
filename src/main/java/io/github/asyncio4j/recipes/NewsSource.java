package io.github.asyncio4j.recipes;

import java.time.Duration;
import java.util.Objects;

/**
 * Where news come from.
 *
 * <pre>{@code
 * NewsSource slow = new NewsSource("slow", "https://example.com/feed", NewsParser.feed(), Duration.ofSeconds(30));
 * }</pre>
 *
 * <p>With asyncio, a coroutine of its own for each, under {@code asyncio.timeout}.
 *
 * @param name shown with its articles and errors
 * @param url what is fetched
 * @param parser makes articles of the body
 * @param timeout for all of it, following requests and parsing included; positive
 */
public record NewsSource(String name, String url, NewsParser parser, Duration timeout) {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /** Null is refused by name. */
    public NewsSource {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(url, "url");
        Objects.requireNonNull(parser, "parser");
        Arguments.positive(timeout, "timeout");
    }

    /** The top stories of Hacker News, by its Firebase API; 10 s. */
    public static NewsSource hackerNews() {
        return new NewsSource(
                "Hacker News",
                "https://hacker-news.firebaseio.com/v0/topstories.json",
                NewsParser.hackerNews(),
                TIMEOUT);
    }

    /** The latest articles of DEV (dev.to); 10 s. */
    public static NewsSource dev() {
        return new NewsSource("DEV", "https://dev.to/api/articles?per_page=30", NewsParser.dev(), TIMEOUT);
    }

    /** GitHub's most starred Java repositories, by its search API; 10 s. */
    public static NewsSource gitHub() {
        return new NewsSource(
                "GitHub",
                "https://api.github.com/search/repositories?q=language:java&sort=stars&per_page=30",
                NewsParser.gitHub(),
                TIMEOUT);
    }

    /** Any RSS 2.0, Atom or JSON Feed; 10 s. */
    public static NewsSource feed(String name, String url) {
        return new NewsSource(name, url, NewsParser.feed(), TIMEOUT);
    }
}
