package io.github.asyncio4j.ratelimit;

import java.time.Duration;

/** The exact log: the instants of the last {@code permits} starts, in a ring. */
final class SlidingWindow implements Pace {

    private final long window;
    private final long[] starts;
    private int next;
    private int known;

    SlidingWindow(int permits, long window) {
        this.window = window;
        this.starts = new long[permits];
    }

    // The k-th start shares a window with the one `permits` before it. That one is in the ring for the first round and
    // is itself one of the starts to come, a window earlier, for every later round.
    @Override
    public long due(long from, int position) {
        int permits = starts.length;
        int rounds = (position - 1) / permits;
        int inRound = (position - 1) % permits;
        int free = permits - known;
        long first = from;
        if (inRound >= free) {
            int oldest = Math.floorMod(next - known + inRound - free, permits);
            first = Math.max(from, saturated(starts[oldest], window));
        }
        return rounds > (Long.MAX_VALUE - first) / window ? Long.MAX_VALUE : first + rounds * window;
    }

    @Override
    public void started(long now, long intended) {
        starts[next] = now;
        next = next + 1 == starts.length ? 0 : next + 1;
        known = Math.min(known + 1, starts.length);
    }

    // The one to remove is among the newest; those after it move one place back.
    @Override
    public void takeBack(long instant) {
        int newest = Math.floorMod(next - 1, starts.length);
        long moved = starts[newest];
        for (int i = newest, seen = 1; moved != instant && seen < known; seen++) {
            i = Math.floorMod(i - 1, starts.length);
            long older = starts[i];
            starts[i] = moved;
            moved = older;
        }
        next = newest;
        known--;
    }

    @Override
    public boolean isFresh(long now) {
        return known == 0 || saturated(starts[Math.floorMod(next - 1, starts.length)], window) <= now;
    }

    private static long saturated(long instant, long nanos) {
        long sum = instant + nanos;
        return sum < instant ? Long.MAX_VALUE : sum;
    }

    @Override
    public String toString() {
        return starts.length + " per " + Duration.ofNanos(window);
    }
}
