package io.github.asyncio4j.internal;

import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * The effective deadline of a Context, for packages that must not know {@code time}: they only ask whether waiting still
 * makes sense.
 */
@FunctionalInterface
public interface Expiry {

    /** Nanoseconds left; zero or less when the deadline has passed. */
    long remainingNanos();

    /**
     * The error of an {@code operation} that fails at once, because it cannot be done before this deadline. The scope
     * whose deadline it is knows it as its own.
     */
    default TimeoutException exceeded(Object operation) {
        return new TimeoutException(operation + " cannot be done before the deadline");
    }

    static @Nullable Expiry from(ContextView context) {
        return context.getOrDefault(Expiry.class, null);
    }

    /** True when a deadline is set and has passed. */
    static boolean isExpired(ContextView context) {
        Expiry expiry = from(context);
        return expiry != null && expiry.remainingNanos() <= 0;
    }

    /** What {@link #exceeded} gives, for an {@code operation} under a deadline that {@link #isExpired has passed}. */
    static TimeoutException exceeded(ContextView context, Object operation) {
        return context.get(Expiry.class).exceeded(operation);
    }

    /**
     * The Context for what must not end with its surroundings: cleanup, which mostly begins when the deadline has
     * passed, and work that outlives the one who started it.
     */
    static Context removeFrom(Context context) {
        return context.hasKey(Expiry.class) ? context.delete(Expiry.class) : context;
    }

    default Context storeIn(Context context) {
        return context.put(Expiry.class, this);
    }
}
