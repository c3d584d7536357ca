package io.github.asyncio4j.queue;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;

final class MonoPut<T> extends Mono<Void> implements Scannable {

    private final QueueState<T> queue;
    private final T item;
    private final @Nullable Duration maxWait;

    private MonoPut(QueueState<T> queue, T item, @Nullable Duration maxWait) {
        this.queue = queue;
        this.item = item;
        this.maxWait = maxWait;
    }

    static <T> Mono<Void> assemble(QueueState<T> queue, T item, @Nullable Duration maxWait) {
        return onAssembly(new MonoPut<>(queue, item, maxWait));
    }

    @Override
    public void subscribe(CoreSubscriber<? super Void> actual) {
        Putter<T> putter = new Putter<>(queue, item, actual, maxWait);
        actual.onSubscribe(putter);
        putter.start();
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        return QueueScan.publisher(key);
    }
}
