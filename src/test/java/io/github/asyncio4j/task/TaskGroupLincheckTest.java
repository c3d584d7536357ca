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

    @Operation
    public String createTask() {
        try {
            return group.get().createTask(Mono.just(1)).isCancelled() ? "cancelled" : "ran";
        } catch (IllegalStateException ended) {
            return "ended";
        }
    }

    @Operation(runOnce = true)
    public void endChild() {
        child.tryEmitEmpty();
    }

    @Operation(runOnce = true)
    public void endBody() {
        body.tryEmitEmpty();
    }

    @Operation(runOnce = true)
    public void cancel() {
        group.get().cancel("enough");
    }

    @Operation
    public boolean isCancelled() {
        return group.get().isCancelled();
    }

    @Validate
    public void endsAtMostOnce() {
        if (signals.get() > 1) {
            throw new IllegalStateException(signals + " signals");
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
