package io.github.asyncio4j.recipes;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.asyncio4j.resource.AsyncResource;
import io.github.asyncio4j.task.Outcome;
import io.github.asyncio4j.task.ReturnWhen;
import io.github.asyncio4j.task.Task;
import io.github.asyncio4j.task.TaskFailures;
import io.github.asyncio4j.task.TaskGroup;
import io.github.asyncio4j.task.TaskState;
import io.github.asyncio4j.task.Tasks;
import io.github.asyncio4j.testing.NaiveTwin;
import io.github.asyncio4j.testing.Recipe;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.test.publisher.PublisherProbe;
import reactor.util.context.Context;

/** The course on tasks: started now, awaited later; alone and in groups. */
class TasksAndGroupsTest {

    private final List<String> log = new ArrayList<>();

    @AfterEach
    void nothingRuns() {
        assertThat(Tasks.all()).isEmpty();
    }

    private Mono<String> work(String name, Duration takes) {
        return Mono.fromRunnable(() -> log.add("start " + name))
                .then(Tasks.sleep(takes))
                .then(Mono.fromSupplier(() -> {
                    log.add("end " + name);
                    return name;
                }));
    }

    @Test
    @Recipe(row = "6", value = "`createTask` starts work at once; other work goes on; both are awaited later.")
    void bothTasksRunWhileOtherWorkIsDone() {
        StepVerifier.withVirtualTime(() -> TaskGroup.using(group -> {
                    Task<String> first = group.createTask(work("first", ofSeconds(1)));
                    Task<String> second = group.createTask(work("second", ofSeconds(2)));
                    log.add("other work");
                    return first.await().zipWith(second.await(), (a, b) -> a + ", " + b);
                }))
                .expectSubscription()
                .expectNoEvent(ofMillis(1999))
                .thenAwait(ofMillis(1))
                .expectNext("first, second")
                .verifyComplete();
        assertThat(log).containsExactly("start first", "start second", "other work", "end first", "end second");
    }

    @Test
    @Recipe(row = "7", value = "Three background tasks of 2, 1 and 3 s, gathered: B, A, C end; the result is A, B, C.")
    void backgroundTasksGathered() {
        StepVerifier.withVirtualTime(() -> TaskGroup.using(group -> {
                    Task<String> a = group.createTask("A", work("A", ofSeconds(2)));
                    Task<String> b = group.createTask("B", work("B", ofSeconds(1)));
                    Task<String> c = group.createTask("C", work("C", ofSeconds(3)));
                    return Tasks.gather(List.of(a.await(), b.await(), c.await()));
                }))
                .thenAwait(ofSeconds(3))
                .expectNext(List.of("A", "B", "C"))
                .verifyComplete();
        assertThat(log.subList(3, 6)).containsExactly("end B", "end A", "end C");
    }

    @Test
    @Recipe(row = "8", value = "The task API: name, done, result, exception, cancel, cancelled, callback.")
    void taskBeforeAndAfter() {
        Sinks.One<String> answer = Sinks.one();
        Task<String> task = named("ask", answer.asMono());
        task.onDone(ended -> log.add(ended.name() + " is done"));
        assertThat(task.name()).isEqualTo("ask");
        assertThat(task.isDone()).isFalse();
        assertThat(task.state()).isEqualTo(TaskState.RUNNING);
        assertThatIllegalStateException().isThrownBy(task::outcome);
        answer.tryEmitValue("42");
        assertThat(task.isDone()).isTrue();
        assertThat(task.outcome().value()).contains("42");
        assertThat(task.outcome().error()).isEmpty();
        assertThat(task.cancel()).isFalse();
        assertThat(log).containsExactly("ask is done");

        Task<String> failed = named("fail", Mono.error(new IOException("no answer")));
        assertThat(failed.outcome().error()).containsInstanceOf(IOException.class);
        assertThat(failed.isCancelled()).isFalse();

        Task<String> cancelled = named("wait", Mono.never());
        assertThat(cancelled.cancel("no longer needed")).isTrue();
        assertThat(cancelled.isCancelled()).isTrue();
        assertThat(cancelled.outcome().error()).containsInstanceOf(CancellationException.class);
    }

    private static <T> Task<T> named(String name, Mono<T> work) {
        return Tasks.create(name, work, Context.empty());
    }

    @Test
    @Recipe(row = "9", value = "A group of ten items; their results are read from the tasks when it has ended.")
    void tenItemsInAGroup() {
        List<Task<Integer>> tasks = new ArrayList<>();
        StepVerifier.withVirtualTime(() -> TaskGroup.using(group -> {
                    IntStream.range(0, 10)
                            .forEach(i -> tasks.add(
                                    group.createTask(Tasks.sleep(ofMillis(100)).thenReturn(i * i))));
                    return Mono.empty();
                }))
                .expectSubscription()
                .expectNoEvent(ofMillis(99))
                .thenAwait(ofMillis(1))
                .verifyComplete();
        assertThat(tasks.stream().map(task -> task.outcome().orElseThrow()))
                .containsExactly(0, 1, 4, 9, 16, 25, 36, 49, 64, 81);
    }

    private AsyncResource<String> connection(Mono<Void> close) {
        return AsyncResource.of(
                Mono.just("connection"),
                opened -> Tasks.sleep(ofMillis(300))
                        .then(Mono.fromRunnable(() -> log.add("closed")))
                        .then(close));
    }

    @Test
    @Recipe(
            row = "10",
            value = "One of a group fails: its siblings have cleaned up before the error is seen; all failures"
                    + " are listed.")
    void failureOfOneEndsTheGroupAfterTheCleanupOfAll() {
        PublisherProbe<String> sibling = PublisherProbe.of(Mono.never());
        IOException broken = new IOException("broken");
        IOException closeFailed = new IOException("close failed");
        StepVerifier.withVirtualTime(() -> TaskGroup.using(group -> {
                    group.createTask(connection(Mono.error(closeFailed)).use(c -> sibling.mono()));
                    group.createTask(Tasks.sleep(ofMillis(100)).then(Mono.error(broken)));
                    return Mono.never();
                }))
                .expectSubscription()
                .expectNoEvent(ofMillis(399))
                .thenAwait(ofMillis(1))
                .verifyErrorSatisfies(error -> {
                    assertThat(error).isSameAs(broken);
                    assertThat(log).containsExactly("closed");
                    assertThat(TaskFailures.of(error)).contains(broken, closeFailed);
                });
        sibling.assertWasCancelled();
    }

    @Test
    @NaiveTwin(
            row = "10",
            value = "`Mono.when` over `usingWhen`: the error is there while the connection still closes.")
    void errorIsSeenBeforeTheCleanupHasEnded() {
        AtomicBoolean closed = new AtomicBoolean();
        Mono<String> sibling = Mono.usingWhen(
                Mono.just("connection"),
                c -> Mono.never(),
                c -> Tasks.sleep(ofMillis(300)).then(Mono.fromRunnable(() -> closed.set(true))));
        StepVerifier.withVirtualTime(() ->
                        Mono.when(sibling, Tasks.sleep(ofMillis(100)).then(Mono.error(new IOException("broken")))))
                .thenAwait(ofMillis(100))
                .verifyErrorSatisfies(error -> assertThat(closed).isFalse());
    }

    @Test
    @Recipe(
            row = "13",
            value = "`waitUntil(FIRST_COMPLETED)` of 0.5, 1.0, 1.5 and 0.2 s: the fourth is done, the others"
                    + " run on.")
    void firstCompleted() {
        List<Task<String>> tasks = new ArrayList<>();
        StepVerifier.withVirtualTime(() -> Tasks.waitUntil(ReturnWhen.FIRST_COMPLETED, racers(tasks)))
                .expectSubscription()
                .expectNoEvent(ofMillis(199))
                .thenAwait(ofMillis(1))
                .assertNext(result -> {
                    assertThat(result.done()).containsExactly(tasks.get(3));
                    assertThat(result.pending()).containsExactlyElementsOf(tasks.subList(0, 3));
                    assertThat(result.pending()).noneMatch(Task::isDone);
                })
                .verifyComplete();
        tasks.forEach(Task::cancel);
    }

    @Test
    @NaiveTwin(row = "13", value = "`Mono.firstWithValue` cancels all others.")
    void firstWithValueCancelsTheOthers() {
        PublisherProbe<String> slower = PublisherProbe.of(work("slower", ofSeconds(1)));
        StepVerifier.withVirtualTime(() -> Mono.firstWithValue(slower.mono(), work("faster", ofMillis(200))))
                .thenAwait(ofMillis(200))
                .expectNext("faster")
                .verifyComplete();
        slower.assertWasCancelled();
    }

    private List<Task<String>> racers(List<Task<String>> tasks) {
        for (int millis : List.of(500, 1_000, 1_500, 200)) {
            tasks.add(Tasks.create(work("after " + millis, ofMillis(millis))));
        }
        return tasks;
    }

    @Test
    @Recipe(row = "14", value = "Then wait for the rest for 0.8 s and cancel what has not come by then.")
    void thenTheRestWithALimit() {
        List<Task<String>> tasks = new ArrayList<>();
        StepVerifier.withVirtualTime(() -> Tasks.waitUntil(ReturnWhen.FIRST_COMPLETED, racers(tasks))
                        .flatMap(first -> Tasks.waitUntil(ReturnWhen.ALL_COMPLETED, first.pending(), ofMillis(800)))
                        .doOnNext(rest -> rest.pending().forEach(late -> late.cancel("too late"))))
                .expectSubscription()
                .expectNoEvent(ofMillis(999))
                .thenAwait(ofMillis(1))
                .assertNext(rest -> assertThat(rest.done()).containsExactly(tasks.get(0), tasks.get(1)))
                .verifyComplete();
        assertThat(tasks.get(2).isCancelled()).isTrue();
    }

    @Test
    @Recipe(row = "15", value = "`FIRST_EXCEPTION` returns at the first failure, `ALL_COMPLETED` at the last end.")
    void firstExceptionAndAllCompleted() {
        List<Task<String>> tasks = new ArrayList<>();
        StepVerifier.withVirtualTime(() -> {
                    tasks.add(Tasks.create(work("fast", ofMillis(100))));
                    tasks.add(Tasks.create(
                            Tasks.sleep(ofMillis(200)).then(Mono.<String>error(new IOException("broken")))));
                    tasks.add(Tasks.create(work("slow", ofMillis(900))));
                    return Tasks.waitUntil(ReturnWhen.FIRST_EXCEPTION, tasks)
                            .doOnNext(result -> assertThat(result.done()).containsExactly(tasks.get(0), tasks.get(1)))
                            .flatMap(result -> Tasks.waitUntil(ReturnWhen.ALL_COMPLETED, tasks));
                })
                .expectSubscription()
                .expectNoEvent(ofMillis(899))
                .thenAwait(ofMillis(1))
                .assertNext(result -> assertThat(result.done()).hasSize(3))
                .verifyComplete();
        assertThat(tasks.get(1).outcome()).isInstanceOf(Outcome.Failure.class);
    }
}
