package io.github.asyncio4j.recipes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.github.asyncio4j.http.ClientSession;
import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.Recipe;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRoutes;
import reactor.test.StepVerifier;

@ExtendWith(NoLeaks.class)
class NewsAggregatorTest {

    private static final String XML = "application/rss+xml; charset=utf-8";

    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger notModified = new AtomicInteger();
    private final Origin origin = new Origin(this::routes);

    @AfterEach
    void close() {
        origin.close();
    }

    private static String rss(String... titlesAndLinks) {
        StringBuilder feed = new StringBuilder("<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>t</title>"
                + "<link>http://x.example/</link><description>d</description>");
        for (int i = 0; i < titlesAndLinks.length; i += 2) {
            feed.append("<item><title>").append(titlesAndLinks[i]).append("</title><link>");
            feed.append(titlesAndLinks[i + 1]).append("</link></item>");
        }
        return feed.append("</channel></rss>").toString();
    }

    private static String many(int items) {
        String[] pairs = new String[2 * items];
        for (int i = 0; i < items; i++) {
            pairs[2 * i] = "item " + i;
            pairs[2 * i + 1] = "http://x.example/" + i;
        }
        return rss(pairs);
    }

    private void routes(HttpServerRoutes r) {
        String a = rss("Alpha", "http://x.example/alpha", "Beta &lt;i&gt;now&lt;/i&gt;", "http://x.example/beta");
        String b = rss("ALPHA", "https://www.x.example/alpha/?utm_source=b", "Gamma", "http://x.example/gamma");
        r.get("/a", (q, s) -> Origin.later(s, Duration.ofMillis(200), XML, a));
        r.get("/b", (q, s) -> Origin.text(s, XML, b));
        r.get("/hang", (q, s) -> Mono.never());
        r.get("/error", (q, s) -> s.status(503).send());
        r.get("/broken", (q, s) -> Origin.text(s, XML, "<rss version=\"2.0\"><channel><item>"));
        r.get("/empty", (q, s) -> s.header("Content-Length", "0").send());
        r.get("/big", (q, s) -> Origin.text(s, XML, "x".repeat(5 << 20)));
        r.get("/bomb", (q, s) -> Origin.text(s, XML, bomb()));
        r.get("/deep", (q, s) -> Origin.text(s, "application/json", "{\"items\":" + "[".repeat(100_000)));
        r.get(
                "/charset",
                (q, s) -> s.header("Content-Type", XML)
                        .sendByteArray(
                                Mono.just(rss("Müll", "http://x.example/m").getBytes(StandardCharsets.ISO_8859_1))));
        r.get("/many", (q, s) -> Origin.text(s, XML, many(10_000)));
        r.get(
                "/elsewhere",
                (q, s) -> s.status(302)
                        .header("Location", "http://evil.example/feed")
                        .send());
        r.get("/loop", (q, s) -> s.status(302).header("Location", "/loop").send());
        r.get("/moved", (q, s) -> s.status(301).header("Location", "/b").send());
        r.get(
                "/script",
                (q, s) -> Origin.text(s, XML, rss("Bad", "javascript:alert(1)", "Good", "http://x.example/g")));
        r.get("/conditional", (q, s) -> {
            requests.incrementAndGet();
            if ("\"v1\"".equals(q.requestHeaders().get("If-None-Match"))) {
                notModified.incrementAndGet();
                return s.status(304).send();
            }
            return Origin.text(s.header("ETag", "\"v1\""), XML, b);
        });
        r.get("/hn/top.json", (q, s) -> Origin.text(s, "application/json", "[1,2,3,\"x\"]"));
        r.get(
                "/hn/item/1.json",
                (q, s) -> Origin.text(
                        s, "application/json", "{\"id\":1,\"title\":\"One\",\"url\":\"http://o.example/\"}"));
        r.get("/hn/item/2.json", (q, s) -> Origin.text(s, "application/json", "{\"id\":2,\"title\":\"Ask\"}"));
        r.get("/hn/item/3.json", (q, s) -> s.status(500).send());
        r.get("/gone/top.json", (q, s) -> Origin.text(s, "application/json", "[7]"));
        r.get(
                "/dev",
                (q, s) -> Origin.text(
                        s,
                        "application/json",
                        "[{\"title\":\"D\",\"url\":\"http://d.example/\",\"description\":\"x\"}]"));
        r.get(
                "/github",
                (q, s) -> Origin.text(
                        s,
                        "application/json",
                        "{\"items\":[{\"full_name\":\"a/b\",\"html_url\":\"http://g.example/\",\"description\":null}]}"));
        r.get(
                "/jsonfeed",
                (q, s) -> Origin.text(
                        s,
                        "application/feed+json",
                        "{\"version\":\"https://jsonfeed.org/version/1.1\",\"items\":[{\"title\":\"J\",\"url\":\"http://j.example/\"}]}"));
        r.get(
                "/atom",
                (q, s) -> Origin.text(
                        s,
                        "application/atom+xml",
                        "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>t</title><entry><title>At</title><link href=\"http://at.example/\"/></entry></feed>"));
    }

    private static String bomb() {
        return "<?xml version=\"1.0\"?><!DOCTYPE rss [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">"
                + "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]>" + rss("&c;", "http://x.example/");
    }

    private NewsSource feed(String path) {
        return new NewsSource(path.substring(1), origin.url(path), NewsParser.feed(), Duration.ofSeconds(5));
    }

    private static NewsAggregator of(NewsSource... sources) {
        NewsAggregator.Builder builder = NewsAggregator.builder();
        List.of(sources).forEach(builder::source);
        return builder.build();
    }

    private FetchResult single(NewsSource source) {
        FetchResult result = of(source).fetch().blockLast();
        assertThat(result).isNotNull();
        return result;
    }

    @Nested
    class AReport {

        @Test
        void isInTheOrderOfTheSourcesWithEachStoryOnce() {
            StepVerifier.create(of(feed("/a"), feed("/b")).aggregate())
                    .assertNext(report -> {
                        assertThat(report.articles())
                                .extracting(Article::title)
                                .containsExactly("Alpha", "Beta now", "Gamma");
                        assertThat(report.results())
                                .extracting(FetchResult::source)
                                .containsExactly("a", "b");
                        assertThat(report.results()).allMatch(FetchResult::success);
                    })
                    .verifyComplete();
        }

        @Test
        void isLimited() {
            NewsAggregator news = NewsAggregator.builder()
                    .source(feed("/b"))
                    .source(feed("/a"))
                    .limit(2)
                    .build();
            StepVerifier.create(news.aggregate().map(report -> report.articles().size()))
                    .expectNext(2)
                    .verifyComplete();
        }

        @Test
        void ofNoSourceIsEmpty() {
            StepVerifier.create(of().aggregate())
                    .assertNext(report -> assertThat(report.results()).isEmpty())
                    .verifyComplete();
        }

        @Test
        void usesTheGivenSessionAndLeavesItOpen() {
            ClientSession session = ClientSession.create();
            NewsAggregator news =
                    NewsAggregator.builder().source(feed("/b")).session(session).build();
            StepVerifier.create(news.aggregate()).expectNextCount(1).verifyComplete();
            StepVerifier.create(news.fetch()).expectNextCount(1).verifyComplete();
            assertThat(session.isClosed()).isFalse();
            assertThat(session.statistics().inUse()).isZero();
            session.close().block();
        }
    }

    @Nested
    class Results {

        @Test
        void comeAsTheSourcesEnd() {
            StepVerifier.create(of(feed("/a"), feed("/b")).fetch().map(FetchResult::source))
                    .expectNext("b", "a")
                    .verifyComplete();
        }

        @Test
        void headlinesStreamWithoutDuplicates() {
            StepVerifier.create(of(feed("/a"), feed("/b")).headlines().map(Article::title))
                    .expectNext("ALPHA", "Gamma", "Beta now")
                    .verifyComplete();
        }

        @Test
        @Recipe(
                row = "41",
                value =
                        "`NewsAggregator`: a slow source costs its own timeout; each story once, in the order of the sources.")
        void aHungSourceCostsItsOwnTimeoutOnly() {
            NewsSource hung = new NewsSource("hung", origin.url("/hang"), NewsParser.feed(), Duration.ofMillis(700));
            StepVerifier.create(of(hung, feed("/b")).fetch())
                    .assertNext(result -> assertThat(result.source()).isEqualTo("b"))
                    .assertNext(result -> {
                        assertThat(result.error()).hasValue("no complete answer within 700 ms");
                        assertThat(result.elapsed()).isGreaterThanOrEqualTo(Duration.ofMillis(700));
                    })
                    .verifyComplete();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/error, HTTP 503",
        "/missing, HTTP 404",
        "/big, 2097152",
        "/bomb, DOCTYPE",
        "/deep, nesting depth",
        "/charset, not valid UTF-8",
        "/broken, Invalid XML",
        "/empty, Invalid XML",
        "/elsewhere, redirected to another site: evil.example",
        "/loop, more than 5 redirects"
    })
    void whatIsWrongWithASourceIsSaidInOneLineAndHarmsNobody(String path, String reason) {
        StepVerifier.create(of(feed(path), feed("/b")).aggregate())
                .assertNext(report -> {
                    assertThat(report.results().get(0).error())
                            .hasValueSatisfying(error -> assertThat(error)
                                    .contains(reason)
                                    .doesNotContain("\n")
                                    .hasSizeLessThanOrEqualTo(200));
                    assertThat(report.articles()).hasSize(2);
                })
                .verifyComplete();
    }

    @Test
    void aRefusedConnectionAndABadUrlAreContained() {
        NewsSource refused = new NewsSource("r", "http://127.0.0.1:1/", NewsParser.feed(), Duration.ofSeconds(5));
        NewsSource bad = new NewsSource("u", "http://[nonsense", NewsParser.feed(), Duration.ofSeconds(5));
        assertThat(single(refused).error()).isPresent();
        assertThat(single(bad).error()).isPresent();
    }

    @Test
    void aParserThatReturnsNullIsContained() {
        NewsSource odd = new NewsSource("odd", origin.url("/b"), (source, body) -> null, Duration.ofSeconds(5));
        assertThat(single(odd).error()).hasValue("the parser returned null");
    }

    @Test
    void articlesAreCappedForEachSource() {
        assertThat(single(feed("/many")).articles()).hasSize(100);
    }

    @Test
    void linksThatAreNotOfTheWebAreLeftOut() {
        assertThat(single(feed("/script")).articles())
                .extracting(Article::title)
                .containsExactly("Good");
    }

    @Test
    void aRedirectOnTheSameSiteIsFollowed() {
        assertThat(single(feed("/moved")).articles()).hasSize(2);
    }

    @Test
    void anUnchangedSourceAnswersOnlyThatItIsUnchanged() {
        NewsAggregator news = of(feed("/conditional"));
        assertThat(news.fetch().blockLast().articles()).hasSize(2);
        assertThat(news.fetch().blockLast().articles()).hasSize(2);
        assertThat(requests).hasValue(2);
        assertThat(notModified).hasValue(1);
    }

    @Nested
    class Parsers {

        private List<Article> parsed(String path, NewsParser parser) {
            return single(new NewsSource("s", origin.url(path), parser, Duration.ofSeconds(5)))
                    .articles();
        }

        @Test
        void hackerNewsFollowsItsItemsAndLeavesOutWhatCannotBeHad() {
            assertThat(parsed("/hn/top.json", NewsParser.hackerNews()))
                    .containsExactly(
                            new Article("One", "http://o.example/", "s", ""),
                            new Article("Ask", "https://news.ycombinator.com/item?id=2", "s", ""));
        }

        @Test
        void hackerNewsWithoutAnyItemIsAFailure() {
            NewsSource gone =
                    new NewsSource("s", origin.url("/gone/top.json"), NewsParser.hackerNews(), Duration.ofSeconds(5));
            assertThat(single(gone).error())
                    .hasValueSatisfying(error -> assertThat(error).contains("404"));
        }

        @Test
        void readTheirFormats() {
            assertThat(parsed("/dev", NewsParser.dev()))
                    .containsExactly(new Article("D", "http://d.example/", "s", "x"));
            assertThat(parsed("/github", NewsParser.gitHub()))
                    .extracting(Article::title)
                    .containsExactly("a/b");
            assertThat(parsed("/jsonfeed", NewsParser.feed()))
                    .extracting(Article::title)
                    .containsExactly("J");
            assertThat(parsed("/atom", NewsParser.feed()))
                    .extracting(Article::url)
                    .containsExactly("http://at.example/");
        }

        @Test
        void sayWhatTheyExpected() {
            NewsSource wrong = new NewsSource("s", origin.url("/github"), NewsParser.dev(), Duration.ofSeconds(5));
            assertThat(single(wrong).error()).hasValue("expected a JSON list");
        }

        @Test
        void ofTheRealSourcesAreSet() {
            assertThat(List.of(NewsSource.hackerNews(), NewsSource.dev(), NewsSource.gitHub()))
                    .allMatch(source -> source.url().startsWith("https://"));
            assertThat(NewsSource.feed("x", "http://x.example/").timeout()).isEqualTo(Duration.ofSeconds(10));
        }
    }

    @Test
    void badArgumentsAreNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NewsAggregator.builder().limit(0))
                .withMessageContaining("articles");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new NewsSource("n", "u", NewsParser.feed(), Duration.ZERO))
                .withMessageContaining("timeout");
        assertThatNullPointerException()
                .isThrownBy(() -> new Article(null, "u", "s", ""))
                .withMessage("title");
    }
}
