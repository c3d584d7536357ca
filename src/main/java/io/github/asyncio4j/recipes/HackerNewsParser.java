package io.github.asyncio4j.recipes;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/** The API tells the numbers of the top stories; each story is a document of its own. */
final class HackerNewsParser implements NewsParser {

    private static final int STORIES = 30;

    @Override
    public List<String> links(String url, String body) throws IOException {
        List<String> items = new ArrayList<>();
        for (JsonNode id : JsonNews.list(body)) {
            if (items.size() < STORIES && id.canConvertToLong()) {
                items.add(URI.create(url)
                        .resolve("item/" + id.longValue() + ".json")
                        .toString());
            }
        }
        return items;
    }

    @Override
    public List<Article> parse(String source, String body) throws IOException {
        JsonNode item = JsonNews.read(body);
        // A story that was removed is null; one without a link is a question on the site itself.
        String url = item.path("url")
                .asText("https://news.ycombinator.com/item?id="
                        + item.path("id").asText());
        return PlainText.article(
                        source,
                        item.path("title").asText(),
                        url,
                        item.path("text").asText())
                .map(List::of)
                .orElse(List.of());
    }
}
