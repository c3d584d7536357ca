package io.github.asyncio4j.sync;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/** A permit that gives back to its line, once. */
final class DefaultPermit implements Permit {

    private static final AtomicIntegerFieldUpdater<DefaultPermit> RELEASED =
            AtomicIntegerFieldUpdater.newUpdater(DefaultPermit.class, "released");

    private final PermitLine line;
    private final int weight;
    private volatile int released;

    DefaultPermit(PermitLine line, int weight) {
        this.line = line;
        this.weight = weight;
    }

    @Override
    public void release() {
        if (RELEASED.compareAndSet(this, 0, 1)) {
            line.releaseAndWake(weight);
        }
    }

    @Override
    public boolean isReleased() {
        return released == 1;
    }

    @Override
    public int weight() {
        return weight;
    }

    @Override
    public String toString() {
        return "Permit[" + weight + " of " + line.label() + (isReleased() ? ", released]" : "]");
    }
}
