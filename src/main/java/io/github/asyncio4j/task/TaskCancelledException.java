package io.github.asyncio4j.task;

import java.io.Serial;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * The task was cancelled, says whoever awaits it. It tells nothing about the one who awaits: a task that joins a
 * cancelled task was not cancelled itself, unless it lets this error end it.
 *
 * <p>{@link #getCause()} is the failure of a sibling or the deadline, where a scope did the cancelling. There is no stack
 * trace: the place of the cancel says little, and groups cancel thousands of children at once. asyncio's
 * {@code CancelledError}.
 *
 * <pre>{@code
 * Mono<String> ifNotCancelled =
 *         task.await().onErrorResume(TaskCancelledException.class, cancelled -> Mono.empty());
 * }</pre>
 */
public final class TaskCancelledException extends CancellationException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final String task;
    private final String reason;

    TaskCancelledException(String task, String reason, @Nullable Throwable cause) {
        super(task + " was cancelled: " + reason);
        this.task = task;
        this.reason = reason;
        if (cause != null) {
            initCause(cause);
        }
    }

    /** The name of the task that was cancelled. */
    public String task() {
        return task;
    }

    /** What the one who cancelled it said. */
    public String reason() {
        return reason;
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
