package io.github.asyncio4j.recipes;

import java.util.Locale;
import java.util.Optional;
import org.jsoup.Jsoup;

/** Titles and descriptions as people read them: sources send markup, entities and essays. */
final class PlainText {

    private static final int TITLE = 300;
    private static final int DESCRIPTION = 500;

    private PlainText() {}

    /** Empty when there is no title, or no address that a reader could safely follow. */
    static Optional<Article> article(String source, String title, String url, String description) {
        String shown = of(title, TITLE);
        String address = url.strip();
        String scheme = address.toLowerCase(Locale.ROOT);
        boolean web = scheme.startsWith("https://") || scheme.startsWith("http://");
        return shown.isEmpty() || !web
                ? Optional.empty()
                : Optional.of(new Article(shown, address, source, of(description, DESCRIPTION)));
    }

    /** The text of a piece of HTML, cut at {@code limit} characters. */
    static String of(String html, int limit) {
        String text = Jsoup.parseBodyFragment(html).text().strip();
        if (text.length() <= limit) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(limit - 2)) ? limit - 2 : limit - 1;
        return text.substring(0, end) + "…";
    }
}
