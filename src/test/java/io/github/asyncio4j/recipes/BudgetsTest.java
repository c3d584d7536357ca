package io.github.asyncio4j.recipes;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.task.Tasks;
import io.github.asyncio4j.testing.NaiveTwin;
import io.github.asyncio4j.testing.Recipe;
import io.github.asyncio4j.thread.Threads;
import io.github.asyncio4j.time.Deadline;
import io.github.asyncio4j.time.DeadlineExceededException;
import io.github.asyncio4j.time.Timeouts;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.util.retry.Retry;

/** One budget for a whole flow, also where it blocks. */
class BudgetsTest {

    private static final Duration LIMIT = ofSeconds(20);

    private final List<Long> attempts = new ArrayList<>();

    @AfterEach
    void resetHooks() {
        Hooks.resetOnErrorDropped();
    }

    private Mono<String> flaky() {
        return Mono.defer(() -> {
            attempts.add(Schedulers.parallel().now(TimeUnit.MILLISECONDS));
            return Tasks.sleep(ofMillis(400)).then(Mono.error(new IOException("attempt " + attempts.size())));
        });
    }

    /** The budget is that of all attempts and pauses; when it is over, the last real failure is the cause. */
    private static <T> Mono<T> withinBudget(Mono<T> call, Duration budget, Duration pause) {
        return Mono.defer(() -> {
            AtomicReference<Throwable> last = new AtomicReference<>();
            Retry whileThereIsTime = Retry.from(signals -> signals.concatMap(signal -> {
                last.set(signal.failure());
                return Mono.deferContextual(context -> Deadline.from(context)
                                .filter(deadline -> deadline.remaining().compareTo(pause) <= 0)
                                .isPresent()
                        ? Mono.never()
                        : Tasks.sleep(pause).thenReturn(signal.totalRetries()));
            }));
            return Timeouts.timeout(call.retryWhen(whileThereIsTime), budget, "order")
                    .onErrorMap(
                            DeadlineExceededException.class,
                            late -> last.get() == null ? late : late.initCause(last.get()));
        });
    }

    @Test
    @Recipe(
            row = "B12",
            value = "One deadline over call, retries and pauses; no attempt without time; the last failure is"
                    + " the cause.")
    void oneBudgetForAllAttempts() {
        StepVerifier.withVirtualTime(() -> withinBudget(flaky(), ofMillis(1_000), ofMillis(300)))
                .expectSubscription()
                .expectNoEvent(ofMillis(999))
                .thenAwait(ofMillis(1))
                .verifyErrorSatisfies(error -> assertThat(error)
                        .isInstanceOf(DeadlineExceededException.class)
                        .hasMessageContaining("order")
                        .hasRootCauseMessage("attempt 1"));
        assertThat(attempts).containsExactly(0L, 700L);
    }

    @Test
    @NaiveTwin(
            row = "B12",
            value = "`timeout` on each attempt: three attempts and two pauses take 1.8 s of a budget of 1 s.")
    void aTimeoutForEachAttempt() {
        StepVerifier.withVirtualTime(
                        () -> flaky().timeout(ofMillis(1_000)).retryWhen(Retry.fixedDelay(2, ofMillis(300))))
                .expectSubscription()
                .expectNoEvent(ofMillis(1_799))
                .thenAwait(ofMillis(1))
                .verifyError();
        assertThat(attempts).hasSize(3);
    }

    @Test
    @Recipe(
            row = "B13",
            value = "A limit around a blocking driver call: the caller is free in time, the call is interrupted,"
                    + " nothing is dropped.")
    void limitAroundABlockingCall() {
        CountDownLatch never = new CountDownLatch(1);
        AtomicBoolean interrupted = new AtomicBoolean();
        Mono<String> query = Threads.toThread(() -> {
            try {
                never.await();
                return "row";
            } catch (InterruptedException e) {
                interrupted.set(true);
                throw e;
            }
        });
        StepVerifier.create(Timeouts.timeout(query, ofMillis(50)))
                .expectErrorSatisfies(error -> {
                    assertThat(error).isInstanceOf(DeadlineExceededException.class);
                    assertThat(interrupted).isTrue();
                })
                .verifyThenAssertThat(LIMIT)
                .hasNotDroppedErrors();
    }

    @Test
    @NaiveTwin(
            row = "B13",
            value = "`fromCallable(…).timeout(…)` blocks its caller all the same; `subscribeOn` drops an"
                    + " `InterruptedException`.")
    void limitAroundACallThatBlocksItsCaller() throws InterruptedException {
        CountDownLatch slow = new CountDownLatch(1);
        Thread caller = Thread.currentThread();
        AtomicReference<Thread> ran = new AtomicReference<>();
        Schedulers.parallel().schedule(slow::countDown, 150, TimeUnit.MILLISECONDS);
        Mono.fromCallable(() -> {
                    ran.set(Thread.currentThread());
                    return slow.await(20, TimeUnit.SECONDS);
                })
                .timeout(ofMillis(50))
                .subscribe(row -> {}, error -> {});
        // Had the limit been worth anything, the caller would be here while the call still runs.
        assertThat(slow.getCount()).isZero();
        assertThat(ran).hasValue(caller);

        CountDownLatch dropped = new CountDownLatch(1);
        Hooks.onErrorDropped(error -> dropped.countDown());
        CountDownLatch never = new CountDownLatch(1);
        StepVerifier.create(Mono.fromCallable(() -> never.await(20, TimeUnit.SECONDS))
                        .hide()
                        .subscribeOn(Schedulers.boundedElastic())
                        .timeout(ofMillis(50)))
                .expectError()
                .verify(LIMIT);
        assertThat(dropped.await(20, TimeUnit.SECONDS)).isTrue();
    }
}
