package io.github.asyncio4j.resource;

import io.github.asyncio4j.internal.Checks;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A resource from its two halves. */
record DefaultAsyncResource<T>(
        Mono<? extends T> open,
        BiFunction<? super T, ? super Exit, ? extends Mono<Void>> close,
        boolean cancellableOpen,
        @Nullable String name)
        implements AsyncResource<T> {

    @Override
    public <R> Mono<R> use(Function<? super T, ? extends Mono<? extends R>> body) {
        return MonoUse.of(this, Checks.notNull(body, "body"));
    }

    @Override
    public <R> Flux<R> useMany(Function<? super T, ? extends Flux<? extends R>> body) {
        return FluxUse.of(this, Checks.notNull(body, "body"));
    }

    @Override
    public <U> AsyncResource<U> flatMap(Function<? super T, ? extends AsyncResource<U>> next) {
        return new NestedResource<>(this, Checks.notNull(next, "next"));
    }

    @Override
    public AsyncResource<T> named(String newName) {
        return new DefaultAsyncResource<>(open, close, cancellableOpen, Checks.notNull(newName, "name"));
    }

    Mono<Void> closing(T opened, Exit exit) {
        return Checks.call(value -> close.apply(value, exit), opened, "close", Mono::error);
    }

    String nameFor(@Nullable T opened) {
        return name != null ? name : opened == null ? "resource" : className(opened);
    }

    private static String className(Object opened) {
        String simple = opened.getClass().getSimpleName();
        return simple.isEmpty() ? opened.getClass().getName() : simple;
    }
}
