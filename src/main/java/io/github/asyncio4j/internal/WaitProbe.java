package io.github.asyncio4j.internal;

import org.jspecify.annotations.Nullable;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/** The current task, as the primitives see it: somebody who wants to know what he is waiting for. */
public interface WaitProbe {

    /** A wait began. {@code what} describes itself by its {@code toString}. */
    void waitingFor(Object what);

    /** That wait is over. Calls may arrive twice or in either order: the last word is that nothing is waited for. */
    void resumed(Object what);

    static @Nullable WaitProbe from(ContextView context) {
        return context.getOrDefault(WaitProbe.class, null);
    }

    default Context storeIn(Context context) {
        return context.put(WaitProbe.class, this);
    }
}
