package io.github.asyncio4j.cli;

import java.time.Duration;
import java.util.Map;
import org.HdrHistogram.AbstractHistogram;

/**
 * What a load run has measured.
 *
 * @param service microseconds from the moment a request was sent to its last byte
 * @param corrected the same from the moment it was planned; differs in open loop only
 * @param phases microseconds
 * @param statuses how many responses had each status
 * @param timeline when they ended
 * @param bytes of bodies
 * @param lateStarts requests that could not start when planned, because all connections were busy
 */
record LoadResult(
        Duration wall,
        long succeeded,
        long failed,
        AbstractHistogram service,
        AbstractHistogram corrected,
        Map<Phase, AbstractHistogram> phases,
        Map<Integer, Long> statuses,
        Map<String, Failures> failures,
        Timeline timeline,
        long bytes,
        long lateStarts) {

    long requests() {
        return succeeded + failed;
    }

    /** Every whole response counts, whatever its status; what got no response does not. */
    double requestsPerSecond() {
        return service.getTotalCount() / seconds(wall);
    }

    double bytesPerSecond() {
        return bytes / seconds(wall);
    }

    private static double seconds(Duration time) {
        return Math.max(1e-9, time.toNanos() / 1e9);
    }
}
