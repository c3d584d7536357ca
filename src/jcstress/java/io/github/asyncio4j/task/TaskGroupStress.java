package io.github.asyncio4j.task;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** A child that is created while the last one ends is either awaited or refused; the group ends once, after both. */
@JCStressTest
@Outcome(id = "1, 0, 1", expect = Expect.ACCEPTABLE, desc = "adopted: it ran, and the group ended after it")
@Outcome(id = "0, 1, 1", expect = Expect.ACCEPTABLE, desc = "refused: the group had ended")
@Outcome(expect = Expect.FORBIDDEN, desc = "a child nobody awaits, or an end that comes twice or never")
@State
public class TaskGroupStress {

    private final AtomicInteger ran = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final AtomicInteger ends = new AtomicInteger();
    private final AtomicReference<TaskGroup> group = new AtomicReference<>();
    private final Sinks.Empty<Void> last = Sinks.empty();

    public TaskGroupStress() {
        TaskGroup.using(opened -> {
                    group.set(opened);
                    opened.createTask(last.asMono());
                    return Mono.empty();
                })
                .subscribe(null, null, ends::incrementAndGet);
    }

    @Actor
    public void end() {
        last.tryEmitEmpty();
    }

    @Actor
    public void create() {
        try {
            group.get().createTask(Mono.fromRunnable(ran::incrementAndGet));
        } catch (IllegalStateException e) {
            refused.incrementAndGet();
        }
    }

    @Arbiter
    public void ends(III_Result result) {
        result.r1 = ran.get();
        result.r2 = refused.get();
        result.r3 = ends.get();
    }
}
