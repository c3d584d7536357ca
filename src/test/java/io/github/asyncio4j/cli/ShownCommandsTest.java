package io.github.asyncio4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.testing.Markdown;
import io.github.asyncio4j.testing.Output;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/** Commands that the pages show are run, and what they are shown to print is what they print, numbers aside. */
class ShownCommandsTest {

    /** What a test cannot run, and why. */
    private static final Map<String, String> NOT_RUN = Map.of(
            "mvn .*(\\b(verify|test|install|package|spotless:apply)\\b| -P).*", "this is part of it",
            "\\.ci/run", "it runs this",
            "(benchmarks/run|java -jar benchmarks|mvn -f benchmarks|cd benchmarks).*", "takes minutes",
            ".* serve\\b.*", "does not end",
            ".* memory\\b.*", "needs a machine of its own for a minute");

    /** What those of them print that are shown with output, numbers masked. */
    private static final Map<String, String> PRINTED = Map.of("mvn verify", """
            …
            [INFO] Tests run: 0, Failures: 0, Errors: 0, Skipped: 0
            …
            [INFO] All coverage checks have been met.
            …
            [INFO] BUILD SUCCESS
            [INFO] Total time: 0 min
            """);

    private static final Set<String> LANGUAGES = Set.of("java", "xml", "python", "json", "text", "shell", "console");

    private static final Pattern TOOL = Pattern.compile("(?:mvn -q compile exec:java(?: -Dexec\\.args=\"([^\"]*)\")?"
            + "|(?:java -jar target/|bin/)fetch-benchmark(?:\\.jar)?(.*))");

    @TempDir
    Path folder;

    static List<Path> pages() throws IOException {
        return Markdown.pages();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void blocksSayWhatTheyAre(Path page) throws IOException {
        for (Markdown.Block block : Markdown.blocks(page)) {
            assertThat(LANGUAGES.contains(block.language()) || block.before().startsWith("<!-- output: "))
                    .as("%s:%d: a block is one of %s, or output of a test", page, block.line(), LANGUAGES)
                    .isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void commandsAreRun(Path page) throws IOException {
        for (Markdown.Block block : Markdown.blocks(page)) {
            if (block.language().equals("shell")) {
                for (String line : block.text().split("\n")) {
                    for (String command : line.replaceFirst("\\s+#.*|^#.*", "").split("&&")) {
                        runs(page + ":" + block.line(), command.strip(), false);
                    }
                }
            }
        }
    }

    /** An option that is written wrong is no option, so it cannot stand in a page. */
    @ParameterizedTest
    @MethodSource("pages")
    void optionsThatAreWrittenWrongAreNoticed(Path page) throws IOException {
        for (Markdown.Block block : Markdown.blocks(page)) {
            Matcher option = Pattern.compile("(?m)^[^#\n]*(?:fetch-benchmark|exec:java)[^#\n]*?(--[a-z-]+)")
                    .matcher(block.language().equals("shell") ? block.text() : "");
            while (option.find()) {
                String wrong = option.group().replaceFirst("^.*&& ", "") + "x";
                Matcher tool = TOOL.matcher(wrong.contains("\"") ? wrong + "\"" : wrong);
                assertThat(tool.matches()).as("%s: %s", page, wrong).isTrue();
                assertThat(Console.plain().run(arguments(argumentsOf(tool), 1, true)))
                        .as("%s: %s", page, wrong)
                        .isEqualTo(ExitCode.USAGE);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void outputIsWhatTheCommandPrints(Path page) throws IOException {
        for (Markdown.Block block : Markdown.blocks(page)) {
            if (block.language().equals("console")) {
                for (String session : block.text().substring(2).split("\n\\$ ")) {
                    String[] parts = session.split("\n", 2);
                    String command = parts[0].strip();
                    String printed = runs(page + ":" + block.line(), command, true);
                    String shown = parts.length == 2 ? parts[1] : "";
                    assertThat(Output.masked(printed == null ? PRINTED.getOrDefault(command, "") : printed))
                            .as("%s:%d prints\n%s", page, block.line(), printed)
                            .isEqualTo(Output.masked(shown));
                }
            }
        }
    }

    /** The keys that docs/cli.md promises for JSON, which is the only block of text in it, are those of a report. */
    @Test
    void shapeOfTheJsonIsThatOfAReport() throws IOException {
        String shape = Markdown.blocks(Path.of("docs/cli.md")).stream()
                .filter(block -> block.language().equals("text"))
                .map(Markdown.Block::text)
                .findFirst()
                .orElseThrow();
        HttpServer answers = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .route(routes -> routes.get(
                        "/{n}",
                        (request, response) ->
                                response.status(request.param("n").equals("0") ? 500 : 200)));
        DisposableServer server = answers.bindNow();
        try {
            Console console = Console.plain();
            String url = "http://127.0.0.1:" + server.port() + "/";
            console.run("compare", url + "0", url + "1", "--output", "json");

            assertThat(keys(console.out().replaceAll("\"(http-)?\\d+\"\\s*:", "")))
                    .isEqualTo(keys(shape.replace("{kind: n}", "{}").replace("{kind: text}", "{}")));
        } finally {
            server.disposeNow();
        }
    }

    private static Set<String> keys(String json) {
        return Pattern.compile("\"(\\w+)\"\\s*:")
                .matcher(json)
                .results()
                .map(key -> key.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** What it printed; null when it is not to be run. */
    private String runs(String where, String command, boolean whole) throws IOException {
        if (command.isEmpty() || NOT_RUN.keySet().stream().anyMatch(command::matches)) {
            return null;
        }
        Matcher tool = TOOL.matcher(command);
        assertThat(tool.matches())
                .as("%s: \"%s\" can be run, or is among those that are not, with the reason", where, command)
                .isTrue();
        DisposableServer server = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .handle((request, response) -> response.send())
                .bindNow();
        try {
            Console console = Console.plain();
            int code = console.run(arguments(argumentsOf(tool), server.port(), whole));
            assertThat(code).as("%s: %s\n%s", where, command, console.err()).isBetween(ExitCode.OK, ExitCode.FAILED);
            return console.out();
        } finally {
            server.disposeNow();
        }
    }

    private static String argumentsOf(Matcher tool) {
        String args = tool.group(1) != null ? tool.group(1) : tool.group(2) != null ? tool.group(2) : "";
        return args.strip();
    }

    private String[] arguments(String line, int port, boolean whole) throws IOException {
        Path urls = Files.writeString(folder.resolve("urls.txt"), "http://127.0.0.1:" + port + "/\n");
        List<String> args = new ArrayList<>(
                line.isEmpty()
                        ? List.of()
                        : Arrays.asList(
                                line.replace("urls.txt", urls.toString()).split("\\s+")));
        boolean compares =
                args.isEmpty() || args.get(0).equals("compare") || args.get(0).startsWith("-");
        // One after the other takes as long as the delays add up to.
        if (compares && !whole && !line.contains("--only") && !line.contains("--help")) {
            args.addAll(args.isEmpty() ? List.of("compare", "--only", "gather") : List.of("--only", "gather"));
        }
        if (compares && !whole && !line.contains("--rounds") && !line.contains("--help")) {
            args.addAll(List.of("--rounds", "1"));
        }
        return args.toArray(String[]::new);
    }
}
