package io.github.asyncio4j.sync;

import java.io.Serial;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A wait for a primitive reached its own time limit. Nothing is held afterwards, and the place in line is free. A wait that
 * is not begun because the deadline of the Context has passed fails with the error of that deadline instead.
 *
 * <pre>{@code
 * Mono<String> orBusy = permits.withPermit(work, Duration.ofMillis(200))
 *         .onErrorReturn(AcquireTimeoutException.class, "busy");
 * }</pre>
 *
 * <p>What {@code asyncio.wait_for(semaphore.acquire(), 0.2)} raises as {@code TimeoutError}.
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

    /** The name of the primitive, with its kind: {@code AsyncSemaphore 'db'}. */
    public String primitive() {
        return primitive;
    }

    /** The limit that was reached. */
    public Duration maxWait() {
        return maxWait;
    }
}
