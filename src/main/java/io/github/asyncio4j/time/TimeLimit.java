package io.github.asyncio4j.time;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import reactor.core.Scannable;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * What a timeout operator was assembled with: a budget, which becomes a deadline at each subscription, or a deadline.
 *
 * @param operation for the error's message, or null to ask {@code work} for its name when it comes to that
 * @param soft ends empty instead of with an error
 */
record TimeLimit(
        @Nullable Duration budget,
        @Nullable Deadline deadline,
        @Nullable String operation,
        @Nullable Object work,
        boolean soft) {

    Scheduler clock() {
        return deadline == null ? Schedulers.parallel() : deadline.clock();
    }

    long at(long start) {
        return deadline != null ? deadline.at() : start + Deadline.nanos(budget == null ? Duration.ZERO : budget);
    }

    String operationName() {
        if (operation != null) {
            return operation;
        }
        Scannable scannable = Scannable.from(work);
        return scannable.isScanAvailable() ? scannable.name() : "timeout";
    }
}
