package io.github.asyncio4j.task;

import io.github.asyncio4j.internal.CleanupLedger;
import io.github.asyncio4j.internal.Expiry;
import io.github.asyncio4j.internal.WaitProbe;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.publisher.Sinks;
import reactor.util.context.Context;

/** What a {@link BackgroundTasks} keeps to itself. The tree knows it only while it has tasks. */
final class BackgroundOwner implements TaskOwner, Shelter {

    private final String name;
    private final int capacity;
    private final @Nullable BiConsumer<? super Task<?>, ? super Throwable> handler;
    private final Duration cleanupLimit;
    private final Sinks.Empty<Void> drained = Sinks.empty();

    /** Also the lock: guards all below. */
    private final TaskList tasks = new TaskList();

    private boolean closed;

    BackgroundOwner(
            String name,
            int capacity,
            @Nullable BiConsumer<? super Task<?>, ? super Throwable> handler,
            Duration cleanupLimit) {
        this.name = name;
        this.capacity = capacity;
        this.handler = handler;
        this.cleanupLimit = cleanupLimit;
    }

    <T> DefaultTask<T> create(Mono<? extends T> work, Context context) {
        DefaultTask<T> task = new DefaultTask<>(this, null, detached(context).delete(WaitProbe.class));
        synchronized (tasks) {
            if (closed) {
                throw new RejectedExecutionException(name + " is closed");
            }
            list(task);
        }
        task.start(work);
        return task;
    }

    /** While it drains, running tasks may still shield a part of what they do: it is no new work. */
    @Override
    public <T> DefaultTask<T> adopt(Function<TaskOwner, TaskOwner> owner, Context context) {
        DefaultTask<T> task = new DefaultTask<>(owner.apply(this), "shielded", detached(context));
        synchronized (tasks) {
            if (closed && tasks.size() == 0) {
                throw new RejectedExecutionException(name + " is closed");
            }
            list(task);
        }
        return task;
    }

    private static Context detached(Context context) {
        return CleanupLedger.removeFrom(Expiry.removeFrom(context));
    }

    private void list(DefaultTask<?> task) {
        if (tasks.size() >= capacity) {
            throw new RejectedExecutionException(name + " is full: " + capacity + " tasks are running");
        }
        tasks.add(task);
        if (tasks.size() == 1) {
            TaskRegistry.add(this);
        }
    }

    Mono<Void> close(@Nullable Duration grace) {
        if (grace != null && grace.isZero()) {
            closeNow();
            return drained.asMono();
        }
        refuse();
        return grace == null
                ? drained.asMono()
                : drained.asMono().timeout(grace, Mono.defer(() -> {
                    cancelAll(name + " closes, and " + grace + " of grace are over");
                    return drained.asMono();
                }));
    }

    void closeNow() {
        refuse();
        cancelAll(name + " closes");
    }

    private void refuse() {
        boolean empty;
        synchronized (tasks) {
            closed = true;
            empty = tasks.size() == 0;
        }
        if (empty) {
            drained.tryEmitEmpty();
        }
    }

    private void cancelAll(String why) {
        live().forEach(task -> task.cancel(why, null));
    }

    int active() {
        synchronized (tasks) {
            return tasks.size();
        }
    }

    boolean isClosed() {
        synchronized (tasks) {
            return closed;
        }
    }

    @Override
    public void failing(DefaultTask<?> task, Throwable error) {
        // Told at the end, with what its cleanup has to add.
    }

    @Override
    public void ended(DefaultTask<?> task, List<Throwable> late) {
        if (task.state() == TaskState.FAILED && task.failure != null) {
            report(task, task.failure);
        } else {
            late.forEach(failure -> report(task, failure));
        }
        release(task);
    }

    private void report(DefaultTask<?> task, Throwable failure) {
        if (handler == null) {
            Operators.onErrorDropped(failure, Context.empty());
            return;
        }
        try {
            handler.accept(task, failure);
        } catch (Throwable t) {
            Exceptions.throwIfFatal(t);
            if (t != failure) {
                t.addSuppressed(failure);
            }
            Operators.onErrorDropped(t, Context.empty());
        }
    }

    @Override
    public void release(DefaultTask<?> task) {
        boolean last;
        synchronized (tasks) {
            if (!tasks.remove(task)) {
                return;
            }
            last = closed && tasks.size() == 0;
            if (tasks.size() == 0) {
                TaskRegistry.remove(this);
            }
        }
        if (last) {
            drained.tryEmitEmpty();
        }
    }

    @Override
    public Shelter shelter() {
        return this;
    }

    @Override
    public Duration cleanupLimit() {
        return cleanupLimit;
    }

    @Override
    public boolean nestsLedgers() {
        return false;
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
        return name;
    }
}
