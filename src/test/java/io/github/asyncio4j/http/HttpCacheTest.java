package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
class HttpCacheTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Timings NONE =
            new Timings(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);

    private static StoredResponse answer(int status, String body, String... header) {
        HeaderList headers = HeaderList.EMPTY;
        for (int i = 0; i < header.length; i += 2) {
            headers = headers.add(header[i], header[i + 1]);
        }
        byte[] content = body.getBytes(StandardCharsets.UTF_8);
        return new StoredResponse(
                status, "", new RequestHeaders(headers), "http://h/", List.of(), NONE, HeaderBlock.EMPTY, content);
    }

    /** Answers in virtual time, which begins in 1970. */
    private static final class Site implements Middleware.Next {
        final ClientSession session = ClientSession.create();
        final HttpCache cache;
        final List<Headers> asked = new ArrayList<>();
        Function<ClientRequest, Mono<ClientResponse>> answers = request -> Mono.never();

        Site(HttpCache cache) {
            this.cache = cache;
        }

        Site says(StoredResponse response) {
            answers = request -> Mono.just(response);
            return this;
        }

        Site fails(Throwable error) {
            answers = request -> Mono.error(error);
            return this;
        }

        @Override
        public Mono<ClientResponse> proceed(ClientRequest request) {
            return Mono.defer(() -> {
                asked.add(request.headers());
                return answers.apply(request);
            });
        }

        ClientRequest get(String... header) {
            ClientRequest request = session.get("http://h/");
            for (int i = 0; i < header.length; i += 2) {
                request = request.header(header[i], header[i + 1]);
            }
            return request;
        }

        Mono<ClientResponse> response(ClientRequest request) {
            return cache.handle(request, this);
        }

        String read(ClientRequest request) {
            return response(request).flatMap(ClientResponse::text).block(PATIENCE);
        }

        String read(String... header) {
            return read(get(header));
        }

        /** What a reader is told of the answer, its body read. */
        Headers fields(String... header) {
            return response(get(header))
                    .flatMap(response -> response.text().thenReturn(response.headers()))
                    .block(PATIENCE);
        }

        int times() {
            return asked.size();
        }
    }

    @Nested
    class Time {

        private final Site site = new Site(HttpCache.create());
        private VirtualTimeScheduler clock;

        @BeforeEach
        void virtualTime() {
            clock = VirtualTimeScheduler.getOrSet();
        }

        @AfterEach
        void realTime() {
            VirtualTimeScheduler.reset();
            assertThat(site.session.close().blockOptional(PATIENCE)).isEmpty();
        }

        private void after(long seconds) {
            clock.advanceTimeBy(Duration.ofSeconds(seconds));
        }

        @Test
        void freshUntilItsAgeReachesMaxAge() {
            site.says(answer(200, "one", "Cache-Control", "max-age=60, private"));
            assertThat(site.read()).isEqualTo("one");
            site.says(answer(200, "two"));
            after(59);
            Headers fields = site.fields();
            assertThat(fields.first("Age")).contains("59");
            assertThat(fields.first("Cache-Status")).contains("asyncio4j; hit");
            assertThat(site.times()).isOne();
            after(1);
            assertThat(site.read()).isEqualTo("two");
            assertThat(site.cache.statistics()).isEqualTo(new HttpCache.Statistics(1, 0, 0, 2, 0, 0, 0));
        }

        @Test
        void expiresCountsFromDateAndMaxAgeIsStronger() {
            site.says(answer(
                    200, "one", "Date", "Thu, 01 Jan 1970 00:00:00 GMT", "Expires", "Thu, 01 Jan 1970 00:00:10 GMT"));
            site.read();
            after(9);
            site.read();
            assertThat(site.times()).isOne();
            after(1);
            site.says(answer(200, "two", "Expires", "Thu, 01 Jan 1980 00:00:00 GMT", "Cache-Control", "max-age=0"));
            site.read();
            site.read();
            assertThat(site.times()).isEqualTo(3);
        }

        @ParameterizedTest
        @ValueSource(strings = {"0", "-1", "", "soon", "Wed, 99 Foo 1970 00:00:10 GMT"})
        void anExpiryThatIsNoDateHasPassed(String expires) {
            site.says(answer(200, "x", "Expires", expires, "ETag", "\"1\""));
            site.read();
            site.read();
            assertThat(site.times()).isEqualTo(2);
        }

        @Test
        void whatWasSpentInOtherCachesAndOnTheWayCounts() {
            after(1000);
            site.says(answer(200, "x", "Cache-Control", "max-age=60", "Age", "50"));
            site.read();
            after(9);
            assertThat(site.fields().first("Age")).contains("59");
            after(1);
            site.says(answer(
                    200, "x", "Cache-Control", "max-age=60", "Date", "Thu, 01 Jan 1970 00:16:10 GMT", "Age", "oops"));
            site.read();
            after(19);
            assertThat(site.fields().first("Age")).contains("59");
            site.answers = request -> Mono.just((ClientResponse) answer(200, "y", "Cache-Control", "max-age=5"))
                    .delayElement(Duration.ofSeconds(3), Schedulers.parallel());
            after(1);
            int before = site.times();
            StepVerifier.create(site.response(site.get()).flatMap(ClientResponse::text))
                    .then(() -> after(3))
                    .expectNext("y")
                    .verifyComplete();
            after(1);
            site.read();
            assertThat(site.times()).isEqualTo(before + 1);
            after(1);
            site.says(answer(200, "z"));
            assertThat(site.read()).isEqualTo("z");
        }

        @Test
        void whereNothingIsSaidTheServerIsAskedEachTime() {
            site.says(answer(200, "x", "Last-Modified", "Thu, 01 Jan 1970 00:00:00 GMT"));
            after(100_000_000);
            site.read();
            site.says(answer(304, ""));
            assertThat(site.read()).isEqualTo("x");
            assertThat(site.times()).isEqualTo(2);
            assertThat(site.asked.get(1).first("If-Modified-Since")).contains("Thu, 01 Jan 1970 00:00:00 GMT");
            assertThat(site.asked.get(1).contains("If-None-Match")).isFalse();
        }

        @Test
        void notModifiedMergesHeadersAndMakesItFreshAgain() {
            site.says(answer(
                    200,
                    "one",
                    "ETag",
                    "W/\"1\"",
                    "Cache-Control",
                    "max-age=10",
                    "Date",
                    "Thu, 01 Jan 1970 00:00:00 GMT",
                    "Content-Type",
                    "text/x",
                    "X-Old",
                    "old",
                    "X-Both",
                    "old"));
            site.read();
            after(3600);
            site.says(answer(
                    304,
                    "",
                    "Cache-Control",
                    "max-age=20",
                    "Content-Type",
                    "text/y",
                    "Content-Length",
                    "0",
                    "X-Both",
                    "new",
                    "Set-Cookie",
                    "a=1"));
            ClientResponse again = site.response(site.get()).block(PATIENCE);
            assertThat(again.status()).isEqualTo(200);
            assertThat(again.text().block(PATIENCE)).isEqualTo("one");
            assertThat(again.headers().first("X-Old")).contains("old");
            assertThat(again.headers().all("X-Both")).containsExactly("new");
            assertThat(again.headers().first("Content-Type")).contains("text/x");
            assertThat(again.headers().contains("Content-Length")).isFalse();
            assertThat(again.headers().first("Set-Cookie")).contains("a=1");
            assertThat(again.headers().first("Age")).contains("0");
            assertThat(again.headers().first("Cache-Status")).contains("asyncio4j; fwd=stale; fwd-status=304");
            assertThat(site.asked.get(1).first("If-None-Match")).contains("W/\"1\"");
            after(19);
            assertThat(site.fields().contains("Set-Cookie")).isFalse();
            assertThat(site.times()).isEqualTo(2);
            assertThat(site.cache.statistics().revalidated()).isOne();
        }

        @Test
        void aNewAnswerReplacesTheOldOneAndAnUnstorableOneRemovesIt() {
            site.says(answer(200, "one", "ETag", "\"1\""));
            site.read();
            site.says(answer(200, "two", "ETag", "\"2\""));
            assertThat(site.read()).isEqualTo("two");
            site.says(answer(304, ""));
            assertThat(site.read()).isEqualTo("two");
            assertThat(site.asked.get(2).first("If-None-Match")).contains("\"2\"");
            site.says(answer(200, "three", "Cache-Control", "no-store"));
            assertThat(site.read()).isEqualTo("three");
            assertThat(site.cache.statistics().entries()).isZero();
            assertThat(site.cache.statistics().bytes()).isZero();
        }

        @ParameterizedTest
        @ValueSource(strings = {"no-store", "max-age=0", "max-age=soon", "no-cache", "no-cache=\"a, max-age=9\"", ""})
        void withoutALifetimeAndAValidatorItIsNotStored(String control) {
            site.says(answer(200, "x", "Cache-Control", control));
            site.read();
            assertThat(site.cache.statistics().entries()).isZero();
        }

        @Test
        void whatMustNotBeStoredIsNot() {
            String fresh = "max-age=60";
            List<StoredResponse> all = List.of(
                    answer(200, "x", "Cache-Control", fresh, "Vary", "accept, *"),
                    answer(206, "x", "Cache-Control", fresh),
                    answer(200, "x", "Cache-Control", fresh, "Content-Range", "bytes 0-0/2"),
                    answer(500, "x", "Cache-Control", fresh),
                    answer(302, "x", "ETag", "\"1\""),
                    answer(200, "x", "Cache-Control", fresh, "Content-Type", "text/event-stream"),
                    answer(200, "x", "Cache-Control", fresh + ", no-store", "ETag", "\"1\""));
            for (StoredResponse response : all) {
                site.says(response);
                site.read();
                assertThat(site.cache.statistics().entries()).as("%s", response).isZero();
            }
        }

        @Test
        void noCacheIsStoredAndAskedForEachTime() {
            site.says(answer(200, "x", "Cache-Control", "max-age=60, no-cache", "ETag", "\"1\""));
            site.read();
            site.says(answer(304, "", "Cache-Control", "max-age=60, no-cache"));
            assertThat(site.read()).isEqualTo("x");
            assertThat(site.read()).isEqualTo("x");
            assertThat(site.times()).isEqualTo(3);
        }

        @Test
        void requestsSayWhatTheyPutUpWith() {
            site.says(answer(200, "x", "Cache-Control", "max-age=60", "ETag", "\"1\""));
            site.read();
            after(30);
            site.read("Cache-Control", "max-age=30");
            site.read("Cache-Control", "min-fresh=29");
            site.read("Cache-Control", "only-if-cached");
            assertThat(site.times()).isOne();
            site.says(answer(304, ""));
            List<String> impatient = List.of(
                    "max-age=29", "min-fresh=30", "no-cache", "max-age=0", "max-age=x", "min-fresh=99999999999");
            for (String control : impatient) {
                int before = site.times();
                site.read("Cache-Control", control);
                assertThat(site.times()).as(control).isEqualTo(before + 1);
                after(30);
            }
            int before = site.times();
            site.read("Pragma", "no-cache");
            assertThat(site.times()).isEqualTo(before + 1);
            after(100);
            site.read("Cache-Control", "max-stale=41");
            site.read("Cache-Control", "max-stale");
            assertThat(site.times()).isEqualTo(before + 1);
            site.read("Cache-Control", "max-stale=40");
            assertThat(site.times()).isEqualTo(before + 2);
        }

        @Test
        void mustRevalidateIsNeverStale() {
            site.says(answer(200, "x", "Cache-Control", "max-age=1, must-revalidate, stale-if-error=60", "ETag", "1"));
            site.read();
            after(2);
            site.says(answer(304, "", "Cache-Control", "max-age=1, must-revalidate"));
            site.read("Cache-Control", "max-stale");
            assertThat(site.times()).isEqualTo(2);
            after(2);
            site.fails(new ServerDisconnectedException("gone", null));
            assertThatThrownBy(site::read).hasCauseInstanceOf(ServerDisconnectedException.class);
        }

        @Test
        void onlyIfCachedIsAnsweredWithoutTheServer() {
            ClientResponse none =
                    site.response(site.get("Cache-Control", "only-if-cached")).block(PATIENCE);
            assertThat(none.status()).isEqualTo(504);
            assertThat(none.bytes().block(PATIENCE)).isEmpty();
            assertThat(site.times()).isZero();
        }

        @Test
        void noStoreInARequestPassesThroughAndLeavesWhatIsThere() {
            site.says(answer(200, "x", "Cache-Control", "max-age=60"));
            site.read("Cache-Control", "no-store");
            assertThat(site.cache.statistics().entries()).isZero();
            site.read();
            site.says(answer(200, "y"));
            assertThat(site.read("Cache-Control", "no-store")).isEqualTo("y");
            assertThat(site.read()).isEqualTo("x");
        }

        @Test
        void anOldAnswerIsBetterThanAnErrorForAsLongAsTheServerSays() {
            site.says(answer(200, "x", "Cache-Control", "max-age=1, stale-if-error=60", "ETag", "1"));
            site.read();
            after(2);
            List<Throwable> outages = List.of(
                    new ServerDisconnectedException("gone", null),
                    new ClientConnectException("no", "h", 80, null),
                    new ClientTimeoutException("slow", ClientTimeoutException.Phase.HEADERS));
            for (Throwable outage : outages) {
                site.fails(outage);
                assertThat(site.fields().first("Cache-Status")).contains("asyncio4j; hit; detail=stale-if-error");
            }
            site.says(answer(503, "down"));
            assertThat(site.read()).isEqualTo("x");
            assertThat(site.cache.statistics().stale()).isEqualTo(4);
            List<Throwable> others = List.of(
                    new IllegalStateException("mine"),
                    new ClientTimeoutException("over", ClientTimeoutException.Phase.TOTAL));
            for (Throwable other : others) {
                site.fails(other);
                assertThatThrownBy(site::read)
                        .satisfiesAnyOf(
                                e -> assertThat(e).isSameAs(other),
                                e -> assertThat(e).hasCause(other));
            }
            site.says(answer(503, "down"));
            assertThat(site.read("Cache-Control", "no-cache")).isEqualTo("down");
            after(59);
            assertThat(site.read()).isEqualTo("down");
            assertThat(site.read("Cache-Control", "stale-if-error=100")).isEqualTo("x");
        }

        @Test
        void theBuilderSpeaksWhereTheServerIsSilent() {
            Site patient = new Site(
                    HttpCache.builder().staleIfError(Duration.ofSeconds(10)).build());
            patient.says(answer(200, "x", "ETag", "1"));
            patient.read();
            patient.says(answer(500, "down"));
            after(9);
            assertThat(patient.read()).isEqualTo("x");
            after(1);
            assertThat(patient.read()).isEqualTo("down");
            patient.session.close().block(PATIENCE);
        }
    }

    @Nested
    class WhoIsAnswered {

        private final Site site = new Site(HttpCache.create());

        private void fresh(String body, String... more) {
            List<String> all = new ArrayList<>(List.of("Cache-Control", "max-age=600"));
            all.addAll(List.of(more));
            site.says(answer(200, body, all.toArray(String[]::new)));
        }

        @Test
        void differentCredentialsAreDifferentPeople() {
            List<ClientRequest> people = List.of(
                    site.get(),
                    site.get().bearerAuth("a"),
                    site.get().bearerAuth("b"),
                    site.get().cookie("s", "1"),
                    site.get().cookie("s", "2"),
                    site.session.get("http://u:p@h/"),
                    site.session.get("http://u:q@h/"));
            for (int i = 0; i < people.size(); i++) {
                fresh("for " + i);
                site.read(people.get(i));
            }
            for (int i = 0; i < people.size(); i++) {
                assertThat(site.read(people.get(i))).isEqualTo("for " + i);
            }
            assertThat(site.times()).isEqualTo(people.size());
        }

        @Test
        void cookiesOfTheJarAreCredentials() {
            String[] session = {"a=1"};
            try (RawOrigin origin = RawOrigin.start(peer -> {
                        while (peer.readRequest()) {
                            String cookie = peer.lastRequest().contains("a=2") ? "2" : "1";
                            peer.send("HTTP/1.1 200 OK\r\nSet-Cookie: " + session[0]
                                    + "\r\nCache-Control: max-age=60\r\nContent-Length: 1\r\n\r\n" + cookie);
                        }
                    });
                    Closing closing = new Closing(ClientSession.builder()
                            .cookieJar(CookieJar.unsafe())
                            .middleware(site.cache)
                            .build())) {
                ClientRequest get = closing.session.get(origin.url("/"));
                assertThat(get.text().block(PATIENCE)).isEqualTo("1");
                session[0] = "a=2";
                closing.session.get(origin.url("/other")).text().block(PATIENCE);
                assertThat(get.text().block(PATIENCE)).isEqualTo("2");
                assertThat(get.text().block(PATIENCE)).isEqualTo("2");
                assertThat(origin.requests()).hasSize(3);
            }
        }

        @Test
        void aroundTheRequestEachSessionIsAnsweredApart() {
            fresh("x");
            site.read();
            Site other = new Site(site.cache);
            other.says(answer(200, "y"));
            assertThat(other.read()).isEqualTo("y");
        }

        @Test
        void varyTellsRequestsApart() {
            fresh("de", "Vary", "Accept-Language, Accept");
            site.read("Accept-Language", "de");
            fresh("en", "Vary", "Accept-Language, Accept");
            assertThat(site.read("Accept-Language", "en")).isEqualTo("en");
            assertThat(site.read("Accept-Language", "de")).isEqualTo("de");
            assertThat(site.cache.statistics().entries()).isEqualTo(2);
            fresh("none", "Vary", "Accept-Language, Accept");
            assertThat(site.read()).isEqualTo("none");
            assertThat(site.read("X-Other", "1")).isEqualTo("none");
        }

        @Test
        void aDecodedBodyIsNotTheAnswerForTheRawOne() {
            fresh("plain");
            site.read();
            fresh("raw");
            assertThat(site.read(site.get().decompress(false))).isEqualTo("raw");
            assertThat(site.read()).isEqualTo("plain");
        }

        @Test
        void whatIsNoPlainGetPassesThrough() {
            fresh("x");
            site.read();
            fresh("y");
            List<ClientRequest> others = List.of(
                    site.session.head("http://h/"),
                    site.get("Range", "bytes=0-0"),
                    site.get("If-None-Match", "\"1\""),
                    site.get("Accept", "text/event-stream"),
                    site.get().body("b"),
                    site.get("Sec-WebSocket-Key", "k"),
                    site.get().maxBodySize(0));
            others.forEach(request -> assertThat(site.read(request)).isEqualTo("y"));
            assertThat(site.read()).isEqualTo("x");
            assertThat(site.cache.statistics().misses()).isOne();
        }

        @Test
        void keysGiveNoSecretsAway() {
            fresh("x");
            ClientRequest request = site.get().bearerAuth("hunter2").cookie("s", "hunter3");
            assertThat(CacheCredentials.key((DefaultClientRequest) request).toString())
                    .doesNotContain("hunter");
            site.read(request);
            assertThat(site.cache.toString()).doesNotContain("hunter");
        }
    }

    @Nested
    class Invalidation {

        private final Site site = new Site(HttpCache.create());

        private void stored() {
            site.says(answer(200, "x", "Cache-Control", "max-age=600"));
            site.read();
            site.read(site.get().bearerAuth("a"));
            site.read(site.session.get("http://h/made"));
            site.read(site.session.get("http://other/made"));
            assertThat(site.cache.statistics().entries()).isEqualTo(4);
        }

        private int left() {
            return site.cache.statistics().entries();
        }

        @ParameterizedTest
        @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH", "PURGE"})
        void aChangeForgetsItsUrlForEverybody(String method) {
            stored();
            site.says(answer(204, "")).read(site.session.request(method, "http://h/"));
            assertThat(left()).isEqualTo(2);
        }

        @Test
        void alsoWhatItPointsToOnItsOwnOrigin() {
            stored();
            site.says(answer(201, "", "Location", "/made", "Content-Location", "http://other/made"))
                    .read(site.session.post("http://h/new"));
            assertThat(left()).isEqualTo(3);
            site.says(answer(201, "", "Location", "http://[", "Content-Location", "http://h/made"))
                    .read(site.session.post("http://h/new"));
            assertThat(left()).isEqualTo(3);
        }

        @Test
        void notWhenItWasRefused() {
            stored();
            site.says(answer(403, "")).read(site.session.post("http://h/"));
            assertThat(left()).isEqualTo(4);
        }

        @Test
        void whenNobodyKnowsHowItEnded() {
            stored();
            site.fails(new ServerDisconnectedException("gone", null));
            assertThatThrownBy(() -> site.read(site.session.post("http://h/"))).isNotNull();
            assertThat(left()).isEqualTo(2);
            stored();
            site.answers = request -> Mono.never();
            site.response(site.session.post("http://h/")).subscribe().dispose();
            assertThat(left()).isEqualTo(2);
        }

        @Test
        void anAnswerFromBeforeTheChangeIsNotStoredAfterIt() {
            Sinks.One<ClientResponse> slow = Sinks.one();
            site.answers = request -> slow.asMono();
            List<String> read = new ArrayList<>();
            site.response(site.get()).flatMap(ClientResponse::text).subscribe(read::add);
            site.says(answer(204, "")).read(site.session.put("http://h/"));
            slow.tryEmitValue(answer(200, "old", "Cache-Control", "max-age=600"));
            assertThat(read).containsExactly("old");
            assertThat(left()).isZero();
        }

        @Test
        void clearForgetsAllAndWhatIsUnderWay() {
            stored();
            Mono<ClientResponse> open = site.response(site.session.get("http://h/3"));
            ClientResponse response = open.block(PATIENCE);
            site.cache.clear();
            response.text().block(PATIENCE);
            assertThat(left()).isZero();
            assertThat(site.cache.statistics().bytes()).isZero();
        }
    }

    @Nested
    class Bounds {

        private String big(int bytes) {
            return "b".repeat(bytes);
        }

        private Site site(HttpCache.Builder builder) {
            return new Site(builder.build());
        }

        @Test
        void theLongestUnusedGoesFirst() {
            Site site = site(HttpCache.builder().maxBytes(10_000));
            site.says(answer(200, big(2500), "Cache-Control", "max-age=600"));
            for (String path : List.of("a", "b", "c")) {
                site.read(site.session.get("http://h/" + path));
            }
            site.read(site.session.get("http://h/a"));
            site.read(site.session.get("http://h/d"));
            assertThat(site.times()).isEqualTo(4);
            site.read(site.session.get("http://h/a"));
            assertThat(site.times()).isEqualTo(4);
            site.read(site.session.get("http://h/b"));
            assertThat(site.times()).isEqualTo(5);
            HttpCache.Statistics seen = site.cache.statistics();
            assertThat(seen.evicted()).isEqualTo(2);
            assertThat(seen.entries()).isEqualTo(3);
            assertThat(seen.bytes()).isBetween(7_500L, 10_000L);
        }

        @Test
        void aLargeBodyIsReadButNotStored() {
            Site site = site(HttpCache.builder().maxEntryBytes(100));
            site.says(answer(200, big(101), "Cache-Control", "max-age=600"));
            assertThat(site.read()).hasSize(101);
            site.says(answer(200, big(100), "Cache-Control", "max-age=600", "Content-Length", "101"));
            assertThat(site.read()).hasSize(100);
            assertThat(site.cache.statistics().entries()).isZero();
            site.says(answer(200, big(100), "Cache-Control", "max-age=600"));
            assertThat(site.read()).hasSize(100);
            assertThat(site.cache.statistics().entries()).isOne();
            Site narrow = site(HttpCache.builder().maxBytes(1));
            narrow.says(answer(200, "x", "Cache-Control", "max-age=600")).read();
            assertThat(narrow.cache.statistics().entries()).isZero();
        }

        @Test
        void oneUrlHasAThousandVariantsAtMost() {
            Site site = site(HttpCache.builder());
            site.says(answer(200, "x", "Cache-Control", "max-age=600"));
            for (int i = 0; i <= 1000; i++) {
                site.read(site.get().cookie("visit", "" + i));
            }
            assertThat(site.cache.statistics().entries()).isEqualTo(1000);
            assertThat(site.cache.statistics().evicted()).isOne();
        }

        @Test
        void argumentsAreChecked() {
            HttpCache.Builder builder = HttpCache.builder();
            assertThatThrownBy(() -> builder.maxBytes(0)).hasMessage("maxBytes must be at least 1, but is 0");
            assertThatThrownBy(() -> builder.maxEntryBytes(0)).hasMessageContaining("maxEntryBytes");
            assertThatThrownBy(() -> builder.staleIfError(Duration.ofSeconds(-1)))
                    .hasMessageContaining("staleIfError");
        }
    }

    @Nested
    @ExtendWith(NoLeaks.class)
    class OnTheWire {

        private static final String FRESH = "HTTP/1.1 200 OK\r\nCache-Control: max-age=600\r\n";
        private final HttpCache cache = HttpCache.create();

        private Closing session() {
            return new Closing(ClientSession.builder().networkMiddleware(cache).build());
        }

        @Test
        void everyWayToReadStoresAndIsAnswered() {
            List<Function<ClientRequest, Mono<?>>> ways = List.of(
                    ClientRequest::text,
                    ClientRequest::bytes,
                    request -> request.json(Integer.class),
                    request -> request.json(new TypeRef<Integer>() {}),
                    request -> request.lines().last(),
                    request -> request.chunks().count(),
                    request -> request.use(response -> response.chunks(1).count()),
                    request -> request.use(response -> response.text().then(response.text())));
            try (RawOrigin origin = RawOrigin.answering(
                            FRESH + "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n42");
                    Closing closing = session()) {
                for (int i = 0; i < ways.size(); i++) {
                    ClientRequest get = closing.session.get(origin.url("/" + i));
                    Object first = ways.get(i).apply(get).block(PATIENCE);
                    assertThat(get.text().block(PATIENCE)).isEqualTo("42");
                    assertThat(ways.get(i).apply(get).block(PATIENCE)).isEqualTo(first);
                }
                assertThat(origin.requests()).hasSize(ways.size());
                assertThat(cache.statistics().hits()).isEqualTo(2L * ways.size());
            }
        }

        @Test
        void whatWasReadInPartIsNotStored() {
            try (RawOrigin origin = RawOrigin.start(peer -> {
                        while (peer.readRequest()) {
                            peer.send(FRESH + "Content-Length: 4\r\n\r\n1\n2\n");
                        }
                    });
                    Closing closing = session()) {
                ClientRequest get = closing.session.get(origin.url("/"));
                assertThat(get.lines().next().block(PATIENCE)).isEqualTo("1");
                assertThat(get.status().block(PATIENCE)).isEqualTo(200);
                closing.awaitRest();
                assertThat(cache.statistics().entries()).isZero();
            }
        }

        @Test
        void aBrokenBodyIsNotStored() {
            try (RawOrigin origin = RawOrigin.answeringOnce(FRESH + "Content-Length: 4\r\n\r\n12");
                    Closing closing = session()) {
                StepVerifier.create(
                                closing.session.get(origin.url("/")).chunks().then())
                        .expectError(ClientPayloadException.class)
                        .verify(PATIENCE);
                StepVerifier.create(closing.session.get(origin.url("/")).bytes())
                        .expectError(ClientPayloadException.class)
                        .verify(PATIENCE);
                assertThat(cache.statistics().entries()).isZero();
            }
        }

        @Test
        void aCancelledBodyIsNotStored() {
            CountDownLatch begun = new CountDownLatch(1);
            try (RawOrigin origin = RawOrigin.start(peer -> {
                        peer.readRequest();
                        peer.send(FRESH + "Content-Length: 4\r\n\r\n12");
                        peer.awaitClose();
                    });
                    Closing closing = session()) {
                Disposable running = closing.session
                        .get(origin.url("/"))
                        .chunks()
                        .doOnNext(piece -> begun.countDown())
                        .subscribe();
                closing.await(begun);
                running.dispose();
                closing.awaitRest();
                assertThat(cache.statistics().entries()).isZero();
            }
        }

        @Test
        void theBeginningShownByAnErrorIsNotTheBody() {
            String body = "x".repeat(100_000);
            try (RawOrigin origin = RawOrigin.answering("HTTP/1.1 404 Not Found\r\nCache-Control: max-age=600\r\n"
                            + "Content-Length: 100000\r\n\r\n" + body);
                    Closing closing = session()) {
                ClientRequest get = closing.session.get(origin.url("/"));
                StepVerifier.create(get.raiseForStatus(true).text())
                        .expectError(ClientResponseException.class)
                        .verify(PATIENCE);
                assertThat(get.text().block(PATIENCE)).isEqualTo(body);
                assertThat(get.text().block(PATIENCE)).isEqualTo(body);
                assertThat(origin.requests()).hasSize(2);
            }
        }

        @Test
        void readersHaveCopiesOfTheirOwn() {
            try (RawOrigin origin = RawOrigin.answering(FRESH + "Content-Length: 2\r\n\r\nok");
                    Closing closing = session()) {
                ClientRequest get = closing.session.get(origin.url("/"));
                get.bytes().block(PATIENCE)[0] = '!';
                get.bytes().block(PATIENCE)[0] = '!';
                ByteBuffer piece = get.chunks().next().block(PATIENCE);
                piece.put(0, (byte) '!');
                List<String> all = Flux.range(0, 100)
                        .flatMap(i -> get.text().subscribeOn(Schedulers.parallel()))
                        .collectList()
                        .block(PATIENCE);
                assertThat(all).hasSize(100).containsOnly("ok");
                assertThat(origin.requests()).hasSize(1);
            }
        }

        @Test
        void aPermanentRedirectIsFollowedFromTheStore() {
            try (RawOrigin origin = RawOrigin.start(peer -> {
                        while (peer.readRequest()) {
                            peer.send(
                                    peer.lastRequest().startsWith("GET / ")
                                            ? "HTTP/1.1 301 Moved\r\nLocation: /there\r\nCache-Control: max-age=600\r\n"
                                                    + "Content-Length: 4\r\n\r\nmove"
                                            : FRESH + "Content-Length: 0\r\n\r\n");
                        }
                    });
                    Closing closing = session()) {
                ClientRequest get = closing.session.get(origin.url("/"));
                for (int i = 0; i < 2; i++) {
                    assertThat(get.use(response -> Mono.just(response.history().size() + " " + response.url()))
                                    .block(PATIENCE))
                            .isEqualTo("1 " + origin.url("/there"));
                }
                assertThat(origin.requests()).hasSize(2);
                assertThat(get.followRedirects(false).text().block(PATIENCE)).isEqualTo("move");
            }
        }

        @Test
        void aroundTheRequestWhatWasRedirectedIsNotStored() {
            try (RawOrigin origin = RawOrigin.start(peer -> {
                        while (peer.readRequest()) {
                            peer.send(
                                    peer.lastRequest().startsWith("GET / ")
                                            ? "HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"
                                            : FRESH + "Content-Length: 2\r\n\r\nok");
                        }
                    });
                    Closing closing = new Closing(
                            ClientSession.builder().middleware(cache).build())) {
                assertThat(closing.session.get(origin.url("/")).text().block(PATIENCE))
                        .isEqualTo("ok");
                assertThat(cache.statistics().entries()).isZero();
                closing.session.get(origin.url("/there")).text().block(PATIENCE);
                assertThat(cache.statistics().entries()).isOne();
            }
        }

        @Test
        void sessionsOneAfterTheOtherShareItAndTheConnectionOfANotModifiedIsGivenBack() {
            AtomicInteger count = new AtomicInteger();
            List<String> cookies = new CopyOnWriteArrayList<>();
            try (RawOrigin origin = RawOrigin.start(peer -> {
                while (peer.readRequest()) {
                    peer.send(
                            count.incrementAndGet() == 1
                                    ? "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nSet-Cookie: old=1\r\nContent-Length: 2\r\n\r\nok"
                                    : "HTTP/1.1 304 Not Modified\r\nSet-Cookie: new=1\r\n\r\n");
                }
            })) {
                for (int i = 0; i < 3; i++) {
                    try (Closing closing = new Closing(ClientSession.builder()
                            .cookieJar(CookieJar.unsafe())
                            .networkMiddleware(cache)
                            .build())) {
                        ClientRequest get = closing.session.get(origin.url("/")).withoutHeader("Cookie");
                        assertThat(get.text().block(PATIENCE)).isEqualTo("ok");
                        closing.session.cookies().all().forEach(cookie -> cookies.add(cookie.name()));
                        assertThat(closing.session.statistics().created()).isOne();
                    }
                }
                assertThat(cookies).containsExactly("old", "new", "new");
                assertThat(cache.statistics().revalidated()).isEqualTo(2);
            }
        }

        @Test
        void singleFlightAroundItAsksOnce() {
            CountDownLatch go = new CountDownLatch(1);
            try (RawOrigin origin = RawOrigin.start(peer -> {
                        peer.readRequest();
                        go.await();
                        peer.send(FRESH + "Content-Length: 2\r\n\r\nok");
                        peer.awaitClose();
                    });
                    Closing closing = new Closing(ClientSession.builder()
                            .middleware(SingleFlight.create())
                            .networkMiddleware(cache)
                            .build())) {
                Mono<List<String>> all = Flux.range(0, 50)
                        .flatMap(i -> closing.session.get(origin.url("/")).text(), 50)
                        .doOnSubscribe(s -> go.countDown())
                        .collectList();
                assertThat(all.block(PATIENCE)).hasSize(50).containsOnly("ok");
                assertThat(closing.session.get(origin.url("/")).text().block(PATIENCE))
                        .isEqualTo("ok");
                assertThat(origin.requests()).hasSize(1);
            }
        }
    }
}
