package io.github.asyncio4j.queue;

import org.reactivestreams.Publisher;
import org.reactivestreams.tck.PublisherVerification;
import org.reactivestreams.tck.TestEnvironment;
import reactor.core.publisher.Flux;

/** {@code asFlux} obeys the rules of Reactive Streams. */
public class AsyncQueueTckTest extends PublisherVerification<Integer> {

    public AsyncQueueTckTest() {
        super(new TestEnvironment(5_000, 50, 50));
    }

    @Override
    public Publisher<Integer> createPublisher(long elements) {
        return Flux.defer(() -> {
            AsyncQueue<Integer> queue = AsyncQueue.bounded(4);
            Flux.range(0, (int) elements)
                    .concatMap(queue::put)
                    .doOnComplete(queue::shutdown)
                    .subscribe();
            return queue.asFlux();
        });
    }

    /** A queue fails a consumer only for lack of time or of a place in line. */
    @Override
    public Publisher<Integer> createFailedPublisher() {
        return null;
    }

    @Override
    public long maxElementsFromPublisher() {
        return 1_000_000;
    }
}
