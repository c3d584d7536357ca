package io.github.asyncio4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.recipes.NewsAggregator;
import io.github.asyncio4j.recipes.NewsParser;
import io.github.asyncio4j.recipes.NewsSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/** The page as a browser shows it. What {@code page.js} is told is in {@link NewsCommandTest}. */
class NewsPageTest {

    private static final String TAKEN = "document.title='taken'";
    private static final String FEED = """
            {"version": "https://jsonfeed.org/version/1.1", "title": "<script>%1$s</script>", "items": [
              {"id": "1", "title": "<script>%1$s</script>first", "url": "http://news.example/1"},
              {"id": "2", "title": "<img src=x onerror=\\"%1$s\\">second", "url": "http://news.example/2"},
              {"id": "3", "title": "&lt;svg onload=%1$s&gt;third", "url": "http://news.example/3"},
              {"id": "4", "title": "</li></ol><iframe srcdoc='<script>%1$s</script>'>fourth",
                "url": "javascript:%1$s//http://news.example/4"},
              {"id": "5", "title": "fifth", "url": "data:text/html,<script>%1$s</script>"},
              {"id": "6", "title": "sixth", "url": "http://news.example/6\\" onmouseover=\\"%1$s"}
            ]}
            """.formatted(TAKEN);

    @TempDir
    Path directory;

    private static NewsPage pageOf(List<NewsSource> sources) throws Exception {
        NewsAggregator.Builder news = NewsAggregator.builder();
        sources.forEach(news::source);
        return NewsPage.start(
                0, news.build(), sources.stream().map(NewsSource::name).toList());
    }

    @Test
    void staysHarmlessWhateverAFeedSays() throws Exception {
        Chromium chromium = Chromium.in(directory);
        DisposableServer hostile = HttpServer.create()
                .port(0)
                .handle((request, response) ->
                        response.header("Content-Type", "application/feed+json").sendString(Mono.just(FEED)))
                .bindNow();
        String name = "<b onclick=" + TAKEN + ">hostile</b>";
        NewsSource source = new NewsSource(
                name, "http://localhost:" + hostile.port() + "/", NewsParser.feed(), Duration.ofSeconds(10));
        try (NewsPage served = pageOf(List.of(source))) {
            Document page = chromium.open(served.url(), 5_000);

            assertThat(page.title()).isEqualTo("Headlines");
            assertThat(page.select("#sources .name").eachText()).containsExactly(name);
            assertThat(page.select("#articles li").eachText())
                    .anyMatch(text -> text.contains("first"))
                    .anyMatch(text -> text.contains("second"));
            assertThat(page.select("script").eachAttr("src")).containsExactly("/page.js");
            assertThat(page.select("img, svg, iframe, [onmouseover], [onerror], [onload], [onclick]"))
                    .isEmpty();
            for (Element link : page.select("a")) {
                assertThat(link.attr("href")).startsWith("http://news.example/");
                assertThat(link.attr("rel")).isEqualTo("noopener noreferrer");
            }
        } finally {
            hostile.disposeNow();
        }
    }

    @Test
    void showsHeadlinesAndWhyASourceHasNone() throws Exception {
        Chromium chromium = Chromium.in(directory);
        try (OriginServer origin = OriginServer.start();
                NewsPage served = pageOf(OriginNews.sources(origin.baseUrl(), Duration.ofSeconds(2)))) {
            Document page = chromium.open(served.url(), 10_000);

            assertThat(page.select("#sources li")).hasSize(6);
            assertThat(page.select("#sources li[data-state=failed]").eachText())
                    .hasSize(2)
                    .anyMatch(text -> text.contains("Invalid XML"))
                    .anyMatch(text -> text.contains("no complete answer within"));
            assertThat(page.select("#articles a")).hasSize(25);
            assertThat(page.select("#status").text()).startsWith("All sources have ended");
        }
    }
}
