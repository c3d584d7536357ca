package io.github.asyncio4j.cli;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What one way of fetching took.
 *
 * @param wall the median of the warm rounds
 * @param cold the first round of the process, where this scenario had it
 * @param worst the warm round with the most failures: a server that fails now and then is not averaged away
 * @param latencies of all warm rounds together
 */
record ScenarioResult(String name, Duration wall, @Nullable Round cold, Round worst, Latencies latencies) {

    /** Milliseconds, zero where nothing succeeded. */
    record Latencies(double p50, double p95, double p99, double max) {}

    /**
     * @param cold the cold round, if this scenario had it
     * @param warm the others; may be empty when the run was interrupted, then the cold one stands for them
     */
    static ScenarioResult of(String name, @Nullable Round cold, List<Round> warm) {
        List<Round> measured = warm.isEmpty() && cold != null ? List.of(cold) : warm;
        Round worst =
                measured.stream().max(Comparator.comparingLong(Round::failed)).orElseThrow();
        return new ScenarioResult(name, median(measured), cold, worst, latencies(measured));
    }

    private static Duration median(List<Round> rounds) {
        List<Duration> walls = rounds.stream().map(Round::wall).sorted().toList();
        Duration upper = walls.get(walls.size() / 2);
        return walls.size() % 2 == 1
                ? upper
                : upper.plus(walls.get(walls.size() / 2 - 1)).dividedBy(2);
    }

    private static Latencies latencies(List<Round> rounds) {
        Histogram micros = new Histogram(3);
        rounds.forEach(round -> micros.add(round.micros()));
        return new Latencies(
                millis(micros, 50), millis(micros, 95), millis(micros, 99), micros.getMaxValue() / 1_000.0);
    }

    private static double millis(Histogram micros, double percentile) {
        return micros.getValueAtPercentile(percentile) / 1_000.0;
    }

    long succeeded() {
        return worst.succeeded();
    }

    long failed() {
        return worst.failed();
    }

    Map<String, Failures> failures() {
        return worst.failures();
    }

    int threads() {
        return worst.threads();
    }

    /** Only what succeeded counts: refusing quickly is no throughput. */
    double requestsPerSecond() {
        return succeeded() / Math.max(1e-9, wall.toNanos() / 1e9);
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
