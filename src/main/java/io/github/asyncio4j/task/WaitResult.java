package io.github.asyncio4j.task;

import java.util.List;

/**
 * How the tasks stood when {@link Tasks#waitUntil(ReturnWhen, java.util.Collection)} returned. Both lists keep the order
 * of the arguments, and each task is in exactly one of them.
 *
 * <pre>{@code
 * Mono<Void> firstOnly = Tasks.waitUntil(ReturnWhen.FIRST_COMPLETED, tasks)
 *         .doOnNext(result -> result.pending().forEach(Task::cancel))
 *         .then();
 * }</pre>
 *
 * <p>The two sets of {@code asyncio.wait}, as lists.
 *
 * @param done tasks that had ended
 * @param pending tasks that were still running; they go on
 */
public record WaitResult<T>(List<Task<T>> done, List<Task<T>> pending) {

    /** Keeps copies of both lists. */
    public WaitResult {
        done = List.copyOf(done);
        pending = List.copyOf(pending);
    }
}
