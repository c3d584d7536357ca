package io.github.asyncio4j.queue;

import io.github.asyncio4j.internal.Expiry;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import reactor.util.context.Context;

/**
 * How a queue says no.
 *
 * @param queue its kind and name
 */
record Refusals(String queue, int maxWaiters) {

    Throwable lineIsFull(String verb) {
        return new RejectedExecutionException("cannot " + verb + " " + queue + ": " + maxWaiters + " already wait");
    }

    Throwable waitedTooLong(String verb, @Nullable Duration maxWait, Context context) {
        Expiry deadline = Expiry.from(context);
        if (deadline != null && deadline.remainingNanos() <= 0) {
            return deadline.exceeded(verb + " " + queue);
        }
        return new TimeoutException("could not " + verb + " " + queue + " within " + maxWait);
    }

    Throwable refused() {
        return new QueueShutdownException(queue, "");
    }

    Throwable ended() {
        return new QueueShutdownException(queue, " and has no items left");
    }
}
