package io.github.asyncio4j.task;

import static io.github.asyncio4j.task.ReturnWhen.ALL_COMPLETED;
import static io.github.asyncio4j.task.ReturnWhen.FIRST_COMPLETED;
import static io.github.asyncio4j.task.ReturnWhen.FIRST_EXCEPTION;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

class WaitUntilTest {

    private final Sinks.One<Integer> one = Sinks.one();
    private final Sinks.One<Integer> two = Sinks.one();
    private final Task<Integer> first = Tasks.create(one.asMono());
    private final Task<Integer> second = Tasks.create(two.asMono());

    @AfterEach
    void endAll() {
        first.cancel();
        second.cancel();
        assertThat(Tasks.all()).isEmpty();
    }

    @Test
    void firstCompletedKeepsTheOrderOfTheArgumentsAndCancelsNothing() {
        StepVerifier.create(Tasks.waitUntil(FIRST_COMPLETED, List.of(first, second)))
                .then(() -> two.tryEmitValue(2))
                .expectNext(new WaitResult<>(List.of(second), List.of(first)))
                .verifyComplete();
        assertThat(first.isDone()).isFalse();
    }

    @Test
    void firstCompletedCountsACancelledTask() {
        StepVerifier.create(Tasks.waitUntil(FIRST_COMPLETED, List.of(first, second)))
                .then(first::cancel)
                .expectNext(new WaitResult<>(List.of(first), List.of(second)))
                .verifyComplete();
    }

    @Test
    void firstExceptionDoesNotCountACancelledTask() {
        StepVerifier.create(Tasks.waitUntil(FIRST_EXCEPTION, List.of(first, second)))
                .then(first::cancel)
                .expectNoEvent(Duration.ofMillis(1))
                .then(() -> two.tryEmitError(new IOException("boom")))
                .expectNext(new WaitResult<>(List.of(first, second), List.of()))
                .verifyComplete();
    }

    @Test
    void firstExceptionReturnsAtOnceForATaskThatHasFailed() {
        Task<Integer> failed = Tasks.create(Mono.error(new IOException("boom")));
        StepVerifier.create(Tasks.waitUntil(FIRST_EXCEPTION, List.of(first, failed)))
                .expectNext(new WaitResult<>(List.of(failed), List.of(first)))
                .verifyComplete();
    }

    @Test
    void withoutAFailureFirstExceptionWaitsForAll() {
        StepVerifier.create(Tasks.waitUntil(FIRST_EXCEPTION, List.of(first, second)))
                .then(() -> one.tryEmitValue(1))
                .then(() -> two.tryEmitValue(2))
                .expectNext(new WaitResult<>(List.of(first, second), List.of()))
                .verifyComplete();
    }

    @Test
    void allCompletedNeverFails() {
        StepVerifier.create(Tasks.waitUntil(ALL_COMPLETED, List.of(first, second, first)))
                .then(() -> one.tryEmitError(new IOException("boom")))
                .then(() -> two.tryEmitValue(2))
                .expectNext(new WaitResult<>(List.of(first, second), List.of()))
                .verifyComplete();
    }

    @Test
    void timeoutIsNoErrorAndCancelsNothing() {
        StepVerifier.withVirtualTime(
                        () -> Tasks.waitUntil(ALL_COMPLETED, List.of(first, second), Duration.ofSeconds(1)))
                .then(() -> one.tryEmitValue(1))
                .thenAwait(Duration.ofSeconds(1))
                .expectNext(new WaitResult<>(List.of(first), List.of(second)))
                .verifyComplete();
        assertThat(second.isDone()).isFalse();
    }

    @Test
    void timeoutOfZeroOnlyLooks() {
        StepVerifier.create(Tasks.waitUntil(ALL_COMPLETED, List.of(first), Duration.ZERO))
                .expectNext(new WaitResult<>(List.of(), List.of(first)))
                .verifyComplete();
    }

    @Test
    void cancellingTheWaitLeavesTheTasksAlone() {
        StepVerifier.create(Tasks.waitUntil(ALL_COMPLETED, List.of(first, second), Duration.ofSeconds(5)))
                .expectSubscription()
                .thenCancel()
                .verify();
        assertThat(first.isDone()).isFalse();
        assertThat(((DefaultTask<?>) first).waiters().size()).isZero();
    }

    @Test
    void theWaitingTaskKnowsWhatItWaitsForOnce() {
        Task<WaitResult<Integer>> waiter = Tasks.create(Tasks.waitUntil(FIRST_COMPLETED, List.of(first, second)));
        assertThat(waiter.waitingFor()).hasSize(2);
        one.tryEmitValue(1);
        assertThat(waiter.outcome().orElseThrow().done()).containsExactly(first);
        assertThat(((DefaultTask<?>) second).waiters().size()).isZero();
    }

    @Test
    void aTaskThatWaitsForItselfIsAnError() {
        AtomicReference<Task<Integer>> self = new AtomicReference<>();
        Sinks.Empty<Void> go = Sinks.empty();
        Task<Integer> task = Tasks.create(go.asMono()
                .then(Mono.defer(() -> Tasks.waitUntil(ALL_COMPLETED, List.of(self.get())))
                        .thenReturn(1)));
        self.set(task);
        go.tryEmitEmpty();
        assertThat(task.state()).isEqualTo(TaskState.FAILED);
    }

    @Test
    void badArgumentsAreRejectedAtOnce() {
        assertThatThrownBy(() -> Tasks.waitUntil(ALL_COMPLETED, List.<Task<Integer>>of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tasks");
        assertThatThrownBy(() -> Tasks.waitUntil(ALL_COMPLETED, List.of(first), Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("timeout");
        assertThatThrownBy(() -> Tasks.waitUntil(ALL_COMPLETED, Arrays.asList(first, null)))
                .isInstanceOf(NullPointerException.class);
    }
}
