package io.github.asyncio4j.resource;

import io.github.asyncio4j.internal.CleanupLedger;
import io.github.asyncio4j.internal.Expiry;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** Runs one close to its end, whoever has left in the meantime, and tells how it went. */
final class Closing implements CoreSubscriber<Void> {

    private final Context context;
    private final Consumer<@Nullable Throwable> then;
    private @Nullable Subscription subscription;
    private boolean done;

    private Closing(Context context, Consumer<@Nullable Throwable> then) {
        this.context = context;
        this.then = then;
    }

    static <T> void of(
            DefaultAsyncResource<T> resource,
            T opened,
            Exit exit,
            Context context,
            Consumer<@Nullable Throwable> then) {
        resource.closing(opened, exit).subscribe(new Closing(Expiry.removeFrom(context), then));
    }

    /** Downstream is gone: what failed is for the surrounding scope. */
    static void leave(CleanupLedger.Entry entry, @Nullable Throwable error, Context context) {
        if (error == null) {
            entry.leave();
        } else {
            entry.leave(error, context);
        }
    }

    @Override
    public Context currentContext() {
        return context;
    }

    @Override
    public void onSubscribe(Subscription arrived) {
        if (Operators.validate(subscription, arrived)) {
            subscription = arrived;
            arrived.request(Long.MAX_VALUE);
        }
    }

    @Override
    public void onNext(Void nothing) {
        // A Mono<Void> has nothing to say.
    }

    @Override
    public void onError(Throwable error) {
        end(error);
    }

    @Override
    public void onComplete() {
        end(null);
    }

    private void end(@Nullable Throwable error) {
        if (!done) {
            done = true;
            then.accept(error);
        } else if (error != null) {
            Operators.onErrorDropped(error, context);
        }
    }
}
