package io.github.asyncio4j.task;

/**
 * What {@link Tasks#waitUntil(ReturnWhen, java.util.Collection)} waits for; asyncio's {@code return_when}.
 *
 * <pre>{@code
 * Mono<WaitResult<String>> first = Tasks.waitUntil(ReturnWhen.FIRST_COMPLETED, tasks);
 * }</pre>
 */
public enum ReturnWhen {
    /** One task has ended in any way; a cancelled one counts. */
    FIRST_COMPLETED,
    /** One task has failed, or all have ended; a cancelled one is no failure. */
    FIRST_EXCEPTION,
    /** All tasks have ended. */
    ALL_COMPLETED
}
