package io.github.asyncio4j.time;

import java.io.Serial;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A scope's deadline passed before its work was done. The scope whose deadline it was signals it, once the work has been
 * cancelled and its cleanup is over; what failed in that cleanup is suppressed here. asyncio signals a bare {@code
 * TimeoutError}.
 */
public class DeadlineExceededException extends TimeoutException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final String operation;
    private final Duration budget;
    private final Duration elapsed;
    private final transient @Nullable Object scope;

    /**
     * For own operators that find out that a deadline cannot be met.
     *
     * @param operation what was to be done in time
     * @param budget the time it was given
     * @param elapsed the time it had taken when it was cut off
     */
    public DeadlineExceededException(String operation, Duration budget, Duration elapsed) {
        this(
                operation + " did not end within " + budget + " (elapsed: " + elapsed + ")",
                operation,
                budget,
                elapsed,
                null);
    }

    DeadlineExceededException(
            String message, String operation, Duration budget, Duration elapsed, @Nullable Object scope) {
        super(message);
        this.operation = operation;
        this.budget = budget;
        this.elapsed = elapsed;
        this.scope = scope;
    }

    /** What was to be done in time. */
    public String operation() {
        return operation;
    }

    /** The time from the start of the scope to its deadline. */
    public Duration budget() {
        return budget;
    }

    /** The time from the start of the scope to the moment it cut the work off; its cleanup is not counted. */
    public Duration elapsed() {
        return elapsed;
    }

    /** Attribution is by identity: two scopes may well have the same operation and budget. */
    boolean isOf(@Nullable Object candidate) {
        return scope == candidate;
    }
}
