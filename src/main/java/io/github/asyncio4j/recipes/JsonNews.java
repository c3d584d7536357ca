package io.github.asyncio4j.recipes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ProtocolException;
import java.util.ArrayList;
import java.util.List;

/** Articles out of JSON. Jackson's own limits hold off documents that are too deep or numbers that are too long. */
final class JsonNews {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private JsonNews() {}

    static JsonNode read(String body) throws IOException {
        return MAPPER.readTree(body);
    }

    /** The list that the document is, or holds under {@code path}. */
    static JsonNode list(String body, String... path) throws IOException {
        JsonNode node = read(body);
        for (String name : path) {
            node = node.path(name);
        }
        if (!node.isArray()) {
            throw new ProtocolException(
                    "expected a JSON list" + (path.length == 0 ? "" : " at " + String.join(".", path)));
        }
        return node;
    }

    static List<Article> articles(JsonNode list, String source, String title, String url, String description) {
        List<Article> articles = new ArrayList<>();
        for (JsonNode node : list) {
            if (articles.size() == NewsFetch.MOST) {
                break;
            }
            PlainText.article(
                            source,
                            node.path(title).asText(),
                            node.path(url).asText(),
                            node.path(description).asText())
                    .ifPresent(articles::add);
        }
        return articles;
    }
}
