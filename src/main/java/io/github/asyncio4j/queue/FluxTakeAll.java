package io.github.asyncio4j.queue;

import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;

final class FluxTakeAll<T> extends Flux<T> implements Scannable {

    private final QueueState<T> queue;
    private final boolean endNeedsDemand;

    private FluxTakeAll(QueueState<T> queue, boolean endNeedsDemand) {
        this.queue = queue;
        this.endNeedsDemand = endNeedsDemand;
    }

    static <T> Flux<T> assemble(QueueState<T> queue) {
        return onAssembly(new FluxTakeAll<>(queue, false));
    }

    /** For a worker, who asks again when his work is done: not before does he need to know of the end. */
    static <T> Flux<T> forWorker(QueueState<T> queue) {
        return onAssembly(new FluxTakeAll<>(queue, true));
    }

    @Override
    public void subscribe(CoreSubscriber<? super T> actual) {
        Consumption<T> consumption = new Consumption<>(queue, actual, endNeedsDemand);
        actual.onSubscribe(consumption);
        consumption.begin();
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        return QueueScan.publisher(key);
    }
}
