package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
class RobotsTxtTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String RULES = "User-agent: *\nDisallow: /\n\nUser-agent: GoodBot\nDisallow: /private\n"
            + "Allow: /private/open\nDisallow: /*?session=\nCrawl-delay: 2\n";

    private static Mono<ClientResponse> answer(int status, String body, String... header) {
        HeaderList headers = HeaderList.EMPTY;
        for (int i = 0; i < header.length; i += 2) {
            headers = headers.add(header[i], header[i + 1]);
        }
        Timings none = new Timings(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);
        return Mono.just(new StoredResponse(
                status,
                "",
                new RequestHeaders(headers),
                "http://h/",
                List.of(),
                none,
                HeaderBlock.EMPTY,
                body.getBytes(StandardCharsets.UTF_8)));
    }

    private final ClientSession session = ClientSession.create();
    private final List<String> asked = new ArrayList<>();
    private Function<String, Mono<ClientResponse>> robots = url -> answer(200, RULES);
    private RobotsTxt middleware = RobotsTxt.of("GoodBot", Duration.ZERO);

    private Mono<Integer> status(String path) {
        return status(session.get("http://h" + path));
    }

    private Mono<Integer> status(ClientRequest request) {
        Middleware.Next next = sent -> Mono.defer(() -> {
            asked.add(sent.url());
            return sent.url().contains("robots") ? robots.apply(sent.url()) : answer(200, "ok");
        });
        return Mono.defer(() -> middleware.handle(request, next)).map(ClientResponse::status);
    }

    private void allowed(String path) {
        assertThat(status(path).block(PATIENCE)).as(path).isEqualTo(200);
    }

    private void refused(String path) {
        int before = asked.size();
        StepVerifier.create(status(path))
                .expectError(RobotsDisallowedException.class)
                .verify(PATIENCE);
        assertThat(asked.subList(before, asked.size())).doesNotContain("http://h" + path);
    }

    @Nested
    class Rules {

        @Test
        void areThoseOfTheAgentAndTheLongestOneWins() {
            allowed("/");
            refused("/private");
            refused("/private/secret");
            allowed("/private/open");
            refused("/x?session=1");
            allowed("/robots.txt");
            assertThat(asked).filteredOn(url -> url.endsWith("robots.txt")).hasSize(2);
        }

        @Test
        void forEverybodyElseCount() {
            middleware = RobotsTxt.of("otherbot");
            refused("/");
            allowed("/robots.txt");
        }

        @Test
        void refusalNamesUrlAgentAndSourceAndNotTheQuery() {
            StepVerifier.create(status("/private?token=t"))
                    .expectErrorSatisfies(e -> {
                        RobotsDisallowedException refusal = (RobotsDisallowedException) e;
                        assertThat(refusal.url()).isEqualTo("http://h/private?token=t");
                        assertThat(refusal.agent()).isEqualTo("goodbot");
                        assertThat(refusal.source()).isEqualTo("http://h/robots.txt");
                        assertThat(refusal)
                                .hasMessage("GET http://h/private?…: not sent, as goodbot is not allowed to by"
                                        + " http://h/robots.txt");
                    })
                    .verify(PATIENCE);
        }

        @Test
        void anEmptyFileAndAPageInItsPlaceAllowAll() {
            robots = url -> answer(200, "");
            allowed("/private");
            middleware = RobotsTxt.of("goodbot");
            robots = url -> answer(200, "<html><body>Not found</body></html>", "Content-Type", "text/html");
            allowed("/private");
        }

        @Test
        void onlyTheFirst500KiBCountAndNoHalfLine() {
            String filling = "#".repeat(RobotsSite.MAX_BYTES - 40) + "\n";
            robots = url ->
                    answer(200, "User-agent: *\nDisallow: /a\n" + filling + "Disallow: /far/away/beyond\n".repeat(2));
            refused("/a");
            allowed("/far/away/beyond");
            allowed("/far");
        }

        @Test
        void eachOriginHasItsOwn() {
            robots = url -> url.startsWith("http://h/") ? answer(200, RULES) : answer(404, "");
            refused("/private");
            assertThat(status(session.get("http://h:81/private")).block(PATIENCE))
                    .isEqualTo(200);
            assertThat(status(session.get("https://h/private")).block(PATIENCE)).isEqualTo(200);
            assertThat(asked).contains("http://h/robots.txt", "http://h:81/robots.txt", "https://h/robots.txt");
        }

        @Test
        void webSocketsAreNotAskedAbout() {
            assertThat(status(session.get("http://h/private").header("Sec-WebSocket-Key", "k"))
                            .block(PATIENCE))
                    .isEqualTo(200);
            assertThat(asked).containsExactly("http://h/private");
        }

        @Test
        void agentsAreChecked() {
            assertThatThrownBy(() -> RobotsTxt.of("bot/1.0"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("bot/1.0");
            assertThatThrownBy(() -> RobotsTxt.of("")).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> RobotsTxt.of("bot", Duration.ofSeconds(-1)))
                    .hasMessageContaining("maxCrawlDelay");
            assertThat(RobotsTxt.of("Bot")).hasToString("RobotsTxt(bot)");
        }
    }

    @Nested
    class Fetching {

        @ParameterizedTest
        @ValueSource(ints = {400, 401, 403, 404, 410, 429})
        void unavailableAllowsAll(int status) {
            robots = url -> answer(status, "Disallow: /");
            allowed("/private");
        }

        @ParameterizedTest
        @ValueSource(ints = {500, 502, 503})
        void anErrorOfTheServerDisallowsAll(int status) {
            robots = url -> answer(status, "");
            StepVerifier.create(status("/open"))
                    .expectErrorSatisfies(e -> assertThat(((RobotsDisallowedException) e).source())
                            .isEqualTo("http://h/robots.txt (answered " + status + ")"))
                    .verify(PATIENCE);
        }

        @Test
        void unreachableDisallowsAllAndAMistakeOfOursIsNone() {
            robots = url -> Mono.error(new ServerDisconnectedException("gone", null));
            StepVerifier.create(status("/open"))
                    .expectErrorSatisfies(e -> assertThat(((RobotsDisallowedException) e).source())
                            .isEqualTo("http://h/robots.txt (gone)"))
                    .verify(PATIENCE);
            middleware = RobotsTxt.of("goodbot");
            robots = url -> Mono.error(new IllegalStateException("mine"));
            StepVerifier.create(status("/open")).expectErrorMessage("mine").verify(PATIENCE);
        }

        @Test
        void fiveRedirectsAreFollowedAlsoToAnotherOrigin() {
            robots = url -> {
                int hop = url.endsWith("robots.txt") ? 0 : Integer.parseInt(url.substring(url.length() - 1));
                return hop == 5 ? answer(200, RULES) : answer(302, "", "Location", "http://other/robots" + (hop + 1));
            };
            refused("/private");
            assertThat(asked).hasSize(6);
        }

        @Test
        void theSixthAllowsAllAndSoDoesOneThatLeadsNowhere() {
            robots = url -> answer(301, "", "Location", "/robots.txt");
            allowed("/private");
            assertThat(asked).hasSize(7);
            for (String location : List.of("http://[", "ftp://h/")) {
                middleware = RobotsTxt.of("goodbot");
                robots = url -> answer(301, "", "Location", location);
                allowed("/private");
            }
            middleware = RobotsTxt.of("goodbot");
            robots = url -> answer(304, "");
            allowed("/private");
        }

        @Test
        void onceForAllAndACancelHurtsNobodyElse() {
            Sinks.One<ClientResponse> late = Sinks.one();
            robots = url -> late.asMono();
            Disposable first = status("/1").subscribe();
            List<Integer> seen = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                status("/" + i).subscribe(seen::add);
            }
            first.dispose();
            late.tryEmitValue(answer(200, RULES).block());
            assertThat(seen).hasSize(100);
            assertThat(asked).filteredOn(url -> url.endsWith("robots.txt")).hasSize(1);
        }

        @Test
        void whenAllHaveLeftItIsCancelledAndTheNextOneAsksAnew() {
            boolean[] cancelled = {false};
            robots = url -> Mono.<ClientResponse>never().doOnCancel(() -> cancelled[0] = true);
            status("/").subscribe().dispose();
            assertThat(cancelled[0]).isTrue();
            robots = url -> answer(200, RULES);
            allowed("/");
        }
    }

    @Nested
    class Time {

        private VirtualTimeScheduler clock;

        @BeforeEach
        void virtualTime() {
            clock = VirtualTimeScheduler.getOrSet();
        }

        @AfterEach
        void realTime() {
            VirtualTimeScheduler.reset();
        }

        @Test
        void itIsGoodForADay() {
            allowed("/");
            robots = url -> answer(404, "");
            clock.advanceTimeBy(Duration.ofHours(24).minusMillis(1));
            refused("/private");
            clock.advanceTimeBy(Duration.ofMillis(1));
            allowed("/private");
        }

        @Test
        void whatCouldNotBeHadIsAskedForAgainAfterFiveMinutes() {
            robots = url -> answer(503, "");
            refused("/open");
            robots = url -> answer(200, RULES);
            refused("/open");
            clock.advanceTimeBy(Duration.ofMinutes(5));
            allowed("/open");
        }

        @Test
        void rulesFromBeforeStayWhileTheServerIsOutOfOrder() {
            refused("/private");
            robots = url -> answer(500, "");
            clock.advanceTimeBy(Duration.ofHours(24));
            refused("/private");
            allowed("/open");
        }

        @Test
        void crawlDelayIsWaitedForBetweenTwoRequests() {
            middleware = RobotsTxt.of("goodbot");
            List<Integer> seen = new ArrayList<>();
            Flux.range(0, 3).flatMap(i -> status("/" + i)).subscribe(seen::add);
            for (int answered = 1; answered <= 2; answered++) {
                assertThat(seen).hasSize(answered);
                clock.advanceTimeBy(Duration.ofMillis(1999));
                assertThat(seen).hasSize(answered);
                clock.advanceTimeBy(Duration.ofMillis(1));
            }
            assertThat(seen).hasSize(3);
        }

        @Test
        void aLongDelayIsCutAndOneThatIsTakenBackIsForgotten() {
            middleware = RobotsTxt.of("goodbot");
            robots = url -> answer(200, "User-agent: *\nCrawl-delay: 86400\n");
            List<Integer> seen = new ArrayList<>();
            Flux.range(0, 2).flatMap(i -> status("/" + i)).subscribe(seen::add);
            clock.advanceTimeBy(Duration.ofMillis(59_999));
            assertThat(seen).hasSize(1);
            clock.advanceTimeBy(Duration.ofMillis(1));
            assertThat(seen).hasSize(2);
            clock.advanceTimeBy(Duration.ofHours(24));
            robots = url -> answer(404, "");
            allowed("/");
            allowed("/");
        }
    }

    @Nested
    @ExtendWith(NoLeaks.class)
    class OnTheWire {

        private static RawOrigin site() {
            return RawOrigin.start(peer -> {
                while (peer.readRequest()) {
                    String path = peer.lastRequest().split(" ")[1];
                    String body = path.equals("/rules") ? "User-agent: *\nDisallow: /private\n" : "ok";
                    peer.send(
                            path.equals("/robots.txt")
                                    ? "HTTP/1.1 301 Moved\r\nLocation: /rules\r\nContent-Length: 0\r\n\r\n"
                                    : path.equals("/away")
                                            ? "HTTP/1.1 302 Found\r\nLocation: /private\r\nContent-Length: 0\r\n\r\n"
                                            : "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n"
                                                    + body);
                }
            });
        }

        @Test
        void inTheNetworkEachHopIsAskedAbout() {
            try (RawOrigin origin = site();
                    Closing closing = new Closing(ClientSession.builder()
                            .networkMiddleware(RobotsTxt.of("bot"))
                            .build())) {
                assertThat(closing.session.get(origin.url("/open")).text().block(PATIENCE))
                        .isEqualTo("ok");
                StepVerifier.create(closing.session.get(origin.url("/away")).text())
                        .expectError(RobotsDisallowedException.class)
                        .verify(PATIENCE);
                assertThat(origin.requests())
                        .extracting(head -> head.split(" ")[1])
                        .containsExactly("/robots.txt", "/rules", "/open", "/away");
            }
        }

        @Test
        void aroundTheRequestOnlyWhatWasAskedFor() {
            try (RawOrigin origin = site();
                    Closing closing = new Closing(ClientSession.builder()
                            .middleware(AdaptiveConcurrency.builder().max(1).build())
                            .middleware(RobotsTxt.of("bot"))
                            .build())) {
                assertThat(closing.session.get(origin.url("/away")).text().block(PATIENCE))
                        .isEqualTo("ok");
                StepVerifier.create(closing.session.get(origin.url("/private")).text())
                        .expectError(RobotsDisallowedException.class)
                        .verify(PATIENCE);
            }
        }

        @Test
        void aCancelClosesTheConnection() {
            CountDownLatch arrived = new CountDownLatch(1);
            try (RawOrigin origin = RawOrigin.start(peer -> {
                        peer.readRequest();
                        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nUser");
                        arrived.countDown();
                        peer.awaitClose();
                    });
                    Closing closing = new Closing(ClientSession.builder()
                            .networkMiddleware(RobotsTxt.of("bot"))
                            .build())) {
                Disposable running = closing.session.get(origin.url("/")).text().subscribe();
                closing.await(arrived);
                running.dispose();
                closing.awaitRest();
                origin.awaitOpen(0);
            }
        }
    }
}
