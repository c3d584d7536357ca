package io.github.asyncio4j.http;

import static io.github.asyncio4j.http.Answers.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.asyncio4j.time.Timeouts;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Row M09. */
class RetryTest {

    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final ClientException GONE = new ServerDisconnectedException("gone", null);

    private static Retry.Builder full() {
        return Retry.builder().random(() -> 1);
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 429, 502, 503, 504})
    void repeatsAfterAStatusThatMayPass(int status) {
        Answers answers = new Answers(n -> n == 1 ? status(status) : status(200));
        StepVerifier.withVirtualTime(() -> answers.through(full().build()))
                .expectSubscription()
                .expectNoEvent(Duration.ofMillis(100))
                .expectNext(200)
                .expectComplete()
                .verify(LIMIT);
        assertThat(answers.asked).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 404, 500, 501})
    void leavesOtherStatusesAlone(int status) {
        Answers answers = new Answers(n -> status(status));
        StepVerifier.create(answers.through(Retry.create())).expectNext(status).verifyComplete();
        assertThat(answers.asked).isOne();
    }

    @Test
    void backOffDoublesAndLastOutcomeIsPassedOn() {
        Answers answers = new Answers(n -> n < 3 ? status(503) : Mono.error(GONE));
        Retry retry = full().attempts(3)
                .backOff(Duration.ofSeconds(1), Duration.ofSeconds(10))
                .build();
        StepVerifier.withVirtualTime(() -> answers.through(retry))
                .expectSubscription()
                .expectNoEvent(Duration.ofSeconds(3))
                .expectErrorMatches(e -> e == GONE)
                .verify(LIMIT);
        assertThat(answers.asked).isEqualTo(3);
    }

    @Test
    void jitterIsWithinTheLimitThatGrows() {
        Answers answers = new Answers(n -> status(503));
        Retry retry = Retry.builder()
                .random(() -> 0.5)
                .attempts(4)
                .backOff(Duration.ofSeconds(1), Duration.ofSeconds(2))
                .build();
        StepVerifier.withVirtualTime(() -> answers.through(retry))
                .expectSubscription()
                .expectNoEvent(Duration.ofMillis(500 + 1000 + 1000))
                .expectNext(503)
                .expectComplete()
                .verify(LIMIT);
    }

    @ParameterizedTest
    @CsvSource({
        "7, 7000",
        "0, 0",
        "'Thu, 01 Jan 1970 00:00:05 GMT', 5000",
        "'Wed, 31 Dec 1969 00:00:00 GMT', 0",
        "soon, 100"
    })
    void retryAfterInSecondsDatesPastAndGarbage(String value, long millis) {
        Answers answers = new Answers(n -> n == 1 ? status(503, "Retry-After", value) : status(200));
        StepVerifier.withVirtualTime(() -> answers.through(full().build()).elapsed())
                .thenAwait(Duration.ofMinutes(1))
                .assertNext(timed -> assertThat(timed.getT1()).isEqualTo(millis))
                .expectComplete()
                .verify(LIMIT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"61", "99999999999999999999999"})
    void retryAfterBeyondPatienceGivesUp(String value) {
        Answers answers = new Answers(n -> status(429, "Retry-After", value));
        StepVerifier.create(answers.through(Retry.create())).expectNext(429).verifyComplete();
        assertThat(answers.asked).isOne();
    }

    @Test
    void startsNoAttemptThatCannotFinishBeforeTheDeadline() {
        Answers answers = new Answers(n -> Mono.delay(Duration.ofMillis(400)).then(status(503)));
        Retry retry = full().attempts(10)
                .backOff(Duration.ofMillis(50), Duration.ofMillis(50))
                .build();
        StepVerifier.withVirtualTime(() -> Timeouts.timeout(answers.through(retry), Duration.ofSeconds(1)))
                .expectSubscription()
                .expectNoEvent(Duration.ofMillis(850))
                .expectNext(503)
                .expectComplete()
                .verify(LIMIT);
        assertThat(answers.asked).isEqualTo(2);
    }

    @Test
    void waitsForNoRetryAfterThatEndsBehindTheDeadline() {
        Answers answers = new Answers(n -> status(503, "Retry-After", "1"));
        StepVerifier.withVirtualTime(() -> Timeouts.timeout(answers.through(Retry.create()), Duration.ofSeconds(1)))
                .expectNext(503)
                .expectComplete()
                .verify(LIMIT);
        assertThat(answers.asked).isOne();
    }

    @Test
    void budgetHoldsUnderTotalFailure() {
        Answers answers = new Answers(n -> Mono.error(GONE));
        Retry retry = Retry.create();
        StepVerifier.withVirtualTime(() -> Flux.range(0, 1000)
                        .concatMap(i -> answers.through(retry).onErrorComplete())
                        .then())
                .thenAwait(Duration.ofHours(1))
                .expectComplete()
                .verify(LIMIT);
        assertThat(answers.asked).isBetween(1100, 1110);
    }

    @Test
    void postIsRepeatedOnlyIfAllowedOrIfNothingWasSent() {
        Answers failing = new Answers(n -> Mono.error(GONE));
        ClientRequest post = failing.session.post("http://h/").body("x");
        Retry noWait = Retry.builder().random(() -> 0).build();
        failing.through(noWait, post).onErrorComplete().block(LIMIT);
        assertThat(failing.asked).isOne();
        failing.through(noWait, post.header("Idempotency-Key", "1"))
                .onErrorComplete()
                .block(LIMIT);
        assertThat(failing.asked).isEqualTo(4);
        failing.through(Retry.builder().random(() -> 0).allMethods(true).build(), post)
                .onErrorComplete()
                .block(LIMIT);
        assertThat(failing.asked).isEqualTo(7);
        Answers unreachable = new Answers(n -> Mono.error(
                n == 1
                        ? new ClientConnectException("no", "h", 80, null)
                        : new ClientTimeoutException("late", ClientTimeoutException.Phase.CONNECT)));
        unreachable.through(noWait, post).onErrorComplete().block(LIMIT);
        assertThat(unreachable.asked).isEqualTo(3);
    }

    @Test
    void neverRepeatsABodyThatIsUsedUpNorATotalTimeout() {
        Answers failing = new Answers(n -> Mono.error(GONE));
        failing.through(Retry.create(), failing.session.put("http://h/").body(Flux.<ByteBuffer>empty()))
                .onErrorComplete()
                .block(LIMIT);
        assertThat(failing.asked).isOne();
        for (ClientException error : new ClientException[] {
            new ClientTimeoutException("late", ClientTimeoutException.Phase.TOTAL),
            new ClientTlsException("no", "h", 443, null),
            new InvalidUrlException("bad")
        }) {
            Answers once = new Answers(n -> Mono.error(error));
            once.through(Retry.create()).onErrorComplete().block(LIMIT);
            assertThat(once.asked).isOne();
        }
    }

    @Test
    void cancelEndsTheWait() {
        Answers answers = new Answers(n -> status(503));
        StepVerifier.withVirtualTime(() -> answers.through(full().build()))
                .thenAwait(Duration.ofMillis(50))
                .thenCancel()
                .verify(LIMIT);
        assertThat(answers.asked).isOne();
    }

    @Test
    void badSettingsAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> Retry.builder().attempts(0));
        assertThatIllegalArgumentException().isThrownBy(() -> Retry.builder().budget(1.1));
        assertThatIllegalArgumentException().isThrownBy(() -> Retry.builder().budget(Double.NaN));
        assertThatIllegalArgumentException().isThrownBy(() -> Retry.builder().maxRetryAfter(Duration.ofSeconds(-1)));
    }
}
