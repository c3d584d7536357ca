package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Expiry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.Context;

/** The total timeout of a request as a deadline in the Context of its middlewares. Each of its attempts keeps to it. */
record Budget(Scheduler clock, long at, @Nullable Expiry outer) implements Expiry {

    static Context storeIn(Context context, Duration total) {
        Scheduler clock = Schedulers.parallel();
        long at = clock.now(TimeUnit.NANOSECONDS) + Instants.nanos(total);
        return new Budget(clock, at, Expiry.from(context)).storeIn(context);
    }

    @Override
    public long remainingNanos() {
        return outer == null ? own() : Math.min(own(), outer.remainingNanos());
    }

    @Override
    public TimeoutException exceeded(Object operation) {
        return outer == null || own() < outer.remainingNanos() ? new Exceeded(operation) : outer.exceeded(operation);
    }

    /** What is left of the timeout itself. */
    long own() {
        return at - clock.now(TimeUnit.NANOSECONDS);
    }

    /** Something inside did not even begin, as the total timeout would be over before it had an end. */
    static final class Exceeded extends TimeoutException {
        @java.io.Serial
        private static final long serialVersionUID = 1L;

        Exceeded(Object operation) {
            super(operation + " cannot be done before the deadline");
        }
    }
}
