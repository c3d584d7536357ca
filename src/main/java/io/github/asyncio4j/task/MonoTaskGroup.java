package io.github.asyncio4j.task;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;

/** Opens a group for each subscriber. */
final class MonoTaskGroup<R> extends Mono<R> implements Scannable {

    private final TaskGroupOptions options;
    private final Function<? super TaskGroup, ? extends Mono<? extends R>> body;

    private MonoTaskGroup(TaskGroupOptions options, Function<? super TaskGroup, ? extends Mono<? extends R>> body) {
        this.options = options;
        this.body = body;
    }

    static <R> Mono<R> create(TaskGroupOptions options, Function<? super TaskGroup, ? extends Mono<? extends R>> body) {
        return onAssembly(new MonoTaskGroup<R>(options, body));
    }

    @Override
    public void subscribe(CoreSubscriber<? super R> actual) {
        new DefaultTaskGroup<R>(options, actual).run(body);
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        if (key == Attr.NAME) {
            return options.name;
        }
        return key == Attr.RUN_STYLE ? Attr.RunStyle.SYNC : null;
    }
}
