package io.github.asyncio4j.http;

import java.io.Serial;

/**
 * A {@link CircuitBreaker} lets nothing through to that origin at present; nothing was sent.
 *
 * <p>aiohttp has none; pybreaker's {@code CircuitBreakerError}.
 */
public final class CircuitOpenException extends ClientException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final String origin;

    /** An exception about an origin. */
    public CircuitOpenException(String message, String origin) {
        super(message);
        this.origin = origin;
    }

    /** Scheme, host and port. */
    public String origin() {
        return origin;
    }
}
