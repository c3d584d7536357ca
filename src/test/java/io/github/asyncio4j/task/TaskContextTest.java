package io.github.asyncio4j.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.context.ContextRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.util.context.Context;

/** An MDC-like ThreadLocal in children, callers and owners, with Reactor's automatic context propagation on and off. */
class TaskContextTest {

    private static final String KEY = "task-user";
    private static final ThreadLocal<String> USER = new ThreadLocal<>();

    @BeforeEach
    void propagate() {
        ContextRegistry.getInstance().registerThreadLocalAccessor(KEY, USER);
        Hooks.enableAutomaticContextPropagation();
    }

    @AfterEach
    void stop() {
        Hooks.disableAutomaticContextPropagation();
        ContextRegistry.getInstance().removeThreadLocalAccessor(KEY);
        USER.remove();
        assertThat(Tasks.all()).isEmpty();
    }

    private static String user() {
        return Objects.requireNonNullElse(USER.get(), "nobody");
    }

    @Test
    void childrenBodyAndWhatFollowsTheGroupSeeIt() {
        StepVerifier.create(TaskGroup.using(group -> {
                            String inBody = user();
                            Task<String> here = group.createTask(Mono.fromCallable(TaskContextTest::user));
                            Task<String> elsewhere = group.createTask(
                                    Mono.delay(Duration.ofMillis(1)).map(tick -> user()));
                            return here.await()
                                    .zipWith(elsewhere.await(), (a, b) -> inBody + " " + a + " " + b + " " + user());
                        })
                        .map(seen -> seen + " " + user())
                        .contextWrite(Context.of(KEY, "ann")))
                .expectNext("ann ann ann ann ann")
                .verifyComplete();
    }

    @Test
    void aChildCreatedByAForeignThreadSeesThatOfTheGroup() {
        Sinks.One<TaskGroup> opened = Sinks.one();
        List<String> seen = new ArrayList<>();
        Task<Object> running = Tasks.create(
                "group",
                TaskGroup.using(group -> {
                    opened.tryEmitValue(group);
                    return Mono.never();
                }),
                Context.of(KEY, "ann"));
        USER.set("bob");
        TaskGroup group = Objects.requireNonNull(opened.asMono().block());
        group.createTask(Mono.fromRunnable(() -> seen.add(user())));
        assertThat(user()).isEqualTo("bob");
        running.cancel();
        assertThat(seen).containsExactly("ann");
    }

    @Test
    void waitersSeeTheirOwnAndNotThatOfTheTask() {
        Sinks.One<Integer> source = Sinks.one();
        Task<String> task = Tasks.create("t", source.asMono().map(x -> user()), Context.of(KEY, "ann"));
        List<String> seen = new ArrayList<>();
        task.await()
                .map(value -> value + " " + user())
                .contextWrite(Context.of(KEY, "bob"))
                .subscribe(seen::add);
        source.tryEmitValue(1);
        assertThat(seen).containsExactly("ann bob");
    }

    @Test
    void aTaskCreatedOutsideOfAPipelineTakesThatOfTheThread() {
        USER.set("ann");
        Task<String> task = Tasks.create(
                Mono.delay(Duration.ofMillis(1), Schedulers.parallel()).map(tick -> user()));
        BackgroundTasks background = BackgroundTasks.builder().build();
        Task<String> other =
                background.createTask(Mono.delay(Duration.ofMillis(1)).map(tick -> user()));
        USER.set("bob");
        StepVerifier.create(Tasks.gather(List.of(task.await(), other.await())))
                .expectNext(List.of("ann", "ann"))
                .verifyComplete();
        background.close().block();
    }

    @Test
    void submittedWorkKeepsThatOfThePipeline() {
        BackgroundTasks background = BackgroundTasks.builder().build();
        StepVerifier.create(background
                        .submit(Mono.delay(Duration.ofMillis(1)).map(tick -> user()))
                        .flatMap(Task::await)
                        .contextWrite(Context.of(KEY, "ann")))
                .expectNext("ann")
                .verifyComplete();
        background.close().block();
    }

    @Test
    void whenItIsOffNothingIsTouched() {
        Hooks.disableAutomaticContextPropagation();
        USER.set("bob");
        StepVerifier.create(TaskGroup.using(group -> group.createTask(Mono.fromCallable(TaskContextTest::user))
                                .await())
                        .contextWrite(Context.of(KEY, "ann")))
                .expectNext("bob")
                .verifyComplete();
        assertThat(Tasks.create(Mono.deferContextual(context -> Mono.just(context.hasKey(KEY))))
                        .outcome()
                        .value())
                .contains(false);
    }
}
