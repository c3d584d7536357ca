package io.github.asyncio4j.sync;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a pipeline has to get before its work may run.
 *
 * @param maxWait the longest it waits, null for as long as it takes
 * @param lockKey where the Context tells that the subscriber is inside the lock already; null for a semaphore
 */
record Admission(
        PermitLine line,
        int weight,
        @Nullable Duration maxWait,
        @Nullable Object lockKey) {}
