package io.github.asyncio4j.cli;

import io.github.asyncio4j.recipes.NewsParser;
import io.github.asyncio4j.recipes.NewsSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.http.server.HttpServerResponse;

/**
 * News without a network: made-up content in the form of the real sources, and two sources that show what containment
 * means, one that is too slow and one that is broken.
 */
final class OriginNews {

    private static final String JSON = "application/json";
    private static final String FEED = "application/rss+xml";
    private static final Map<String, String> TYPES = Map.of(
            "topstories.json", JSON, "dev.json", JSON, "github.json", JSON, "weekly.xml", FEED, "broken.xml", FEED);

    private OriginNews() {}

    /** The sources, in the order in which they are shown. */
    static List<NewsSource> sources(String baseUrl, Duration timeout) {
        String news = baseUrl + "/news/";
        return List.of(
                new NewsSource("Hacker News", news + "topstories.json", NewsParser.hackerNews(), timeout),
                new NewsSource("DEV", news + "dev.json", NewsParser.dev(), timeout),
                new NewsSource("GitHub", news + "github.json", NewsParser.gitHub(), timeout),
                new NewsSource("Event Loop Weekly", news + "weekly.xml", NewsParser.feed(), timeout),
                new NewsSource("The Slow Times", news + "slow.xml", NewsParser.feed(), timeout),
                new NewsSource("Broken Gazette", news + "broken.xml", NewsParser.feed(), timeout));
    }

    /** Answers {@code /news/{name}} and {@code /news/item/{number}.json}. */
    static Publisher<Void> answer(HttpServerResponse response, String name, String rest) {
        if (name.equals("slow.xml")) {
            return Mono.never();
        }
        if (name.equals("item")) {
            return item(response, rest.replace(".json", ""));
        }
        String type = TYPES.get(name);
        return type == null
                ? response.sendNotFound()
                : send(response, type, latency(name), () -> Optional.of(resource("news/" + name)));
    }

    // Latencies like those of real sources, so that the times shown differ.
    private static Duration latency(String name) {
        return Duration.ofMillis(60 + 37 * (name.length() % 5));
    }

    private static Publisher<Void> item(HttpServerResponse response, String number) {
        return send(response, JSON, latency(number), () -> story(number));
    }

    private static Optional<byte[]> story(String number) {
        String[] stories = new String(resource("news/stories.txt"), StandardCharsets.UTF_8).split("\n");
        if (!number.matches("\\d{1,4}") || Integer.parseInt(number) < 1 || Integer.parseInt(number) > stories.length) {
            return Optional.empty();
        }
        String[] story = stories[Integer.parseInt(number) - 1].split("\\|");
        String json = "{\"id\":" + number + ",\"type\":\"story\",\"title\":\"" + story[0] + "\",\"url\":\"" + story[1]
                + "\"}";
        return Optional.of(json.getBytes(StandardCharsets.UTF_8));
    }

    // Files are read off the event loop, and the answer is sent on it.
    private static Publisher<Void> send(
            HttpServerResponse response, String type, Duration latency, Callable<Optional<byte[]>> content) {
        return Mono.fromCallable(content)
                .subscribeOn(Schedulers.boundedElastic())
                .flatMap(body -> OriginTimer.delay(response, latency)
                        .then(Mono.defer(() -> body.isEmpty()
                                ? response.sendNotFound()
                                : response.header("Content-Type", type + "; charset=utf-8")
                                        .header("Content-Length", Integer.toString(body.get().length))
                                        .sendByteArray(Mono.just(body.get()))
                                        .then())));
    }

    /** A file of this package's resources. */
    static byte[] resource(String name) {
        try (InputStream in = OriginNews.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the resource " + name + " is missing from the jar");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
