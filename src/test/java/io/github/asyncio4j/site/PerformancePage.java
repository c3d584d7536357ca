package io.github.asyncio4j.site;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The tables of {@code docs/performance.md}: between their markers stands what the files of results say, and nothing else. */
final class PerformancePage {

    private static final Pattern TABLE = Pattern.compile("(?s)<!-- results: (\\S+) -->\n.*?<!-- end -->");

    /** The rows that are this library. */
    private static final Pattern OURS = Pattern.compile(
            "asCompleted|gather\\w*|create|group\\w*|(tryA|a)cquireAndRelease|withLock|withPermit|asFlux"
                    + "|take|slidingWindow\\w*|tokenBucket\\w*|clientSession");

    private final Path benchmarks;

    PerformancePage(Path benchmarks) {
        this.benchmarks = benchmarks;
    }

    /** The page with its tables made anew. */
    String updated(String page) {
        return TABLE.matcher(page)
                .replaceAll(marker -> Matcher.quoteReplacement(
                        "<!-- results: " + marker.group(1) + " -->\n\n" + table(marker.group(1)) + "\n<!-- end -->"));
    }

    private String table(String name) {
        try {
            return results(new ObjectMapper()
                    .readTree(benchmarks.resolve("results/" + name + ".json").toFile()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A row for each benchmark, a column for each choice of parameters. */
    static String results(JsonNode file) {
        List<String> columns = new ArrayList<>();
        Map<String, Map<String, String>> rows = new LinkedHashMap<>();
        for (JsonNode result : file.get("results")) {
            String column = parameters(result.get("params"));
            if (!columns.contains(column)) {
                columns.add(column);
            }
            rows.computeIfAbsent(result.get("benchmark").asText(), name -> new LinkedHashMap<>())
                    .put(column, cell(result));
        }
        String unit = file.get("results").get(0).get("unit").asText().replaceFirst("^us", "µs");
        StringBuilder table = new StringBuilder(row(unit, columns))
                .append(row("---", columns.stream().map(c -> "---:")));
        rows.forEach((name, cells) -> table.append(row(
                OURS.matcher(name).matches() ? "**" + name + "**" : name,
                columns.stream().map(column -> cells.getOrDefault(column, "")))));
        return table.append('\n').append(circumstances(file)).toString();
    }

    private static String row(String head, List<String> cells) {
        return row(head, cells.stream());
    }

    private static String row(String head, Stream<String> cells) {
        return "| " + head + " | " + String.join(" | ", cells.toList()) + " |\n";
    }

    private static String parameters(JsonNode params) {
        List<String> all = params.properties().stream()
                .map(param -> param.getKey() + " = " + param.getValue().asText())
                .toList();
        return all.isEmpty() ? "score" : String.join(", ", all);
    }

    private static String cell(JsonNode result) {
        String score = number(result.get("score").asDouble()) + " ± "
                + number(result.get("error").asDouble());
        return result.has("bytes") ? score + ", " + number(result.get("bytes").asDouble()) + " B" : score;
    }

    /** Three digits, which is more than the spread allows in most rows. */
    static String number(double value) {
        int decimals = value >= 100 || value == Math.rint(value) ? 0 : value >= 10 ? 1 : 2;
        return String.format(Locale.ROOT, "%,." + decimals + "f", value);
    }

    private static String circumstances(JsonNode file) {
        return "_" + text(file, "date") + "; " + text(file, "machine") + "; " + text(file, "java") + "; "
                + text(file, "os") + "; Netty " + text(file, "netty") + "; `benchmarks/run " + text(file, "options")
                + "`, " + file.get("results").get(0).get("runs").asText() + " measurements each._\n";
    }

    private static String text(JsonNode file, String field) {
        return file.get(field).asText();
    }
}
