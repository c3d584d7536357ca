package io.github.asyncio4j;

import java.io.Serial;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;

/**
 * Cleanup after a cancel did not end within the scope's {@code cleanupLimit}; the scope ended without it.
 *
 * <p>It rides as a suppressed exception on the scope's own error, or is the scope's error when there was none. The
 * cleanup itself goes on: nothing here can stop it. Trio's counterpart is a shielded scope with a deadline.
 */
public final class CleanupTimeoutException extends TimeoutException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final String scope;
    private final transient List<String> unfinished;
    private final Duration limit;

    /**
     * @param scope the scope that stopped waiting
     * @param unfinished what had not ended: the resources, blocking calls and inner scopes, by name
     * @param limit how long the scope had waited
     */
    public CleanupTimeoutException(String scope, List<String> unfinished, Duration limit) {
        super("cleanup of " + scope + " did not end within " + limit + ": " + String.join(", ", unfinished));
        this.scope = scope;
        this.unfinished = List.copyOf(unfinished);
        this.limit = limit;
    }

    /** The scope that stopped waiting. */
    public String scope() {
        return scope;
    }

    /** What had not ended, by name. */
    public List<String> unfinished() {
        return unfinished == null ? List.of() : unfinished;
    }

    /** How long the scope had waited. */
    public Duration limit() {
        return limit;
    }
}
