package io.github.asyncio4j.benchmarks;

import io.netty.util.Version;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs benchmarks and writes what they showed, a file of JSON for each class: {@code Report FOLDER [options of JMH]}. Who reads
 * the numbers finds the day, the machine, the versions and the spread beside them.
 */
public final class Report {

    private static final String ALLOCATED = "gc.alloc.rate.norm";

    private Report() {}

    public static void main(String[] args) throws Exception {
        List<String> options = new ArrayList<>(List.of(args));
        Path folder = Path.of(options.remove(0));
        CommandLineOptions parsed = new CommandLineOptions(options.toArray(String[]::new));
        Collection<RunResult> results =
                new Runner(new OptionsBuilder().parent(parsed).build()).run();
        Map<String, List<RunResult>> classes = new TreeMap<>();
        for (RunResult result : results) {
            classes.computeIfAbsent(name(result, 2), name -> new ArrayList<>()).add(result);
        }
        Map<String, String> run = run(String.join(" ", options));
        for (Map.Entry<String, List<RunResult>> one : classes.entrySet()) {
            write(folder.resolve(one.getKey() + ".json"), run, one.getValue());
        }
    }

    private static Map<String, String> run(String options) throws IOException {
        Map<String, String> run = new LinkedHashMap<>();
        run.put("date", LocalDate.now().toString());
        run.put("machine", machine());
        run.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"));
        run.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        run.put("netty", Version.identify().get("netty-common").artifactVersion());
        run.put("options", options);
        return run;
    }

    private static void write(Path file, Map<String, String> run, List<RunResult> results) throws IOException {
        try (PrintStream out = new PrintStream(Files.newOutputStream(file), false, StandardCharsets.UTF_8)) {
            out.println("{");
            run.forEach((key, value) -> out.printf("  %s: %s,%n", quoted(key), quoted(value)));
            out.println("  \"results\": [");
            out.println(results.stream().map(Report::json).collect(Collectors.joining(",\n    ", "    ", "")));
            out.println("  ]");
            out.println("}");
        }
    }

    private static String json(RunResult run) {
        Result<?> result = run.getPrimaryResult();
        Result<?> allocated = run.getSecondaryResults().get(ALLOCATED);
        return String.format(
                Locale.ROOT,
                "{\"benchmark\": %s, \"params\": {%s}, \"score\": %.3f, \"error\": %.3f, \"unit\": %s, \"runs\": %d%s}",
                quoted(name(run, 1)),
                run.getParams().getParamsKeys().stream()
                        .map(key -> quoted(key) + ": " + quoted(run.getParams().getParam(key)))
                        .collect(Collectors.joining(", ")),
                result.getScore(),
                Double.isNaN(result.getScoreError()) ? 0 : result.getScoreError(),
                quoted(result.getScoreUnit()),
                result.getSampleCount(),
                allocated == null ? "" : String.format(Locale.ROOT, ", \"bytes\": %.0f", allocated.getScore()));
    }

    /** A part of the name of the benchmark: 1 is the method, 2 its class. */
    private static String name(RunResult run, int fromEnd) {
        String[] parts = run.getParams().getBenchmark().split("\\.");
        return parts[parts.length - fromEnd];
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static String machine() throws IOException {
        Path cpu = Path.of("/proc/cpuinfo");
        String model = "unknown processor";
        if (Files.isReadable(cpu)) {
            model = Files.readAllLines(cpu).stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(model);
        }
        return Runtime.getRuntime().availableProcessors() + " processors, " + model;
    }
}
