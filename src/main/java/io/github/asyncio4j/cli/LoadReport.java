package io.github.asyncio4j.cli;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.AbstractHistogram;

/**
 * The outcome of {@code load}.
 *
 * @param target what was fetched
 * @param began when counting began
 * @param conditions under which the run was made, by name, for people
 * @param thresholds that the run has to keep
 * @param interrupted the run was cut short
 */
record LoadReport(
        String target,
        LoadSettings settings,
        LoadResult result,
        Instant began,
        Map<String, String> conditions,
        List<Threshold> thresholds,
        boolean interrupted)
        implements Measured {

    @Override
    public double requestsPerSecond() {
        return result.requestsPerSecond();
    }

    @Override
    public long requests() {
        return result.requests();
    }

    @Override
    public long failed() {
        return result.failed();
    }

    @Override
    public AbstractHistogram latencies() {
        return main();
    }

    /** One that was missed outweighs failed requests, and one about those is what decides on them. */
    int exitCode() {
        if (interrupted) {
            return ExitCode.INTERRUPTED;
        }
        if (!thresholds.stream().allMatch(threshold -> threshold.isMetBy(this))) {
            return ExitCode.MISSED;
        }
        boolean failed = result.failed() > 0 && thresholds.stream().noneMatch(Threshold::isOfFailures);
        return failed ? ExitCode.FAILED : ExitCode.OK;
    }

    /** The latencies that count: in open loop those from the moment a request was due. */
    AbstractHistogram main() {
        return settings.isOpenLoop() ? result.corrected() : result.service();
    }
}
