package io.github.asyncio4j.cli;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.AtomicHistogram;

/**
 * Counts what happens in one round. Event loops write to it all at once; {@link #snapshot} may be taken at any moment,
 * also in the middle of the round.
 */
final class Recorder {

    private static final long LONGEST_MICROS = TimeUnit.HOURS.toMicros(1);

    private final AtomicHistogram micros = new AtomicHistogram(LONGEST_MICROS, 3);
    private final AtomicLong succeeded = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final Map<String, Failures> failures = new ConcurrentHashMap<>();
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    private final long started = System.nanoTime();

    /** Gives true, for the pipeline that it stands in. */
    boolean succeeded(long startedNanos) {
        threads.add(Thread.currentThread());
        long elapsed = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - startedNanos);
        micros.recordValue(Math.min(elapsed, LONGEST_MICROS));
        succeeded.incrementAndGet();
        return true;
    }

    /** Gives false, for the pipeline that it stands in. */
    boolean failed(Failure failure) {
        threads.add(Thread.currentThread());
        failures.merge(failure.kind(), new Failures(1, failure.reason()), Failures::plus);
        failed.incrementAndGet();
        return false;
    }

    /** Requests that have ended, one way or the other. */
    long done() {
        return succeeded.get() + failed.get();
    }

    Round snapshot() {
        Duration wall = Duration.ofNanos(System.nanoTime() - started);
        return new Round(wall, succeeded.get(), new TreeMap<>(failures), micros.copy(), threads.size());
    }
}
