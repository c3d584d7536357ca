package io.github.asyncio4j.cli;

import io.github.asyncio4j.http.ClientResponse;
import io.github.asyncio4j.http.ConnectTimings;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.AbstractHistogram;
import org.HdrHistogram.AtomicHistogram;

/** Counts what happens in a load run; event loops write to it all at once, a snapshot may be taken at any moment. */
final class LoadRecorder {

    private static final long LONGEST_MICROS = TimeUnit.HOURS.toMicros(1);
    private static final long LATE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final int FAILURE_STATUS = 400;

    private final long started = System.nanoTime();
    private static final Phase[] PHASES = Phase.values();

    private final AtomicHistogram service = histogram();
    private final AtomicHistogram corrected = histogram();
    private final Map<Phase, AtomicHistogram> phases = new EnumMap<>(Phase.class);
    private final Map<Integer, LongAdder> statuses = new ConcurrentSkipListMap<>();
    private final Map<String, Failures> failures = new ConcurrentHashMap<>();
    private final Timeline timeline = new Timeline();
    private final LongAdder bytes = new LongAdder();
    private final LongAdder lateStarts = new LongAdder();
    private final AtomicLong succeeded = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();

    LoadRecorder() {
        for (Phase phase : PHASES) {
            phases.put(phase, histogram());
        }
    }

    private static AtomicHistogram histogram() {
        return new AtomicHistogram(LONGEST_MICROS, 3);
    }

    /** The clock of the run. */
    long nanos() {
        return System.nanoTime() - started;
    }

    /** A request went out; {@code plannedNanos} is when it should have. */
    void started(long plannedNanos, long startedNanos) {
        if (startedNanos - plannedNanos > LATE_NANOS) {
            lateStarts.increment();
        }
    }

    /** A response is here to its last byte. */
    void responded(String url, ClientResponse response, long size, long plannedNanos, long startedNanos) {
        long now = nanos();
        record(service, now - startedNanos);
        record(corrected, now - plannedNanos);
        phases(response);
        bytes.add(size);
        int status = response.status();
        statuses.computeIfAbsent(status, each -> new LongAdder()).increment();
        if (status >= FAILURE_STATUS) {
            timeline.count(now, Timeline.Outcome.REFUSED);
            count(Failure.ofStatus(url, status));
        } else {
            timeline.count(now, Timeline.Outcome.SUCCEEDED);
            succeeded.incrementAndGet();
        }
    }

    void failed(String url, Throwable error) {
        timeline.count(nanos(), Timeline.Outcome.BROKEN);
        count(Failure.of(url, error));
    }

    private void count(Failure failure) {
        failures.merge(failure.kind(), new Failures(1, failure.reason()), Failures::plus);
        failed.incrementAndGet();
    }

    // What most requests have not is not recorded for each of them, but counted as nothing in the end.
    private void phases(ClientResponse response) {
        boolean connected = response.connectTimings() != ConnectTimings.NONE;
        for (Phase phase : PHASES) {
            if (connected || !Phase.CONNECTING.contains(phase)) {
                record(histogramOf(phase), phase.of(response).toNanos());
            }
        }
    }

    private static AbstractHistogram filledUp(AbstractHistogram phase, long responses) {
        AbstractHistogram copy = phase.copy();
        long others = responses - copy.getTotalCount();
        if (others > 0) {
            copy.recordValueWithCount(0, others);
        }
        return copy;
    }

    private AtomicHistogram histogramOf(Phase phase) {
        AtomicHistogram histogram = phases.get(phase);
        if (histogram == null) {
            throw new IllegalStateException("no histogram for " + phase);
        }
        return histogram;
    }

    private static void record(AtomicHistogram histogram, long nanos) {
        histogram.recordValue(Math.min(LONGEST_MICROS, TimeUnit.NANOSECONDS.toMicros(Math.max(0, nanos))));
    }

    /** Requests that have ended, one way or the other. */
    long done() {
        return succeeded.get() + failed.get();
    }

    boolean hasResponses() {
        return corrected.getTotalCount() > 0;
    }

    /** The corrected latency that so many percent of the responses so far had at most. */
    double millis(double percentile) {
        return corrected.getValueAtPercentile(percentile) / 1_000.0;
    }

    /** Those that ended in that second of the run. */
    long responses(long second) {
        return timeline.responses(second);
    }

    Map<Integer, Long> statuses() {
        return sums(statuses);
    }

    Map<String, Failures> failures() {
        return new TreeMap<>(failures);
    }

    LoadResult snapshot() {
        AbstractHistogram serviceCopy = service.copy();
        Map<Phase, AbstractHistogram> phaseCopies = new EnumMap<>(Phase.class);
        phases.forEach((phase, histogram) -> phaseCopies.put(phase, filledUp(histogram, serviceCopy.getTotalCount())));
        return new LoadResult(
                Duration.ofNanos(nanos()),
                succeeded.get(),
                failed.get(),
                serviceCopy,
                corrected.copy(),
                phaseCopies,
                statuses(),
                failures(),
                timeline.copy(),
                bytes.sum(),
                lateStarts.sum());
    }

    private static Map<Integer, Long> sums(Map<Integer, LongAdder> adders) {
        Map<Integer, Long> sums = new TreeMap<>();
        adders.forEach((key, adder) -> sums.put(key, adder.sum()));
        return sums;
    }
}
