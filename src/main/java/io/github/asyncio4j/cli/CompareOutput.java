package io.github.asyncio4j.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say what becomes of the report of a comparison. */
final class CompareOutput {

    private static final String TEXT = "text";
    private static final String JSON = "json";

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = TEXT,
            description = "text or json (default: ${DEFAULT-VALUE}).")
    private String output = TEXT;

    @Option(names = "--save", paramLabel = "FILE", description = "Write the report as JSON to a file too, a baseline.")
    private @Nullable Path save;

    @Option(
            names = "--baseline",
            paramLabel = "FILE",
            description = "Compare with a report that --save wrote; exit with 3 when a scenario became slower: all its"
                    + " rounds took longer than all of before, and 5%% more in the median.")
    private @Nullable Path baselineFile;

    @Option(
            names = "--threshold",
            paramLabel = "LIMIT",
            description =
                    "Exit with 3 unless this is kept: gather.p99<50ms, rps>1000, failed<1%%; without a name, by all"
                            + " scenarios; may be given often.")
    private List<String> limits = List.of();

    private List<Threshold> thresholds = List.of();
    private @Nullable SavedReport baseline;

    /**
     * @param scenarios that will be measured
     * @throws IllegalArgumentException with a sentence for the user, before anything is measured
     */
    void check(Set<String> scenarios) {
        if (!output.equals(TEXT) && !output.equals(JSON)) {
            throw new IllegalArgumentException("--output must be text or json, but is '" + output + "'");
        }
        thresholds = limits.stream().map(Threshold::parse).toList();
        for (Threshold threshold : thresholds) {
            if (scenarios.stream().noneMatch(threshold::isAbout)) {
                throw new IllegalArgumentException(
                        "--threshold '" + threshold.text() + "' is about none of " + String.join(", ", scenarios));
            }
        }
        if (save != null) {
            OutputFile.check(save, "the baseline");
        }
        baseline = baselineFile == null ? null : SavedReport.read(baselineFile);
    }

    /** @throws IllegalArgumentException when the baseline is of something else */
    void check(Target target) {
        if (baseline != null) {
            baseline.check(target);
        }
    }

    /** Rounds that a scenario needs so that it can be told whether it changed; zero if nobody asks. */
    int rounds() {
        return save == null && baselineFile == null ? 0 : Change.FEWEST_ROUNDS + 1;
    }

    /** Prints and saves the report; gives the exit code. */
    int write(Report measured, Terminal terminal) throws IOException {
        Report report = measured.heldAgainst(baseline == null ? List.of() : baseline.changes(measured), thresholds);
        String json = output.equals(JSON) || save != null ? JsonReport.of(report) : "";
        terminal.print(output.equals(JSON) ? json : TextReport.of(report));
        if (save != null) {
            OutputFile.write(save, "the baseline", json);
        }
        return report.exitCode();
    }
}
