package io.github.asyncio4j.queue;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;
import reactor.core.publisher.BaseSubscriber;

/**
 * A put is cancelled while room is made for it. It is in the queue or not, and the books say the same; what was there before
 * was taken in any case.
 */
@JCStressTest
@Outcome(id = "1, 1, 2, 0", expect = Expect.ACCEPTABLE, desc = "the cancel came too late: the item is there")
@Outcome(id = "1, 0, 1, 0", expect = Expect.ACCEPTABLE, desc = "cancelled: nothing is there")
@Outcome(expect = Expect.FORBIDDEN, desc = "half a put")
@State
public class PutCancelStress {

    private final AsyncQueue<Integer> queue = AsyncQueue.bounded(1);
    private final BaseSubscriber<Void> put = new BaseSubscriber<>() {};
    private int polled;

    public PutCancelStress() {
        queue.offer(1);
        queue.put(2).subscribe(put);
    }

    @Actor
    public void take() {
        polled = queue.poll().orElse(0);
    }

    @Actor
    public void cancel() {
        put.cancel();
    }

    @Arbiter
    public void items(IIII_Result result) {
        QueueStatistics now = queue.statistics();
        result.r1 = polled;
        result.r2 = now.size();
        result.r3 = (int) now.put();
        result.r4 = now.waitingToPut();
    }
}
