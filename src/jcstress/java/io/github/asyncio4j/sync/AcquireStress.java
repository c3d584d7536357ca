package io.github.asyncio4j.sync;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import reactor.core.publisher.BaseSubscriber;

/** A permit that is granted while its waiter leaves: it is his, or with the next in line. */
@JCStressTest
@Outcome(id = "1, 0, 0", expect = Expect.ACCEPTABLE, desc = "the first got it and holds it, the second waits")
@Outcome(id = "0, 1, 0", expect = Expect.ACCEPTABLE, desc = "the first left, the second holds it")
@Outcome(expect = Expect.FORBIDDEN, desc = "two holders, or a lost permit")
@State
public class AcquireStress {

    private final AsyncSemaphore semaphore = AsyncSemaphore.create(1);
    private final Permit held = semaphore.tryAcquire().orElseThrow();
    private final Taker first = new Taker();
    private final Taker second = new Taker();

    public AcquireStress() {
        semaphore.acquire().subscribe(first);
        semaphore.acquire().subscribe(second);
    }

    @Actor
    public void release() {
        held.release();
    }

    @Actor
    public void cancel() {
        first.cancel();
    }

    @Arbiter
    public void fates(III_Result result) {
        result.r1 = first.holds() ? 1 : 0;
        result.r2 = second.holds() ? 1 : 0;
        result.r3 = semaphore.available();
    }

    private static final class Taker extends BaseSubscriber<Permit> {
        private volatile Permit permit;

        @Override
        protected void hookOnNext(Permit value) {
            permit = value;
        }

        boolean holds() {
            return permit != null && !permit.isReleased();
        }
    }
}
