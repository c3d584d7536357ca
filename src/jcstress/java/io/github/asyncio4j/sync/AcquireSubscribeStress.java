package io.github.asyncio4j.sync;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import reactor.core.Disposable;

/** The same with Reactor's own subscriber, which drops what arrives between its dispose and its cancel. */
@JCStressTest
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "delivered and held")
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "disposed of: the permit is free")
@Outcome(expect = Expect.FORBIDDEN, desc = "held and free, or lost")
@State
public class AcquireSubscribeStress {

    private final AsyncSemaphore semaphore = AsyncSemaphore.create(1);
    private final Permit held = semaphore.tryAcquire().orElseThrow();
    private volatile Permit first;
    private final Disposable waiting = semaphore.acquire().subscribe(permit -> first = permit);

    @Actor
    public void release() {
        held.release();
    }

    @Actor
    public void dispose() {
        waiting.dispose();
    }

    @Arbiter
    public void fates(II_Result result) {
        result.r1 = first == null || first.isReleased() ? 0 : 1;
        result.r2 = semaphore.available();
    }
}
