package io.github.asyncio4j.internal;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * Work that any thread may ask for and one at a time does, without a lock: whoever asks while it runs makes it look
 * once more, and nobody waits. What only {@link #step} touches needs no other protection.
 */
public abstract class Drain {

    private static final AtomicIntegerFieldUpdater<Drain> ASKED =
            AtomicIntegerFieldUpdater.newUpdater(Drain.class, "asked");

    private volatile int asked;

    /** Does one thing that can be done now; false when there is none. */
    protected abstract boolean step();

    /** Does what can be done, or has whoever is doing it look once more. */
    protected final void drain() {
        if (ask()) {
            loop();
        }
    }

    /** True when it is up to the caller to run {@link #loop}, here or on another thread. */
    protected final boolean ask() {
        return ASKED.getAndIncrement(this) == 0;
    }

    /** For the one to whom {@link #ask} said true. */
    protected final void loop() {
        int missed = 1;
        do {
            while (step()) {
                // as long as there is something to do
            }
            missed = ASKED.addAndGet(this, -missed);
        } while (missed != 0);
    }
}
