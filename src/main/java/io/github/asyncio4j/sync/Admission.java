package io.github.asyncio4j.sync;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a pipeline has to get before its work may run. A semaphore shares one among all subscribers; keys and conditions
 * have one for each.
 */
class Admission {

    final PermitLine line;
    final int weight;

    /** The longest wait; null: as long as it takes. */
    final @Nullable Duration maxWait;

    /** Whether the work may not ask for the same again; then the line is the key of its holder in the Context. */
    final boolean exclusive;

    Admission(PermitLine line, int weight, @Nullable Duration maxWait, boolean exclusive) {
        this.line = line;
        this.weight = weight;
        this.maxWait = maxWait;
        this.exclusive = exclusive;
    }

    /** Gives back what a grant brought; the caller wakes whom it returns. */
    @Nullable
    PermitWaiter release() {
        return line.release(weight);
    }

    /** Whether work that was let in still holds what it got. */
    boolean isHeld() {
        return true;
    }

    /** The subscriber is done with the line, whichever way. Called once, after all was given back. */
    void departed() {}
}
