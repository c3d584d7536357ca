package io.github.asyncio4j.internal;

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

    static @Nullable Expiry from(ContextView context) {
        return context.getOrDefault(Expiry.class, null);
    }

    /** True when a deadline is set and has passed. */
    static boolean isExpired(ContextView context) {
        Expiry expiry = from(context);
        return expiry != null && expiry.remainingNanos() <= 0;
    }

    default Context storeIn(Context context) {
        return context.put(Expiry.class, this);
    }
}
