package io.github.asyncio4j.internal;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import reactor.util.context.Context;

/** Entering while a permit comes and the wait is over: no permit is lost, no waiter forgotten in the line. */
@JCStressTest
@Outcome(id = "1, 0, 0", expect = Expect.ACCEPTABLE, desc = "granted: the permit is his")
@Outcome(id = "0, 1, 0", expect = Expect.ACCEPTABLE, desc = "left: the permit is free")
@Outcome(expect = Expect.FORBIDDEN, desc = "lost permit or forgotten waiter")
@State
public class WaiterEntryStress {

    private final WaiterStress.OnePermit line = new WaiterStress.OnePermit();
    private final AtomicInteger grants = new AtomicInteger();
    private final Waiter waiter = new Waiter(line) {
        @Override
        protected void granted() {
            grants.incrementAndGet();
        }

        @Override
        protected void handBack() {
            line.release();
        }
    };

    @Actor
    public void enter() {
        waiter.enter(Context.empty());
    }

    @Actor
    public void grantAndCancel() {
        line.release();
        waiter.cancelWait();
    }

    @Arbiter
    public void fates(III_Result result) {
        result.r1 = grants.get();
        result.r2 = line.permits();
        result.r3 = line.size();
    }
}
