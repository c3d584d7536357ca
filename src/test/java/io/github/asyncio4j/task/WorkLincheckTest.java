package io.github.asyncio4j.task;

import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** The state of a task: whatever the interleaving of a source with those who stop it, one of them decides. */
public class WorkLincheckTest {

    private static final TaskCancelledException WHY = new TaskCancelledException("t", "why", null);

    private static final class Observed extends Work<Integer> {
        int over;
        boolean signalled;

        @Override
        public Context currentContext() {
            return Context.of("reactor.onDiscard.local", (java.util.function.Consumer<Object>) dropped -> {});
        }

        @Override
        void failing(Throwable error) {}

        @Override
        void stopping() {}

        @Override
        synchronized void over() {
            over++;
        }
    }

    private final Observed work = new Observed();

    public WorkLincheckTest() {
        work.start(new Mono<Integer>() {
            @Override
            public void subscribe(reactor.core.CoreSubscriber<? super Integer> actual) {
                actual.onSubscribe(Operators.emptySubscription());
            }
        });
    }

    @Operation(runOnce = true, nonParallelGroup = "source")
    public void value() {
        if (!work.signalled) {
            work.onNext(7);
        }
    }

    @Operation(runOnce = true, nonParallelGroup = "source")
    public void complete() {
        if (!work.signalled) {
            work.signalled = true;
            work.onComplete();
        }
    }

    @Operation(runOnce = true, nonParallelGroup = "source")
    public void fail() {
        if (!work.signalled && !work.isStopped()) {
            work.signalled = true;
            work.onError(new java.util.concurrent.CancellationException());
        }
    }

    @Operation
    public boolean stop() {
        return work.stop(WHY);
    }

    @Operation
    public boolean isStopped() {
        return work.isStopped();
    }

    @Validate
    public void endsOnce() {
        synchronized (work) {
            boolean ended = work.over == 1;
            if (work.over > 1 || (work.isStopped() || work.signalled) != ended && !keptByAStop()) {
                throw new IllegalStateException("ended " + work.over + " times, stopped: " + work.isStopped());
            }
        }
    }

    // A stop after the value ends the work with that value.
    private boolean keptByAStop() {
        return work.over == 1 && work.value != null;
    }

    private static void check(int iterations, int invocations) {
        new ModelCheckingOptions()
                .iterations(iterations)
                .invocationsPerIteration(invocations)
                .threads(2)
                .actorsPerThread(3)
                .check(WorkLincheckTest.class);
    }

    @Test
    void modelChecked() {
        check(10, 200);
    }

    @Test
    @Tag("slow")
    void modelCheckedAtLength() {
        check(100, 2_000);
    }
}
