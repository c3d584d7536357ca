package io.github.asyncio4j.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.AbstractHistogram;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;

/**
 * The report of a load run as a page: one file that needs nothing else. Everything that comes from outside, such as a
 * URL or what a server said, is set as text of a node and cannot become markup.
 */
final class LoadPage {

    private static final double[] PERCENTILES = {50, 75, 90, 95, 99, 99.9, 99.99};
    private static final double MICROS_PER_MILLI = 1_000;

    private final LoadReport report;
    private final LoadResult result;
    private final Document page;

    private LoadPage(LoadReport report) throws IOException {
        this.report = report;
        this.result = report.result();
        try (InputStream template = LoadPage.class.getResourceAsStream("report.html")) {
            if (template == null) {
                throw new IllegalStateException("the resource report.html is missing from the jar");
            }
            this.page = Jsoup.parse(new String(template.readAllBytes(), StandardCharsets.UTF_8));
        }
        page.outputSettings().prettyPrint(false);
    }

    static String of(LoadReport report) throws IOException {
        return new LoadPage(report).write();
    }

    private String write() {
        page.title("Load on " + report.target());
        at("target").text(report.target());
        at("when")
                .text(DateTimeFormatter.ofPattern("d MMMM yyyy, HH:mm:ss 'UTC'", Locale.ROOT)
                                .withZone(ZoneOffset.UTC)
                                .format(report.began())
                        + (report.interrupted() ? ", interrupted: the numbers are those until then" : ""));
        tiles();
        if (result.service().getTotalCount() == 0) {
            page.select(".responses").remove();
        } else {
            LoadCharts charts = new LoadCharts(report);
            charts.distribution(at("distribution"));
            charts.percentiles(at("curve"));
            percentiles();
            phases();
        }
        new LoadCharts(report).timeline(at("timeline"));
        counts();
        report.conditions().forEach((name, value) -> row(at("conditions"), name, value));
        for (Threshold threshold : report.thresholds()) {
            String verdict = threshold.isMetBy(report) ? "kept: " : "missed: ";
            row(at("conditions"), threshold.text(), verdict + threshold.measured(report));
        }
        return page.outerHtml() + "\n";
    }

    private Element at(String id) {
        Element element = page.getElementById(id);
        if (element == null) {
            throw new IllegalStateException("report.html has no element " + id);
        }
        return element;
    }

    private void tiles() {
        AbstractHistogram micros = report.main();
        tile("requests", Units.count(result.requests()), "in " + Units.duration(result.wall()));
        tile("a second", Units.plain(result.requestsPerSecond()), Units.bytes((long) result.bytesPerSecond()) + "/s");
        tile("failed", Units.count(result.failed()), share(result.failed(), result.requests()))
                .addClass(result.failed() == 0 ? "good" : "bad");
        if (micros.getTotalCount() > 0) {
            tile("median", time(micros, 50), "p90 " + time(micros, 90));
            tile("p99", time(micros, 99), "p99.99 " + time(micros, 99.99));
            tile("slowest", Units.duration(micros.getMaxValue() / MICROS_PER_MILLI), "of all");
        }
    }

    private Element tile(String name, String value, String more) {
        Element tile = at("tiles").appendElement("div").addClass("tile");
        tile.appendElement("div").addClass("name").text(name);
        tile.appendElement("strong").text(value);
        tile.appendElement("div").addClass("more").text(more);
        return tile;
    }

    private void percentiles() {
        Element head = at("percentile-names");
        for (double percentile : PERCENTILES) {
            head.appendElement("th").text("p" + Units.exact(percentile));
        }
        head.appendElement("th").text("max");
        if (report.settings().isOpenLoop()) {
            percentiles("from plan", result.corrected());
            percentiles("from send", result.service());
        } else {
            percentiles("latency", result.service());
        }
    }

    private void percentiles(String name, AbstractHistogram micros) {
        Element row = at("percentiles").appendElement("tr");
        row.appendElement("th").text(name);
        for (double percentile : PERCENTILES) {
            row.appendElement("td").text(time(micros, percentile));
        }
        row.appendElement("td").text(Units.duration(micros.getMaxValue() / MICROS_PER_MILLI));
    }

    private void phases() {
        double sum = result.phases().values().stream()
                .mapToDouble(AbstractHistogram::getMean)
                .sum();
        result.phases().forEach((phase, micros) -> {
            Element part = at("phase-bar").appendElement("span").addClass(phase.field());
            part.attr("style", String.format(Locale.ROOT, "width:%.2f%%", 100 * micros.getMean() / Math.max(sum, 1e-9)))
                    .attr("title", phase.label());
            Element row = at("phases").appendElement("tr");
            row.appendElement("th").text(phase.label()).prependElement("i").addClass(phase.field());
            row.appendElement("td").text(Units.duration(micros.getMean() / MICROS_PER_MILLI));
            row.appendElement("td").text(time(micros, 50));
            row.appendElement("td").text(time(micros, 99));
            row.appendElement("td").text(Units.duration(micros.getMaxValue() / MICROS_PER_MILLI));
        });
    }

    private void counts() {
        result.statuses()
                .forEach((status, count) ->
                        row(at("statuses"), status.toString(), Units.count(count), share(count, result.requests())));
        for (Map.Entry<String, Failures> failure : result.failures().entrySet()) {
            Failures failures = failure.getValue();
            row(at("failures"), failure.getKey(), Units.count(failures.count()), failures.example());
        }
        if (result.failures().isEmpty()) {
            at("failure-table").remove();
        } else {
            at("no-failures").remove();
        }
        if (result.statuses().isEmpty()) {
            at("status-table").remove();
        }
    }

    private static void row(Element table, String name, String... values) {
        Element row = table.appendElement("tr");
        row.appendElement("th").text(name);
        for (String value : values) {
            row.appendElement("td").text(value);
        }
    }

    private static String share(long part, long whole) {
        return whole == 0 ? "" : Units.plain(100.0 * part / whole) + " %";
    }

    private static String time(AbstractHistogram micros, double percentile) {
        return Units.duration(micros.getValueAtPercentile(percentile) / MICROS_PER_MILLI);
    }
}
