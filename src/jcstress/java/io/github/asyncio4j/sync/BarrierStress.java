package io.github.asyncio4j.sync;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import reactor.core.Disposable;

/** One leaves a barrier of two while the other arrives: they meet, or one waits on. */
@JCStressTest
@Outcome(id = "1, 1, 0", expect = Expect.ACCEPTABLE, desc = "both met before the cancel")
@Outcome(id = "0, 1, 0", expect = Expect.ACCEPTABLE, desc = "the first left in the instant they met")
@Outcome(id = "0, 0, 1", expect = Expect.ACCEPTABLE, desc = "the first left, the second waits")
@Outcome(expect = Expect.FORBIDDEN, desc = "a round with one party too few or too many")
@State
public class BarrierStress {

    private final AsyncBarrier barrier = AsyncBarrier.create(2);
    private final AtomicInteger first = new AtomicInteger();
    private final AtomicInteger second = new AtomicInteger();
    private final Disposable waiting = barrier.await().subscribe(index -> first.incrementAndGet());

    @Actor
    public void arrive() {
        barrier.await().subscribe(index -> second.incrementAndGet());
    }

    @Actor
    public void leave() {
        waiting.dispose();
    }

    @Arbiter
    public void fates(III_Result result) {
        result.r1 = first.get();
        result.r2 = second.get();
        result.r3 = barrier.waiting();
    }
}
