package io.github.asyncio4j.cli;

import java.time.Duration;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.HdrHistogram.AbstractHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What one way of fetching took.
 *
 * @param walls of the warm rounds, in the order in which they ran
 * @param cold the first round of the process, where this scenario had it
 * @param worst the warm round with the most failures: a server that fails now and then is not averaged away
 * @param latencies of all warm rounds together
 */
record ScenarioResult(
        String name, List<Duration> walls, @Nullable Round cold, Round worst, AbstractHistogram latencies)
        implements Measured {

    /**
     * @param cold the cold round, if this scenario had it
     * @param warm the others; may be empty when the run was interrupted, then the cold one stands for them
     */
    static ScenarioResult of(String name, @Nullable Round cold, List<Round> warm) {
        List<Round> measured = warm.isEmpty() && cold != null ? List.of(cold) : warm;
        Round worst =
                measured.stream().max(Comparator.comparingLong(Round::failed)).orElseThrow();
        Histogram micros = new Histogram(3);
        measured.forEach(round -> micros.add(round.micros()));
        return new ScenarioResult(name, measured.stream().map(Round::wall).toList(), cold, worst, micros);
    }

    /** The median of the rounds. */
    Duration wall() {
        return median(walls);
    }

    static Duration median(List<Duration> times) {
        List<Duration> sorted = times.stream().sorted().toList();
        Duration upper = sorted.get(sorted.size() / 2);
        return sorted.size() % 2 == 1
                ? upper
                : upper.plus(sorted.get(sorted.size() / 2 - 1)).dividedBy(2);
    }

    /** From the quickest to the slowest round. */
    Duration spread() {
        return Collections.max(walls).minus(Collections.min(walls));
    }

    /** Milliseconds, zero where nothing succeeded. */
    double latencyMillis(double percentile) {
        return latencies.getValueAtPercentile(percentile) / 1_000.0;
    }

    @Override
    public long requests() {
        return worst.succeeded() + worst.failed();
    }

    long succeeded() {
        return worst.succeeded();
    }

    @Override
    public long failed() {
        return worst.failed();
    }

    Map<String, Failures> failures() {
        return worst.failures();
    }

    int threads() {
        return worst.threads();
    }

    /** Only what succeeded counts: refusing quickly is no throughput. */
    @Override
    public double requestsPerSecond() {
        return succeeded() / Math.max(1e-9, wall().toNanos() / 1e9);
    }

    Optional<Duration> coldWall() {
        return coldRound().map(Round::wall);
    }

    /** How the cold round failed, unless the warm ones failed in the same way. */
    Map<String, Failures> coldFailures() {
        return coldRound()
                .map(Round::failures)
                .filter(these -> !sameCounts(these))
                .orElse(Map.of());
    }

    private boolean sameCounts(Map<String, Failures> others) {
        return counts(others).equals(counts(failures()));
    }

    private static Map<String, Long> counts(Map<String, Failures> failures) {
        return failures.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, kind -> kind.getValue().count()));
    }

    boolean anyFailed() {
        return failed() > 0 || !coldFailures().isEmpty();
    }

    private Optional<Round> coldRound() {
        return Optional.ofNullable(cold);
    }
}
