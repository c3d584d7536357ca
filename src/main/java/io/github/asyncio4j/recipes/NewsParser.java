package io.github.asyncio4j.recipes;

import java.util.List;

/**
 * Makes articles of what a source sent. Runs off the event loop; what it throws becomes the source's error.
 *
 * <p>The parsers here need an optional dependency each: {@code jackson-databind} for those of JSON, {@code rome} for
 * {@link #feed()}, and {@code jsoup} to take the markup out of titles.
 *
 * <pre>{@code
 * NewsParser lines = (source, body) -> body.lines()
 *         .map(title -> new Article(title, "https://example.com/", source, ""))
 *         .toList();
 * }</pre>
 *
 * <p>With aiohttp, a function for {@code asyncio.to_thread}, {@code feedparser.parse} say.
 */
@FunctionalInterface
public interface NewsParser {

    /**
     * The articles in one body.
     *
     * @param source the name to put into them
     * @param body decoded text
     */
    List<Article> parse(String source, String body) throws Exception;

    /**
     * Where the articles are, when {@code body} only lists them: each of these is fetched and its body parsed instead.
     * Empty, as by default, when the body holds the articles.
     *
     * @param url where the body came from
     */
    default List<String> links(String url, String body) throws Exception {
        return List.of();
    }

    /** Hacker News: a list of numbers, then one item for each of the first thirty. */
    static NewsParser hackerNews() {
        return new HackerNewsParser();
    }

    /** DEV's list of articles. */
    static NewsParser dev() {
        return (source, body) -> JsonNews.articles(JsonNews.list(body), source, "title", "url", "description");
    }

    /** The result of GitHub's search for repositories. */
    static NewsParser gitHub() {
        return (source, body) ->
                JsonNews.articles(JsonNews.list(body, "items"), source, "full_name", "html_url", "description");
    }

    /** RSS, Atom or JSON Feed, whichever it is. Document types, and with them entities, are refused. */
    static NewsParser feed() {
        return (source, body) -> body.stripLeading().startsWith("{")
                ? JsonNews.articles(JsonNews.list(body, "items"), source, "title", "url", "summary")
                : XmlFeed.articles(source, body);
    }
}
