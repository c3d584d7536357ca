package io.github.asyncio4j.thread;

import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;

/** A call on another thread. */
final class MonoCall<T> extends Mono<T> implements Scannable {

    private final Callable<? extends T> body;
    private final OnCancel mode;
    private final Function<Runnable, Disposable> executor;

    private MonoCall(Callable<? extends T> body, OnCancel mode, Function<Runnable, Disposable> executor) {
        this.body = body;
        this.mode = mode;
        this.executor = executor;
    }

    /** @param executor takes a call; what it returns takes it out of the line again, if it still stands there */
    static <T> Mono<T> of(Callable<? extends T> body, OnCancel mode, Function<Runnable, Disposable> executor) {
        return onAssembly(new MonoCall<>(body, mode, executor));
    }

    @Override
    public void subscribe(CoreSubscriber<? super T> actual) {
        actual.onSubscribe(new Call<>(actual, body, mode, executor));
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        return key == Attr.RUN_STYLE ? Attr.RunStyle.ASYNC : null;
    }

    @Override
    public String stepName() {
        return "call";
    }
}
