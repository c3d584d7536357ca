package io.github.asyncio4j.task;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Who still gets into a group that is ending: each interleaving behaves as some order of whole operations does.
 * By stress, as a group uses Reactor's schedulers, which the model checker cannot take apart.
 */
public class TaskGroupLincheckTest {

    private final AtomicReference<TaskGroup> group = new AtomicReference<>();
    private final AtomicInteger signals = new AtomicInteger();
    private final AtomicInteger ends = new AtomicInteger();
    private final AtomicInteger pending = new AtomicInteger();
    private final Sinks.Empty<Void> child = Sinks.empty();
    private final Sinks.Empty<Void> body = Sinks.empty();

    public TaskGroupLincheckTest() {
        TaskGroup.using(opened -> {
                    group.set(opened);
                    opened.createTask(child.asMono());
                    return body.asMono();
                })
                .subscribe(null, error -> signals.incrementAndGet(), signals::incrementAndGet);
    }

    /**
     * A child that ends at once would make this two steps, and others would see it between them. One that was let in and
     * was cancelled meanwhile looks to the caller as one that came too late.
     */
    @Operation
    public boolean createTask() {
        try {
            boolean isIn = !group.get().createTask(Mono.never()).isCancelled();
            pending.addAndGet(isIn ? 1 : 0);
            return isIn;
        } catch (IllegalStateException ended) {
            return false;
        }
    }

    @Operation(runOnce = true)
    public void endChild() {
        child.tryEmitEmpty();
        ends.incrementAndGet();
    }

    @Operation(runOnce = true)
    public void endBody() {
        body.tryEmitEmpty();
        ends.incrementAndGet();
    }

    @Operation(runOnce = true)
    public void cancel() {
        group.get().cancel("enough");
    }

    @Validate
    public void endsOnceAndNotLater() {
        boolean over = ends.get() == 2 && pending.get() == 0 || group.get().isCancelled();
        int expected = over ? 1 : 0;
        if (signals.get() != expected) {
            throw new IllegalStateException(signals + " signals, expected " + expected);
        }
    }

    @Test
    @Tag("slow")
    void stressed() {
        new StressOptions()
                .iterations(100)
                .invocationsPerIteration(2_000)
                .threads(2)
                .actorsPerThread(2)
                .check(TaskGroupLincheckTest.class);
    }
}
