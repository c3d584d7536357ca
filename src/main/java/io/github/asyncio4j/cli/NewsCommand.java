package io.github.asyncio4j.cli;

import io.github.asyncio4j.recipes.FetchResult;
import io.github.asyncio4j.recipes.NewsAggregator;
import io.github.asyncio4j.recipes.NewsParser;
import io.github.asyncio4j.recipes.NewsReport;
import io.github.asyncio4j.recipes.NewsSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The news aggregator on the command line, or as a page in the browser. */
@Command(
        name = "news",
        mixinStandardHelpOptions = true,
        versionProvider = CommandLineTool.Version.class,
        sortOptions = false,
        description = "Collects headlines from several sources at once; one that is slow or broken costs the others"
                + " nothing. Without --source it reads made-up copies from a server of its own.",
        footer = {
            "",
            "Examples:",
            "  fetch-benchmark news",
            "  fetch-benchmark news --source java=https://inside.java/feed.xml --limit 5",
            "  fetch-benchmark news --serve",
            "      the same as a page on localhost, headlines as they arrive",
            "",
            "Exit codes: 0 at least one source answered, 1 none did, 2 wrong usage, 130 interrupted."
        })
final class NewsCommand implements Callable<Integer> {

    private static final String TEXT = "text";
    private static final String JSON = "json";
    private static final Duration OFFLINE_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final Terminal terminal;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Foreground foreground = new Foreground();

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = {"-s", "--source"},
            paramLabel = "NAME=URL",
            description = "An RSS, Atom or JSON feed; may be repeated.")
    private List<String> feeds = List.of();

    @Option(
            names = {"-t", "--timeout"},
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "For each source (default: 10s, and 2s for the copies).")
    private @Nullable Duration timeout;

    @Option(
            names = {"-l", "--limit"},
            paramLabel = "N",
            defaultValue = "15",
            description = "Headlines shown in all (default: ${DEFAULT-VALUE}).")
    private int limit;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = TEXT,
            description = "text or json (default: ${DEFAULT-VALUE}).")
    private String output = TEXT;

    @Option(
            names = {"-w", "--watch"},
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "Collect again after this time, until Ctrl-C.")
    private @Nullable Duration watch;

    @Option(names = "--serve", description = "Show the headlines on a page on localhost, until Ctrl-C.")
    private boolean serve;

    @Option(
            names = {"-p", "--port"},
            paramLabel = "PORT",
            defaultValue = "8090",
            description = "Where --serve listens; 0 takes any free port (default: ${DEFAULT-VALUE}).")
    private int port;

    NewsCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws Exception {
        check();
        if (!feeds.isEmpty()) {
            return show(sources());
        }
        try (OriginServer origin = OriginServer.start()) {
            return show(OriginNews.sources(origin.baseUrl(), timeout == null ? OFFLINE_TIMEOUT : timeout));
        }
    }

    private int show(List<NewsSource> sources) throws Exception {
        NewsAggregator.Builder builder = NewsAggregator.builder().limit(limit);
        sources.forEach(builder::source);
        NewsAggregator news = builder.build();
        return Interruption.callsDuring(this::stop, () -> serve ? page(news, sources) : print(news, sources));
    }

    private void stop() {
        stopped.countDown();
        foreground.interrupt();
    }

    private int print(NewsAggregator news, List<NewsSource> sources) throws Exception {
        List<String> names = sources.stream().map(NewsSource::name).toList();
        while (true) {
            NewsReport report = new NewsRun(news, names, limit).report(foreground);
            terminal.print(output.equals(JSON) ? NewsJson.of(report) : NewsText.of(report));
            if (foreground.isInterrupted()) {
                return ExitCode.INTERRUPTED;
            }
            if (watch == null) {
                return report.results().stream().anyMatch(FetchResult::success) ? ExitCode.OK : ExitCode.FAILED;
            }
            if (stopped.await(watch.toNanos(), TimeUnit.NANOSECONDS)) {
                return ExitCode.INTERRUPTED;
            }
            terminal.print("\n");
        }
    }

    private int page(NewsAggregator news, List<NewsSource> sources) throws Exception {
        try (NewsPage page = NewsPage.start(
                port, news, sources.stream().map(NewsSource::name).toList())) {
            terminal.print("headlines on " + page.url() + "\n");
            stopped.await();
            return ExitCode.INTERRUPTED;
        }
    }

    private List<NewsSource> sources() {
        List<NewsSource> sources = new ArrayList<>();
        for (String feed : feeds) {
            int equals = feed.indexOf('=');
            if (equals < 1 || equals == feed.length() - 1) {
                throw wrong("--source must be NAME=URL, but is '" + feed + "'");
            }
            sources.add(new NewsSource(
                    feed.substring(0, equals),
                    feed.substring(equals + 1),
                    NewsParser.feed(),
                    timeout == null ? TIMEOUT : timeout));
        }
        return sources;
    }

    private void check() {
        if (!output.equals(TEXT) && !output.equals(JSON)) {
            throw wrong("--output must be text or json, but is '" + output + "'");
        }
        if (limit < 1) {
            throw wrong("--limit must be at least 1, but is " + limit);
        }
        if (timeout != null && timeout.isZero()) {
            throw wrong("--timeout must be more than zero");
        }
        if (watch != null && watch.isZero()) {
            throw wrong("--watch must be more than zero");
        }
        if (port < 0 || port > 65_535) {
            throw wrong("--port must be from 0 to 65,535, but is " + port);
        }
    }

    private ParameterException wrong(String sentence) {
        if (spec == null) {
            throw new IllegalStateException("picocli has not filled in this command");
        }
        return new ParameterException(spec.commandLine(), sentence);
    }
}
