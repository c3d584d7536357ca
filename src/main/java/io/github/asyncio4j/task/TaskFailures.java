package io.github.asyncio4j.task;

import io.github.asyncio4j.internal.Checks;
import io.github.asyncio4j.internal.Failures;
import java.util.List;

/**
 * All failures behind one error. A scope ({@code gather}, {@code race}, a task group) signals its first failure as it
 * is, so that {@code onErrorResume(IOException.class, …)} matches; failures of siblings, and of cleanup, that came up
 * until the scope had ended ride along and are read here.
 *
 * <pre>{@code
 * Tasks.gather(sources).doOnError(error -> TaskFailures.of(error).forEach(System.err::println));
 * }</pre>
 *
 * <p>asyncio's twin is {@code ExceptionGroup.exceptions}.
 */
public final class TaskFailures {

    private TaskFailures() {}

    /** {@code error} and all that came along with it, the first failure first. Never empty. */
    public static List<Throwable> of(Throwable error) {
        return Failures.of(Checks.notNull(error, "error"));
    }

    /** Those of {@link #of(Throwable)} that are a {@code type}, in the same order. */
    public static <E extends Throwable> List<E> of(Throwable error, Class<E> type) {
        Checks.notNull(type, "type");
        return of(error).stream().filter(type::isInstance).map(type::cast).toList();
    }
}
