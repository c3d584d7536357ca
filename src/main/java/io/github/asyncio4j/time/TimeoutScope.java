package io.github.asyncio4j.time;

import java.time.Duration;

/**
 * The scope of one {@link Timeouts#timeout(Duration, java.util.function.Function)}, in the hands of its body: read the
 * deadline, move it. One instance belongs to one subscription. All methods may be called from any thread. asyncio's
 * {@code Timeout} object.
 *
 * <pre>{@code
 * // A watchdog: every message buys another ten seconds.
 * Timeouts.timeout(ofSeconds(10), scope -> messages
 *         .doOnNext(message -> scope.reschedule(ofSeconds(10)))
 *         .then());
 * }</pre>
 */
public interface TimeoutScope {

    /**
     * This scope's own deadline as it stands now, or stood at the end. A scope around it may have an earlier one:
     * {@link Deadline#from} tells the effective.
     */
    Deadline deadline();

    /** True from the moment the deadline passed while the scope was active; stays true after the end. */
    boolean expired();

    /**
     * Moves the deadline to {@code fromNow} from now: later, earlier, or, with zero or less, at once.
     *
     * @throws IllegalStateException when the scope has expired or ended; the message says which
     */
    void reschedule(Duration fromNow);
}
