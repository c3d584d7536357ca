package io.github.asyncio4j.cli;

import java.time.Instant;
import java.util.Map;
import org.HdrHistogram.AbstractHistogram;

/**
 * The outcome of {@code load}.
 *
 * @param target what was fetched
 * @param began when counting began
 * @param conditions under which the run was made, by name, for people
 * @param interrupted the run was cut short
 */
record LoadReport(
        String target,
        LoadSettings settings,
        LoadResult result,
        Instant began,
        Map<String, String> conditions,
        boolean interrupted) {

    /** The latencies that count: in open loop those from the moment a request was due. */
    AbstractHistogram main() {
        return settings.isOpenLoop() ? result.corrected() : result.service();
    }
}
