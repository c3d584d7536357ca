package io.github.asyncio4j.cli;

import org.HdrHistogram.AbstractHistogram;

/**
 * The outcome of {@code load}.
 *
 * @param target what was fetched
 * @param interrupted the run was cut short
 */
record LoadReport(String target, LoadSettings settings, LoadResult result, boolean interrupted) {

    /** The latencies that count: in open loop those from the moment a request was due. */
    AbstractHistogram main() {
        return settings.isOpenLoop() ? result.corrected() : result.service();
    }
}
