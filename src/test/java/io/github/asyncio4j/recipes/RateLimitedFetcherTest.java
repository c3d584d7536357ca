package io.github.asyncio4j.recipes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.asyncio4j.http.ClientResponseException;
import io.github.asyncio4j.http.ClientSession;
import io.github.asyncio4j.task.Outcome;
import io.github.asyncio4j.task.Tasks;
import io.github.asyncio4j.testing.NaiveTwin;
import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.Recipe;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.http.server.HttpServerRoutes;
import reactor.test.StepVerifier;

@ExtendWith(NoLeaks.class)
class RateLimitedFetcherTest {

    private final AtomicInteger refusals = new AtomicInteger();
    private final Origin origin = new Origin(this::routes);

    @AfterEach
    void close() {
        origin.close();
    }

    private void routes(HttpServerRoutes r) {
        r.get("/warm", (q, s) -> Origin.text(s, "text/plain", "warm"));
        r.get("/page/{n}", (q, s) -> origin().recorded(this::page).apply(q, s));
        r.get(
                "/busy/{times}/{after}",
                (q, s) -> refusals.incrementAndGet() <= Integer.parseInt(q.param("times"))
                        ? s.status(429).header("Retry-After", q.param("after")).send()
                        : Origin.text(s, "text/plain", "at last"));
        r.get("/nothing", (q, s) -> s.status(204).send());
        r.get("/hang", (q, s) -> Mono.never());
    }

    // The routes are made before the field is set.
    private Origin origin() {
        return origin;
    }

    private Publisher<Void> page(HttpServerRequest request, HttpServerResponse response) {
        String n = request.uri().substring("/page/".length());
        return n.endsWith("9")
                ? response.status(500).send()
                : Origin.later(response, Duration.ofMillis(10), "text/plain", "page " + n);
    }

    @Test
    @Recipe(
            row = "40",
            value =
                    "`RateLimitedFetcher`: so many per second, so many at once, with metrics, by the server's own record.")
    void keepsBothLimitsByTheServersOwnRecordWithFailuresMixedIn() {
        int maxRps = 50;
        List<String> urls =
                IntStream.range(0, 200).mapToObj(n -> origin.url("/page/" + n)).toList();
        AtomicReference<FetchMetrics> metrics = new AtomicReference<>();
        List<Outcome<String>> outcomes = RateLimitedFetcher.using(
                        maxRps,
                        10,
                        fetcher -> Tasks.gatherSettled(IntStream.range(0, 10)
                                        .mapToObj(i -> fetcher.fetch(origin.url("/warm")))
                                        .toList())
                                .then(Tasks.gatherSettled(
                                        urls.stream().map(fetcher::fetch).toList()))
                                .doOnNext(done -> metrics.set(fetcher.metrics())))
                .block();
        List<Long> arrivals = origin.arrivals();
        assertThat(arrivals).hasSize(200);
        for (int i = maxRps; i < arrivals.size(); i++) {
            assertThat(arrivals.get(i) - arrivals.get(i - maxRps))
                    .as("arrival %d against the one %d before", i, maxRps)
                    .isGreaterThanOrEqualTo(Duration.ofSeconds(1).toNanos());
        }
        assertThat(origin.peak()).isBetween(1, 10);
        assertThat(outcomes.stream().filter(Outcome::isFailure)).hasSize(20);
        assertThat(outcomes.get(9).error())
                .hasValueSatisfying(error -> assertThat(error).isInstanceOf(ClientResponseException.class));
        assertThat(outcomes.get(12).value()).hasValue("page 12");
        FetchMetrics end = metrics.get();
        assertThat(end.total()).isEqualTo(210);
        assertThat(end.succeeded()).isEqualTo(190);
        assertThat(end.failed()).isEqualTo(20);
        assertThat(end.inFlight()).isZero();
        assertThat(end.p50()).isPositive().isLessThanOrEqualTo(end.p95());
        assertThat(end.p95()).isLessThanOrEqualTo(end.p99());
        assertThat(end.averageLatency()).isPositive();
    }

    @Test
    @Recipe(
            row = "B21",
            value = "`Retry-After` holds back everybody under a shared limiter, and the request is tried again.")
    void waitsAsLongAsTheServerAsksAndTriesAgain() {
        StepVerifier.create(RateLimitedFetcher.using(10, 5, fetcher -> fetcher.fetch(origin.url("/busy/1/1"))))
                .expectNext("at last")
                .verifyComplete();
        assertThat(refusals).hasValue(2);
    }

    @Test
    @NaiveTwin(row = "B21", value = "`retry(2)`: back at once, and again, at a server that asked for an hour.")
    void plainRetryDoesNotWait() {
        StepVerifier.create(ClientSession.using(session -> session.get(origin.url("/busy/2/3600"))
                        .raiseForStatus(true)
                        .text()
                        .retry(2)))
                .expectNext("at last")
                .expectComplete()
                .verify(Duration.ofSeconds(20));
        assertThat(refusals).hasValue(3);
    }

    @Test
    void givesUpAfterTwoRefusalsMore() {
        StepVerifier.create(RateLimitedFetcher.using(10, 5, fetcher -> fetcher.fetch(origin.url("/busy/9/0"))))
                .verifyErrorSatisfies(error -> assertThat(error)
                        .isInstanceOfSatisfying(
                                ClientResponseException.class,
                                refused -> assertThat(refused.status()).isEqualTo(429)));
        assertThat(refusals).hasValue(3);
    }

    @Test
    void anEmptyBodyIsAnEmptyString() {
        StepVerifier.create(RateLimitedFetcher.using(2.5, 1, fetcher -> fetcher.fetch(origin.url("/nothing"))))
                .expectNext("")
                .verifyComplete();
    }

    @Test
    void aCancelledFetchIsCountedNowhereAndGivesItsPlaceBack() {
        Mono<FetchMetrics> metrics = RateLimitedFetcher.using(
                100,
                1,
                fetcher -> fetcher.fetch(origin.url("/hang"))
                        .timeout(Duration.ofMillis(200), Mono.just("cut"))
                        .then(fetcher.fetch(origin.url("/warm")))
                        .thenReturn(fetcher)
                        .map(RateLimitedFetcher::metrics));
        StepVerifier.create(metrics)
                .assertNext(end -> {
                    assertThat(end.total()).isEqualTo(1);
                    assertThat(end.inFlight()).isZero();
                })
                .verifyComplete();
    }

    @Test
    void metricsOfAFreshFetcherAreZero() {
        StepVerifier.create(RateLimitedFetcher.using(1, 1, fetcher -> Mono.just(fetcher.metrics())))
                .expectNext(new FetchMetrics(0, 0, 0, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, 0))
                .verifyComplete();
    }

    @Test
    void badArgumentsAreNamedAtTheCall() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RateLimitedFetcher.using(0, 1, fetcher -> Mono.empty()))
                .withMessageContaining("maxRps");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RateLimitedFetcher.using(1, 0, fetcher -> Mono.empty()))
                .withMessageContaining("maxConcurrent");
    }

    @Test
    void retryAfterIsReadAsSecondsAndAsADate() {
        Instant now = Instant.parse("2026-01-01T00:00:00Z");
        assertThat(RetryAfter.parse("120", now)).hasValue(Duration.ofMinutes(2));
        assertThat(RetryAfter.parse("Thu, 01 Jan 2026 00:00:30 GMT", now)).hasValue(Duration.ofSeconds(30));
        assertThat(RetryAfter.parse("Wed, 31 Dec 2025 00:00:30 GMT", now)).hasValue(Duration.ZERO);
        assertThat(RetryAfter.parse("soon", now)).isEmpty();
        assertThat(RetryAfter.parse("-1", now)).isEmpty();
    }
}
