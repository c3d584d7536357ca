package io.github.asyncio4j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The rounds of an earlier run, from the JSON report that {@code --save} wrote.
 *
 * @param requests in each round
 * @param rounds by scenario
 */
record SavedReport(Path file, String target, int requests, Map<String, List<Duration>> rounds) {

    /** @throws IllegalArgumentException with a sentence for the user */
    static SavedReport read(Path file) {
        try {
            JsonNode report = new ObjectMapper().readTree(Files.readAllBytes(file));
            Map<String, List<Duration>> rounds = new LinkedHashMap<>();
            for (JsonNode scenario : report.path("scenarios")) {
                rounds.put(scenario.path("name").asText(), times(scenario.path("roundMillis")));
            }
            if (rounds.isEmpty() || rounds.values().stream().anyMatch(List::isEmpty)) {
                throw new IllegalArgumentException(file + " is no baseline: compare --save writes one");
            }
            return new SavedReport(
                    file,
                    report.path("target").asText(),
                    report.path("requests").asInt(),
                    rounds);
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException("cannot read the baseline " + file + ": no such file", e);
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read the baseline " + file + ": " + firstLine(e), e);
        }
    }

    private static List<Duration> times(JsonNode millis) {
        List<Duration> times = new ArrayList<>();
        millis.forEach(each -> times.add(Duration.ofNanos(Math.round(each.asDouble() * 1e6))));
        return times;
    }

    private static String firstLine(IOException e) {
        return String.valueOf(e.getMessage()).split("\n", 2)[0];
    }

    /** @throws IllegalArgumentException when a run like that does something else */
    void check(Target other) {
        if (requests != other.requests() || !withoutPort(target).equals(withoutPort(other.description()))) {
            throw new IllegalArgumentException(file + " is of " + requests + " requests, " + target
                    + ", and this run would be of " + other.requests() + ", " + other.description());
        }
    }

    /** What became of those scenarios that both have. */
    List<Change> changes(Report report) {
        List<Change> changes = new ArrayList<>();
        for (ScenarioResult scenario : report.scenarios()) {
            List<Duration> before = rounds.get(scenario.name());
            if (before != null) {
                changes.add(Change.of(scenario.name(), before, scenario.walls()));
            }
        }
        return changes;
    }

    /** The built-in server has another one each time. */
    private static String withoutPort(String target) {
        return target.replaceFirst("^http://127\\.0\\.0\\.1:\\d+", "http://127.0.0.1");
    }
}
