package io.github.asyncio4j.queue;

import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;

final class MonoJoin extends Mono<Void> implements Scannable {

    private final QueueState<?> queue;

    private MonoJoin(QueueState<?> queue) {
        this.queue = queue;
    }

    static Mono<Void> assemble(QueueState<?> queue) {
        return onAssembly(new MonoJoin(queue));
    }

    @Override
    public void subscribe(CoreSubscriber<? super Void> actual) {
        Joiner joiner = new Joiner(queue, actual);
        actual.onSubscribe(joiner);
        joiner.start();
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        return QueueScan.publisher(key);
    }
}
