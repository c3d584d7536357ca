package io.github.asyncio4j.resource;

import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.util.context.Context;

/**
 * A resource of somebody else's making, held open by a use whose body waits for the stack: such a resource can only be
 * used, not opened and closed. A cancelled stack ends that body with a {@link CancellationException}.
 */
final class ForeignResource<T> {

    private final Sinks.One<ForeignResource<T>> opened = Sinks.one();
    private final Sinks.Empty<Void> exit = Sinks.empty();
    private final Sinks.Empty<Void> closed = Sinks.empty();

    private volatile @Nullable T value;

    private ForeignResource() {}

    /** {@code around} is the Context around the stack: whoever waits for its body must not wait for this use. */
    static <T> DefaultAsyncResource<ForeignResource<T>> adapt(AsyncResource<? extends T> resource, Context around) {
        return new DefaultAsyncResource<>(
                Mono.defer(() -> new ForeignResource<T>().hold(resource, around)),
                ForeignResource::close,
                false,
                resource.toString());
    }

    @Nullable
    T value() {
        return value;
    }

    private Mono<ForeignResource<T>> hold(AsyncResource<? extends T> resource, Context context) {
        resource.use(used -> {
                    value = used;
                    opened.tryEmitValue(this);
                    return exit.asMono();
                })
                .contextWrite(context)
                .subscribe(
                        nothing -> {},
                        error -> {
                            opened.tryEmitError(error);
                            closed.tryEmitError(error);
                        },
                        () -> {
                            opened.tryEmitEmpty();
                            closed.tryEmitEmpty();
                        });
        return opened.asMono();
    }

    private Mono<Void> close(Exit how) {
        Throwable reason = how.isCancelled()
                ? new CancellationException("the exit stack was cancelled")
                : how.error().orElse(null);
        if (reason == null) {
            exit.tryEmitEmpty();
        } else {
            exit.tryEmitError(reason);
        }
        return closed.asMono().onErrorResume(error -> error == reason, error -> Mono.empty());
    }
}
