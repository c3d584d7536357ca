package io.github.asyncio4j.task;

import io.github.asyncio4j.internal.CleanupLedger;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/**
 * Tasks that belong to the caller of {@code Tasks.create}: here they are only listed. Spread over a few lists, so that
 * threads that create and end tasks seldom meet.
 */
final class FreeTasks implements TaskOwner {

    private static final FreeTasks[] SPREAD =
            Stream.generate(FreeTasks::new).limit(16).toArray(FreeTasks[]::new);

    private final TaskList tasks = new TaskList();

    private FreeTasks() {}

    static Stream<FreeTasks> owners() {
        return Stream.of(SPREAD);
    }

    static <T> DefaultTask<T> start(@Nullable String name, Mono<? extends T> work, Context context) {
        DefaultTask<T> ofRunner = RunnerOwner.startFree(name, work, context);
        if (ofRunner != null) {
            return ofRunner;
        }
        int spot = (int) Thread.currentThread().getId() & (SPREAD.length - 1);
        return SPREAD[spot].create(name, work, context);
    }

    private <T> DefaultTask<T> create(@Nullable String name, Mono<? extends T> work, Context context) {
        DefaultTask<T> task = new DefaultTask<>(this, name, context);
        synchronized (tasks) {
            tasks.add(task);
        }
        task.start(work);
        return task;
    }

    @Override
    public Duration cleanupLimit() {
        return CleanupLedger.DEFAULT_LIMIT;
    }

    @Override
    public boolean nestsLedgers() {
        return false;
    }

    @Override
    public void failing(DefaultTask<?> task, Throwable error) {
        // The caller reads it from the task.
    }

    @Override
    public void ended(DefaultTask<?> task, List<Throwable> late) {
        Throwable failure = task.failure;
        if (failure != null && (task.state() == TaskState.FAILED || !late.isEmpty())) {
            task.watchUnobserved(failure);
        }
        release(task);
    }

    @Override
    public @Nullable Shelter shelter() {
        return null;
    }

    @Override
    public void release(DefaultTask<?> task) {
        synchronized (tasks) {
            tasks.remove(task);
        }
    }

    @Override
    public List<DefaultTask<?>> live() {
        synchronized (tasks) {
            return tasks.toList();
        }
    }

    @Override
    public @Nullable DefaultTask<?> parent() {
        return null;
    }

    @Override
    public String label() {
        return "created by Tasks.create";
    }
}
