package io.github.asyncio4j.time;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import reactor.core.publisher.Sinks;
import reactor.test.scheduler.VirtualTimeScheduler;

/** A value that meets the deadline: one of the two is heard, and a value that is not heard is discarded. */
@JCStressTest
@Outcome(id = "1, 0, 0", expect = Expect.ACCEPTABLE, desc = "in time")
@Outcome(id = "0, 1, 1", expect = Expect.ACCEPTABLE, desc = "expired with the value at hand: discarded")
@Outcome(id = "0, 1, 0", expect = Expect.ACCEPTABLE, desc = "expired before the value, which the source kept")
@Outcome(expect = Expect.FORBIDDEN, desc = "two ends, none, or a value that went two ways")
@State
public class TimeoutStress {

    private final VirtualTimeScheduler clock = VirtualTimeScheduler.create();
    private final Sinks.One<Integer> work = Sinks.one();
    private final AtomicInteger values = new AtomicInteger();
    private final AtomicInteger errors = new AtomicInteger();
    private final AtomicInteger discarded = new AtomicInteger();

    public TimeoutStress() {
        Timeouts.timeoutAt(Deadline.after(Duration.ofSeconds(1), clock), work.asMono())
                .doOnDiscard(Integer.class, value -> discarded.incrementAndGet())
                .subscribe(value -> values.incrementAndGet(), error -> errors.incrementAndGet());
    }

    @Actor
    public void emit() {
        work.tryEmitValue(1);
    }

    @Actor
    public void expire() {
        clock.advanceTimeBy(Duration.ofSeconds(1));
    }

    @Arbiter
    public void ends(III_Result result) {
        result.r1 = values.get();
        result.r2 = errors.get();
        result.r3 = discarded.get();
    }
}
