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
import reactor.core.publisher.Sinks;

/** Work that ends while it is cancelled gives its permit back once, and its value goes one way. */
@JCStressTest
@Outcome(id = "1, 0, 1", expect = Expect.ACCEPTABLE, desc = "ended: the value was delivered")
@Outcome(id = "0, 1, 1", expect = Expect.ACCEPTABLE, desc = "cancelled with the value at hand: discarded")
@Outcome(id = "0, 0, 1", expect = Expect.ACCEPTABLE, desc = "cancelled before the value, or the subscriber dropped it")
@Outcome(expect = Expect.FORBIDDEN, desc = "given back twice or never, or a value that went two ways")
@State
public class WithPermitStress {

    private final AsyncSemaphore semaphore = AsyncSemaphore.create(1);
    private final AtomicInteger delivered = new AtomicInteger();
    private final AtomicInteger discarded = new AtomicInteger();
    private final Sinks.One<Integer> work = Sinks.one();
    private final Disposable working = semaphore
            .withPermit(work.asMono())
            .doOnDiscard(Integer.class, value -> discarded.incrementAndGet())
            .subscribe(value -> delivered.incrementAndGet());

    @Actor
    public void end() {
        work.tryEmitValue(1);
    }

    @Actor
    public void cancel() {
        working.dispose();
    }

    @Arbiter
    public void balance(III_Result result) {
        result.r1 = delivered.get();
        result.r2 = discarded.get();
        result.r3 = semaphore.available();
    }
}
