package io.github.asyncio4j.cli;

import java.time.Duration;

/**
 * How much load, and how fast.
 *
 * @param connections requests in flight at most, each on a connection of its own
 * @param requests to start at most; {@link Long#MAX_VALUE} where time or the list of URLs is the limit
 * @param duration no request is started later; zero for no such limit
 * @param rate starts a second, whatever the server does; zero: as fast as answers come back
 * @param ramp how long the load grows evenly until it is whole; zero: it is whole at once
 */
record LoadSettings(int connections, long requests, Duration duration, double rate, Duration ramp) {

    private static final double NANOS_PER_SECOND = 1e9;

    /** Whether requests start by the clock and not when an earlier one has ended. */
    boolean isOpenLoop() {
        return rate > 0;
    }

    /** When request {@code number} is due, from the start. */
    long plannedNanos(long number) {
        if (!isOpenLoop()) {
            return 0;
        }
        double rampSeconds = ramp.toNanos() / NANOS_PER_SECOND;
        // The area under a straight line from nothing to the rate.
        double whileRamping = rate * rampSeconds / 2;
        double seconds = number < whileRamping
                ? Math.sqrt(2 * rampSeconds * number / rate)
                : rampSeconds + (number - whileRamping) / rate;
        return (long) (seconds * NANOS_PER_SECOND);
    }

    /** When connection {@code index} takes up its work, from the start. */
    Duration joining(int index) {
        return isOpenLoop() ? Duration.ZERO : ramp.multipliedBy(index).dividedBy(connections);
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
        String growing = ramp.isZero() ? "" : ", growing to that in " + Units.duration(ramp);
        return pace + growing + limit + (duration.isZero() ? "" : ", for " + Units.duration(duration));
    }

    LoadSettings warmingUp(Duration time) {
        return new LoadSettings(connections, Long.MAX_VALUE, time, rate, Duration.ZERO);
    }
}
