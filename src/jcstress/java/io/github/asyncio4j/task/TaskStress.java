package io.github.asyncio4j.task;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import reactor.core.publisher.Sinks;

/** A task that ends while it is cancelled has one end, and whoever awaits it hears of that one. */
@JCStressTest
@Outcome(id = "1, 0, 0", expect = Expect.ACCEPTABLE, desc = "succeeded: the cancel came too late and says so")
@Outcome(id = "0, 1, 1", expect = Expect.ACCEPTABLE, desc = "cancelled: the one who cancelled is told that he did")
@Outcome(expect = Expect.FORBIDDEN, desc = "two ends, none, or a cancel that lies")
@State
public class TaskStress {

    private final Sinks.One<Integer> work = Sinks.one();
    private final Task<Integer> task = Tasks.create(work.asMono());
    private final AtomicInteger values = new AtomicInteger();
    private final AtomicInteger errors = new AtomicInteger();
    private int cancels;

    public TaskStress() {
        task.await().subscribe(value -> values.incrementAndGet(), error -> errors.incrementAndGet());
    }

    @Actor
    public void end() {
        work.tryEmitValue(1);
    }

    @Actor
    public void cancel() {
        cancels = task.cancel() ? 1 : 0;
    }

    @Arbiter
    public void ends(III_Result result) {
        result.r1 = values.get();
        result.r2 = errors.get();
        result.r3 = cancels;
    }
}
