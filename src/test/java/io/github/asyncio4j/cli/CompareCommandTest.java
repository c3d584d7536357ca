package io.github.asyncio4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.asyncio4j.testing.Recipe;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CompareCommandTest {

    private final ObjectMapper mapper = new ObjectMapper();
    private OriginServer origin;

    @BeforeAll
    void start() {
        origin = OriginServer.start();
    }

    @AfterAll
    void stop() {
        origin.close();
    }

    private static JsonNode scenario(JsonNode report, String name) {
        for (JsonNode scenario : report.get("scenarios")) {
            if (scenario.get("name").asText().equals(name)) {
                return scenario;
            }
        }
        throw new AssertionError("no " + name + " in " + report);
    }

    @Nested
    class WithoutUrls {

        @Test
        @Recipe(
                row = "35",
                value = "A hundred URLs of 100 ms, one by one and together, timed: `compare` prints the ratio.")
        void comparesOnTheBuiltInServer() throws IOException {
            Console console = Console.plain();

            assertThat(console.run("--requests", "10", "--delay", "20ms", "-c", "5", "-o", "json"))
                    .isZero();

            JsonNode report = mapper.readTree(console.out());
            assertThat(report.get("requests").asInt()).isEqualTo(10);
            assertThat(report.get("target").asText())
                    .startsWith("http://127.0.0.1:")
                    .endsWith("/delay/20");
            assertThat(report.get("scenarios").findValuesAsText("name"))
                    .containsExactly("sequential", "gather", "bounded");
            assertThat(report.get("scenarios")).allSatisfy(scenario -> {
                assertThat(scenario.get("succeeded").asInt()).isEqualTo(10);
                assertThat(scenario.get("failed").asInt()).isZero();
                assertThat(scenario.get("threads").asInt()).isBetween(1, 16);
                assertThat(scenario.at("/latencyMillis/p50").asDouble()).isGreaterThanOrEqualTo(20);
            });
            assertThat(scenario(report, "sequential").get("wallMillis").asDouble())
                    .isGreaterThanOrEqualTo(200);
            assertThat(scenario(report, "bounded").get("wallMillis").asDouble()).isGreaterThanOrEqualTo(40);
            assertThat(scenario(report, "gather").get("coldMillis").asDouble()).isPositive();
            assertThat(scenario(report, "sequential").has("coldMillis")).isFalse();
            assertThat(report.get("speedup").asDouble()).isGreaterThan(1);
        }

        @Test
        void runsOnlyWhatIsAskedFor() throws IOException {
            Console console = Console.plain();

            assertThat(console.run(
                            "compare", "--only", "gather", "-n", "3", "--delay", "0", "--rounds", "1", "-o", "json"))
                    .isZero();

            JsonNode report = mapper.readTree(console.out());
            assertThat(report.get("scenarios").findValuesAsText("name")).containsExactly("gather");
            assertThat(report.has("speedup")).isFalse();
        }
    }

    @Nested
    class ScenariosOnRequest {

        @Test
        void rateLimitedStartsSoManyASecond() throws IOException {
            Console console = Console.plain();

            int code = console.run("-n", "11", "--delay", "0", "--rate", "50", "--rounds", "1", "-o", "json");

            assertThat(code).isZero();
            JsonNode report = mapper.readTree(console.out());
            assertThat(report.get("scenarios").findValuesAsText("name"))
                    .containsExactly("sequential", "gather", "bounded", "rate-limited");
            assertThat(scenario(report, "rate-limited").get("wallMillis").asDouble())
                    .isGreaterThanOrEqualTo(199);
        }

        @Test
        void hedgedCutsTheSlowTail() throws IOException {
            Console console = Console.plain();

            int code = console.run(
                    "--only",
                    "hedged",
                    "-n",
                    "19",
                    "--delay",
                    "1ms",
                    "--tail",
                    "20s",
                    "--hedge-after",
                    "300ms",
                    "--timeout",
                    "15s",
                    "--rounds",
                    "2",
                    "-o",
                    "json");

            assertThat(code).isZero();
            JsonNode hedged = scenario(mapper.readTree(console.out()), "hedged");
            assertThat(hedged.get("succeeded").asInt()).isEqualTo(19);
            assertThat(hedged.at("/latencyMillis/max").asDouble()).isBetween(300.0, 14_000.0);
        }
    }

    @Nested
    class AgainstABaseline {

        @TempDir
        Path directory;

        private int compare(Console console, String... more) {
            List<String> all = new java.util.ArrayList<>(
                    List.of("-n", "4", "--delay", "0", "--only", "gather,bounded", "-o", "json"));
            all.addAll(List.of(more));
            return console.run(all.toArray(String[]::new));
        }

        @Test
        void savesWhatALaterRunIsComparedWith() throws IOException {
            String file = directory.resolve("before.json").toString();
            Console before = Console.plain();

            assertThat(compare(before, "--save", file)).isZero();
            assertThat(Files.readString(Path.of(file))).isEqualTo(before.out());
            assertThat(scenario(mapper.readTree(before.out()), "gather").get("roundMillis"))
                    .hasSize(5);

            Console after = Console.plain();
            assertThat(compare(after, "--baseline", file)).isIn(ExitCode.OK, ExitCode.MISSED);
            JsonNode changes = mapper.readTree(after.out()).get("baseline");
            assertThat(changes.findValuesAsText("name")).containsExactly("gather", "bounded");
            assertThat(changes).allSatisfy(change -> {
                assertThat(change.get("verdict").asText()).isIn("faster", "slower", "no difference");
                assertThat(change.get("wallMillis").asDouble()).isPositive();
                assertThat(change.get("baselineWallMillis").asDouble()).isPositive();
                assertThat(change.has("change")).isTrue();
            });
        }

        @Test
        void becomingSlowerExitsWith3() throws IOException {
            Path file = directory.resolve("before.json");
            assertThat(compare(Console.plain(), "--save", file.toString())).isZero();
            Files.writeString(
                    file,
                    Files.readString(file)
                            .replaceAll("(\"roundMillis\" : \\[)[^\\]]*", "$1 0.001, 0.001, 0.001, 0.001 "));

            Console after = Console.plain();
            assertThat(compare(after, "--baseline", file.toString())).isEqualTo(ExitCode.MISSED);
            assertThat(mapper.readTree(after.out()).get("baseline").findValuesAsText("verdict"))
                    .containsExactly("slower", "slower");
        }

        @Test
        void anotherRunsBaselineIsRefusedBeforeAnythingIsMeasured() {
            String file = directory.resolve("before.json").toString();
            assertThat(compare(Console.plain(), "--save", file)).isZero();

            Console after = Console.plain();
            assertThat(after.run("-n", "5", "--delay", "0", "--baseline", file)).isEqualTo(ExitCode.USAGE);
            assertThat(after.err()).contains("is of 4 requests, http://127.0.0.1:", "would be of 5");
        }

        @Test
        void whatIsNoBaselineIsRefused() throws IOException {
            Path none = directory.resolve("none.json");
            Path text = Files.writeString(directory.resolve("text.json"), "no JSON");
            Path other = Files.writeString(directory.resolve("other.json"), "{}");

            assertRefused("no such file", "--baseline", none.toString());
            assertRefused("cannot read the baseline " + text, "--baseline", text.toString());
            assertRefused("is no baseline", "--baseline", other.toString());
            assertRefused("cannot write the baseline", "--save", directory.toString());
        }

        private void assertRefused(String why, String... options) {
            Console console = Console.plain();
            assertThat(compare(console, options)).isEqualTo(ExitCode.USAGE);
            assertThat(console.err()).contains(why);
        }

        @Test
        void thresholdsAreOfOneScenarioOrOfAll() throws IOException {
            Console console = Console.plain();

            assertThat(compare(console, "--threshold", "gather.rps>10000000", "--threshold", "rps>0.1"))
                    .isEqualTo(ExitCode.MISSED);
            JsonNode limits = mapper.readTree(console.out()).get("thresholds");
            assertThat(limits.get("rps>0.1").asBoolean()).isTrue();
            assertThat(limits.has("gather.rps>10000000")).isTrue();
            assertRefused("is about none of gather, bounded", "--threshold", "sequential.p99<1s");
            assertRefused("--threshold wants", "--threshold", "p99");
        }
    }

    @Nested
    class AgainstOthers {

        @Test
        void thoseThatAreInstalledRunAndTheOthersAreNamed() throws IOException {
            Console console = Console.plain();

            int code = console.run(
                    "--against",
                    "wrk,hey,curl,aiohttp",
                    "-n",
                    "20",
                    "-c",
                    "5",
                    "--only",
                    "bounded",
                    "--rounds",
                    "1",
                    "-o",
                    "json",
                    origin.baseUrl() + "/delay/20");

            assertThat(code).isZero();
            JsonNode report = mapper.readTree(console.out());
            String notes = String.valueOf(report.get("notes"));
            for (Rival rival : Rival.values()) {
                if (!rival.isInstalled()) {
                    assertThat(notes).contains(rival.label() + " is not installed here");
                    continue;
                }
                JsonNode result = scenario(report, rival.label());
                assertThat(result.get("succeeded").asInt()).as(rival.label()).isGreaterThanOrEqualTo(20);
                assertThat(result.get("failed").asInt()).as(rival.label()).isZero();
                assertThat(result.at("/latencyMillis/p50").asDouble())
                        .as(rival.label())
                        .isGreaterThanOrEqualTo(19);
                assertThat(result.get("wallMillis").asDouble())
                        .as(rival.label())
                        .isGreaterThanOrEqualTo(79);
            }
        }

        @Test
        void listsAreNotForAllOfThem() throws IOException {
            Console console = Console.plain();

            int code = console.run(
                    "--against",
                    "wrk,hey,curl,aiohttp",
                    "--only",
                    "bounded",
                    "--rounds",
                    "1",
                    "-o",
                    "json",
                    origin.baseUrl() + "/status/404",
                    origin.baseUrl() + "/json");

            assertThat(code).isEqualTo(ExitCode.FAILED);
            JsonNode report = mapper.readTree(console.out());
            for (Rival rival : Rival.values()) {
                if (!rival.isInstalled() || !rival.takesLists()) {
                    assertThat(report.get("notes").toString())
                            .contains(rival.label()
                                    + (rival.isInstalled() ? " fetches one URL only" : " is not installed"));
                    continue;
                }
                JsonNode result = scenario(report, rival.label());
                assertThat(result.get("succeeded").asInt()).as(rival.label()).isEqualTo(1);
                assertThat(result.at("/failures/status-404").asInt())
                        .as(rival.label())
                        .isEqualTo(1);
            }
        }

        @Test
        void namesAreChecked() {
            Console console = Console.plain();

            assertThat(console.run("--against", "ab")).isEqualTo(ExitCode.USAGE);
            assertThat(console.err()).contains("--against knows wrk, hey, curl, aiohttp, but not 'ab'");
        }
    }

    @Nested
    class WithUrls {

        @TempDir
        Path directory;

        private int refusedPort() throws IOException {
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            }
        }

        @Test
        void countsEachKindOfFailureAndFetchesTheRest() throws IOException {
            Path file = Files.write(
                    directory.resolve("urls.txt"),
                    List.of(
                            "# good and bad",
                            origin.baseUrl() + "/json",
                            "http://127.0.0.1:" + refusedPort() + "/",
                            "http://no-such-host.invalid/",
                            origin.baseUrl() + "/with a space",
                            origin.baseUrl() + "/status/500",
                            origin.baseUrl() + "/cut/1000",
                            origin.baseUrl() + "/hang",
                            origin.baseUrl() + "/bytes/100000"));
            Console console = Console.plain();
            long started = System.nanoTime();

            int code = console.run("--urls", file.toString(), "--timeout", "2s", "--only", "gather", "-o", "json");

            assertThat(code).isEqualTo(ExitCode.FAILED);
            JsonNode gather = scenario(mapper.readTree(console.out()), "gather");
            assertThat(gather.get("succeeded").asInt()).isEqualTo(2);
            assertThat(gather.get("failed").asInt()).isEqualTo(6);
            assertThat(gather.get("failures").fieldNames())
                    .toIterable()
                    .containsExactly("connect", "dns", "incomplete-body", "invalid-url", "status-500", "timeout");
            assertThat(gather.get("failureExamples"))
                    .allSatisfy(example -> assertThat(example.asText())
                            .contains("://")
                            .hasSizeLessThanOrEqualTo(160)
                            .hasLineCount(1));
            assertThat(gather.get("wallMillis").asDouble()).isBetween(2_000.0, 2_900.0);
            assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(9));
        }

        @Test
        void readsThemFromStandardInputAndRepeatsThem() throws IOException {
            Console console = Console.plain().input("# one\n" + origin.baseUrl() + "/bytes/10\n");

            int code = console.run("-", "--requests", "7", "--only", "bounded", "--rounds", "1", "-o", "json");

            assertThat(code).isZero();
            JsonNode report = mapper.readTree(console.out());
            assertThat(report.get("requests").asInt()).isEqualTo(7);
            assertThat(scenario(report, "bounded").get("succeeded").asInt()).isEqualTo(7);
        }

        @Test
        void takesThemAsArguments() {
            Console console = Console.plain();

            int code = console.run(origin.baseUrl() + "/json", origin.baseUrl() + "/delay/1", "--only", "gather");

            assertThat(code).isZero();
            assertThat(console.out()).startsWith("2 requests, 2 URLs\n").contains("| gather ");
        }
    }

    @Nested
    class ProgressOf {

        @Test
        void aRunWithoutATerminalIsPlainLinesOnStandardError() {
            Console console = Console.plain();

            console.run("--only", "gather", "-n", "2", "--delay", "1ms", "--rounds", "1");

            assertThat(console.err()).doesNotContain("\u001b").doesNotContain("\r");
            assertThat(console.err().lines())
                    .hasSize(2)
                    .first()
                    .asString()
                    .startsWith("gather, first round: 2 requests in ");
        }

        @Test
        void aRunOnATerminalIsALineThatMovesAndIsClearedInTheEnd() {
            Console console = Console.interactive();

            console.run("--only", "bounded", "-n", "30", "--delay", "20ms", "-c", "1", "--rounds", "1");

            assertThat(console.err())
                    .contains("bounded [")
                    .contains("of 30")
                    .endsWith("\r\u001b[J\u001b[?7h\u001b[?25h");
        }

        @Test
        void aQuietRunIsNothing() {
            Console console = Console.interactive();

            console.run("--only", "gather", "-n", "2", "--delay", "1ms", "--rounds", "1", "--quiet");

            assertThat(console.err()).isEmpty();
        }
    }
}
