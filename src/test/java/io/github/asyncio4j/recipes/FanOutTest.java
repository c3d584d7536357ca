package io.github.asyncio4j.recipes;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.resource.AsyncResource;
import io.github.asyncio4j.task.Completion;
import io.github.asyncio4j.task.Outcome;
import io.github.asyncio4j.task.TaskFailures;
import io.github.asyncio4j.task.Tasks;
import io.github.asyncio4j.testing.NaiveTwin;
import io.github.asyncio4j.testing.Recipe;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.publisher.PublisherProbe;

/** Several calls, one answer: what users of Reactor write with zip, merge and first. */
class FanOutTest {

    private static Mono<String> after(int millis, String value) {
        return Tasks.sleep(ofMillis(millis)).thenReturn(value);
    }

    private static <T> Mono<T> failsAfter(int millis, String message) {
        return Tasks.sleep(ofMillis(millis)).then(Mono.error(new IOException(message)));
    }

    @Test
    @Recipe(row = "B1", value = "Call three services and keep what succeeded, each outcome in its place.")
    void keepWhatSucceeded() {
        StepVerifier.withVirtualTime(() -> Tasks.gatherSettled(
                        List.of(after(100, "user"), failsAfter(50, "no offers"), after(300, "news"))))
                .thenAwait(ofMillis(300))
                .assertNext(all -> assertThat(all)
                        .extracting(Outcome::value)
                        .containsExactly(Optional.of("user"), Optional.empty(), Optional.of("news")))
                .expectComplete()
                .verifyThenAssertThat()
                .hasNotDroppedErrors();
    }

    @Test
    @NaiveTwin(row = "B1", value = "`Mono.zip`: the first error throws away what the others had.")
    void zipKeepsNothing() {
        PublisherProbe<String> news = PublisherProbe.of(after(300, "news"));
        StepVerifier.withVirtualTime(() -> Mono.zip(after(10, "user"), failsAfter(50, "no offers"), news.mono()))
                .thenAwait(ofMillis(300))
                .verifyErrorMessage("no offers");
        news.assertWasCancelled();
    }

    @Test
    @Recipe(row = "B2", value = "Optional parts: a lookup without a result leaves its slot empty and the others alone.")
    void optionalParts() {
        PublisherProbe<String> news = PublisherProbe.of(after(300, "news"));
        StepVerifier.withVirtualTime(() ->
                        Tasks.gather(after(100, "user"), Mono.<String>empty().singleOptional(), news.mono()))
                .thenAwait(ofMillis(300))
                .assertNext(page -> {
                    assertThat(page.getT1()).isEqualTo("user");
                    assertThat(page.getT2()).isEmpty();
                    assertThat(page.getT3()).isEqualTo("news");
                })
                .verifyComplete();
        news.assertWasNotCancelled();
    }

    @Test
    @NaiveTwin(
            row = "B2",
            value = "`Mono.zip` with an empty part: the whole answer is empty, the others are cancelled.")
    void zipWithAnEmptyPartIsEmpty() {
        PublisherProbe<String> news = PublisherProbe.of(after(300, "news"));
        StepVerifier.withVirtualTime(() -> Mono.zip(news.mono(), Mono.empty())).verifyComplete();
        news.assertWasCancelled();
    }

    @Test
    @Recipe(
            row = "B3",
            value = "All or nothing: the first error at once, the others cancelled, their failures with it.")
    void firstErrorAtOnceAndAllOfThem() {
        PublisherProbe<String> slow = PublisherProbe.of(after(3_000, "slow"));
        Mono<String> badCleanup = AsyncResource.of(Mono.just("session"), s -> Mono.error(new IOException("close")))
                .use(s -> slow.mono());
        StepVerifier.withVirtualTime(() -> Tasks.gather(failsAfter(100, "first"), badCleanup))
                .expectSubscription()
                .expectNoEvent(ofMillis(99))
                .thenAwait(ofMillis(1))
                .verifyErrorSatisfies(error -> {
                    assertThat(error).hasMessage("first");
                    assertThat(TaskFailures.of(error))
                            .extracting(Throwable::getMessage)
                            .containsExactly("first", "close");
                });
        slow.assertWasCancelled();
    }

    @Test
    @NaiveTwin(row = "B3", value = "`zipDelayError` has all errors, but only when the slowest has ended.")
    void zipDelayErrorWaitsForTheSlowest() {
        StepVerifier.withVirtualTime(() -> Mono.zipDelayError(failsAfter(100, "first"), after(3_000, "slow")))
                .expectSubscription()
                .expectNoEvent(ofMillis(2_999))
                .thenAwait(ofMillis(1))
                .verifyErrorMessage("first");
    }

    @Test
    @Recipe(
            row = "B9",
            value = "The fastest good mirror wins, losers are cancelled; if all fail, all errors are there.")
    void fastestGoodMirror() {
        PublisherProbe<String> slow = PublisherProbe.of(after(500, "slow"));
        StepVerifier.withVirtualTime(() -> Tasks.race(failsAfter(10, "down"), after(100, "fast"), slow.mono()))
                .thenAwait(ofMillis(100))
                .expectNext("fast")
                .verifyComplete();
        slow.assertWasCancelled();
        StepVerifier.withVirtualTime(() -> Tasks.race(failsAfter(10, "a"), failsAfter(30, "c"), failsAfter(20, "b")))
                .thenAwait(ofMillis(30))
                .verifyErrorSatisfies(error -> assertThat(TaskFailures.of(error))
                        .extracting(Throwable::getMessage)
                        .containsExactlyInAnyOrder("a", "b", "c"));
    }

    @Test
    @NaiveTwin(row = "B9", value = "`Mono.firstWithSignal`: the fastest failure wins.")
    void fastestFailureWins() {
        StepVerifier.withVirtualTime(() -> Mono.firstWithSignal(failsAfter(10, "down"), after(100, "fast")))
                .thenAwait(ofMillis(100))
                .verifyErrorMessage("down");
    }

    @Test
    @Recipe(row = "B10", value = "A second attempt after the 95th percentile; the first stays alive.")
    void hedge() {
        PublisherProbe<String> second = PublisherProbe.of(after(50, "second"));
        StepVerifier.withVirtualTime(() -> Tasks.hedge(ofMillis(100), List.of(after(300, "first"), second.mono())))
                .expectSubscription()
                .expectNoEvent(ofMillis(149))
                .thenAwait(ofMillis(1))
                .expectNext("second")
                .verifyComplete();
        PublisherProbe<String> unused = PublisherProbe.of(after(50, "second"));
        StepVerifier.withVirtualTime(() -> Tasks.hedge(ofMillis(100), List.of(after(60, "first"), unused.mono())))
                .thenAwait(ofSeconds(1))
                .expectNext("first")
                .verifyComplete();
        unused.assertWasNotSubscribed();
        StepVerifier.withVirtualTime(() -> Tasks.hedge(ofMillis(100), List.of(after(160, "a"), after(160, "b"))))
                .expectSubscription()
                .expectNoEvent(ofMillis(159))
                .thenAwait(ofMillis(1))
                .expectNext("a")
                .verifyComplete();
    }

    @Test
    @NaiveTwin(row = "B10", value = "`timeout` and `retry`: the first attempt is thrown away, with its head start.")
    void timeoutAndRetryLosesTheHeadStart() {
        StepVerifier.withVirtualTime(
                        () -> after(160, "a").timeout(ofMillis(100)).retry(1))
                .thenAwait(ofMillis(200))
                .verifyError(TimeoutException.class);
    }

    @Test
    @Recipe(row = "B11", value = "Results as they are ready, each with its index, as many as asked for.")
    void asTheyAreReady() {
        PublisherProbe<String> rest = PublisherProbe.of(after(900, "rest"));
        StepVerifier.withVirtualTime(
                        () -> Tasks.asCompleted(List.of(after(300, "slow"), after(100, "fast"), rest.mono())), 0)
                .thenAwait(ofMillis(300))
                .thenRequest(1)
                .expectNext(new Completion<>(1, Outcome.success("fast")))
                .expectNoEvent(Duration.ofMillis(1))
                .thenRequest(1)
                .expectNext(new Completion<>(0, Outcome.success("slow")))
                .thenCancel()
                .verify(ofSeconds(20));
        rest.assertWasCancelled();
    }

    @Test
    @NaiveTwin(row = "B11", value = "`flatMapSequential`: a slow head holds back all behind it.")
    void slowHeadHoldsBackTheRest() {
        StepVerifier.withVirtualTime(
                        () -> Flux.just(after(300, "slow"), after(100, "fast")).flatMapSequential(work -> work))
                .expectSubscription()
                .expectNoEvent(ofMillis(299))
                .thenAwait(ofMillis(1))
                .expectNext("slow", "fast")
                .verifyComplete();
    }

    private static Mono<Integer> parse(String text) {
        return Mono.fromCallable(() -> Integer.valueOf(text));
    }

    @Test
    @Recipe(row = "B20", value = "Skip bad items and keep the stream: an `Outcome` for each, in order.")
    void skipBadItems() {
        StepVerifier.create(Flux.just("1", "two", "3")
                        .concatMap(text ->
                                Tasks.gatherSettled(List.of(parse(text))).map(one -> one.get(0))))
                .expectNext(Outcome.success(1))
                .expectNextMatches(bad -> bad.error().orElseThrow() instanceof NumberFormatException)
                .expectNext(Outcome.success(3))
                .verifyComplete();
        StepVerifier.create(Flux.just("1", "two", "3")
                        .concatMap(
                                text -> parse(text).onErrorResume(NumberFormatException.class, bad -> Mono.just(-1))))
                .expectNext(1, -1, 3)
                .verifyComplete();
    }

    @Test
    @NaiveTwin(row = "B20", value = "`onErrorContinue` outside turns off the `onErrorResume` inside.")
    void onErrorContinueReachesInside() {
        StepVerifier.create(Flux.just("1", "two", "3")
                        .concatMap(text -> Flux.just(text).map(Integer::valueOf).onErrorResume(bad -> Mono.just(-1)))
                        .onErrorContinue((error, item) -> {}))
                .expectNext(1, 3)
                .verifyComplete();
    }
}
