package io.github.asyncio4j.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.github.asyncio4j.recipes.Article;
import io.github.asyncio4j.recipes.FetchResult;
import io.github.asyncio4j.recipes.NewsReport;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;

/** News as programs read them; the names of {@link #of(NewsReport)} are a contract. */
final class NewsJson {

    private static final JsonFactory FACTORY = new JsonFactory();

    private interface Body {
        void write(JsonGenerator json) throws IOException;
    }

    private NewsJson() {}

    static String of(NewsReport report) throws IOException {
        return text(true, json -> {
            json.writeArrayFieldStart("sources");
            for (FetchResult result : report.results()) {
                json.writeStartObject();
                json.writeStringField("name", result.source());
                json.writeNumberField("articles", result.articles().size());
                end(json, result);
                json.writeEndObject();
            }
            json.writeEndArray();
            articles(json, report.articles(), false);
            json.writeNumberField("wallMillis", Units.millis(report.elapsed()));
        });
    }

    /** What the page is told of one source; one line, as server-sent events want it. */
    static String of(FetchResult result) throws IOException {
        return text(false, json -> {
            json.writeStringField("name", result.source());
            end(json, result);
            articles(json, result.articles(), true);
        });
    }

    /** The sources that the page is to expect. */
    static String names(List<String> names) throws IOException {
        return text(false, json -> {
            json.writeArrayFieldStart("names");
            for (String name : names) {
                json.writeString(name);
            }
            json.writeEndArray();
        });
    }

    private static String text(boolean pretty, Body body) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(text)) {
            if (pretty) {
                json.useDefaultPrettyPrinter();
            }
            json.writeStartObject();
            body.write(json);
            json.writeEndObject();
        }
        return text.append('\n').toString();
    }

    private static void end(JsonGenerator json, FetchResult result) throws IOException {
        json.writeFieldName("error");
        json.writeObject(result.error().orElse(null));
        json.writeNumberField("elapsedMillis", Units.millis(result.elapsed()));
    }

    private static void articles(JsonGenerator json, List<Article> articles, boolean identified) throws IOException {
        json.writeArrayFieldStart("articles");
        for (Article article : articles) {
            json.writeStartObject();
            json.writeStringField("title", article.title());
            json.writeStringField("url", article.url());
            json.writeStringField("source", article.source());
            if (identified) {
                json.writeStringField("id", article.fingerprint());
            }
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
