package io.github.asyncio4j.ratelimit;

/**
 * A token bucket without a bucket: the instant at which it would be full again says all (the generic cell rate
 * algorithm, ITU-T I.371, in its virtual scheduling form).
 */
final class TokenBucket implements Pace {

    private final double perSecond;
    private final double interval;
    private final int burst;
    // Relative to the first instant seen, so that doubles keep the nanosecond for months.
    private long origin;
    private boolean started;
    private double full;

    TokenBucket(double perSecond, int burst) {
        this.perSecond = perSecond;
        this.interval = 1e9 / perSecond;
        this.burst = burst;
    }

    @Override
    public long due(long from, int position) {
        double start = started ? from - origin : 0;
        double level = started ? Math.max(full, start) : 0;
        double due = Math.max(start, Math.max(level + (position - (double) burst) * interval, 0));
        return absolute(started ? origin : from, Math.ceil(due));
    }

    // Counted from when the start was due, not from when its timer woke: late timers do not lower the rate.
    @Override
    public void started(long now, long intended) {
        if (!started) {
            started = true;
            origin = intended;
        }
        full = Math.max(full, intended - origin) + interval;
    }

    @Override
    public void takeBack(long instant) {
        full -= interval;
    }

    @Override
    public boolean isFresh(long now) {
        return !started || full <= now - origin;
    }

    private static long absolute(long origin, double nanos) {
        return nanos >= (double) Long.MAX_VALUE - Math.max(origin, 0) ? Long.MAX_VALUE : origin + (long) nanos;
    }

    @Override
    public String toString() {
        return perSecond + "/s, burst " + burst;
    }
}
