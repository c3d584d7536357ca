package io.github.asyncio4j.stream;

import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;

final class MonoEmit<T> extends Mono<Void> implements Scannable {
    private final Generation<T> generation;
    private final T value;

    private MonoEmit(Generation<T> generation, T value) {
        this.generation = generation;
        this.value = value;
    }

    static <T> Mono<Void> assemble(Generation<T> generation, T value) {
        return onAssembly(new MonoEmit<>(generation, value));
    }

    @Override
    public void subscribe(CoreSubscriber<? super Void> actual) {
        Emission<T> emission = new Emission<>(generation, value, actual);
        actual.onSubscribe(emission);
        if (!emission.isOver()) {
            generation.begin(emission);
        }
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        return null;
    }
}
