package io.github.asyncio4j.recipes;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Counts fetches and their latencies, in microseconds with three digits. */
final class FetchRecorder {

    private final Histogram latencies = new Histogram(3);
    private long succeeded;
    private long failed;
    private int inFlight;

    synchronized void started() {
        inFlight++;
    }

    synchronized void left(long nanos) {
        inFlight--;
        latencies.recordValue(TimeUnit.NANOSECONDS.toMicros(Math.max(0, nanos)));
    }

    synchronized void cancelled() {
        inFlight--;
    }

    synchronized void succeeded() {
        succeeded++;
    }

    synchronized void failed() {
        failed++;
    }

    synchronized FetchMetrics metrics() {
        return new FetchMetrics(
                succeeded + failed,
                succeeded,
                failed,
                micros(latencies.getTotalCount() == 0 ? 0 : Math.round(latencies.getMean())),
                percentile(50),
                percentile(95),
                percentile(99),
                inFlight);
    }

    private Duration percentile(double percentile) {
        return micros(latencies.getTotalCount() == 0 ? 0 : latencies.getValueAtPercentile(percentile));
    }

    private static Duration micros(long micros) {
        return Duration.ofNanos(TimeUnit.MICROSECONDS.toNanos(micros));
    }
}
