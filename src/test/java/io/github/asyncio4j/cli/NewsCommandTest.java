package io.github.asyncio4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.asyncio4j.http.ClientSession;
import io.github.asyncio4j.recipes.NewsAggregator;
import io.github.asyncio4j.recipes.NewsSource;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NewsCommandTest {

    private static JsonNode json(String text) throws IOException {
        return new ObjectMapper().readTree(text);
    }

    @Nested
    class WithoutSources {

        @Test
        void showsTheCopiesAndWhatContainmentMeans() {
            Console console = Console.plain();
            assertThat(console.run("news", "--timeout", "3s")).isEqualTo(ExitCode.OK);
            assertThat(console.out())
                    .contains("| Hacker News ", "no complete answer within 3 s", "Invalid XML", "6 sources in ")
                    .contains(" 15. ")
                    .doesNotContain(" 16. ");
            assertThat(console.err()).isEmpty();
        }

        @Test
        void writesTheContractAsJson() throws IOException {
            Console console = Console.plain();
            assertThat(console.run("news", "-o", "json", "--timeout", "3s", "--limit", "100"))
                    .isEqualTo(ExitCode.OK);
            JsonNode report = json(console.out());
            assertThat(report.path("wallMillis").asDouble()).isPositive();
            assertThat(report.path("sources")).hasSize(6);
            for (JsonNode source : report.path("sources")) {
                assertThat(source.fieldNames())
                        .toIterable()
                        .containsExactly("name", "articles", "error", "elapsedMillis");
                assertThat(source.path("error").isNull())
                        .isEqualTo(source.path("articles").asInt() > 0);
            }
            List<String> titles = new ArrayList<>();
            report.path("articles").forEach(article -> {
                assertThat(article.fieldNames()).toIterable().containsExactly("title", "url", "source");
                titles.add(article.path("title").asText());
            });
            // 12 + 6 + 5 + 4 of the sources, one story of DEV and one of the weekly known already.
            assertThat(titles).hasSize(25).doesNotHaveDuplicates();
            assertThat(titles).contains("The bold truth about & in titles");
        }
    }

    @Test
    void failsWhenNoSourceAnswers() {
        Console console = Console.plain();
        assertThat(console.run("news", "--source", "x=http://127.0.0.1:1/")).isEqualTo(ExitCode.FAILED);
        assertThat(console.out()).contains("cannot connect", "1 source in ");
    }

    @ParameterizedTest
    @CsvSource({
        "--source nonsense, --source must be NAME=URL",
        "--limit 0, --limit must be at least 1",
        "--timeout 0, --timeout must be more than zero",
        "--watch 0, --watch must be more than zero",
        "--output yaml, --output must be text or json",
        "--port 70000, --port must be from 0"
    })
    void namesWhatIsWrongInOneLine(String option, String sentence) {
        Console console = Console.plain();
        List<String> args = new ArrayList<>(List.of("news"));
        args.addAll(List.of(option.split(" ")));
        assertThat(console.run(args.toArray(String[]::new))).isEqualTo(ExitCode.USAGE);
        assertThat(console.err()).contains(sentence).hasLineCount(1);
        assertThat(console.out()).isEmpty();
    }

    @Nested
    class ThePage {

        private <T> T with(PageTest<T> test) throws Exception {
            try (OriginServer origin = OriginServer.start()) {
                List<NewsSource> sources = OriginNews.sources(origin.baseUrl(), Duration.ofSeconds(3));
                NewsAggregator.Builder news = NewsAggregator.builder();
                sources.forEach(news::source);
                ClientSession session = ClientSession.create();
                try (NewsPage page = NewsPage.start(
                        0, news.build(), sources.stream().map(NewsSource::name).toList())) {
                    return test.on(page, session);
                } finally {
                    session.close().block();
                }
            }
        }

        interface PageTest<T> {
            T on(NewsPage page, ClientSession session) throws Exception;
        }

        @Test
        void streamsEachSourceAsItArrives() throws Exception {
            List<String> lines = with((page, session) ->
                    session.get(page.url() + "events").lines().collectList().block());
            List<String> events =
                    lines.stream().filter(line -> line.startsWith("event: ")).toList();
            assertThat(events).hasSize(8).startsWith("event: sources").endsWith("event: done");
            List<JsonNode> sources = new ArrayList<>();
            for (String line : lines) {
                if (line.startsWith("data: {\"name\"")) {
                    sources.add(json(line.substring("data: ".length())));
                }
            }
            assertThat(sources).hasSize(6);
            assertThat(sources.get(5).path("name").asText()).isEqualTo("The Slow Times");
            assertThat(sources.get(5).path("error").asText()).contains("3 s");
            assertThat(sources)
                    .filteredOn(source -> source.path("name").asText().equals("GitHub"))
                    .singleElement()
                    .satisfies(source -> assertThat(
                                    source.path("articles").get(0).path("id").asText())
                            .hasSize(64));
        }

        @ParameterizedTest
        @CsvSource({"'', text/html", "page.css, text/css", "page.js, text/javascript"})
        void allowsNoScriptButItsOwn(String path, String type) throws Exception {
            String headers = with((page, session) -> session.get(page.url() + path)
                    .use(response -> response.text()
                            .map(body -> response.headers().toString()
                                    + response.headers()
                                            .first("Content-Security-Policy")
                                            .orElse("")
                                    + response.headers().first("Content-Type").orElse("")
                                    + response.status()))
                    .block());
            assertThat(headers).contains("default-src 'none'", "script-src 'self'", type, "200");
            assertThat(headers).doesNotContain("unsafe");
        }

        @Test
        void answersOnlyToItsOwnName() throws Exception {
            List<Integer> statuses = with((page, session) -> List.of(
                    session.get(page.url())
                            .header("Host", "evil.example")
                            .status()
                            .block(),
                    session.get(page.url() + "nothing").status().block(),
                    session.get(page.url()).status().block()));
            assertThat(statuses).containsExactly(421, 404, 200);
        }

        @Test
        void saysWhereItCannotListen() throws Exception {
            try (OriginServer taken = OriginServer.start()) {
                String port = taken.baseUrl().replaceAll(".*:", "");
                Console console = Console.plain();
                assertThat(console.run("news", "--serve", "--port", port)).isEqualTo(ExitCode.FAILED);
                assertThat(console.err()).contains("cannot listen on 127.0.0.1:" + port);
            }
        }

        @Test
        void neverTurnsWhatAFeedSaysIntoMarkup() {
            String script = new String(OriginNews.resource("news/page.js"), java.nio.charset.StandardCharsets.UTF_8);
            assertThat(script)
                    .doesNotContain("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(");
        }
    }
}
