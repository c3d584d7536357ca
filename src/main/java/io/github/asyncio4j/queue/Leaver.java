package io.github.asyncio4j.queue;

import io.github.asyncio4j.internal.Waiter;

/** A consumer without demand, who completes nevertheless when the queue is shut down and drained. */
final class Leaver extends Waiter {

    private final Runnable leave;

    Leaver(QueueState<?> queue, Runnable leave) {
        super(queue.leavers);
        this.leave = leave;
    }

    @Override
    protected void granted() {
        leave.run();
    }

    @Override
    protected void handBack() {
        // Nothing was taken.
    }
}
