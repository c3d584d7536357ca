package io.github.asyncio4j.testing;

import java.lang.reflect.Field;
import java.util.Queue;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Timers that are still set on a virtual clock. Its own count never goes down, so this looks into its queue. */
public final class VirtualTimers {

    private VirtualTimers() {}

    public static int pending(VirtualTimeScheduler clock) {
        try {
            Field queue = VirtualTimeScheduler.class.getDeclaredField("queue");
            queue.setAccessible(true);
            return ((Queue<?>) queue.get(clock)).size();
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }
}
