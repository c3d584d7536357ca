package io.github.asyncio4j.recipes;

import com.rometools.rome.feed.synd.SyndContent;
import com.rometools.rome.feed.synd.SyndEntry;
import com.rometools.rome.io.FeedException;
import com.rometools.rome.io.SyndFeedInput;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Articles out of RSS and Atom. */
final class XmlFeed {

    private XmlFeed() {}

    static List<Article> articles(String source, String body) throws FeedException {
        SyndFeedInput input = new SyndFeedInput();
        input.setAllowDoctypes(false);
        List<Article> articles = new ArrayList<>();
        for (SyndEntry entry : input.build(new StringReader(body)).getEntries()) {
            if (articles.size() == NewsFetch.MOST) {
                break;
            }
            PlainText.article(source, text(entry.getTitle()), text(entry.getLink()), text(entry.getDescription()))
                    .ifPresent(articles::add);
        }
        return articles;
    }

    private static String text(@Nullable SyndContent content) {
        return content == null ? "" : text(content.getValue());
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }
}
