package io.github.asyncio4j.stream;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

final class FluxGenerate<T> extends Flux<T> implements Scannable {

    private final Function<? super AsyncGenerator.Yielder<T>, ? extends Mono<Void>> body;

    private FluxGenerate(Function<? super AsyncGenerator.Yielder<T>, ? extends Mono<Void>> body) {
        this.body = body;
    }

    static <T> Flux<T> assemble(Function<? super AsyncGenerator.Yielder<T>, ? extends Mono<Void>> body) {
        return onAssembly(new FluxGenerate<>(body));
    }

    @Override
    public void subscribe(CoreSubscriber<? super T> actual) {
        actual.onSubscribe(new Generation<>(body, actual));
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        return null;
    }
}
