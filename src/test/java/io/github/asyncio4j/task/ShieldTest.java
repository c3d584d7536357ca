package io.github.asyncio4j.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.time.Deadline;
import io.github.asyncio4j.time.Timeouts;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.test.publisher.PublisherProbe;

class ShieldTest {

    @AfterEach
    void nothingIsLeftRunning() {
        assertThat(Tasks.all()).isEmpty();
        assertThat(TaskRegistry.scopes()).isEmpty();
    }

    @Test
    void withoutAnOwnerItSaysWhatToDo() {
        StepVerifier.create(Tasks.shield(Mono.just(1)))
                .verifyErrorSatisfies(e -> assertThat(e)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("TaskGroup.using"));
        assertThat(Tasks.create(Tasks.shield(Mono.just(1))).state()).isEqualTo(TaskState.FAILED);
    }

    @Test
    void subscriberThatStaysGetsTheResult() {
        StepVerifier.create(TaskGroup.using(group -> Tasks.shield(Mono.just(1))))
                .expectNext(1)
                .verifyComplete();
        StepVerifier.create(TaskGroup.using(group ->
                        Tasks.shield(Mono.error(new IOException("boom"))).onErrorReturn("caught")))
                .expectNext("caught")
                .verifyComplete();
    }

    @Test
    void goesOnInTheGroupAfterItsSubscriberLeft() {
        StepVerifier.withVirtualTime(() -> TaskGroup.using(group -> {
                    Mono<Long> commit = Tasks.shield(Mono.delay(Duration.ofSeconds(3)));
                    return Timeouts.timeout(commit, Duration.ofSeconds(1)).onErrorReturn(-1L);
                }))
                .expectSubscription()
                .expectNoEvent(Duration.ofMillis(2999))
                .thenAwait(Duration.ofMillis(1))
                .expectNext(-1L)
                .verifyComplete();
    }

    @Test
    void isNotUnderTheSubscribersDeadlineButUnderTheGroups() {
        StepVerifier.create(Timeouts.timeout(
                        TaskGroup.using(group -> Timeouts.timeout(
                                Tasks.shield(Mono.deferContextual(c ->
                                        Mono.just(Deadline.from(c).orElseThrow().remaining()))),
                                Duration.ofSeconds(1))),
                        Duration.ofSeconds(50)))
                .assertNext(left -> assertThat(left).isGreaterThan(Duration.ofSeconds(10)))
                .verifyComplete();
        StepVerifier.create(TaskGroup.using(group -> Timeouts.timeout(
                        Tasks.shield(Mono.deferContextual(
                                c -> Mono.just(Deadline.from(c).isPresent()))),
                        Duration.ofSeconds(1))))
                .expectNext(false)
                .verifyComplete();
    }

    @Test
    void failureAfterItsSubscriberLeftIsTheGroups() {
        Sinks.Empty<Void> work = Sinks.empty();
        StepVerifier.create(TaskGroup.using(group -> {
                    Disposable subscriber = group.createTask(Tasks.shield(work.asMono()));
                    subscriber.dispose();
                    return Mono.never();
                }))
                .then(() -> work.tryEmitError(new IOException("late")))
                .verifyErrorMessage("late");
    }

    @Test
    void isNoProtectionAgainstTheGroup() {
        PublisherProbe<Object> work = PublisherProbe.of(Mono.never());
        StepVerifier.create(TaskGroup.using(group -> {
                    group.createTask(Tasks.shield(work.mono()));
                    group.createTask(Mono.error(new IOException("boom")));
                    return Mono.never();
                }))
                .verifyErrorMessage("boom");
        work.assertWasCancelled();
    }

    @Test
    void takesNoPlaceInABoundedGroup() {
        StepVerifier.create(TaskGroup.builder().maxConcurrency(1).using(group -> {
                    Task<Integer> first = group.createTask(Tasks.shield(Mono.just(1)));
                    Task<Integer> second = group.createTask(Tasks.shield(Mono.just(2)));
                    return Tasks.gather(first.await(), second.await());
                }))
                .expectNextCount(1)
                .verifyComplete();
    }

    @Test
    void inAGroupThatIsEndingItIsACancellation() {
        PublisherProbe<Integer> work = PublisherProbe.of(Mono.just(1));
        List<Throwable> errors = new ArrayList<>();
        StepVerifier.create(TaskGroup.using(group -> {
                    group.createTask(Mono.never().doOnCancel(() -> {}));
                    group.cancel("over");
                    return Mono.never();
                }))
                .verifyComplete();
        StepVerifier.create(TaskGroup.using(group -> Mono.deferContextual(context -> {
                    group.cancel("over");
                    Tasks.shield(work.mono()).contextWrite(context).subscribe(null, errors::add);
                    return Mono.never();
                })))
                .verifyComplete();
        assertThat(errors).singleElement().isInstanceOf(TaskCancelledException.class);
        work.assertWasNotSubscribed();
    }

    @Test
    void afterTheGroupHasEndedItIsAnError() {
        reactor.util.context.ContextView inside = TaskGroup.using(
                        group -> Mono.deferContextual(context -> Mono.just(context)))
                .block();
        StepVerifier.create(Tasks.shield(Mono.just(1)).contextWrite(c -> c.putAll(inside)))
                .verifyError(IllegalStateException.class);
    }

    @Test
    void inABackgroundTaskItBelongsToThatOwner() {
        List<String> failures = new ArrayList<>();
        BackgroundTasks background = BackgroundTasks.builder()
                .capacity(2)
                .onError((task, error) -> failures.add(error.getMessage()))
                .build();
        Sinks.Empty<Void> work = Sinks.empty();
        Task<Void> task = background.createTask(Tasks.shield(work.asMono()));
        assertThat(background.active()).isEqualTo(2);
        StepVerifier.create(background.submit(Mono.never())).verifyError(RejectedExecutionException.class);
        task.cancel();
        assertThat(background.active()).isEqualTo(1);
        work.tryEmitError(new IOException("late"));
        assertThat(failures).containsExactly("late");

        Task<String> second = background.createTask(
                Tasks.shield(Mono.<String>error(new IOException("seen"))).onErrorReturn("caught"));
        assertThat(second.outcome().value()).contains("caught");
        assertThat(failures).containsExactly("late");
        background.close().block(Duration.ofSeconds(5));
    }

    @Test
    void subscriberThatLeavesAtOnceStartsNothing() {
        PublisherProbe<Object> work = PublisherProbe.of(Mono.never());
        StepVerifier.create(TaskGroup.using(group -> Tasks.shield(work.mono())
                        .doOnSubscribe(s -> s.cancel())
                        .timeout(Duration.ofSeconds(1), Mono.just("left"))
                        .take(Duration.ZERO)
                        .then(Mono.just("x"))))
                .expectNext("x")
                .verifyComplete();
        work.assertWasNotSubscribed();
    }
}
