package io.github.asyncio4j.task;

/**
 * Where a {@link Task} is in its life. {@link #RUNNING} goes to one of the three ends, by way of {@link #CANCELLING}
 * when it was cancelled; an end is never left.
 *
 * <p>What the repr of an asyncio task shows: pending, cancelling, finished, cancelled.
 *
 * <pre>{@code
 * long running =
 *         Tasks.all().stream().filter(task -> task.state() == TaskState.RUNNING).count();
 * }</pre>
 */
public enum TaskState {
    /** Its work runs, or waits for a free place in a bounded group. */
    RUNNING,
    /** Cancelled; its cleanup has not ended yet. */
    CANCELLING,
    /** Ended with a value, or without one. */
    SUCCEEDED,
    /** Ended with an error. */
    FAILED,
    /** Ended by a cancel, its own or one that its work was waiting on; the cleanup is over. */
    CANCELLED
}
