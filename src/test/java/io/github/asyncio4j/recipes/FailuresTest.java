package io.github.asyncio4j.recipes;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.task.Outcome;
import io.github.asyncio4j.task.Tasks;
import io.github.asyncio4j.testing.NaiveTwin;
import io.github.asyncio4j.testing.Recipe;
import java.io.FileNotFoundException;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.publisher.PublisherProbe;

/** The course on gather when one of its sources fails. */
class FailuresTest {

    private final Mono<String> first = Tasks.sleep(ofSeconds(1)).thenReturn("one");
    private final Mono<String> second =
            Tasks.sleep(ofSeconds(2)).then(Mono.error(new FileNotFoundException("page two")));
    private final PublisherProbe<String> third =
            PublisherProbe.of(Tasks.sleep(ofSeconds(3)).thenReturn("three"));

    @Test
    @Recipe(
            row = "11",
            value = "Task 2 of 3 fails: the error comes as it is, when it happens, and the third is cancelled.")
    void theErrorItselfWhenItHappens() {
        StepVerifier.withVirtualTime(() -> Tasks.gather(List.of(first, second, third.mono())))
                .expectSubscription()
                .expectNoEvent(ofMillis(1999))
                .thenAwait(ofMillis(1))
                .verifyError(FileNotFoundException.class);
        third.assertWasCancelled();
    }

    @Test
    @Recipe(row = "12", value = "`gatherSettled`: ok, failed, ok, each in its place.")
    void eachOutcomeInItsPlace() {
        StepVerifier.withVirtualTime(() -> Tasks.gatherSettled(List.of(first, second, third.mono())))
                .expectSubscription()
                .expectNoEvent(ofMillis(2999))
                .thenAwait(ofMillis(1))
                .assertNext(outcomes -> {
                    assertThat(outcomes).extracting(Outcome::isSuccess).containsExactly(true, false, true);
                    assertThat(outcomes.get(1).error()).containsInstanceOf(FileNotFoundException.class);
                    assertThat(outcomes.get(2).value()).contains("three");
                })
                .verifyComplete();
    }

    @Test
    @NaiveTwin(row = "12", value = "`Mono.zipDelayError` waits for all and then throws away what it has.")
    void zipDelayErrorHasNoValues() {
        StepVerifier.withVirtualTime(() -> Mono.zipDelayError(first, second, third.mono()))
                .expectSubscription()
                .expectNoEvent(ofMillis(2999))
                .thenAwait(ofMillis(1))
                .verifyError(FileNotFoundException.class);
    }
}
