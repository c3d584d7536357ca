package io.github.asyncio4j.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.util.Map;
import org.HdrHistogram.AbstractHistogram;

/** The report of a load run as programs read it; the names are a contract. */
final class LoadJson {

    private final JsonGenerator json;

    private LoadJson(JsonGenerator json) {
        this.json = json;
    }

    static String of(LoadReport report) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.useDefaultPrettyPrinter();
            new LoadJson(json).write(report);
        }
        return text.append('\n').toString();
    }

    private void write(LoadReport report) throws IOException {
        LoadResult result = report.result();
        LoadSettings settings = report.settings();
        json.writeStartObject();
        json.writeStringField("target", report.target());
        json.writeNumberField("connections", settings.connections());
        json.writeNumberField("requests", result.requests());
        json.writeNumberField("succeeded", result.succeeded());
        json.writeNumberField("failed", result.failed());
        number("requestsPerSecond", result.requestsPerSecond());
        number("wallMillis", Units.millis(result.wall()));
        latencies("latencyMillis", report.main());
        if (settings.isOpenLoop()) {
            latencies("uncorrectedLatencyMillis", result.service());
            number("plannedRequestsPerSecond", settings.rate());
            json.writeNumberField("lateStarts", result.lateStarts());
        }
        phases(result);
        counts(result);
        json.writeNumberField("bodyBytes", result.bytes());
        json.writeArrayFieldStart("responsesBySecond");
        for (long second = 0; second <= result.wall().toSeconds(); second++) {
            json.writeNumber(result.timeline().responses(second));
        }
        json.writeEndArray();
        if (!report.thresholds().isEmpty()) {
            thresholds(report);
        }
        if (report.interrupted()) {
            json.writeBooleanField("interrupted", true);
        }
        json.writeEndObject();
    }

    private void thresholds(LoadReport report) throws IOException {
        json.writeObjectFieldStart("thresholds");
        for (Threshold threshold : report.thresholds()) {
            json.writeBooleanField(threshold.text(), threshold.isMetBy(report));
        }
        json.writeEndObject();
    }

    private void latencies(String name, AbstractHistogram micros) throws IOException {
        json.writeObjectFieldStart(name);
        percentile("p50", micros, 50);
        percentile("p75", micros, 75);
        percentile("p90", micros, 90);
        percentile("p95", micros, 95);
        percentile("p99", micros, 99);
        percentile("p999", micros, 99.9);
        percentile("p9999", micros, 99.99);
        number("max", micros.getMaxValue() / 1_000.0);
        json.writeEndObject();
    }

    private void percentile(String name, AbstractHistogram micros, double percentile) throws IOException {
        number(name, micros.getValueAtPercentile(percentile) / 1_000.0);
    }

    private void phases(LoadResult result) throws IOException {
        json.writeObjectFieldStart("phaseMillis");
        for (Map.Entry<Phase, AbstractHistogram> phase : result.phases().entrySet()) {
            json.writeObjectFieldStart(phase.getKey().field());
            number(
                    "mean",
                    result.service().getTotalCount() == 0 ? 0 : phase.getValue().getMean() / 1_000.0);
            percentile("p50", phase.getValue(), 50);
            percentile("p99", phase.getValue(), 99);
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    private void counts(LoadResult result) throws IOException {
        json.writeObjectFieldStart("statusCounts");
        for (Map.Entry<Integer, Long> status : result.statuses().entrySet()) {
            json.writeNumberField(status.getKey().toString(), status.getValue());
        }
        json.writeEndObject();
        json.writeObjectFieldStart("failures");
        for (Map.Entry<String, Failures> failure : result.failures().entrySet()) {
            json.writeNumberField(failure.getKey(), failure.getValue().count());
        }
        json.writeEndObject();
        json.writeObjectFieldStart("failureExamples");
        for (Map.Entry<String, Failures> failure : result.failures().entrySet()) {
            json.writeStringField(failure.getKey(), failure.getValue().example());
        }
        json.writeEndObject();
    }

    /** Three decimals: microseconds where the unit is a millisecond. */
    private void number(String name, double value) throws IOException {
        json.writeNumberField(name, Math.round(value * 1_000) / 1_000.0);
    }
}
