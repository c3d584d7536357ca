package io.github.asyncio4j.recipes;

import java.util.Objects;

/**
 * One headline.
 *
 * <pre>{@code
 * Flux<String> lines = news.headlines().map(article -> article.title() + " (" + article.source() + ")");
 * }</pre>
 *
 * <p>In Python, an entry of feedparser.
 *
 * @param title plain text, without markup
 * @param url where it is to be read
 * @param source the name of the source it came from
 * @param description plain text, empty when the source gives none
 */
public record Article(String title, String url, String source, String description) {

    /** Null is refused by name. */
    public Article {
        Objects.requireNonNull(title, "title");
        Objects.requireNonNull(url, "url");
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(description, "description");
    }

    /**
     * The same for two articles that are the same story at the same place: 64 hex digits of title and URL in which case,
     * white space, the scheme, {@code www.}, a closing slash, the fragment, the order of the parameters and parameters
     * that only track the reader are ignored. Source and description do not count.
     */
    public String fingerprint() {
        return Fingerprint.of(title, url);
    }
}
