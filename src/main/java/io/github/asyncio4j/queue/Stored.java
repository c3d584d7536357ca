package io.github.asyncio4j.queue;

import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * An item as the queue keeps it: as it is, or with the Context of the one who put it where that Context wants to hear of
 * discarded values. Most do not, and cost nothing.
 */
final class Stored {

    private static final Object DISCARD_HOOK = Operators.enableOnDiscard(Context.empty(), ignored -> {}).stream()
            .findFirst()
            .orElseThrow()
            .getKey();

    private record WithContext(Object item, Context context) {}

    private Stored() {}

    static Object of(Object item, Context context) {
        return context.hasKey(DISCARD_HOOK) ? new WithContext(item, context) : item;
    }

    @SuppressWarnings("unchecked")
    static <T> T item(Object stored) {
        return (T) (stored instanceof WithContext kept ? kept.item : stored);
    }

    static Context context(Object stored) {
        return stored instanceof WithContext kept ? kept.context : Context.empty();
    }
}
