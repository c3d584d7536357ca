package io.github.asyncio4j.cli;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The report as people read it. ASCII alone: it survives every terminal, pipe and log. */
final class TextReport {

    private static final String NOTHING = "-";

    private final Report report;

    private TextReport(Report report) {
        this.report = report;
    }

    static String of(Report report) {
        return new TextReport(report).text();
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        text.append(Units.count(report.requests()))
                .append(" requests, ")
                .append(report.target())
                .append("\n\n");
        if (!report.scenarios().isEmpty()) {
            text.append(table());
        }
        for (ScenarioResult scenario : report.scenarios()) {
            text.append(failures(scenario.name() + ", first round", scenario.coldFailures()));
            text.append(failures(scenario.name(), scenario.failures()));
        }
        if (!report.changes().isEmpty()) {
            text.append(changes());
        }
        if (!report.thresholds().isEmpty()) {
            text.append(thresholds());
        }
        report.notes().forEach(note -> text.append('\n').append(note).append('\n'));
        if (report.interrupted()) {
            text.append("\nInterrupted: the numbers are those until then.\n");
        }
        return text.toString();
    }

    private String table() {
        Column[] columns = {
            column("", HorizontalAlign.LEFT),
            column("wall"),
            column("spread"),
            column("first round"),
            column("req/s"),
            column("p50"),
            column("p95"),
            column("p99"),
            column("failed"),
            column("speed-up"),
            column("threads")
        };
        Object[][] rows = report.scenarios().stream().map(this::row).toArray(Object[][]::new);
        String table = AsciiTable.builder()
                .border(AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS)
                .lineSeparator("\n")
                .data(columns, rows)
                .asString();
        return table.stripTrailing() + "\n";
    }

    private Object[] row(ScenarioResult result) {
        return new Object[] {
            result.name(),
            Units.duration(result.wall()),
            result.walls().size() == 1 ? NOTHING : Units.duration(result.spread()),
            result.coldWall().map(Units::duration).orElse(""),
            Units.plain(result.requestsPerSecond()),
            latency(result, 50),
            latency(result, 95),
            latency(result, 99),
            Units.count(result.failed()),
            report.speedup(result).isPresent()
                    ? Units.plain(report.speedup(result).getAsDouble()) + " x"
                    : NOTHING,
            result.threads() == 0 ? NOTHING : Integer.toString(result.threads())
        };
    }

    private static String latency(ScenarioResult result, double percentile) {
        return result.succeeded() == 0 ? NOTHING : Units.duration(result.latencyMillis(percentile));
    }

    private String changes() {
        int widest = report.changes().stream()
                .mapToInt(change -> change.scenario().length())
                .max()
                .orElse(0);
        return report.changes().stream()
                .map(change ->
                        String.format(Locale.ROOT, "  %-" + widest + "s  %s\n", change.scenario(), change.describe()))
                .collect(Collectors.joining("", "\nAgainst the baseline:\n", ""));
    }

    private String thresholds() {
        return report.thresholds().stream()
                .flatMap(threshold -> report.held(threshold).stream()
                        .map(held -> String.format(
                                Locale.ROOT,
                                "  %-18s %8s  %s %s\n",
                                threshold.text(),
                                threshold.isMetBy(held) ? "kept" : "MISSED",
                                held.name(),
                                threshold.measured(held))))
                .collect(Collectors.joining("", "\nthresholds\n", ""));
    }

    private static Column column(String header) {
        return column(header, HorizontalAlign.RIGHT);
    }

    private static Column column(String header, HorizontalAlign align) {
        return new Column().header(header).headerAlign(align).dataAlign(align);
    }

    private static String failures(String title, Map<String, Failures> failures) {
        if (failures.isEmpty()) {
            return "";
        }
        int widest = failures.keySet().stream().mapToInt(String::length).max().orElse(0);
        String lines = failures.entrySet().stream()
                .map(failure -> String.format(
                        Locale.ROOT,
                        "  %-" + widest + "s  %5d  %s\n",
                        failure.getKey(),
                        failure.getValue().count(),
                        failure.getValue().example()))
                .collect(Collectors.joining());
        return "\n" + title + ", failures:\n" + lines;
    }
}
