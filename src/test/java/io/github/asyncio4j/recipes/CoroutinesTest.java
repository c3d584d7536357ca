package io.github.asyncio4j.recipes;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.asyncio4j.task.Tasks;
import io.github.asyncio4j.testing.NaiveTwin;
import io.github.asyncio4j.testing.Recipe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.publisher.PublisherProbe;

/** The course's first chapter: what a coroutine is, awaited alone or together with others. */
class CoroutinesTest {

    private final List<String> printed = new ArrayList<>();

    private Mono<Void> greet(String name) {
        return Tasks.sleep(ofSeconds(1)).then(Mono.fromRunnable(() -> printed.add("Hello, " + name)));
    }

    private Mono<String> say(String what, Duration delay) {
        return Tasks.sleep(delay).then(Mono.fromSupplier(() -> {
            printed.add(what);
            return what;
        }));
    }

    @Test
    @Recipe(row = "1", value = "Two greetings of one second, one after the other, take two seconds.")
    void oneAfterTheOther() {
        StepVerifier.withVirtualTime(() -> greet("Ann").then(greet("Bob")))
                .expectSubscription()
                .expectNoEvent(ofMillis(1999))
                .thenAwait(ofMillis(1))
                .verifyComplete();
        assertThat(printed).containsExactly("Hello, Ann", "Hello, Bob");
    }

    @Test
    @Recipe(row = "2", value = "Three greetings without a value, all at once, take one second.")
    void threeGreetingsAtOnce() {
        StepVerifier.withVirtualTime(() -> Tasks.join(greet("Ann"), greet("Bob"), greet("Cid")))
                .expectSubscription()
                .expectNoEvent(ofMillis(999))
                .thenAwait(ofMillis(1))
                .verifyComplete();
        assertThat(printed).containsExactly("Hello, Ann", "Hello, Bob", "Hello, Cid");
    }

    @Test
    @NaiveTwin(row = "2", value = "`Mono.zip`: the first that ends without a value cancels the others.")
    void threeGreetingsZipped() {
        StepVerifier.withVirtualTime(() -> Mono.zip(greet("Ann"), greet("Bob"), greet("Cid")))
                .thenAwait(ofSeconds(1))
                .verifyComplete();
        assertThat(printed).containsExactly("Hello, Ann");
    }

    @Test
    @Recipe(row = "3", value = "`gather` keeps the order of its arguments, whoever is first.")
    void resultsInTheOrderOfTheArguments() {
        StepVerifier.withVirtualTime(() ->
                        Tasks.gather(List.of(say("A", ofSeconds(2)), say("B", ofSeconds(1)), say("C", ofSeconds(3)))))
                .expectSubscription()
                .expectNoEvent(ofMillis(2999))
                .thenAwait(ofMillis(1))
                .expectNext(List.of("A", "B", "C"))
                .verifyComplete();
        assertThat(printed).containsExactly("B", "A", "C");
    }

    @Test
    @NaiveTwin(row = "3", value = "`Flux.merge(…).collectList()` has them as they ended.")
    void mergedResultsAreInTheOrderOfTheirEnds() {
        StepVerifier.withVirtualTime(
                        () -> Flux.merge(say("A", ofSeconds(2)), say("B", ofSeconds(1)), say("C", ofSeconds(3)))
                                .collectList())
                .thenAwait(ofSeconds(3))
                .expectNext(List.of("B", "A", "C"))
                .verifyComplete();
    }

    @Test
    @Recipe(row = "4", value = "Predict the output: hello after 0.2 s and world after 0.1 s, in sequence and gathered.")
    void predictTheOutput() {
        StepVerifier.withVirtualTime(() -> say("hello", ofMillis(200)).then(say("world", ofMillis(100))))
                .expectSubscription()
                .expectNoEvent(ofMillis(299))
                .thenAwait(ofMillis(1))
                .expectNext("world")
                .verifyComplete();
        StepVerifier.withVirtualTime(
                        () -> Tasks.gather(List.of(say("hello", ofMillis(200)), say("world", ofMillis(100)))))
                .expectSubscription()
                .expectNoEvent(ofMillis(199))
                .thenAwait(ofMillis(1))
                .expectNext(List.of("hello", "world"))
                .verifyComplete();
        assertThat(printed).containsExactly("hello", "world", "world", "hello");
    }

    @Test
    @Recipe(row = "5", value = "What is not subscribed does nothing; a `PublisherProbe` in a test finds it.")
    void returnedMonoIsSubscribed() {
        PublisherProbe<Void> audit = PublisherProbe.empty();
        StepVerifier.create(Mono.just("order").flatMap(order -> audit.mono().thenReturn(order)))
                .expectNext("order")
                .verifyComplete();
        audit.assertWasSubscribed();
    }

    @Test
    @NaiveTwin(row = "5", value = "A `Mono` made inside `doOnNext` and dropped: nothing happens, no error tells.")
    void droppedMonoDoesNothing() {
        PublisherProbe<Void> audit = PublisherProbe.empty();
        StepVerifier.create(Mono.just("order").doOnNext(order -> audit.mono()))
                .expectNext("order")
                .verifyComplete();
        assertThatThrownBy(audit::assertWasSubscribed).isInstanceOf(AssertionError.class);
    }
}
