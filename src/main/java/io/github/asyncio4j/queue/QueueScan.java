package io.github.asyncio4j.queue;

import io.github.asyncio4j.internal.Waiter;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable.Attr;

/** What the queue's publishers and waiters answer to Reactor's tools. */
final class QueueScan {

    private QueueScan() {}

    static @Nullable Object publisher(Attr<?> key) {
        return key == Attr.RUN_STYLE ? Attr.RunStyle.UNKNOWN : null;
    }

    static @Nullable Object waiter(Attr<?> key, Waiter waiter, CoreSubscriber<?> actual) {
        if (key == Attr.ACTUAL) {
            return actual;
        }
        if (key == Attr.TERMINATED) {
            return waiter.isGranted();
        }
        if (key == Attr.CANCELLED) {
            return !waiter.isGranted() && !waiter.isWaiting();
        }
        return publisher(key);
    }
}
