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

/** A waiter has one fate, and the permit is either his or free. */
@JCStressTest
@Outcome(id = "1, 0, 0", expect = Expect.ACCEPTABLE, desc = "granted: the permit is his")
@Outcome(id = "0, 1, 1", expect = Expect.ACCEPTABLE, desc = "cancelled: the permit is free")
@Outcome(expect = Expect.FORBIDDEN, desc = "two fates, none, or a lost permit")
@State
public class WaiterStress {

    private final OnePermit line = new OnePermit();
    private final AtomicInteger grants = new AtomicInteger();
    private final AtomicInteger left = new AtomicInteger();
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

    public WaiterStress() {
        waiter.enter(Context.empty());
    }

    @Actor
    public void grant() {
        line.release();
    }

    @Actor
    public void cancel() {
        if (waiter.cancelWait()) {
            left.addAndGet(1);
        }
    }

    @Arbiter
    public void fates(III_Result result) {
        result.r1 = grants.get();
        result.r2 = left.get();
        result.r3 = line.permits();
    }

    static final class OnePermit extends WaiterQueue<Waiter> {
        private int permits;

        OnePermit() {
            super(new Object(), Integer.MAX_VALUE, null);
        }

        @Override
        protected boolean tryTake(Waiter waiter) {
            if (permits == 0) {
                return false;
            }
            permits--;
            return true;
        }

        void release() {
            Waiter woken;
            synchronized (lock) {
                permits++;
                woken = takeable();
            }
            wake(woken);
        }

        int permits() {
            synchronized (lock) {
                return permits;
            }
        }
    }
}
