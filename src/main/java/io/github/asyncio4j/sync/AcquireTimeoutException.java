package io.github.asyncio4j.sync;

import java.io.Serial;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A wait for a primitive reached its time limit, or was not begun because the deadline of the Context had passed. Nothing
 * is held afterwards, and the place in line is free.
 */
public class AcquireTimeoutException extends TimeoutException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final String primitive;
    private final Duration maxWait;

    private AcquireTimeoutException(String primitive, Duration maxWait, String message) {
        super(message);
        this.primitive = primitive;
        this.maxWait = maxWait;
    }

    static AcquireTimeoutException limit(String primitive, @Nullable Duration limit) {
        Duration maxWait = limit == null ? Duration.ZERO : limit;
        return new AcquireTimeoutException(
                primitive, maxWait, "gave up waiting for " + primitive + " after " + maxWait);
    }

    static AcquireTimeoutException deadline(String primitive) {
        return new AcquireTimeoutException(
                primitive, Duration.ZERO, "no time to wait for " + primitive + ": the deadline has passed");
    }

    /** The name of the primitive, with its kind: {@code AsyncSemaphore 'db'}. */
    public String primitive() {
        return primitive;
    }

    /** The limit that was reached; zero when it was the deadline of the Context. */
    public Duration maxWait() {
        return maxWait;
    }
}
