package io.github.asyncio4j.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The report as programs read it; the names are a contract. Written with Jackson's generator alone: data binding would
 * cost more start-up time than the rest of the report.
 */
final class JsonReport {

    private final JsonGenerator json;

    private JsonReport(JsonGenerator json) {
        this.json = json;
    }

    static String of(Report report) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.useDefaultPrettyPrinter();
            new JsonReport(json).write(report);
        }
        return text.append('\n').toString();
    }

    private void write(Report report) throws IOException {
        json.writeStartObject();
        json.writeStringField("target", report.target());
        json.writeNumberField("requests", report.requests());
        json.writeArrayFieldStart("scenarios");
        for (ScenarioResult scenario : report.scenarios()) {
            write(scenario);
        }
        json.writeEndArray();
        if (report.speedup().isPresent()) {
            number("speedup", report.speedup().getAsDouble());
        }
        changes(report.changes());
        thresholds(report);
        if (!report.notes().isEmpty()) {
            json.writeArrayFieldStart("notes");
            for (String note : report.notes()) {
                json.writeString(note);
            }
            json.writeEndArray();
        }
        if (report.interrupted()) {
            json.writeBooleanField("interrupted", true);
        }
        json.writeEndObject();
    }

    private void write(ScenarioResult scenario) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", scenario.name());
        number("wallMillis", Units.millis(scenario.wall()));
        number("requestsPerSecond", scenario.requestsPerSecond());
        json.writeNumberField("succeeded", scenario.succeeded());
        json.writeNumberField("failed", scenario.failed());
        failures("failures", scenario.failures());
        examples(scenario.failures());
        latencies(scenario);
        json.writeArrayFieldStart("roundMillis");
        for (Duration wall : scenario.walls()) {
            json.writeNumber(rounded(Units.millis(wall)));
        }
        json.writeEndArray();
        if (scenario.coldWall().isPresent()) {
            number("coldMillis", Units.millis(scenario.coldWall().get()));
        }
        if (!scenario.coldFailures().isEmpty()) {
            failures("coldFailures", scenario.coldFailures());
        }
        json.writeNumberField("threads", scenario.threads());
        json.writeEndObject();
    }

    private void failures(String name, Map<String, Failures> failures) throws IOException {
        json.writeObjectFieldStart(name);
        for (Map.Entry<String, Failures> failure : failures.entrySet()) {
            json.writeNumberField(failure.getKey(), failure.getValue().count());
        }
        json.writeEndObject();
    }

    private void examples(Map<String, Failures> failures) throws IOException {
        json.writeObjectFieldStart("failureExamples");
        for (Map.Entry<String, Failures> failure : failures.entrySet()) {
            json.writeStringField(failure.getKey(), failure.getValue().example());
        }
        json.writeEndObject();
    }

    private void changes(List<Change> changes) throws IOException {
        if (changes.isEmpty()) {
            return;
        }
        json.writeArrayFieldStart("baseline");
        for (Change change : changes) {
            json.writeStartObject();
            json.writeStringField("name", change.scenario());
            number("wallMillis", Units.millis(change.now()));
            number("baselineWallMillis", Units.millis(change.before()));
            number("change", change.share());
            json.writeStringField("verdict", change.verdict().label());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void thresholds(Report report) throws IOException {
        if (report.thresholds().isEmpty()) {
            return;
        }
        json.writeObjectFieldStart("thresholds");
        for (Threshold threshold : report.thresholds()) {
            json.writeBooleanField(threshold.text(), report.keeps(threshold));
        }
        json.writeEndObject();
    }

    private void latencies(ScenarioResult scenario) throws IOException {
        json.writeObjectFieldStart("latencyMillis");
        number("p50", scenario.latencyMillis(50));
        number("p95", scenario.latencyMillis(95));
        number("p99", scenario.latencyMillis(99));
        number("max", scenario.latencyMillis(100));
        json.writeEndObject();
    }

    /** Three decimals: microseconds where the unit is a millisecond. */
    private void number(String name, double value) throws IOException {
        json.writeNumberField(name, rounded(value));
    }

    private static double rounded(double value) {
        return Math.round(value * 1_000) / 1_000.0;
    }
}
