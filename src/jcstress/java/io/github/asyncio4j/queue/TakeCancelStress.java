package io.github.asyncio4j.queue;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import reactor.core.publisher.BaseSubscriber;

/** A take is cancelled while its item arrives and somebody else waits behind it: the item goes to one of the two. */
@JCStressTest
@Outcome(id = "1, 0, 0", expect = Expect.ACCEPTABLE, desc = "the cancel came too late")
@Outcome(id = "0, 1, 0", expect = Expect.ACCEPTABLE, desc = "cancelled: the next in line has it")
@Outcome(expect = Expect.FORBIDDEN, desc = "lost, doubled, or left lying while somebody waits")
@State
public class TakeCancelStress {

    private final AsyncQueue<Integer> queue = AsyncQueue.bounded(1);
    private final Taking first = new Taking();
    private final Taking second = new Taking();

    public TakeCancelStress() {
        queue.take().subscribe(first);
        queue.take().subscribe(second);
    }

    @Actor
    public void put() {
        queue.offer(7);
    }

    @Actor
    public void cancel() {
        first.cancel();
    }

    @Arbiter
    public void items(III_Result result) {
        result.r1 = first.items.get();
        result.r2 = second.items.get();
        result.r3 = queue.size();
    }

    static final class Taking extends BaseSubscriber<Integer> {
        final AtomicInteger items = new AtomicInteger();

        @Override
        protected void hookOnNext(Integer item) {
            items.incrementAndGet();
        }
    }
}
