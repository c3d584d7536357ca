package io.github.asyncio4j.time;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.resource.AsyncResource;
import io.github.asyncio4j.task.Task;
import io.github.asyncio4j.task.TaskCancelledException;
import io.github.asyncio4j.task.Tasks;
import io.github.asyncio4j.testing.Recipe;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.publisher.PublisherProbe;
import reactor.util.retry.Retry;

/** The asyncio course on time limits, cancellation and {@code async with}. */
class DeadlineRecipesTest {

    private static long now() {
        return Schedulers.parallel().now(TimeUnit.MILLISECONDS);
    }

    @Test
    @Recipe(row = "16", value = "A limit of 2 s around work of 5 s: the error at 2 s, and the work is cancelled.")
    void waitForGivesUpAfterTwoSecondsAndCancelsTheWork() {
        PublisherProbe<String> slow = PublisherProbe.of(Mono.delay(ofSeconds(5)).thenReturn("late"));
        StepVerifier.withVirtualTime(() -> Timeouts.timeout(slow.mono(), ofSeconds(2)))
                .expectSubscription()
                .expectNoEvent(ofSeconds(2).minusNanos(1))
                .thenAwait(Duration.ofNanos(1))
                .verifyError(DeadlineExceededException.class);
        slow.assertWasCancelled();
    }

    @Test
    @Recipe(row = "17", value = "A scope that is rescheduled while it runs ends at its new deadline.")
    void scopeThatIsRescheduledWhileItRunsEndsAtTheNewDeadline() {
        StepVerifier.withVirtualTime(() -> Timeouts.timeout(
                        ofSeconds(1),
                        scope -> Mono.delay(ofMillis(900)).flatMap(tick -> {
                            scope.reschedule(ofSeconds(3));
                            return Tasks.sleep(ofSeconds(60));
                        })))
                .expectSubscription()
                .expectNoEvent(ofMillis(3899))
                .thenAwait(ofMillis(1))
                .verifyError(DeadlineExceededException.class);
    }

    @Test
    @Recipe(row = "18", value = "`Timeouts.within(2 s)` wraps any Mono; a fast one passes through.")
    void twoSecondWrapperFitsAnyMono() {
        StepVerifier.withVirtualTime(() -> Mono.just("fast").transform(Timeouts.within(ofSeconds(2))))
                .expectNext("fast")
                .verifyComplete();
        StepVerifier.withVirtualTime(() -> Mono.delay(ofSeconds(3)).transform(Timeouts.within(ofSeconds(2))))
                .thenAwait(ofSeconds(2))
                .verifyError(DeadlineExceededException.class);
    }

    @Test
    @Recipe(row = "19", value = "Three attempts with a limit each and growing pauses; the last error after the third.")
    void retryWithALimitForEachAttemptAndGrowingBackOff() {
        List<Long> attempts = new ArrayList<>();
        Mono<String> flaky = Mono.defer(() -> {
            attempts.add(now());
            return Mono.<String>never();
        });
        StepVerifier.withVirtualTime(() -> Timeouts.timeout(flaky, ofSeconds(1), "call")
                        .retryWhen(Retry.backoff(2, ofMillis(500))
                                .jitter(0)
                                .onRetryExhaustedThrow((spec, signal) -> signal.failure())))
                .thenAwait(ofSeconds(10))
                .verifyErrorSatisfies(e -> assertThat(e)
                        .isInstanceOf(DeadlineExceededException.class)
                        .hasMessageContaining("call"));
        assertThat(attempts).containsExactly(0L, 1_500L, 3_500L);
    }

    @Test
    @Recipe(row = "20", value = "A running task is cancelled, says so, and tells whoever awaits it why.")
    void runningTaskIsCancelledAndSaysSo() {
        PublisherProbe<String> work = PublisherProbe.of(Mono.never());
        Task<String> task = Tasks.create(work.mono());
        assertThat(task.cancel("enough")).isTrue();
        work.assertWasCancelled();
        assertThat(task.isCancelled()).isTrue();
        StepVerifier.create(task.await())
                .verifyErrorSatisfies(e ->
                        assertThat(e).isInstanceOf(TaskCancelledException.class).hasMessageContaining("enough"));
    }

    @Test
    @Recipe(row = "21", value = "Connect, query, close, in order and once, also after a failure and a cancel.")
    void connectionIsOpenedUsedAndClosedInOrderHoweverItEnds() {
        for (Mono<String> query :
                List.of(Mono.just("row"), Mono.<String>error(new IOException("x")), Mono.<String>never())) {
            List<String> log = new ArrayList<>();
            AsyncResource<String> connection = AsyncResource.of(
                    Mono.fromSupplier(() -> {
                        log.add("connect");
                        return "db";
                    }),
                    db -> Mono.fromRunnable(() -> log.add("close")));
            connection
                    .use(db -> query.doOnSubscribe(s -> log.add("query")))
                    .subscribe(row -> {}, error -> {})
                    .dispose();
            assertThat(log).containsExactly("connect", "query", "close");
        }
    }

    @Test
    @Recipe(row = "22", value = "A resource that measures how long its body took.")
    void timerResourceMeasuresItsBody() {
        AtomicReference<Duration> elapsed = new AtomicReference<>();
        AsyncResource<Long> timer = AsyncResource.of(
                Mono.fromSupplier(DeadlineRecipesTest::now),
                started -> Mono.fromRunnable(() -> elapsed.set(ofMillis(now() - started))));
        StepVerifier.withVirtualTime(() -> timer.use(started -> Mono.delay(ofSeconds(3))))
                .thenAwait(ofSeconds(3))
                .expectNext(0L)
                .verifyComplete();
        assertThat(elapsed).hasValue(ofSeconds(3));
    }

    @Test
    @Recipe(row = "23", value = "A session that logs the error, closes, and lets it through.")
    void managedSessionLogsTheErrorAndLetsItThrough() {
        List<String> log = new ArrayList<>();
        IOException broken = new IOException("broken");
        AsyncResource<String> session = AsyncResource.of(
                Mono.just("session"),
                (opened, exit) -> Mono.fromRunnable(() -> {
                    exit.error().ifPresent(e -> log.add("log " + e.getMessage()));
                    log.add("close");
                }));
        StepVerifier.create(session.use(s -> Mono.error(broken)))
                .verifyErrorSatisfies(e -> assertThat(e).isSameAs(broken));
        assertThat(log).containsExactly("log broken", "close");
    }
}
