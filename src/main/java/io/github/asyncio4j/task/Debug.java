package io.github.asyncio4j.task;

import io.github.asyncio4j.internal.Checks;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.util.Loggers;

/**
 * Debug mode, for development and for the hour in which a service misbehaves. While it is on
 *
 * <ul>
 *   <li>a callback that holds a non-blocking thread (an event loop, a {@code parallel} worker) for more than 100 ms is
 *       reported with the thread, the task and the stack as it is then;
 *   <li>a Mono or Flux of this library that is collected without ever having been subscribed is reported with the place
 *       where it was made: most likely somebody forgot to return it, unless it was an alternative that was not
 *       needed; a place that has been subscribed once is not reported any more;
 *   <li>every task knows where it was created: {@link Task#createdAt()}, and {@link TaskTree#dump()} says so.
 * </ul>
 *
 * <pre>{@code
 * Debug.enable();                // or -Dasyncio4j.debug=true
 * }</pre>
 *
 * <p>Off, it costs one volatile read for a new task. On, it wraps every operator that is assembled from then on, and all
 * work of Reactor's schedulers, through hooks of Reactor that {@link #disable()} takes away again: several times slower,
 * but not wrong. Nothing else in this library installs a hook. Reports are warnings of the logger {@code
 * io.github.asyncio4j.debug}, or go to a consumer of yours, which is called on a thread of this mode's own. asyncio's
 * debug mode.
 */
public final class Debug {

    private static final Duration SLOW_CALLBACK = Duration.ofMillis(100);

    private static volatile boolean on;

    static {
        if (Boolean.getBoolean("asyncio4j.debug")) {
            enable();
        }
    }

    private Debug() {}

    /** Turns it on, with reports to the log. Without effect but for the destination when it is on already. */
    public static void enable() {
        enable(SLOW_CALLBACK, Loggers.getLogger("io.github.asyncio4j.debug")::warn);
    }

    /**
     * The same with a limit and a destination of your own.
     *
     * @param slowCallback how long a callback may hold a non-blocking thread, positive
     * @param report gets one report at a time, as text of several lines
     */
    public static synchronized void enable(Duration slowCallback, Consumer<? super String> report) {
        long limit = Checks.nanos(Checks.positive(slowCallback, "slowCallback"));
        disable();
        DebugHooks.install(limit, Checks.notNull(report, "report"));
        on = true;
    }

    /** Turns it off. Pipelines that were assembled meanwhile keep their wrapping, and are no longer watched. */
    public static synchronized void disable() {
        if (on) {
            on = false;
            DebugHooks.uninstall();
        }
    }

    /** True while it is on. */
    public static boolean isEnabled() {
        return on;
    }

    static @Nullable String creationSite() {
        return on ? CallSite.here() : null;
    }
}
