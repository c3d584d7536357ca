package io.github.asyncio4j.sync;

import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import reactor.util.context.Context;

/** The line of permits behaves as if its operations came one after the other, cancels against grants included. */
@Param(name = "weight", gen = IntGen.class, conf = "1:2")
public class PermitLineLincheckTest {

    private final PermitLine line = new PermitLine("line", 2, Integer.MAX_VALUE, null);
    private final Standing[] standing = new Standing[2];

    private static final class Standing extends PermitWaiter {

        Standing(PermitLine line, int weight) {
            super(new Admission(line, weight, null, false));
        }

        @Override
        protected void granted() {}

        @Override
        void failed(Throwable error) {}
    }

    @Operation(nonParallelGroup = "waiters")
    public boolean acquire(@Param(name = "weight") int weight) {
        int slot = weight - 1;
        if (standing[slot] != null) {
            return false;
        }
        standing[slot] = new Standing(line, weight);
        standing[slot].enter(Context.empty());
        return true;
    }

    /** True when the waiter left, false when it had been granted or there is none. */
    @Operation(nonParallelGroup = "waiters")
    public boolean cancel(@Param(name = "weight") int weight) {
        Standing waiter = standing[weight - 1];
        standing[weight - 1] = null;
        return waiter != null && waiter.cancelWait();
    }

    @Operation
    public boolean tryAcquire(@Param(name = "weight") int weight) {
        return line.tryAcquire(weight);
    }

    @Operation
    public void release() {
        line.releaseAndWake(1);
    }

    @Operation
    public void resize(@Param(name = "weight") int permits) {
        line.resize(permits);
    }

    @Operation
    public int available() {
        return line.available();
    }

    @Operation
    public int waiting() {
        return line.size();
    }

    @Test
    @Tag("slow")
    void stress() {
        new StressOptions()
                .iterations(30)
                .invocationsPerIteration(1_000)
                .actorsPerThread(4)
                .check(getClass());
    }

    @Test
    void modelChecking() {
        new ModelCheckingOptions()
                .iterations(10)
                .invocationsPerIteration(100)
                .actorsBefore(2)
                .actorsPerThread(3)
                .actorsAfter(1)
                .check(getClass());
    }
}
