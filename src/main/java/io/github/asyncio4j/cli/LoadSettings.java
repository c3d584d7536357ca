package io.github.asyncio4j.cli;

import java.time.Duration;

/**
 * How much load, and how fast.
 *
 * @param connections requests in flight at most, each on a connection of its own
 * @param requests to start at most; {@link Long#MAX_VALUE} where time or the list of URLs is the limit
 * @param duration no request is started later; zero for no such limit
 * @param rate starts a second, whatever the server does; zero: as fast as answers come back
 */
record LoadSettings(int connections, long requests, Duration duration, double rate) {

    private static final double NANOS_PER_SECOND = 1e9;

    /** Whether requests start by the clock and not when an earlier one has ended. */
    boolean isOpenLoop() {
        return rate > 0;
    }

    /** When request {@code number} is due, from the start. */
    long plannedNanos(long number) {
        return isOpenLoop() ? (long) (number * (NANOS_PER_SECOND / rate)) : 0;
    }

    boolean includes(long number, long nanosFromStart) {
        return number < requests && (duration.isZero() || nanosFromStart < duration.toNanos());
    }

    /** For people. */
    String describe() {
        String pace = isOpenLoop()
                ? Units.plain(rate) + " requests a second, at most " + Units.count(connections) + " at a time"
                : Units.count(connections) + " requests at a time, the next when one has its answer";
        String limit = requests == Long.MAX_VALUE ? "" : ", " + Units.count(requests) + " in all";
        return pace + limit + (duration.isZero() ? "" : ", for " + Units.duration(duration));
    }

    LoadSettings warmingUp(Duration time) {
        return new LoadSettings(connections, Long.MAX_VALUE, time, rate);
    }
}
