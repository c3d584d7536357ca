package io.github.asyncio4j.queue;

import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Whatever the interleaving, the queue behaves as some order of whole operations does: first in, first out, never more
 * than it holds, and nobody waits in vain. A waiting take is an operation without result here; what it receives shows in
 * what the others find, and at the end.
 */
public class AsyncQueueLincheckTest {

    private final AsyncQueue<Integer> queue = AsyncQueue.bounded(2);
    private final AtomicInteger received = new AtomicInteger();

    @Operation
    public boolean offer(@Param(gen = IntGen.class, conf = "1:9") int item) {
        return queue.offer(item);
    }

    @Operation
    public int poll() {
        int got = queue.poll().orElse(0);
        received.addAndGet(got == 0 ? 0 : 1);
        return got;
    }

    @Operation
    public int size() {
        return queue.size();
    }

    @Operation
    public void take() {
        queue.take().subscribe(item -> received.incrementAndGet(), error -> {});
    }

    @Operation
    public void put(@Param(gen = IntGen.class, conf = "1:9") int item) {
        queue.put(item).subscribe(null, error -> {});
    }

    @Operation
    public boolean taskDone() {
        try {
            queue.taskDone();
            return true;
        } catch (IllegalStateException tooOften) {
            return false;
        }
    }

    @Operation(runOnce = true)
    public void shutdown() {
        queue.shutdown();
    }

    @Validate
    public void theBooksBalance() {
        Books.check(queue, received.get());
    }

    @Test
    void modelChecked() {
        Books.check(AsyncQueueLincheckTest.class, 2, 50);
    }

    @Test
    @Tag("slow")
    void modelCheckedAtLength() {
        Books.check(AsyncQueueLincheckTest.class, 100, 2_000);
    }

    @Test
    @Tag("slow")
    void stressed() {
        new StressOptions()
                .iterations(50)
                .invocationsPerIteration(2_000)
                .threads(2)
                .actorsPerThread(3)
                .check(AsyncQueueLincheckTest.class);
    }
}
