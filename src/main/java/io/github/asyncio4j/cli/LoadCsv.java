package io.github.asyncio4j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The report of a load run as one row of a table: a line of names and a line of values, the same columns whatever
 * happened, so that the rows of several runs may be put under each other. The names are those of the JSON report.
 */
final class LoadCsv {

    /** Their fields depend on what happened. */
    private static final Set<String> OPEN =
            Set.of("statusCounts", "failures", "failureExamples", "responsesBySecond", "interrupted", "thresholds");

    private static final List<String> OPEN_LOOP = List.of("plannedRequestsPerSecond", "lateStarts");

    private final Map<String, String> row = new LinkedHashMap<>();

    private LoadCsv() {}

    static String of(LoadReport report) throws IOException {
        LoadCsv csv = new LoadCsv();
        JsonNode json = new ObjectMapper().readTree(LoadJson.of(report));
        json.properties().forEach(field -> csv.add(field.getKey(), field.getValue()));
        json.path("latencyMillis").fieldNames().forEachRemaining(name -> csv.fill("uncorrectedLatencyMillis." + name));
        OPEN_LOOP.forEach(csv::fill);
        return String.join(",", csv.row.keySet()) + "\n"
                + csv.row.values().stream().map(LoadCsv::quoted).collect(Collectors.joining(",")) + "\n";
    }

    private void add(String name, JsonNode value) {
        if (OPEN.contains(name)) {
            return;
        }
        if (value.isObject()) {
            value.properties().forEach(field -> add(name + "." + field.getKey(), field.getValue()));
        } else {
            row.put(name, value.asText());
        }
    }

    private void fill(String name) {
        // Removed and added again, so that these columns come last in either kind of run.
        String value = row.remove(name);
        row.put(name, value == null ? "" : value);
    }

    private static String quoted(String value) {
        return value.matches("[^\",\r\n]*") ? value : '"' + value.replace("\"", "\"\"") + '"';
    }
}
