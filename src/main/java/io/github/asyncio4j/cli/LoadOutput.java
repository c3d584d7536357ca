package io.github.asyncio4j.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.HdrHistogram.AbstractHistogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say what becomes of the report of a load run. */
final class LoadOutput {

    private static final List<String> FORMATS = List.of("text", "json", "csv", "hdr");

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "text, json, csv (a line of names and a line of numbers), or hdr, the percentile distribution"
                    + " of HdrHistogram (default: ${DEFAULT-VALUE}).")
    private String output = "text";

    @Option(
            names = "--report",
            paramLabel = "FILE",
            description = "Write the report as a page for the browser too: one HTML file that needs no network.")
    private @Nullable Path page;

    @Option(
            names = "--threshold",
            paramLabel = "LIMIT",
            description = "Exit with 3 unless this is kept: p99<50ms, max<1s, mean<20ms, rps>1000, failed<1%%; may be"
                    + " given often.")
    private List<String> limits = List.of();

    private List<Threshold> thresholds = List.of();

    /** @throws IllegalArgumentException with a sentence for the user, before anything is measured */
    void check() {
        if (!FORMATS.contains(output)) {
            throw new IllegalArgumentException("--output must be text, json, csv or hdr, but is '" + output + "'");
        }
        thresholds = limits.stream().map(Threshold::parse).toList();
        for (Threshold threshold : thresholds) {
            if (threshold.scenario() != null) {
                throw new IllegalArgumentException("--threshold '" + threshold.text() + "': load has no scenarios");
            }
        }
        if (page != null) {
            OutputFile.check(page, "the report");
        }
    }

    List<Threshold> thresholds() {
        return thresholds;
    }

    void write(LoadReport report, Terminal terminal) throws IOException {
        terminal.print(formatted(report));
        if (page != null) {
            OutputFile.write(page, "the report", LoadPage.of(report));
        }
    }

    private String formatted(LoadReport report) throws IOException {
        return switch (output) {
            case "json" -> LoadJson.of(report);
            case "csv" -> LoadCsv.of(report);
            case "hdr" -> hdr(report.main());
            default -> LoadText.of(report);
        };
    }

    private static String hdr(AbstractHistogram micros) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        micros.outputPercentileDistribution(new PrintStream(text, false, StandardCharsets.UTF_8), 1_000.0);
        return text.toString(StandardCharsets.UTF_8);
    }
}
