package io.github.asyncio4j.http;

import static io.github.asyncio4j.http.Answers.status;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

class CircuitBreakerTest {

    private final CircuitBreaker breaker = CircuitBreaker.of(2, Duration.ofSeconds(30));
    private VirtualTimeScheduler clock;
    private Mono<ClientResponse> answer = status(500);
    private final Answers answers = new Answers(n -> answer);

    @BeforeEach
    void virtualTime() {
        clock = VirtualTimeScheduler.getOrSet();
    }

    @AfterEach
    void realTime() {
        VirtualTimeScheduler.reset();
    }

    private void answered(int status) {
        StepVerifier.create(answers.through(breaker)).expectNext(status).verifyComplete();
    }

    private void refused() {
        int before = answers.asked;
        StepVerifier.create(answers.through(breaker))
                .expectErrorSatisfies(e -> assertThat(e)
                        .isInstanceOfSatisfying(
                                CircuitOpenException.class,
                                open -> assertThat(open.origin()).contains("h")))
                .verify();
        assertThat(answers.asked).isEqualTo(before);
    }

    private void opened() {
        answered(500);
        answered(500);
        refused();
    }

    @Test
    void opensHalfOpensAndCloses() {
        opened();
        clock.advanceTimeBy(Duration.ofMillis(29_999));
        refused();
        clock.advanceTimeBy(Duration.ofMillis(1));
        answer = status(200);
        answered(200);
        answered(200);
        assertThat(breaker.size()).isZero();
    }

    @Test
    void failedProbeOpensItAgain() {
        opened();
        clock.advanceTimeBy(Duration.ofSeconds(30));
        answer = Mono.error(new ClientConnectException("no", "h", 80, null));
        StepVerifier.create(answers.through(breaker)).verifyError(ClientConnectException.class);
        refused();
        clock.advanceTimeBy(Duration.ofSeconds(30));
        answer = status(404);
        answered(404);
        answered(404);
    }

    @Test
    void onlyOneProbeAndACancelledOneLeavesItsPlace() {
        opened();
        clock.advanceTimeBy(Duration.ofSeconds(30));
        answer = Mono.never();
        Disposable probe = answers.through(breaker).subscribe();
        refused();
        probe.dispose();
        answer = status(200);
        answered(200);
    }

    @Test
    void successInBetweenStartsTheCountAnew() {
        answered(500);
        answer = status(200);
        answered(200);
        answer = status(503);
        answered(503);
        answered(503);
        refused();
    }

    @Test
    void cancelAndOwnMistakesDoNotCount() {
        answer = Mono.never();
        for (int i = 0; i < 3; i++) {
            answers.through(breaker).subscribe().dispose();
        }
        answer = Mono.error(new IllegalStateException("mine"));
        for (int i = 0; i < 3; i++) {
            StepVerifier.create(answers.through(breaker)).verifyError(IllegalStateException.class);
        }
        assertThat(breaker.size()).isZero();
    }

    @Test
    void originsDoNotAffectEachOther() {
        opened();
        answer = status(200);
        StepVerifier.create(answers.through(breaker, answers.session.get("http://other/")))
                .expectNext(200)
                .verifyComplete();
        refused();
    }
}
