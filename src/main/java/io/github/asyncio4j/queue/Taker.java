package io.github.asyncio4j.queue;

import io.github.asyncio4j.internal.Waiter;
import org.jspecify.annotations.Nullable;

/** Somebody who waits for an item. */
abstract class Taker<T> extends Waiter {

    /** How many items he has done since he last asked: told on the way in, so that it costs no lock of its own. */
    long done;

    // Set under the queue's lock: these for who enters, the others for who delivers.
    @Nullable
    Joiner joined;

    @Nullable
    Object stored;

    @Nullable
    Putter<T> admitted;

    @Nullable
    Leaver dismissed;

    boolean refused;

    final QueueState<T> queue;

    Taker(QueueState<T> queue) {
        super(queue.takers);
        this.queue = queue;
    }

    /** The item is his. */
    abstract void received(Object item);

    /** The queue is shut down and drained. */
    abstract void ended();

    // Putters first: they may go on at once, while what this taker does with the item may take its time.
    @Override
    protected final void granted() {
        queue.putters.wake(admitted);
        queue.leavers.wake(dismissed);
        Object item = stored;
        if (item == null) {
            ended();
        } else {
            received(item);
        }
    }

    @Override
    protected final void handBack() {
        queue.putters.wake(admitted);
        if (stored != null) {
            queue.handBack(stored);
        }
        queue.leavers.wake(dismissed);
    }
}
