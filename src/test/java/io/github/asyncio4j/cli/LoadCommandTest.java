package io.github.asyncio4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

class LoadCommandTest {

    private final ObjectMapper mapper = new ObjectMapper();
    private final Console console = Console.plain();
    private final Queue<String> seen = new ConcurrentLinkedQueue<>();
    private final DisposableServer server = HttpServer.create()
            .port(0)
            .handle((request, response) -> {
                seen.add(request.method() + " " + request.uri() + " "
                        + request.requestHeaders().get("x-test"));
                return request.receive()
                        .aggregate()
                        .asString()
                        .defaultIfEmpty("")
                        .flatMap(body -> Mono.from(response.status(request.uri().equals("/missing") ? 404 : 200)
                                .sendString(Mono.just("you sent " + body))
                                .then()));
            })
            .bindNow();
    private final String base = "http://localhost:" + server.port();

    @AfterEach
    void stop() {
        server.disposeNow();
    }

    private JsonNode load(int code, String... args) throws IOException {
        String[] all = new String[args.length + 4];
        all[0] = "load";
        System.arraycopy(args, 0, all, 1, args.length);
        all[args.length + 1] = "--output";
        all[args.length + 2] = "json";
        all[args.length + 3] = "--quiet";
        int ended = console.run(all);
        assertThat(ended).as(console.err() + console.out()).isEqualTo(code);
        return mapper.readTree(console.out());
    }

    @Nested
    class Report {

        @Test
        void hasTheNamesOfTheContract() throws IOException {
            JsonNode report = load(0, "-n", "40", "-c", "4", base + "/a");

            assertThat(report.get("requests").asInt()).isEqualTo(40);
            assertThat(report.get("succeeded").asInt()).isEqualTo(40);
            assertThat(report.get("failed").asInt()).isZero();
            assertThat(report.get("requestsPerSecond").asDouble()).isPositive();
            assertThat(report.get("wallMillis").asDouble()).isPositive();
            assertThat(report.get("latencyMillis").fieldNames())
                    .toIterable()
                    .containsExactly("p50", "p75", "p90", "p95", "p99", "p999", "p9999", "max");
            assertThat(report.get("statusCounts").get("200").asInt()).isEqualTo(40);
            assertThat(report.get("failures")).isEmpty();
            assertThat(report.get("bodyBytes").asInt()).isEqualTo(40 * "you sent ".length());
            assertThat(report.get("responsesBySecond"))
                    .extracting(JsonNode::asInt)
                    .satisfies(each ->
                            assertThat(each.stream().mapToInt(i -> i).sum()).isEqualTo(40));
            assertThat(report.get("phaseMillis").fieldNames())
                    .toIterable()
                    .containsExactly("queue", "dns", "connect", "tls", "firstByte", "body");
            assertThat(seen).hasSize(40);
        }

        @Test
        void countsStatusesAndFailures() throws IOException {
            JsonNode report = load(1, "-n", "10", base + "/missing", base + "/there");

            assertThat(report.get("statusCounts").get("404").asInt()).isEqualTo(5);
            assertThat(report.get("failures").get("status-404").asInt()).isEqualTo(5);
            assertThat(report.get("succeeded").asInt()).isEqualTo(5);
            assertThat(report.get("failureExamples").get("status-404").asText()).contains("/missing");
        }

        @Test
        void ofARefusedPortIsFailuresAndNoThroughput() throws IOException {
            server.disposeNow();

            JsonNode report = load(1, "-n", "6", base + "/");

            assertThat(report.get("failures").get("connect").asInt()).isEqualTo(6);
            assertThat(report.get("requestsPerSecond").asDouble()).isZero();
        }

        @Test
        void isATextForPeople() {
            assertThat(console.run("load", "-n", "9", "-c", "2", base + "/a")).isZero();

            assertThat(console.out())
                    .startsWith(base + "/a\nrequests    9 in ")
                    .contains(
                            "\nsucceeded   9\n", "p99.99", "first byte", "\nhistogram\n", "\nstatus\n  200       9\n");
            assertThat(console.err()).startsWith("load: 9 requests in ");
        }

        @Test
        void isARowOfTheSameColumnsWhateverHappened() {
            console.run("load", "-n", "9", "-o", "csv", "--quiet", base + "/a,\"b\"");
            String[] closed = console.out().split("\n");
            Console other = Console.plain();
            other.run("load", "-n", "9", "-q", "900", "-o", "csv", "--quiet", base + "/missing");
            String[] open = other.out().split("\n");

            assertThat(closed).hasSize(2);
            assertThat(closed[0]).startsWith("target,connections,requests,").contains(",latencyMillis.p9999,");
            assertThat(closed[1]).startsWith('"' + base + "/a,\"\"b\"\"\",50,9,9,0,");
            assertThat(open[0]).isEqualTo(closed[0]);
            assertThat(open[1]).contains(",9,0,9,").contains(",900.0,");
        }

        @Test
        void isThePercentileDistributionOfHdrHistogram() {
            assertThat(console.run("load", "-n", "9", "-o", "hdr", base + "/a")).isZero();

            assertThat(console.out()).contains("Value", "Percentile", "TotalCount", "#[Max");
        }
    }

    @Nested
    class Thresholds {

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "0 | p99<1m       | /a       | p99<1m",
                    "3 | p99.99<1us   | /a       | MISSED",
                    "3 | p999 <= 0us  | /a       | MISSED",
                    "0 | max > 0us    | /a       | kept",
                    "3 | mean>1m      | /a       | MISSED",
                    "3 | rps>1000000  | /a       | MISSED",
                    "0 | rps>=0.5     | /a       | kept",
                    "0 | failed<=9    | /missing | kept",
                    "3 | failed<100%  | /missing | MISSED  100 %",
                    "1 | p50<1m       | /missing | kept"
                })
        void decideOnTheExitCode(int code, String threshold, String path, String said) {
            assertThat(console.run("load", "-n", "9", "--quiet", "--threshold", threshold, base + path))
                    .isEqualTo(code);
            assertThat(console.out()).contains("\nthresholds\n  " + threshold, said);
        }

        @Test
        void onLatenciesAreMissedWhereNothingAnswers() throws IOException {
            server.disposeNow();

            JsonNode report = load(3, "-n", "3", "--threshold", "p99<1m", "--threshold", "failed<4", base + "/");

            assertThat(report.at("/thresholds/p99<1m").asBoolean()).isFalse();
            assertThat(report.at("/thresholds/failed<4").asBoolean()).isTrue();
        }
    }

    @Nested
    class Requests {

        @Test
        void carryMethodHeadersAndBody() throws IOException {
            JsonNode report = load(
                    0, "-n", "1", "-m", "PUT", "-H", "X-Test: yes", "-d", "hello", "-T", "text/plain", base + "/put");

            assertThat(seen).containsExactly("PUT /put yes");
            assertThat(report.get("bodyBytes").asInt()).isEqualTo("you sent hello".length());
        }

        @Test
        void withABodyArePosts(@TempDir Path directory) throws IOException {
            Path body = Files.writeString(directory.resolve("body"), "from a file");

            load(0, "-n", "1", "-D", body.toString(), base + "/");

            assertThat(seen).containsExactly("POST / null");
        }

        @Test
        void fillInTheirNumberAndAnIdentifier() throws IOException {
            load(0, "-n", "3", "-c", "1", base + "/items/{n}?id={uuid}");

            assertThat(seen)
                    .hasSize(3)
                    .doesNotHaveDuplicates()
                    .allMatch(line -> line.matches("GET /items/[0-2]\\?id=[0-9a-f-]{36} null"));
        }
    }

    @Nested
    class Urls {

        @TempDir
        Path directory;

        private Path list(int lines) throws IOException {
            return Files.writeString(
                    directory.resolve("urls"),
                    IntStream.range(0, lines)
                            .mapToObj(i -> base + "/" + i)
                            .collect(Collectors.joining("\n", "# list\n\n", "\n")));
        }

        @Test
        void ofAFileAreFetchedOnceEach() throws IOException {
            JsonNode report = load(0, "--urls", list(2_500).toString(), "-c", "8");

            assertThat(report.get("requests").asInt()).isEqualTo(2_500);
            assertThat(seen).hasSize(2_500).doesNotHaveDuplicates();
        }

        @Test
        void ofAFileAreRepeatedForMoreRequests() throws IOException {
            JsonNode report = load(0, "--urls", list(3).toString(), "-n", "7", "-c", "2");

            assertThat(report.get("requests").asInt()).isEqualTo(7);
        }

        @Test
        void comeFromStandardInput() throws IOException {
            console.input(base + "/a\n# no\n" + base + "/b\n");

            assertThat(load(0, "-").get("requests").asInt()).isEqualTo(2);
        }

        @Test
        void thatAreMissingAreSaidInOneLine() throws IOException {
            Path empty = Files.writeString(directory.resolve("empty"), "# nothing\n");

            assertThat(console.run("load", "--urls", empty.toString(), "--quiet"))
                    .isEqualTo(ExitCode.FAILED);

            assertThat(console.err()).isEqualTo("fetch-benchmark: there were no URLs from " + empty + "\n");
        }
    }

    @Nested
    class OpenLoop {

        @Test
        void startsByTheClock() throws IOException {
            JsonNode report = load(0, "-n", "21", "-q", "50", "-c", "10", base + "/");

            assertThat(report.get("wallMillis").asDouble()).isGreaterThanOrEqualTo(400);
            assertThat(report.get("plannedRequestsPerSecond").asDouble()).isEqualTo(50);
            assertThat(report.has("uncorrectedLatencyMillis")).isTrue();
        }

        @Test
        void endsWithItsTime() throws IOException {
            JsonNode report = load(0, "-z", "500ms", "-q", "40", "--warm-up", "200ms", base + "/");

            assertThat(report.get("requests").asInt()).isBetween(1, 20);
        }

        @Test
        void showsAStallThatTheServiceTimesHide() throws IOException {
            AtomicLong began = new AtomicLong();
            DisposableServer stalling = HttpServer.create()
                    .port(0)
                    .handle((request, response) -> {
                        began.compareAndSet(0, System.nanoTime());
                        long age = Duration.ofNanos(System.nanoTime() - began.get())
                                .toMillis();
                        long wait = age >= 1_000 && age < 2_000 ? 2_000 - age : 0;
                        return OriginTimer.delay(response, Duration.ofMillis(wait))
                                .then(response.sendString(Mono.just("ok")).then());
                    })
                    .bindNow();
            try {
                JsonNode report =
                        load(0, "-z", "3s", "-q", "200", "-c", "5", "http://localhost:" + stalling.port() + "/");

                // A third of the requests was due while the server stood still.
                assertThat(report.at("/latencyMillis/p90").asDouble()).isGreaterThan(400);
                assertThat(report.at("/uncorrectedLatencyMillis/p90").asDouble())
                        .isLessThan(300);
                assertThat(report.get("lateStarts").asInt()).isGreaterThan(100);
            } finally {
                stalling.disposeNow();
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "load                               | URLs come as arguments, from --urls FILE",
                "load --urls missing.txt            | cannot read URLs from missing.txt",
                "load -n 0 http://a                 | --requests must be at least 1, but is 0",
                "load -c 0 http://a                 | --connections must be from 1 to 100,000, but is 0",
                "load -q 0 http://a                 | --rate must be more than zero",
                "load -z 0 http://a                 | --duration must be more than zero",
                "load -t 0 http://a                 | --timeout must be more than zero",
                "load -o yaml http://a              | --output must be text, json, csv or hdr, but is 'yaml'",
                "load --threshold fast http://a     | --threshold wants p99<50ms, max<1s",
                "load --threshold p99<5 http://a    | '5' is not a duration",
                "load --threshold p100.5<5s http://a | there is no percentile 100.5",
                "load --threshold rps>x http://a    | 'x' is not a number",
                "load --report /no/where http://a   | cannot write the report to /no/where",
                "load -H nonsense http://a          | --header wants 'Name: value', but is 'nonsense'",
                "load -D missing http://a           | cannot read the body from missing: no such file",
                "load -d x -D missing http://a      | a body comes from --data or from --body-file, not from both",
                "load -r -1 http://a                | --redirects must not be negative, but is -1",
                "load -z soon http://a              | 'soon' is not a duration"
            })
    void wrongUsageIsOneLineAndExitCodeTwo(String args, String complaint) {
        assertThat(console.run(args.split(" "))).isEqualTo(ExitCode.USAGE);

        assertThat(console.err())
                .startsWith("fetch-benchmark: ")
                .contains(complaint)
                .hasLineCount(1);
    }
}
