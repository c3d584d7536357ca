package io.github.asyncio4j.cli;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * What became of a scenario since its baseline was saved.
 *
 * @param before the median of the baseline's rounds
 * @param now the median of this run's
 */
record Change(String scenario, Duration before, Duration now, Verdict verdict) {

    /** Rounds on each side; with four, chance alone parts the two in one of 35 comparisons. */
    static final int FEWEST_ROUNDS = 4;

    private static final double SMALLEST = 0.05;

    enum Verdict {
        FASTER,
        SLOWER,
        NO_DIFFERENCE,
        TOO_FEW_ROUNDS;

        String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    /** A difference is one when every round of the one was quicker than every round of the other, and it is 5 %. */
    static Change of(String scenario, List<Duration> before, List<Duration> now) {
        Duration was = ScenarioResult.median(before);
        Duration is = ScenarioResult.median(now);
        return new Change(scenario, was, is, verdict(before, now, Math.abs(share(was, is)) >= SMALLEST));
    }

    private static Verdict verdict(List<Duration> before, List<Duration> now, boolean matters) {
        if (Math.min(before.size(), now.size()) < FEWEST_ROUNDS) {
            return Verdict.TOO_FEW_ROUNDS;
        }
        if (matters && Collections.max(now).compareTo(Collections.min(before)) < 0) {
            return Verdict.FASTER;
        }
        return matters && Collections.min(now).compareTo(Collections.max(before)) > 0
                ? Verdict.SLOWER
                : Verdict.NO_DIFFERENCE;
    }

    /** Negative when it takes less time now. */
    double share() {
        return share(before, now);
    }

    private static double share(Duration before, Duration now) {
        return (double) now.toNanos() / Math.max(1, before.toNanos()) - 1;
    }

    String describe() {
        return String.format(
                Locale.ROOT,
                "%s, was %s (%+.0f %%): %s",
                Units.duration(now),
                Units.duration(before),
                100 * share(),
                verdict.label());
    }
}
