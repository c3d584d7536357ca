package io.github.asyncio4j.resource;

import io.github.asyncio4j.internal.Checks;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;

/** A use with many results. */
final class FluxUse<T, R> extends Flux<R> implements Scannable {

    private final DefaultAsyncResource<T> resource;
    private final Function<? super T, ? extends Flux<? extends R>> body;

    private FluxUse(DefaultAsyncResource<T> resource, Function<? super T, ? extends Flux<? extends R>> body) {
        this.resource = resource;
        this.body = body;
    }

    static <T, R> Flux<R> of(DefaultAsyncResource<T> resource, Function<? super T, ? extends Flux<? extends R>> body) {
        return onAssembly(new FluxUse<>(resource, body));
    }

    @Override
    public void subscribe(CoreSubscriber<? super R> actual) {
        new Use<>(actual, resource, body).run();
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        if (key == Attr.PARENT) {
            return resource.open();
        }
        return key == Attr.RUN_STYLE ? Attr.RunStyle.ASYNC : null;
    }

    @Override
    public String stepName() {
        return "useMany";
    }

    /** Passes elements on as they come. */
    private static final class Use<T, R> extends ResourceUse<T, R> {

        Use(
                CoreSubscriber<? super R> actual,
                DefaultAsyncResource<T> resource,
                Function<? super T, ? extends Flux<? extends R>> body) {
            super(actual, resource, opened -> Checks.<T, Flux<? extends R>>call(body, opened, "body", Flux::error));
        }

        @Override
        public void onNext(R value) {
            if (inBody()) {
                actual.onNext(value);
            } else {
                Operators.onDiscard(value, currentContext());
            }
        }

        @Override
        void deliver(@Nullable Throwable error) {
            if (error == null) {
                actual.onComplete();
            } else {
                actual.onError(error);
            }
        }
    }
}
