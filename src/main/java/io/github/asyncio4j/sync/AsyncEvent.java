package io.github.asyncio4j.sync;

import org.jspecify.annotations.Nullable;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;

/**
 * A flag that many can wait for: open for traffic, warmed up, paused. For a single value that is handed over once,
 * {@code Sinks.one()} suffices.
 *
 * <pre>{@code
 * AsyncEvent warm = AsyncEvent.create();
 * Mono<String> page = warm.await().then(fetch(url));
 * warm.set();
 * }</pre>
 *
 * <p><b>Threads.</b> Any. Waiters go on in order on the thread that calls {@link #set}, one after the other, or on the
 * builder's Scheduler; so they may find the flag cleared again. {@link #set} returns when they have, unless it was called
 * by one who was woken himself: then they follow him.
 *
 * <p><b>Cancellation.</b> A cancelled wait leaves no trace.
 *
 * <p>asyncio's {@code Event}.
 */
public final class AsyncEvent implements Scannable {

    private final EventLine line;

    private AsyncEvent(SyncBuilder<AsyncEvent> options) {
        line = new EventLine(options.label(), options.maxWaiters(), options.scheduler());
    }

    /** An event that is not set. */
    public static AsyncEvent create() {
        return builder().build();
    }

    /** An event with options, not set. */
    public static SyncBuilder<AsyncEvent> builder() {
        return new SyncBuilder<>("AsyncEvent", AsyncEvent::new);
    }

    /** Sets the flag and wakes all who wait, even if {@link #clear} follows at once. Harmless when it is set. */
    public void set() {
        line.set();
    }

    /** Clears the flag: from now on {@link #await} waits. */
    public void clear() {
        line.clear();
    }

    /** Whether the flag is set. */
    public boolean isSet() {
        return line.isSet();
    }

    /**
     * Completes when the flag is set, at once if it is. Cancelling leaves the line. It fails with {@link
     * TooManyWaitersException} if the line is full, and with {@link java.util.concurrent.TimeoutException} if the flag is not set and
     * the deadline of the Context has passed.
     */
    public Mono<Void> await() {
        return line.await();
    }

    /** What it has seen so far; {@code peak} is the most who waited at once, and nothing is ever {@code held}. */
    public SyncStatistics statistics() {
        return line.statistics();
    }

    /** Tells its name, and as buffered how many wait. */
    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        return line.scan(key);
    }

    /** Kind, name and state. */
    @Override
    public String toString() {
        return line.toString();
    }
}
