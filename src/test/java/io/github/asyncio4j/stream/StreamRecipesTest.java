package io.github.asyncio4j.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.testing.Recipe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** The course's async generators and iterators. */
class StreamRecipesTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    @Test
    @Recipe(row = "25", value = "An async generator: 3, 2, 1 with pauses, made on demand.")
    void countdownWithPauses() {
        StepVerifier.withVirtualTime(() -> AsyncGenerator.<Integer>generate(out -> Flux.just(3, 2, 1)
                        .concatMap(n -> out.emit(n).then(Mono.delay(Duration.ofSeconds(1))), 0)
                        .then()))
                .expectNext(3)
                .expectNoEvent(Duration.ofMillis(999))
                .thenAwait(Duration.ofMillis(1))
                .expectNext(2)
                .thenAwait(Duration.ofSeconds(1))
                .expectNext(1)
                .thenAwait(Duration.ofSeconds(1))
                .expectComplete()
                .verify(LIMIT);
    }

    @Test
    void squares() {
        Flux<Integer> squares = AsyncGenerator.generate(
                out -> Flux.range(0, 5).concatMap(n -> out.emit(n * n), 0).then());
        StepVerifier.create(squares).expectNext(0, 1, 4, 9, 16).expectComplete().verify(LIMIT);
    }

    /** Ten events, one every 100 ms, to a consumer that takes 300 ms for each: the source waits for it. */
    @Test
    void tenEventsAtTheConsumersPace() {
        List<String> log = new ArrayList<>();
        StepVerifier.withVirtualTime(() -> AsyncGenerator.<Integer>generate(out -> Flux.range(1, 10)
                                .concatMap(
                                        n -> Mono.delay(Duration.ofMillis(100))
                                                .then(Mono.fromRunnable(() -> log.add("made " + n)))
                                                .then(out.emit(n)),
                                        0)
                                .then())
                        .concatMap(
                                n -> Mono.delay(Duration.ofMillis(300))
                                        .doOnNext(tick -> log.add("handled " + n))
                                        .thenReturn(n),
                                0))
                .thenAwait(Duration.ofMillis(4_000))
                .expectNext(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
                .expectComplete()
                .verify(LIMIT);
        for (int i = 1; i < 10; i++) {
            assertThat(log.indexOf("made " + (i + 1))).isGreaterThan(log.indexOf("handled " + i));
        }
    }
}
