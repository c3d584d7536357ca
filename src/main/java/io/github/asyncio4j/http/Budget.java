package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Expiry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
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

    /** What is left of the timeout itself. */
    long own() {
        return at - clock.now(TimeUnit.NANOSECONDS);
    }
}
