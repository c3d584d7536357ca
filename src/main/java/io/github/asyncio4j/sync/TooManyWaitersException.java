package io.github.asyncio4j.sync;

import java.io.Serial;
import java.util.concurrent.RejectedExecutionException;

/**
 * The line in front of a primitive is as long as its {@code maxWaiters} allows; the newcomer does not wait.
 *
 * <p>asyncio's primitives have no such bound.
 */
public class TooManyWaitersException extends RejectedExecutionException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final String primitive;
    private final int maxWaiters;

    TooManyWaitersException(String primitive, int maxWaiters) {
        super(primitive + " has " + maxWaiters + " waiters already, as many as it allows");
        this.primitive = primitive;
        this.maxWaiters = maxWaiters;
    }

    /** The name of the primitive, with its kind: {@code AsyncSemaphore 'db'}. */
    public String primitive() {
        return primitive;
    }

    /** How many may wait at once. */
    public int maxWaiters() {
        return maxWaiters;
    }
}
