package io.github.asyncio4j.resource;

import io.github.asyncio4j.internal.Checks;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A resource inside another: the uses are nested, so the closing is too. */
record NestedResource<T, U>(AsyncResource<T> outer, Function<? super T, ? extends AsyncResource<U>> next)
        implements AsyncResource<U> {

    @Override
    public <R> Mono<R> use(Function<? super U, ? extends Mono<? extends R>> body) {
        Checks.notNull(body, "body");
        return outer.use(opened -> inner(opened).use(body));
    }

    @Override
    public <R> Flux<R> useMany(Function<? super U, ? extends Flux<? extends R>> body) {
        Checks.notNull(body, "body");
        return outer.useMany(opened -> inner(opened).useMany(body));
    }

    @Override
    public <V> AsyncResource<V> flatMap(Function<? super U, ? extends AsyncResource<V>> further) {
        return new NestedResource<>(this, Checks.notNull(further, "next"));
    }

    @Override
    public AsyncResource<U> named(String name) {
        Checks.notNull(name, "name");
        return new NestedResource<>(outer, opened -> inner(opened).named(name));
    }

    AsyncResource<U> inner(T opened) {
        return Checks.call(next, opened, "next", error -> AsyncResource.of(Mono.error(error), none -> Mono.empty()));
    }
}
