package io.github.asyncio4j.cli;

import io.github.asyncio4j.cli.Chart.Point;
import io.github.asyncio4j.cli.Timeline.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.AbstractHistogram;
import org.HdrHistogram.HistogramIterationValue;
import org.jsoup.nodes.Element;

/** What a load run looked like: how its latencies are spread, and what it did over time. */
final class LoadCharts {

    private static final int BARS = 60;
    private static final int MOST_SLOTS = 150;
    private static final double MICROS_PER_MILLI = 1_000;
    private static final double[] NAMED = {50, 90, 99, 99.9, 99.99, 99.999};
    private static final Map<Outcome, String> KINDS =
            Map.of(Outcome.SUCCEEDED, "succeeded", Outcome.REFUSED, "refused", Outcome.BROKEN, "broken");

    private final LoadReport report;
    private final LoadResult result;

    LoadCharts(LoadReport report) {
        this.report = report;
        this.result = report.result();
    }

    /** How many took how long, on a logarithmic axis: the many fast ones and the few slow ones are both seen. */
    void distribution(Element parent) {
        AbstractHistogram micros = report.main();
        double least = Math.log10(Math.max(1, micros.getMinValue()));
        double most = Math.max(least + 0.3, Math.log10(micros.getMaxValue() + 1.0));
        double width = (most - least) / BARS;
        long[] counts = new long[BARS];
        long highest = 1;
        for (int i = 0; i < BARS; i++) {
            counts[i] = between(micros, i == 0 ? 0 : edge(least + i * width), edge(least + (i + 1) * width) - 1);
            highest = Math.max(highest, counts[i]);
        }
        Chart chart = new Chart(parent, "How many requests took how long", least, most, highest)
                .grid(count -> Units.count((long) count));
        for (int i = 0; i < BARS; i++) {
            double from = least + i * width;
            String range = millis(Math.pow(10, from)) + " to " + millis(Math.pow(10, from + width));
            chart.bar(
                    "succeeded",
                    new Point(from, 0),
                    new Point(from + width, counts[i]),
                    Units.count(counts[i]) + " took " + range);
        }
        marks(chart, least, most);
        for (double percentile : new double[] {50, 99}) {
            long value = Math.max(1, micros.getValueAtPercentile(percentile));
            chart.rule(Math.log10(value), "p" + Units.exact(percentile));
        }
    }

    private static long edge(double logarithm) {
        return (long) Math.ceil(Math.pow(10, logarithm));
    }

    private static long between(AbstractHistogram micros, long from, long to) {
        return to < from ? 0 : micros.getCountBetweenValues(from, to);
    }

    private static void marks(Chart chart, double least, double most) {
        double[] digits = most - least > 3.5 ? new double[] {1} : new double[] {1, 2, 5};
        for (double power = Math.floor(least); power <= most; power++) {
            for (double digit : digits) {
                double at = power + Math.log10(digit);
                if (at >= least && at <= most) {
                    chart.mark(at, millis(Math.pow(10, at)));
                }
            }
        }
    }

    /** What share was at least how fast, with room for the slow end. */
    void percentiles(Element parent) {
        AbstractHistogram micros = report.main();
        double right = Math.log10(Math.max(10, micros.getTotalCount()));
        Chart chart =
                new Chart(parent, "Latency by percentile", 0, right, micros.getMaxValue()).grid(LoadCharts::millis);
        chart.mark(0, "p0");
        for (double percentile : NAMED) {
            double at = position(percentile);
            if (at <= right) {
                chart.mark(at, "p" + Units.exact(percentile));
            }
        }
        if (report.settings().isOpenLoop()) {
            chart.curve("uncorrected", curve(result.service(), right));
        } else {
            parent.parents().select(".legend.open-loop").remove();
        }
        chart.curve("main", curve(micros, right));
    }

    private static List<Point> curve(AbstractHistogram micros, double right) {
        List<Point> points = new ArrayList<>();
        for (HistogramIterationValue value : micros.percentiles(20)) {
            double at = Math.min(right, position(value.getPercentileLevelIteratedTo()));
            points.add(new Point(at, value.getValueIteratedTo()));
        }
        return points;
    }

    private static double position(double percentile) {
        return percentile >= 100 ? Double.MAX_VALUE : -Math.log10(1 - percentile / 100);
    }

    /** How many requests ended in each part of the run, by how they ended. */
    void timeline(Element parent) {
        Duration slot = slot(result.wall());
        List<double[]> rates = new ArrayList<>();
        double highest = 1;
        for (Duration at = Duration.ZERO; at.compareTo(result.wall()) < 0; at = at.plus(slot)) {
            double[] rate = rates(at, slot);
            rates.add(rate);
            highest = Math.max(highest, rate[0] + rate[1] + rate[2]);
        }
        double seconds = result.wall().toNanos() / 1e9;
        Chart chart = new Chart(parent, "Requests a second over time", 0, seconds, highest).grid(Units::plain);
        for (int i = 0; i < rates.size(); i++) {
            double at = i * slot.toMillis() / 1e3;
            stack(chart, at, Math.min(seconds - at, slot.toMillis() / 1e3), rates.get(i));
        }
        double step = Chart.roundStep(seconds);
        for (double at = 0; at <= seconds; at += step) {
            chart.mark(at, Units.plain(at) + " s");
        }
    }

    private static void stack(Chart chart, double at, double width, double[] rates) {
        double below = 0;
        for (Outcome outcome : Outcome.values()) {
            double rate = rates[outcome.ordinal()];
            String kind = KINDS.getOrDefault(outcome, "");
            String title = Units.plain(rate) + " a second " + kind + " at " + Units.plain(at) + " s";
            chart.bar(kind, new Point(at, below), new Point(at + width, below + rate), title);
            below += rate;
        }
    }

    private double[] rates(Duration at, Duration slot) {
        // The last slot is shorter; one that is very short says nothing and is not blown up.
        Duration rest = result.wall().minus(at);
        double seconds = Math.min(slot.toNanos(), Math.max(rest.toNanos(), slot.toNanos() / 2)) / 1e9;
        double[] rates = new double[Outcome.values().length];
        for (Outcome outcome : Outcome.values()) {
            rates[outcome.ordinal()] = result.timeline().between(at, at.plus(slot), outcome) / seconds;
        }
        return rates;
    }

    private static Duration slot(Duration wall) {
        long slots = 1;
        for (int i = 0; wall.dividedBy(Timeline.SLOT.multipliedBy(slots)) > MOST_SLOTS; i++) {
            // 1, 2, 5, 10, 20, 50 …
            slots = i % 3 == 1 ? slots / 2 * 5 : slots * 2;
        }
        return Timeline.SLOT.multipliedBy(slots);
    }

    private static String millis(double micros) {
        return Units.duration(micros / MICROS_PER_MILLI);
    }
}
