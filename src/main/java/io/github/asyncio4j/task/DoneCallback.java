package io.github.asyncio4j.task;

import io.github.asyncio4j.internal.Trampoline;
import io.github.asyncio4j.internal.Waiter;
import java.util.function.Consumer;
import reactor.core.Exceptions;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** A callback in a task's line. What it throws concerns neither the task nor the other callbacks. */
final class DoneCallback<T> extends Waiter {

    private final DefaultTask<T> task;
    private final Consumer<? super Task<T>> callback;
    private volatile boolean registering = true;

    DoneCallback(DefaultTask<T> task, Consumer<? super Task<T>> callback) {
        super(task.waiters());
        this.task = task;
        this.callback = callback;
    }

    void register() {
        enter(Context.empty());
        registering = false;
    }

    // While registering, the task turned out to have ended: the wake-ups that are under way come first.
    @Override
    protected void granted() {
        if (registering) {
            Trampoline.execute(this::call);
        } else {
            call();
        }
    }

    private void call() {
        try {
            callback.accept(task);
        } catch (Throwable t) {
            Exceptions.throwIfFatal(t);
            Operators.onErrorDropped(t, Context.empty());
        }
    }

    @Override
    protected void handBack() {}
}
