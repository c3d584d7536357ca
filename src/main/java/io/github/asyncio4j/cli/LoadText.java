package io.github.asyncio4j.cli;

import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.AbstractHistogram;
import org.HdrHistogram.HistogramIterationValue;

/** The report of a load run as people read it. */
final class LoadText {

    private static final String[] PERCENTILES = {"50", "75", "90", "95", "99", "99.9", "99.99"};
    private static final int BARS = 10;
    private static final int WIDEST_BAR = 40;
    private static final double MICROS_PER_MILLI = 1_000;

    private final LoadReport report;
    private final LoadResult result;
    private final StringBuilder text = new StringBuilder();

    private LoadText(LoadReport report) {
        this.report = report;
        this.result = report.result();
    }

    static String of(LoadReport report) {
        return new LoadText(report).write();
    }

    private String write() {
        LoadSettings settings = report.settings();
        text.append(report.target()).append('\n');
        line(
                "requests",
                Units.count(result.requests()) + " in " + Units.duration(result.wall()) + ", "
                        + Units.plain(result.requestsPerSecond()) + " a second, " + settings.connections()
                        + " at a time");
        line("succeeded", Units.count(result.succeeded()));
        line("failed", Units.count(result.failed()));
        line("bodies", Units.bytes(result.bytes()) + ", " + Units.bytes((long) result.bytesPerSecond()) + " a second");
        if (settings.isOpenLoop()) {
            line(
                    "rate",
                    Units.plain(settings.rate()) + " a second planned, " + Units.count(result.lateStarts())
                            + " started late because all connections were busy");
        }
        if (result.service().getTotalCount() > 0) {
            latencies(settings);
            phases();
            histogram();
        }
        counts();
        if (!report.thresholds().isEmpty()) {
            text.append("\nthresholds\n");
            report.thresholds()
                    .forEach(threshold -> text.append(String.format(
                            Locale.ROOT,
                            "  %-18s %8s  %s%n",
                            threshold.text(),
                            threshold.isMetBy(report) ? "kept" : "MISSED",
                            threshold.measured(report))));
        }
        if (report.interrupted()) {
            text.append("\nInterrupted: the numbers are those until then.\n");
        }
        return text.toString();
    }

    private void latencies(LoadSettings settings) {
        text.append('\n').append(String.format(Locale.ROOT, "%-12s", "latency"));
        for (String percentile : PERCENTILES) {
            text.append(String.format(Locale.ROOT, "%10s", "p" + percentile));
        }
        text.append(String.format(Locale.ROOT, "%10s%n", "max"));
        if (settings.isOpenLoop()) {
            row("from plan", result.corrected());
            row("from send", result.service());
        } else {
            row("", result.service());
        }
    }

    private void row(String name, AbstractHistogram micros) {
        text.append(String.format(Locale.ROOT, "%-12s", name));
        for (String percentile : PERCENTILES) {
            cell(micros.getValueAtPercentile(Double.parseDouble(percentile)));
        }
        cell(micros.getMaxValue());
        text.append('\n');
    }

    private void cell(double micros) {
        text.append(String.format(Locale.ROOT, "%10s", Units.duration(micros / MICROS_PER_MILLI)));
    }

    private void phases() {
        text.append(String.format(Locale.ROOT, "%n%-12s%10s%10s%10s%10s%n", "phase", "mean", "p50", "p99", "max"));
        for (Map.Entry<Phase, AbstractHistogram> phase : result.phases().entrySet()) {
            AbstractHistogram micros = phase.getValue();
            text.append(String.format(Locale.ROOT, "%-12s", phase.getKey().label()));
            cell(micros.getMean());
            cell(micros.getValueAtPercentile(50));
            cell(micros.getValueAtPercentile(99));
            cell(micros.getMaxValue());
            text.append('\n');
        }
    }

    private void histogram() {
        AbstractHistogram micros = report.main();
        text.append("\nhistogram\n");
        long step = Math.max(1, (micros.getMaxValue() + BARS) / BARS);
        for (HistogramIterationValue bar : micros.linearBucketValues(step)) {
            long count = bar.getCountAddedInThisIterationStep();
            int width = (int) Math.ceil((double) WIDEST_BAR * count / micros.getTotalCount());
            text.append(String.format(
                            Locale.ROOT,
                            "%12s %10s  %s",
                            "< " + Units.duration((bar.getValueIteratedTo() + 1) / MICROS_PER_MILLI),
                            Units.count(count),
                            "#".repeat(width))
                    .stripTrailing());
            text.append('\n');
        }
    }

    private void counts() {
        if (!result.statuses().isEmpty()) {
            text.append("\nstatus\n");
            result.statuses().forEach((status, count) -> line("  " + status, Units.count(count)));
        }
        if (!result.failures().isEmpty()) {
            text.append("\nfailures\n");
            result.failures()
                    .forEach((kind, failures) -> text.append(String.format(
                            Locale.ROOT,
                            "  %-18s %8s  %s%n",
                            kind,
                            Units.count(failures.count()),
                            failures.example())));
        }
    }

    private void line(String name, String value) {
        text.append(String.format(Locale.ROOT, "%-12s%s%n", name, value));
    }
}
