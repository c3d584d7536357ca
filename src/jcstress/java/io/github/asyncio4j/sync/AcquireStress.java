package io.github.asyncio4j.sync;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import reactor.core.Disposable;

/** A permit that is granted while its waiter is disposed of: delivered and held, or back, or with the next in line. */
@JCStressTest
@Outcome(id = "1, 0, 0", expect = Expect.ACCEPTABLE, desc = "the first got it and holds it, the second waits")
@Outcome(id = "0, 1, 0", expect = Expect.ACCEPTABLE, desc = "the first left, the second holds it")
@Outcome(expect = Expect.FORBIDDEN, desc = "two holders, or a lost permit")
@State
public class AcquireStress {

    private final AsyncSemaphore semaphore = AsyncSemaphore.create(1);
    private final Permit held = semaphore.tryAcquire().orElseThrow();
    private volatile Permit first;
    private volatile Permit second;
    private final Disposable waiting = semaphore.acquire().subscribe(permit -> first = permit);

    public AcquireStress() {
        semaphore.acquire().subscribe(permit -> second = permit);
    }

    @Actor
    public void release() {
        held.release();
    }

    @Actor
    public void dispose() {
        waiting.dispose();
    }

    @Arbiter
    public void fates(III_Result result) {
        result.r1 = first == null || first.isReleased() ? 0 : 1;
        result.r2 = second == null || second.isReleased() ? 0 : 1;
        result.r3 = semaphore.available();
    }
}
