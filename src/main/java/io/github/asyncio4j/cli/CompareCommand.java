package io.github.asyncio4j.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Fetches the same URLs in several ways and shows what each took. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        versionProvider = CommandLineTool.Version.class,
        sortOptions = false,
        description = "Fetches the same URLs one after the other, all at once, and so many at a time,"
                + " and shows what each took. Without URLs it fetches from a server of its own.",
        footer = {
            "",
            "Examples:",
            "  fetch-benchmark compare --requests 100 --delay 100ms",
            "      100 requests to the built-in server, which answers each after 100 ms",
            "  fetch-benchmark compare --urls urls.txt --timeout 5s --concurrency 10",
            "      real URLs, one a line; the bounded scenario has 10 of them in flight",
            "  fetch-benchmark compare --tail 1s --hedge-after 150ms --rate 200",
            "      a server whose every 20th answer is slow: what a second attempt saves, what a rate costs",
            "  sort -u urls.txt | fetch-benchmark compare - --only gather --output json",
            "      one scenario, as JSON on standard output and nothing else there",
            "  fetch-benchmark compare --save before.json",
            "  fetch-benchmark compare --baseline before.json --threshold 'gather.p99<500ms'",
            "      what has changed since, beyond noise; exit code 3 when it became slower, or the limit was missed",
            "  fetch-benchmark compare --against wrk,aiohttp http://127.0.0.1:8080/ -n 1000",
            "      other clients in the same run"
        })
final class CompareCommand implements Callable<Integer> {

    private static final int MOST_REQUESTS = 100_000_000;
    private static final int DEFAULT_REQUESTS = 50;
    private static final int DEFAULT_CONNECTIONS = 1_000;
    private static final double DEFAULT_RATE = 100;
    private static final Duration DEFAULT_HEDGE_AFTER = Duration.ofMillis(200);

    private final Terminal terminal;

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "URL", arity = "0..*", description = "What to fetch; - reads a list from standard input.")
    private List<String> urls = List.of();

    @Option(
            names = "--urls",
            paramLabel = "FILE",
            description = "A list of URLs, one a line; empty lines and those that begin with # are skipped.")
    private List<String> files = List.of();

    @Option(
            names = {"-n", "--requests"},
            paramLabel = "N",
            description = "How many requests in a round (default: 50, or one for each URL).")
    private @Nullable Integer requests;

    @Option(
            names = "--delay",
            paramLabel = "TIME",
            defaultValue = "100ms",
            converter = DurationConverter.class,
            description = "How long the built-in server takes to answer (default: ${DEFAULT-VALUE}).")
    private Duration delay = Duration.ZERO;

    @Option(
            names = "--tail",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "How long every 20th answer of the built-in server takes instead.")
    private @Nullable Duration tail;

    @Option(
            names = {"-c", "--concurrency"},
            paramLabel = "N",
            defaultValue = "20",
            description = "Requests in flight in the bounded scenario (default: ${DEFAULT-VALUE}).")
    private int concurrency;

    @Option(
            names = {"-q", "--rate"},
            paramLabel = "N",
            description = "Requests started a second; adds the rate-limited scenario.")
    private @Nullable Double rate;

    @Option(
            names = "--hedge-after",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "How long to wait before a second attempt; adds the hedged scenario.")
    private @Nullable Duration hedgeAfter;

    @Option(
            names = "--connections",
            paramLabel = "N",
            description = "Connections that may be open at once (default: one for each request, at most 1,000).")
    private @Nullable Integer connections;

    @Option(
            names = {"-t", "--timeout"},
            paramLabel = "TIME",
            defaultValue = "10s",
            converter = DurationConverter.class,
            description = "For each request, from its start to the last byte (default: ${DEFAULT-VALUE}).")
    private Duration timeout = Duration.ZERO;

    @Option(
            names = "--only",
            paramLabel = "NAME",
            split = ",",
            description = "Leave out all but these scenarios: sequential, gather, bounded, rate-limited, hedged.")
    private List<String> only = List.of();

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "Warm rounds of each scenario but sequential, of which the median counts"
                    + " (default: up to 3 within two seconds).")
    private @Nullable Integer rounds;

    @Option(
            names = "--against",
            paramLabel = "CLIENT",
            split = ",",
            description =
                    "Race other clients too, where they are installed: wrk, hey, curl, aiohttp; with --concurrency"
                            + " requests in flight, like the bounded scenario.")
    private List<String> against = List.of();

    @Mixin
    private CompareOutput output = new CompareOutput();

    @Option(names = "--quiet", description = "Do not show progress.")
    private boolean quiet;

    CompareCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws Exception {
        CompareSettings settings = settings();
        try {
            return urls.isEmpty() && files.isEmpty() ? compareOnOrigin(settings) : compareOn(target(), settings);
        } finally {
            terminal.stopClientThreads();
        }
    }

    private int compareOnOrigin(CompareSettings settings) throws Exception {
        try (OriginServer origin = OriginServer.start()) {
            String slowTail = tail == null ? "" : "?tail=" + tail.toMillis();
            String url = origin.baseUrl() + "/delay/" + delay.toMillis() + slowTail;
            return compare(Target.of(url).repeated(requests(DEFAULT_REQUESTS)), settings);
        }
    }

    private int compareOn(Target target, CompareSettings settings) throws Exception {
        return compare(target.repeated(requests(target.requests())), settings);
    }

    private Target target() {
        try {
            return Target.read(urls, files, terminal.in());
        } catch (IOException e) {
            throw wrong(e.getMessage());
        }
    }

    private int compare(Target target, CompareSettings settings) throws Exception {
        try {
            output.check(target);
        } catch (IllegalArgumentException e) {
            throw wrong(e.getMessage());
        }
        try (Progress progress = Progress.on(terminal, quiet)) {
            Comparison comparison = new Comparison(target, settings, progress);
            return Interruption.callsDuring(comparison::interrupt, () -> {
                Report report = comparison.run();
                return output.write(report, terminal);
            });
        }
    }

    private CompareSettings settings() {
        if (timeout.isZero()) {
            throw wrong("--timeout must be more than zero");
        }
        int mostConnections = connections == null
                ? Math.max(concurrency, DEFAULT_CONNECTIONS)
                : positive("--connections", connections);
        Set<Scenario> scenarios = scenarios();
        Set<Rival> rivals = rivals();
        try {
            output.check(names(scenarios, rivals));
        } catch (IllegalArgumentException e) {
            throw wrong(e.getMessage());
        }
        return new CompareSettings(
                scenarios,
                rivals,
                positive("--concurrency", concurrency),
                rate(),
                hedgeAfter(),
                mostConnections,
                timeout,
                rounds == null ? output.rounds() : positive("--rounds", rounds));
    }

    private static Set<String> names(Set<Scenario> scenarios, Set<Rival> rivals) {
        Set<String> names = new LinkedHashSet<>();
        scenarios.forEach(scenario -> names.add(scenario.label()));
        rivals.forEach(rival -> names.add(rival.label()));
        return names;
    }

    private Set<Rival> rivals() {
        Set<Rival> rivals = EnumSet.noneOf(Rival.class);
        for (String name : against) {
            rivals.add(Rival.named(name)
                    .orElseThrow(() -> wrong("--against knows " + Rival.labels() + ", but not '" + name + "'")));
        }
        return rivals;
    }

    private Set<Scenario> scenarios() {
        if (only.isEmpty()) {
            Set<Scenario> scenarios = EnumSet.of(Scenario.SEQUENTIAL, Scenario.GATHER, Scenario.BOUNDED);
            addIf(rate != null, Scenario.RATE_LIMITED, scenarios);
            addIf(hedgeAfter != null, Scenario.HEDGED, scenarios);
            return scenarios;
        }
        Set<Scenario> scenarios = EnumSet.noneOf(Scenario.class);
        for (String name : only) {
            scenarios.add(Scenario.named(name)
                    .orElseThrow(() -> wrong("--only knows " + Scenario.labels() + ", but not '" + name + "'")));
        }
        return scenarios;
    }

    private static void addIf(boolean wanted, Scenario scenario, Set<Scenario> scenarios) {
        if (wanted) {
            scenarios.add(scenario);
        }
    }

    private double rate() {
        double perSecond = rate == null ? DEFAULT_RATE : rate;
        if (!(perSecond > 0) || perSecond > MOST_REQUESTS) {
            throw wrong("--rate must be more than zero and at most " + Units.count(MOST_REQUESTS) + ", but is "
                    + Units.plain(perSecond));
        }
        return perSecond;
    }

    private Duration hedgeAfter() {
        Duration after = hedgeAfter == null ? DEFAULT_HEDGE_AFTER : hedgeAfter;
        if (after.isZero()) {
            throw wrong("--hedge-after must be more than zero");
        }
        return after;
    }

    private int requests(int unlessSaid) {
        return requests == null ? unlessSaid : positive("--requests", requests);
    }

    private int positive(String option, int value) {
        if (value < 1 || value > MOST_REQUESTS) {
            throw wrong(option + " must be from 1 to " + Units.count(MOST_REQUESTS) + ", but is " + value);
        }
        return value;
    }

    private ParameterException wrong(@Nullable String sentence) {
        if (spec == null) {
            throw new IllegalStateException("picocli has not filled in this command");
        }
        return new ParameterException(spec.commandLine(), String.valueOf(sentence));
    }
}
