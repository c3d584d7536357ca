package io.github.asyncio4j.internal;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Whatever the interleaving, the line behaves as some order of whole operations does, and at rest the books balance. To
 * leave means to hold nothing afterwards: who was granted the permit a moment before gives it back.
 */
public class WaiterQueueLincheckTest {

    private final PermitLine line = new PermitLine(0);
    private final PermitLine.Taker first = line.new Taker();
    private final PermitLine.Taker second = line.new Taker();
    private final AtomicBoolean firstLeft = new AtomicBoolean();
    private final AtomicBoolean secondLeft = new AtomicBoolean();
    private final AtomicInteger released = new AtomicInteger();
    private final AtomicInteger acquired = new AtomicInteger();

    @Operation(runOnce = true)
    public void enterFirst() {
        first.enter();
    }

    @Operation(runOnce = true)
    public void enterSecond() {
        second.enter();
    }

    @Operation
    public void leaveFirst() {
        leave(first, firstLeft);
    }

    @Operation
    public void leaveSecond() {
        leave(second, secondLeft);
    }

    @Operation
    public void release() {
        released.incrementAndGet();
        line.release(1);
    }

    @Operation
    public boolean tryAcquire() {
        boolean taken = line.tryAcquire();
        acquired.addAndGet(taken ? 1 : 0);
        return taken;
    }

    private void leave(PermitLine.Taker taker, AtomicBoolean left) {
        if (!taker.cancelWait() && taker.isGranted() && left.compareAndSet(false, true)) {
            line.release(1);
        }
    }

    @Validate
    public void nothingIsLostAndNobodyWaitsInVain() {
        int held = acquired.get() + held(first, firstLeft) + held(second, secondLeft);
        if (line.permits() + held != released.get()) {
            throw new IllegalStateException("permits free and held are not what was released");
        }
        if (line.permits() > 0 && line.size() > 0) {
            throw new IllegalStateException("a permit is free and somebody waits");
        }
    }

    private static int held(PermitLine.Taker taker, AtomicBoolean left) {
        return taker.grants.get() - (left.get() ? 1 : 0);
    }

    @Test
    void modelChecked() {
        check(10, 500);
    }

    @Test
    @Tag("slow")
    void modelCheckedAtLength() {
        check(100, 2_000);
    }

    private static void check(int scenarios, int interleavings) {
        new ModelCheckingOptions()
                .iterations(scenarios)
                .invocationsPerIteration(interleavings)
                .threads(3)
                .actorsPerThread(2)
                .check(WaiterQueueLincheckTest.class);
    }

    @Test
    @Tag("slow")
    void stressed() {
        new StressOptions()
                .iterations(50)
                .invocationsPerIteration(2_000)
                .threads(2)
                .actorsPerThread(3)
                .check(WaiterQueueLincheckTest.class);
    }
}
