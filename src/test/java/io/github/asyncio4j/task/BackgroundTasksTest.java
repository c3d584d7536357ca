package io.github.asyncio4j.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.asyncio4j.time.Deadline;
import io.github.asyncio4j.time.Timeouts;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.test.publisher.PublisherProbe;
import reactor.util.context.Context;

class BackgroundTasksTest {

    private final List<String> failures = new ArrayList<>();

    private final BackgroundTasks background = BackgroundTasks.builder()
            .name("audit")
            .capacity(2)
            .onError((task, error) -> failures.add(error.getMessage()))
            .build();

    @AfterEach
    void nothingIsLeftRunning() {
        background.close(Duration.ZERO).block(Duration.ofSeconds(5));
        assertThat(background.active()).isZero();
        assertThat(Tasks.all()).isEmpty();
        assertThat(TaskRegistry.scopes()).isEmpty();
    }

    @Nested
    class Running {

        @Test
        void refusesMoreThanItsCapacity() {
            Task<Object> first = background.createTask(Mono.never());
            background.createTask(Mono.never());
            assertThatThrownBy(() -> background.createTask(Mono.never()))
                    .isInstanceOf(RejectedExecutionException.class)
                    .hasMessage("audit is full: 2 tasks are running");
            StepVerifier.create(background.submit(Mono.never())).verifyError(RejectedExecutionException.class);
            first.cancel();
            assertThat(background.active()).isEqualTo(1);
            background.createTask(Mono.just(1));
        }

        @Test
        void failuresGoToTheHandlerOnce() {
            Task<Object> task = background.createTask(Mono.error(new IOException("boom")));
            assertThat(failures).containsExactly("boom");
            StepVerifier.create(task.await()).verifyErrorMessage("boom");
        }

        @Test
        void failingCleanupOfACancelledTaskGoesToTheHandler() {
            background
                    .createTask(Cleaning.with("db", Mono.error(new IOException("close"))))
                    .cancel("why");
            assertThat(failures).containsExactly("close");
        }

        @Test
        void withoutAHandlerFailuresAreDroppedLoudly() {
            BackgroundTasks plain = BackgroundTasks.builder().build();
            StepVerifier.create(Mono.fromRunnable(() -> plain.createTask(Mono.error(new IOException("boom")))))
                    .expectComplete()
                    .verifyThenAssertThat()
                    .hasDroppedErrorWithMessage("boom");
        }

        @Test
        void handlerThatThrowsHarmsNobody() {
            BackgroundTasks plain = BackgroundTasks.builder()
                    .onError((task, error) -> {
                        throw new IllegalStateException("handler");
                    })
                    .build();
            StepVerifier.create(Mono.fromRunnable(() -> plain.createTask(Mono.error(new IOException("boom")))))
                    .expectComplete()
                    .verifyThenAssertThat()
                    .hasDroppedErrorWithMessage("handler");
            assertThat(plain.active()).isZero();
        }

        @Test
        void submitCarriesTheContextButNotTheDeadlineNorTheScope() {
            AtomicReference<Object> seen = new AtomicReference<>();
            StepVerifier.withVirtualTime(() -> Timeouts.timeout(
                                    background
                                            .submit(Mono.delay(Duration.ofSeconds(5))
                                                    .then(Mono.deferContextual(context -> {
                                                        seen.set(context.get("user") + " "
                                                                + Deadline.from(context)
                                                                        .isPresent());
                                                        return Mono.empty();
                                                    })))
                                            .then(Mono.never()),
                                    Duration.ofSeconds(1))
                            .contextWrite(Context.of("user", "ann"))
                            .onErrorComplete())
                    .thenAwait(Duration.ofSeconds(1))
                    .verifyComplete();
            assertThat(background.active()).isEqualTo(1);
            assertThat(seen.get()).isNull();
        }

        @Test
        void submitIsColdAndStartsATaskForEachSubscription() {
            PublisherProbe<Object> work = PublisherProbe.of(Mono.never());
            Mono<Task<Object>> submit = background.submit(work.mono());
            work.assertWasNotSubscribed();
            submit.block();
            submit.block();
            assertThat(background.active()).isEqualTo(2);
        }
    }

    @Nested
    class Closing {

        @Test
        void refusesNewWorkAndWaitsForTheOld() {
            Sinks.Empty<Void> work = Sinks.empty();
            background.createTask(work.asMono());
            StepVerifier.create(background.close())
                    .expectSubscription()
                    .then(() -> {
                        assertThat(background.isDisposed()).isTrue();
                        assertThatThrownBy(() -> background.createTask(Mono.never()))
                                .isInstanceOf(RejectedExecutionException.class)
                                .hasMessage("audit is closed");
                        assertThat(background).hasToString("audit (1 active, closed)");
                    })
                    .then(work::tryEmitEmpty)
                    .verifyComplete();
            StepVerifier.create(background.close()).verifyComplete();
        }

        @Test
        void cancelsWhatOutlivesTheGraceAndDrains() {
            StepVerifier.withVirtualTime(() -> {
                        background.createTask(Cleaning.in(Duration.ofSeconds(3)));
                        return background.close(Duration.ofSeconds(2));
                    })
                    .expectSubscription()
                    .expectNoEvent(Duration.ofMillis(4999))
                    .thenAwait(Duration.ofMillis(1))
                    .verifyComplete();
        }

        @Test
        void disposeCancelsAtOnce() {
            Task<Object> task = background.createTask(Mono.never());
            background.dispose();
            assertThat(task.outcome().error().orElseThrow()).hasMessageContaining("audit closes");
            StepVerifier.create(background.close()).verifyComplete();
        }

        @Test
        void closingFromItsOwnTaskIsAnErrorInsteadOfADeadlock() {
            Task<Void> task = background.createTask(background.close());
            assertThat(task.outcome().error().orElseThrow())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("cannot wait");
        }

        @Test
        void leavingTheWaitReopensNothing() {
            background.createTask(Mono.never());
            background.close().subscribe().dispose();
            assertThat(background.isDisposed()).isTrue();
            assertThat(background.active()).isEqualTo(1);
        }

        @Test
        void negativeGraceIsRejectedAtOnce() {
            assertThatThrownBy(() -> background.close(Duration.ofSeconds(-1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("grace");
        }
    }
}
