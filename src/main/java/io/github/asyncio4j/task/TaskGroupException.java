package io.github.asyncio4j.task;

import java.io.Serial;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * All failures of a {@link TaskGroup} built with {@link TaskGroup.Builder#aggregateErrors()}: those of the children in
 * the order in which they ended, then the body's. There is one even for a single failure, and a group inside a group
 * gives one inside the other. The cause is the first failure. Python's {@code ExceptionGroup}.
 *
 * <pre>{@code
 * Mono<String> all = TaskGroup.builder()
 *         .aggregateErrors()
 *         .using(body)
 *         .doOnError(TaskGroupException.class, error -> error.failures().forEach(System.err::println));
 * }</pre>
 */
public final class TaskGroupException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final String group;
    private final transient List<Throwable> failures;

    TaskGroupException(String group, List<? extends Throwable> failures) {
        super(message(group, failures), failures.get(0));
        this.group = group;
        this.failures = List.copyOf(failures);
    }

    private static String message(String group, List<? extends Throwable> failures) {
        return failures.stream()
                .map(Throwable::toString)
                .collect(Collectors.joining("; ", group + ", failures: " + failures.size() + ": ", ""));
    }

    /** The failures, children first, in the order in which they ended; never empty. */
    public List<Throwable> failures() {
        Throwable cause = getCause();
        return failures != null ? failures : cause == null ? List.of() : List.of(cause);
    }

    /**
     * The same group with the failures of the given type only, nested groups included, or empty when there is none.
     * Python's {@code ExceptionGroup.subgroup}.
     */
    public Optional<TaskGroupException> subgroup(Class<? extends Throwable> type) {
        if (type.isInstance(this)) {
            return Optional.of(this);
        }
        List<Throwable> matching = new ArrayList<>();
        for (Throwable failure : failures()) {
            if (type.isInstance(failure)) {
                matching.add(failure);
            } else if (failure instanceof TaskGroupException nested) {
                nested.subgroup(type).ifPresent(matching::add);
            }
        }
        if (matching.isEmpty()) {
            return Optional.empty();
        }
        TaskGroupException narrowed = new TaskGroupException(group, matching);
        narrowed.setStackTrace(getStackTrace());
        return Optional.of(narrowed);
    }
}
