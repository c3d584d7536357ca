package io.github.asyncio4j.task;

import io.github.asyncio4j.internal.CleanupLedger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/** An owner that takes in work whose subscriber may leave before it is done. */
interface Shelter extends Sheltered {

    /**
     * A task that is not started yet, but already belongs here; it comes back cancelled when this owner is ending.
     *
     * @param owner makes the one who is told of its end, from this owner
     * @param context the subscriber's; what binds it to the subscriber's own scopes is replaced
     * @throws RuntimeException when no more work is taken in
     */
    <T> DefaultTask<T> adopt(Function<TaskOwner, TaskOwner> owner, Context context);

    static @Nullable Shelter nearest(ContextView context) {
        Sheltered scope = CleanupLedger.scope(context, Sheltered.class);
        return scope == null ? null : scope.shelter();
    }
}
