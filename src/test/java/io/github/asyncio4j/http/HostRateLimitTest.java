package io.github.asyncio4j.http;

import static io.github.asyncio4j.http.Answers.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.ratelimit.RateLimiter;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Row M11. */
class HostRateLimitTest {

    private static final Duration LIMIT = Duration.ofSeconds(10);

    private static HostRateLimit onePerSecond() {
        return HostRateLimit.of(() -> RateLimiter.slidingWindow(1, Duration.ofSeconds(1)));
    }

    @Test
    void waitsForItsStartOnEachOriginAlone() {
        Answers answers = new Answers(n -> status(200));
        StepVerifier.withVirtualTime(() -> {
                    HostRateLimit limit = onePerSecond();
                    return Flux.just("http://a/", "http://b/", "http://a/x", "http://b/x")
                            .flatMap(url -> answers.through(limit, answers.session.get(url)));
                })
                .expectNext(200, 200)
                .expectNoEvent(Duration.ofSeconds(1))
                .expectNext(200, 200)
                .expectComplete()
                .verify(LIMIT);
    }

    @Test
    void retryAfterHoldsBackTheOriginAMinuteAtMost() {
        Answers answers = new Answers(n -> n == 1 ? status(429, "Retry-After", "999") : status(200));
        StepVerifier.withVirtualTime(() -> {
                    HostRateLimit limit = onePerSecond();
                    return answers.through(limit).concatWith(answers.through(limit));
                })
                .expectNext(429)
                .expectNoEvent(Duration.ofSeconds(60))
                .expectNext(200)
                .expectComplete()
                .verify(LIMIT);
    }

    @Test
    void cancelledAndFailedRequestsCostNobodyHisPlace() {
        Answers answers =
                new Answers(n -> n == 1 ? Mono.error(new ServerDisconnectedException("x", null)) : status(200));
        StepVerifier.withVirtualTime(() -> {
                    HostRateLimit limit = onePerSecond();
                    Mono<Integer> request = answers.through(limit);
                    return request.onErrorComplete()
                            .then(Mono.fromRunnable(() -> request.subscribe().dispose()))
                            .then(request);
                })
                .expectSubscription()
                .expectNoEvent(Duration.ofSeconds(1))
                .expectNext(200)
                .expectComplete()
                .verify(LIMIT);
        assertThat(answers.asked).isEqualTo(2);
    }
}
