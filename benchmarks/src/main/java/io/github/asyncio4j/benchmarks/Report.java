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
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs benchmarks and writes what they showed as Markdown: {@code Report FILE [options of JMH]}. Who reads the numbers finds the
 * day, the machine, the versions and the spread beside them.
 */
public final class Report {

    private Report() {}

    public static void main(String[] args) throws Exception {
        List<String> options = new ArrayList<>(List.of(args));
        Path file = Path.of(options.remove(0));
        CommandLineOptions parsed = new CommandLineOptions(options.toArray(String[]::new));
        Collection<RunResult> results =
                new Runner(new OptionsBuilder().parent(parsed).build()).run();
        write(file, results, String.join(" ", options));
    }

    private static void write(Path file, Collection<RunResult> results, String options) throws IOException {
        try (PrintStream out = new PrintStream(Files.newOutputStream(file), false, StandardCharsets.UTF_8)) {
            out.printf("Made by `benchmarks/run %s` on %s.%n%n", options, LocalDate.now());
            out.printf("- machine: %s%n", machine());
            out.printf(
                    "- Java: %s %s (%s)%n",
                    System.getProperty("java.vm.name"),
                    System.getProperty("java.runtime.version"),
                    System.getProperty("os.name") + " " + System.getProperty("os.version"));
            out.printf("- Netty: %s%n%n", Version.identify().get("netty-common").artifactVersion());
            out.println("| benchmark | parameters | score | ± 99.9 % | unit | runs |");
            out.println("| --- | --- | ---: | ---: | --- | ---: |");
            results.forEach(result -> out.println(row(result)));
        }
    }

    private static String row(RunResult run) {
        Result<?> result = run.getPrimaryResult();
        String name = run.getParams().getBenchmark().replaceFirst(".*\\.(\\w+\\.\\w+)$", "$1");
        String parameters = run.getParams().getParamsKeys().stream()
                .map(key -> key + " = " + run.getParams().getParam(key))
                .collect(Collectors.joining(", "));
        return String.format(
                Locale.ROOT,
                "| %s | %s | %.3f | %.3f | %s | %d |",
                name,
                parameters,
                result.getScore(),
                result.getScoreError(),
                result.getScoreUnit(),
                result.getSampleCount());
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
