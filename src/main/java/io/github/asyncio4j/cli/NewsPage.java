package io.github.asyncio4j.cli;

import io.github.asyncio4j.recipes.NewsAggregator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.resources.LoopResources;

/**
 * Headlines in the browser, as they arrive: three static files and a stream of server-sent events. Whoever opens the
 * stream starts a round of his own, and closing the page cancels it.
 *
 * <p>What feeds say is data to the page and never markup: it travels as JSON, is shown as text, and the content security
 * policy allows no script but the page's own. Only requests that name this host are answered, so that no other site can
 * read the page through a name of its own (DNS rebinding).
 */
final class NewsPage implements AutoCloseable {

    private static final Map<String, String> TYPES =
            Map.of("page.html", "text/html", "page.css", "text/css", "page.js", "text/javascript");
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
            + " img-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private final NewsAggregator news;
    private final List<String> names;
    private final Map<String, byte[]> files = new HashMap<>();
    private final LoopResources loops = LoopResources.create("news-page", 1, true);
    private final DisposableServer server;

    private NewsPage(int port, NewsAggregator news, List<String> names) {
        this.news = news;
        this.names = names;
        TYPES.keySet().forEach(name -> files.put(name, OriginNews.resource("news/" + name)));
        try {
            this.server = HttpServer.create()
                    .host("127.0.0.1")
                    .port(port)
                    .runOn(loops, false)
                    .handle(this::answer)
                    .bindNow();
        } catch (RuntimeException e) {
            loops.dispose();
            throw e;
        }
    }

    static NewsPage start(int port, NewsAggregator news, List<String> names) throws IOException {
        try {
            return new NewsPage(port, news, names);
        } catch (RuntimeException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IOException("cannot listen on 127.0.0.1:" + port + ": " + cause.getMessage(), e);
        }
    }

    String url() {
        return "http://127.0.0.1:" + server.port() + "/";
    }

    private Publisher<Void> answer(HttpServerRequest request, HttpServerResponse response) {
        response.header("Content-Security-Policy", POLICY)
                .header("X-Content-Type-Options", "nosniff")
                .header("Referrer-Policy", "no-referrer")
                .header("Cache-Control", "no-store");
        String host = request.requestHeaders().get("Host", "");
        if (!host.equals("127.0.0.1:" + server.port()) && !host.equals("localhost:" + server.port())) {
            return response.status(421).send();
        }
        return switch (request.uri()) {
            case "/" -> file(response, "page.html");
            case "/page.css", "/page.js" -> file(response, request.uri().substring(1));
            case "/events" -> events(response);
            default -> response.sendNotFound();
        };
    }

    private Publisher<Void> file(HttpServerResponse response, String name) {
        return response.header("Content-Type", TYPES.get(name) + "; charset=utf-8")
                .sendByteArray(Mono.justOrEmpty(files.get(name)));
    }

    private Publisher<Void> events(HttpServerResponse response) {
        Flux<String> events = Flux.concat(
                event("sources", () -> NewsJson.names(names)),
                news.fetch().concatMap(result -> event("source", () -> NewsJson.of(result))),
                event("done", () -> "{}\n"));
        return response.sse().sendString(events, StandardCharsets.UTF_8);
    }

    private static Mono<String> event(String name, Callable<String> json) {
        return Mono.fromCallable(() -> "event: " + name + "\ndata: " + json.call() + "\n");
    }

    @Override
    public void close() {
        server.dispose();
        loops.disposeLater(Duration.ZERO, Duration.ofSeconds(2))
                .onErrorComplete()
                .block();
    }
}
