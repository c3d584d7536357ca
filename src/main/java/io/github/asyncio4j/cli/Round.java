package io.github.asyncio4j.cli;

import java.time.Duration;
import java.util.Map;
import org.HdrHistogram.AbstractHistogram;
import org.HdrHistogram.Histogram;

/**
 * One pass over all URLs.
 *
 * @param wall from the start of the first request to the end of the last
 * @param failures by kind
 * @param micros latencies of the requests that succeeded
 * @param threads how many threads the client's requests ended on
 */
record Round(Duration wall, long succeeded, Map<String, Failures> failures, AbstractHistogram micros, int threads) {

    /** One that was over before anything had happened. */
    static final Round NONE = new Round(Duration.ZERO, 0, Map.of(), new Histogram(3), 0);

    long failed() {
        return failures.values().stream().mapToLong(Failures::count).sum();
    }
}
