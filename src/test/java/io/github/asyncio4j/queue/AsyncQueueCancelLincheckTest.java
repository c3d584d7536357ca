package io.github.asyncio4j.queue;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.BaseSubscriber;

/**
 * Whenever a waiting put or take is cancelled, it has happened as a whole or not at all. While an item is on its way to a
 * taker who may still turn it down, nobody else sees it; so the operations tell no results, and the books are checked when
 * all have ended.
 */
public class AsyncQueueCancelLincheckTest {

    private final AsyncQueue<Integer> queue = AsyncQueue.bounded(1);
    private final AtomicInteger received = new AtomicInteger();
    private final AtomicReference<Waiting> take = new AtomicReference<>();
    private final AtomicReference<Waiting> put = new AtomicReference<>();

    private final class Waiting extends BaseSubscriber<Object> {
        @Override
        protected void hookOnNext(Object item) {
            received.incrementAndGet();
        }

        @Override
        protected void hookOnError(Throwable error) {}
    }

    @Operation
    public void offer() {
        queue.offer(1);
    }

    @Operation
    public void poll() {
        queue.poll().ifPresent(item -> received.incrementAndGet());
    }

    @Operation(runOnce = true)
    public void take() {
        Waiting taker = new Waiting();
        take.set(taker);
        queue.take().subscribe(taker);
    }

    @Operation(runOnce = true)
    public void takeToo() {
        queue.take().subscribe(new Waiting());
    }

    @Operation(runOnce = true)
    public void put() {
        Waiting putter = new Waiting();
        put.set(putter);
        queue.put(7).cast(Object.class).subscribe(putter);
    }

    @Operation(runOnce = true)
    public void cancelTake() {
        cancel(take.get());
    }

    @Operation(runOnce = true)
    public void cancelPut() {
        cancel(put.get());
    }

    @Operation(runOnce = true)
    public void shutdown() {
        queue.shutdown();
    }

    private static void cancel(Waiting waiting) {
        if (waiting != null) {
            waiting.cancel();
        }
    }

    @Validate
    public void theBooksBalance() {
        Books.check(queue, received.get());
    }

    @Test
    void modelChecked() {
        Books.check(AsyncQueueCancelLincheckTest.class, 2, 50);
    }

    @Test
    @Tag("slow")
    void modelCheckedAtLength() {
        Books.check(AsyncQueueCancelLincheckTest.class, 100, 2_000);
    }
}
