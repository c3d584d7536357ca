package io.github.asyncio4j.sync;

import io.github.asyncio4j.internal.Expiry;
import io.github.asyncio4j.internal.Waiter;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import reactor.util.context.Context;

/** One who wants {@code weight} permits. */
abstract class PermitWaiter extends Waiter {

    final PermitLine line;
    final int weight;
    private final @Nullable Duration maxWait;

    PermitWaiter(Admission admission) {
        super(admission.line());
        this.line = admission.line();
        this.weight = admission.weight();
        this.maxWait = admission.maxWait();
    }

    /** The wait ended without a permit. */
    abstract void failed(Throwable error);

    final void standInLine(Context context) {
        boolean entered = maxWait == null ? enter(context) : enter(context, maxWait, line.clock());
        if (!entered) {
            if (fail()) {
                failed(line.full());
            }
        } else if (isWaiting() && Expiry.isExpired(context) && fail()) {
            failed(AcquireTimeoutException.deadline(line.label()));
        }
    }

    @Override
    protected final void handBack() {
        line.releaseAndWake(weight);
    }

    @Override
    protected final void timedOut() {
        failed(AcquireTimeoutException.limit(line.label(), maxWait == null ? Duration.ZERO : maxWait));
    }
}
