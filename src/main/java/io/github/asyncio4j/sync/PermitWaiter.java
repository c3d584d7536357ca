package io.github.asyncio4j.sync;

import io.github.asyncio4j.internal.Expiry;
import io.github.asyncio4j.internal.Waiter;
import java.time.Duration;
import reactor.util.context.Context;

/** One who wants what an admission says. */
abstract class PermitWaiter extends Waiter {

    final Admission admission;

    PermitWaiter(Admission admission) {
        super(admission.line);
        this.admission = admission;
    }

    /** The wait ended without a permit. */
    abstract void failed(Throwable error);

    final void standInLine(Context context) {
        PermitLine line = admission.line;
        Duration maxWait = admission.maxWait;
        boolean entered = maxWait == null ? enter(context) : enter(context, maxWait, line.clock());
        if (!entered) {
            failWith(line.full());
        } else if (isWaiting() && Expiry.isExpired(context)) {
            failWith(Expiry.exceeded(context, "waiting for " + line.label()));
        }
    }

    final void failWith(Throwable error) {
        if (fail()) {
            failed(error);
        }
    }

    /** A re-entrant request would wait for itself. */
    final boolean isReentrant(Context context) {
        return admission.exclusive
                && context.getOrDefault(admission.line, null) instanceof Holder<?> holder
                && holder.isHolding();
    }

    final IllegalStateException reentrance() {
        return new IllegalStateException(admission.line.label()
                + " is held by the very pipeline that asks for it again, which would wait for itself for ever;"
                + " it is not re-entrant, so let the inner code rely on the outer withLock");
    }

    @Override
    protected final void handBack() {
        admission.line.releaseAndWake(admission.weight);
    }

    @Override
    protected void timedOut() {
        failed(AcquireTimeoutException.limit(admission.line.label(), admission.maxWait));
    }
}
