package io.github.asyncio4j.cli;

import io.github.asyncio4j.http.ClientSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import reactor.core.publisher.Mono;

/** Puts load on a server and reports how it bore it. The letters are hey's and oha's. */
@Command(
        name = "load",
        mixinStandardHelpOptions = true,
        versionProvider = CommandLineTool.Version.class,
        sortOptions = false,
        description = "Puts load on a server: as fast as answers come back, or with -q at a rate of its own,"
                + " where latencies count from the moment a request was due.",
        footer = {
            "",
            "Examples:",
            "  fetch-benchmark load -n 10000 -c 50 http://127.0.0.1:8080/json",
            "      10,000 requests, 50 at a time",
            "  fetch-benchmark load -z 30s -q 1000 -c 200 http://127.0.0.1:8080/",
            "      1,000 requests a second for 30 seconds; a stall shows in the latencies from plan",
            "  fetch-benchmark load -m PUT -H 'Content-Type: application/json' -D body.json -z 10s URL",
            "  fetch-benchmark load -z 30s --report report.html URL",
            "      charts too, in one file for the browser",
            "  fetch-benchmark load --urls urls.txt -c 20 --output json",
            "      every URL of a list once; the file is read while requests run",
            "  fetch-benchmark load -z 1m -q 500 --ramp 20s --threshold 'p99<50ms' http://127.0.0.1:8080/",
            "      from nothing to 500 a second in 20 seconds; exit code 3 if the limit is missed",
            "  fetch-benchmark load -n 1000 -F user=u{n} -F file=@photo.png URL",
            "  fetch-benchmark load --data-csv users.csv -d '{\"name\": \"{name}\"}' -T application/json URL",
            "  fetch-benchmark load -n 1000 'http://127.0.0.1:8080/items/{n}?key={uuid}'"
        })
final class LoadCommand implements Callable<Integer> {

    private static final int DEFAULT_REQUESTS = 200;
    private static final int MOST_CONNECTIONS = 100_000;
    private static final int MOST_RATE = 100_000_000;

    private final Terminal terminal;

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(
            paramLabel = "URL",
            arity = "0..*",
            description = "What to fetch, in turn; {n} is the number of the request, {uuid} a new one for each;"
                    + " - reads a list from standard input.")
    private List<String> urls = List.of();

    @Option(names = "--urls", paramLabel = "FILE", description = "A list of URLs, one a line, read while requests run.")
    private @Nullable Path file;

    @Option(
            names = {"-n", "--requests"},
            paramLabel = "N",
            description = "How many requests (default: 200, or with -z no limit, or each URL of a list once).")
    private @Nullable Long requests;

    @Option(
            names = {"-z", "--duration"},
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "How long requests are started; those that run at the end are waited for.")
    private @Nullable Duration duration;

    @Option(
            names = {"-c", "--connections"},
            paramLabel = "N",
            defaultValue = "50",
            description = "Requests at a time, each on its own connection (default: ${DEFAULT-VALUE}).")
    private int connections;

    @Option(
            names = {"-q", "--rate"},
            paramLabel = "N",
            description = "Requests started a second, all connections together; may be a fraction.")
    private @Nullable Double rate;

    @Option(
            names = "--warm-up",
            paramLabel = "TIME",
            defaultValue = "0",
            converter = DurationConverter.class,
            description = "Load of the same kind before anything is counted (default: none).")
    private Duration warmUp = Duration.ZERO;

    @Option(
            names = "--ramp",
            paramLabel = "TIME",
            defaultValue = "0",
            converter = DurationConverter.class,
            description = "How long the load grows evenly until it is whole: the rate, or without -q the connections"
                    + " (default: none).")
    private Duration ramp = Duration.ZERO;

    @Option(
            names = {"-t", "--timeout"},
            paramLabel = "TIME",
            defaultValue = "20s",
            converter = DurationConverter.class,
            description = "For each request, to its last byte (default: ${DEFAULT-VALUE}).")
    private Duration timeout = Duration.ZERO;

    @Mixin
    private RequestOptions requestOptions = new RequestOptions();

    @Mixin
    private ConnectionOptions connectionOptions = new ConnectionOptions();

    @Mixin
    private LoadOutput output = new LoadOutput();

    @Option(names = "--quiet", description = "Do not show progress.")
    private boolean quiet;

    LoadCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws Exception {
        LoadSettings settings = settings();
        RequestTemplate template = template();
        UrlFeed feed = feed();
        ClientSession session = session();
        try (Progress progress = Progress.on(terminal, quiet)) {
            AtomicReference<LoadRecorder> recorder = new AtomicReference<>(new LoadRecorder());
            Mono<Void> warm =
                    new LoadRun(session, template, feed, settings.warmingUp(warmUp), recorder.get()).requests();
            Mono<Void> measured = Mono.defer(() -> {
                recorder.set(new LoadRecorder());
                progress.begin("load", total(settings), recorder.get()::done, new LoadView(recorder.get())::text);
                return new LoadRun(session, template, feed, settings, recorder.get()).requests();
            });
            Mono<Void> all = LoadRun.whileFeeding(feed, warmUp.isZero() ? measured : warm.then(measured));
            Foreground foreground = new Foreground();
            return Interruption.callsDuring(foreground::interrupt, () -> {
                foreground.run(all);
                LoadResult result = recorder.get().snapshot();
                progress.end(result.requests(), result.failed(), result.wall());
                return report(new LoadReport(
                        target(),
                        settings,
                        result,
                        Instant.now().minus(result.wall()),
                        conditions(settings, template),
                        output.thresholds(),
                        foreground.isInterrupted()));
            });
        } finally {
            session.dispose();
            terminal.stopClientThreads();
        }
    }

    private int report(LoadReport report) throws IOException {
        if (report.result().requests() == 0 && !report.interrupted()) {
            throw new IOException("there were no " + target());
        }
        output.write(report, terminal);
        return report.exitCode();
    }

    private LoadSettings settings() {
        try {
            output.check();
        } catch (IllegalArgumentException e) {
            throw wrong(String.valueOf(e.getMessage()));
        }
        if (timeout.isZero()) {
            throw wrong("--timeout must be more than zero");
        }
        if (duration != null && duration.isZero()) {
            throw wrong("--duration must be more than zero");
        }
        if (connections < 1 || connections > MOST_CONNECTIONS) {
            throw wrong("--connections must be from 1 to " + Units.count(MOST_CONNECTIONS) + ", but is " + connections);
        }
        if (requests != null && requests < 1) {
            throw wrong("--requests must be at least 1, but is " + requests);
        }
        if (rate != null && (!(rate > 0) || rate > MOST_RATE)) {
            throw wrong("--rate must be more than zero and at most " + Units.count(MOST_RATE) + ", but is " + rate);
        }
        return new LoadSettings(
                connections,
                mostRequests(),
                duration == null ? Duration.ZERO : duration,
                rate == null ? 0 : rate,
                ramp);
    }

    private long mostRequests() {
        if (requests != null) {
            return requests;
        }
        return duration == null && !isStreamed() ? DEFAULT_REQUESTS : Long.MAX_VALUE;
    }

    private static long total(LoadSettings settings) {
        return settings.requests() == Long.MAX_VALUE ? 0 : settings.requests();
    }

    private RequestTemplate template() {
        try {
            return requestOptions.template();
        } catch (IllegalArgumentException e) {
            throw wrong(String.valueOf(e.getMessage()));
        }
    }

    private boolean isStreamed() {
        return file != null || isInput();
    }

    private boolean isInput() {
        return urls.equals(List.of(Target.STANDARD_INPUT));
    }

    private UrlFeed feed() {
        if (file != null ? !urls.isEmpty() : urls.isEmpty()) {
            throw wrong("URLs come as arguments, from --urls FILE, or from standard input with -");
        }
        if (isInput()) {
            return UrlFeed.input(terminal.in());
        }
        if (file == null) {
            return UrlFeed.cycling(urls);
        }
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw wrong("cannot read URLs from " + file);
        }
        return UrlFeed.file(file, requests != null || duration != null);
    }

    private Map<String, String> conditions(LoadSettings settings, RequestTemplate template) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("Method", template.method());
        all.put("Load", settings.describe());
        all.put("Warm-up", warmUp.isZero() ? "none" : Units.duration(warmUp));
        all.put("Timeout", Units.duration(timeout));
        all.put("Connections", connectionOptions.describe());
        all.put("Java", Runtime.version() + ", " + Runtime.getRuntime().availableProcessors() + " processors");
        all.put("System", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        return all;
    }

    private String target() {
        if (isStreamed()) {
            return "URLs from " + (file == null ? "standard input" : file);
        }
        return urls.size() == 1 ? urls.get(0) : Units.count(urls.size()) + " URLs";
    }

    private ClientSession session() {
        try {
            return connectionOptions
                    .applied(ClientSession.builder(), connections, timeout)
                    .build();
        } catch (IllegalArgumentException e) {
            throw wrong(String.valueOf(e.getMessage()));
        }
    }

    private ParameterException wrong(String sentence) {
        if (spec == null) {
            throw new IllegalStateException("picocli has not filled in this command");
        }
        return new ParameterException(spec.commandLine(), sentence);
    }
}
