package io.github.asyncio4j.http;

import static io.github.asyncio4j.http.Answers.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.testing.RawOrigin;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class HedgeTest {

    private static final Duration LIMIT = Duration.ofSeconds(10);

    private static Mono<ClientResponse> late(long millis, int status) {
        return Mono.delay(Duration.ofMillis(millis)).then(status(status));
    }

    private static Mono<ClientResponse> lateError(long millis, String message) {
        return Mono.delay(Duration.ofMillis(millis)).then(Mono.error(new ServerDisconnectedException(message, null)));
    }

    private static StepVerifier.FirstStep<Integer> hedged(Answers answers) {
        return StepVerifier.withVirtualTime(() -> answers.through(Hedge.after(Duration.ofMillis(100))));
    }

    @Test
    void fasterSecondWinsAndTheFirstIsCancelled() {
        Answers answers = new Answers(n -> n == 1 ? late(1000, 201) : late(50, 202));
        hedged(answers)
                .expectSubscription()
                .expectNoEvent(Duration.ofMillis(150))
                .expectNext(202)
                .expectComplete()
                .verify(LIMIT);
        assertThat(answers.cancelled).isOne();
    }

    @Test
    void theResponseThatWonIsRead() {
        AtomicInteger accepted = new AtomicInteger();
        try (RawOrigin origin = RawOrigin.start(peer -> {
                    if (accepted.getAndIncrement() == 0) {
                        peer.awaitClose();
                    }
                    peer.readRequest();
                    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst");
                    peer.awaitClose();
                });
                Closing closing = new Closing(ClientSession.builder()
                        .middleware(Hedge.after(Duration.ofMillis(50), 1))
                        .build())) {
            assertThat(closing.session.get(origin.url("/")).text().block(LIMIT)).isEqualTo("first");
            closing.awaitRest();
        }
    }

    @Test
    void quickResponseSendsNoSecond() {
        Answers answers = new Answers(n -> late(99, 200));
        hedged(answers)
                .thenAwait(Duration.ofSeconds(1))
                .expectNext(200)
                .expectComplete()
                .verify(LIMIT);
        assertThat(answers.asked).isOne();
    }

    @Test
    void earlyFailureIsPassedOnAtOnce() {
        Answers answers = new Answers(n -> lateError(10, "first"));
        hedged(answers)
                .expectSubscription()
                .expectNoEvent(Duration.ofMillis(10))
                .expectErrorMessage("first")
                .verify(LIMIT);
        assertThat(answers.asked).isOne();
    }

    @Test
    void failureOfOneWaitsForTheOther() {
        hedged(new Answers(n -> n == 1 ? lateError(150, "first") : late(100, 200)))
                .expectSubscription()
                .expectNoEvent(Duration.ofMillis(200))
                .expectNext(200)
                .expectComplete()
                .verify(LIMIT);
        hedged(new Answers(n -> n == 1 ? late(500, 200) : lateError(10, "second")))
                .expectSubscription()
                .expectNoEvent(Duration.ofMillis(500))
                .expectNext(200)
                .expectComplete()
                .verify(LIMIT);
        hedged(new Answers(n -> n == 1 ? lateError(150, "first") : lateError(100, "second")))
                .expectSubscription()
                .expectNoEvent(Duration.ofMillis(200))
                .expectErrorMessage("second")
                .verify(LIMIT);
    }

    @Test
    void cancelEndsBoth() {
        Answers answers = new Answers(n -> Mono.never());
        hedged(answers).thenAwait(Duration.ofMillis(100)).thenCancel().verify(LIMIT);
        assertThat(answers.asked).isEqualTo(2);
        assertThat(answers.cancelled).isEqualTo(2);
    }

    @Test
    void slowServerDoesNotGetTwiceTheLoad() {
        Answers answers = new Answers(n -> late(200, 200));
        Hedge hedge = Hedge.after(Duration.ofMillis(100));
        StepVerifier.withVirtualTime(() -> Flux.range(0, 1000)
                        .concatMap(i -> answers.through(hedge))
                        .then())
                .thenAwait(Duration.ofHours(1))
                .expectComplete()
                .verify(LIMIT);
        assertThat(answers.asked).isBetween(1050, 1060);
    }

    @Test
    void onlySafeMethodsAreDoubled() {
        Answers answers = new Answers(n -> late(200, 200));
        StepVerifier.withVirtualTime(
                        () -> answers.through(Hedge.after(Duration.ofMillis(100)), answers.session.put("http://h/")))
                .thenAwait(Duration.ofSeconds(1))
                .expectNext(200)
                .expectComplete()
                .verify(LIMIT);
        assertThat(answers.asked).isOne();
    }
}
