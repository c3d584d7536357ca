package io.github.asyncio4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ReportTest {

    private static Round round(long wallMillis, long succeeded, Map<String, Failures> failures) {
        Histogram micros = new Histogram(3);
        for (int i = 1; i <= succeeded; i++) {
            micros.recordValue(i * 1_000L);
        }
        return new Round(Duration.ofMillis(wallMillis), succeeded, failures, micros, 2);
    }

    private static final Report REPORT = Report.of(
            "http://a",
            100,
            List.of(
                    ScenarioResult.of("sequential", null, List.of(round(10_000, 100, Map.of()))),
                    ScenarioResult.of(
                            "gather",
                            round(400, 100, Map.of()),
                            List.of(
                                    round(90, 100, Map.of()),
                                    round(300, 99, Map.of("timeout", new Failures(1, "GET http://a: 10 s"))),
                                    round(100, 100, Map.of())))),
            List.of(),
            false);

    @Nested
    class Scenarios {

        private final ScenarioResult gather = REPORT.scenarios().get(1);

        @Test
        void reportTheMedianOfTheWarmRounds() {
            assertThat(gather.wall()).isEqualTo(Duration.ofMillis(100));
            assertThat(gather.coldWall()).contains(Duration.ofMillis(400));
        }

        @Test
        void reportTheMiddleOfAnEvenNumberOfRounds() {
            ScenarioResult even =
                    ScenarioResult.of("bounded", null, List.of(round(100, 1, Map.of()), round(300, 1, Map.of())));

            assertThat(even.wall()).isEqualTo(Duration.ofMillis(200));
        }

        @Test
        void reportTheFailuresOfTheWorstRound() {
            assertThat(gather.succeeded()).isEqualTo(99);
            assertThat(gather.failed()).isEqualTo(1);
            assertThat(gather.failures()).containsOnlyKeys("timeout");
            assertThat(REPORT.anyFailed()).isTrue();
        }

        @Test
        void countOnlyWhatSucceededAsThroughput() {
            assertThat(gather.requestsPerSecond()).isEqualTo(990);
        }

        @Test
        void withNothingButAColdRoundReportThatOne() {
            ScenarioResult cold = ScenarioResult.of("gather", round(400, 3, Map.of()), List.of());

            assertThat(cold.wall()).isEqualTo(Duration.ofMillis(400));
            assertThat(cold.latencyMillis(100)).isEqualTo(3, org.assertj.core.data.Offset.offset(0.01));
        }
    }

    @Nested
    class Json {

        private final ObjectMapper mapper = new ObjectMapper();

        @Test
        void hasTheNamesOfTheContract() throws IOException {
            JsonNode json = mapper.readTree(JsonReport.of(REPORT));

            assertThat(json.fieldNames()).toIterable().containsExactly("target", "requests", "scenarios", "speedup");
            assertThat(json.get("target").asText()).isEqualTo("http://a");
            assertThat(json.get("requests").asInt()).isEqualTo(100);
            assertThat(json.get("speedup").asDouble()).isEqualTo(100);
            JsonNode gather = json.get("scenarios").get(1);
            assertThat(gather.fieldNames())
                    .toIterable()
                    .containsExactly(
                            "name",
                            "wallMillis",
                            "requestsPerSecond",
                            "succeeded",
                            "failed",
                            "failures",
                            "failureExamples",
                            "latencyMillis",
                            "roundMillis",
                            "coldMillis",
                            "threads");
            assertThat(gather.get("name").asText()).isEqualTo("gather");
            assertThat(gather.get("wallMillis").asDouble()).isEqualTo(100);
            assertThat(gather.get("requestsPerSecond").asDouble()).isEqualTo(990);
            assertThat(gather.get("succeeded").asLong()).isEqualTo(99);
            assertThat(gather.get("failed").asLong()).isEqualTo(1);
            assertThat(gather.get("failures").get("timeout").asLong()).isEqualTo(1);
            assertThat(gather.get("failureExamples").get("timeout").asText()).isEqualTo("GET http://a: 10 s");
            assertThat(gather.get("coldMillis").asDouble()).isEqualTo(400);
            assertThat(gather.get("threads").asInt()).isEqualTo(2);
        }

        @Test
        void givesLatenciesInMilliseconds() throws IOException {
            JsonNode latencies = mapper.readTree(JsonReport.of(REPORT)).at("/scenarios/0/latencyMillis");

            assertThat(latencies.fieldNames()).toIterable().containsExactly("p50", "p95", "p99", "max");
            assertThat(latencies.get("p50").asDouble()).isBetween(49.9, 50.1);
            assertThat(latencies.get("p99").asDouble()).isBetween(98.9, 99.1);
            assertThat(latencies.get("max").asDouble()).isBetween(99.9, 100.1);
        }

        @Test
        void leavesOutWhatWasNotMeasured() throws IOException {
            Report cut = Report.of("http://a", 5, REPORT.scenarios(), List.of(), true);
            JsonNode json = mapper.readTree(JsonReport.of(cut));

            assertThat(json.has("speedup")).isFalse();
            assertThat(json.get("interrupted").asBoolean()).isTrue();
            assertThat(json.at("/scenarios/0").has("coldMillis")).isFalse();
        }
    }

    @Nested
    class Text {

        @Test
        void showsATableAndTheFailuresWithTheirReasons() {
            assertThat(TextReport.of(REPORT)).isEqualTo("""
                    100 requests, http://a

                    +------------+--------+--------+-------------+-------+---------+---------+---------+--------+----------+---------+
                    |            |   wall | spread | first round | req/s |     p50 |     p95 |     p99 | failed | speed-up | threads |
                    +------------+--------+--------+-------------+-------+---------+---------+---------+--------+----------+---------+
                    | sequential |   10 s |      - |             |    10 | 50.0 ms | 95.0 ms | 99.0 ms |      0 |      1 x |       2 |
                    | gather     | 100 ms | 210 ms |      400 ms |   990 | 50.0 ms | 95.0 ms | 99.0 ms |      1 |    100 x |       2 |
                    +------------+--------+--------+-------------+-------+---------+---------+---------+--------+----------+---------+

                    gather, failures:
                      timeout      1  GET http://a: 10 s
                    """);
        }

        @Test
        void showsWhatWasHeldAgainstIt() {
            Report held = REPORT.heldAgainst(
                    List.of(new Change("gather", Duration.ofMillis(80), Duration.ofMillis(100), Change.Verdict.SLOWER)),
                    List.of(Threshold.parse("gather.p99<50ms"), Threshold.parse("max<1s")));

            assertThat(TextReport.of(held)).contains("""

                    Against the baseline:
                      gather  100 ms, was 80 ms (+25 %): slower

                    thresholds
                      gather.p99<50ms      MISSED  gather 99.0 ms
                      max<1s                 kept  sequential 100 ms
                      max<1s                 kept  gather 100 ms
                    """);
        }

        @Test
        void saysThatItWasInterrupted() {
            Report nothingDone = Report.of("http://a", 5, List.of(), List.of(), true);

            assertThat(TextReport.of(nothingDone))
                    .isEqualTo("5 requests, http://a\n\n\nInterrupted: the numbers are those until then.\n");
        }
    }

    @Nested
    class Changes {

        private static List<Duration> millis(long... times) {
            return java.util.Arrays.stream(times).mapToObj(Duration::ofMillis).toList();
        }

        private static Change.Verdict verdict(List<Duration> before, List<Duration> now) {
            return Change.of("gather", before, now).verdict();
        }

        @Test
        void areThereWhenAllRoundsOfOneSideBeatAllOfTheOther() {
            List<Duration> before = millis(100, 110, 105, 102, 108);

            assertThat(verdict(before, millis(120, 130, 111, 125))).isEqualTo(Change.Verdict.SLOWER);
            assertThat(verdict(before, millis(90, 80, 99, 85))).isEqualTo(Change.Verdict.FASTER);
            assertThat(verdict(before, millis(120, 130, 109, 125))).isEqualTo(Change.Verdict.NO_DIFFERENCE);
            assertThat(verdict(before, millis(90, 80, 101, 85))).isEqualTo(Change.Verdict.NO_DIFFERENCE);
        }

        @Test
        void areNoneBelowFivePercent() {
            assertThat(verdict(millis(100, 100, 100, 100), millis(104, 104, 104, 104)))
                    .isEqualTo(Change.Verdict.NO_DIFFERENCE);
            assertThat(verdict(millis(100, 100, 100, 100), millis(106, 106, 106, 106)))
                    .isEqualTo(Change.Verdict.SLOWER);
        }

        @Test
        void needFourRoundsOnBothSides() {
            assertThat(verdict(millis(1, 1, 1), millis(9, 9, 9, 9))).isEqualTo(Change.Verdict.TOO_FEW_ROUNDS);
            assertThat(verdict(millis(1, 1, 1, 1), millis(9, 9, 9))).isEqualTo(Change.Verdict.TOO_FEW_ROUNDS);
        }

        @Test
        void decideOnTheExitCode() {
            Change slower = Change.of("gather", millis(1, 1, 1, 1), millis(9, 9, 9, 9));
            Change faster = Change.of("gather", millis(9, 9, 9, 9), millis(1, 1, 1, 1));
            Report good = Report.of("http://a", 1, REPORT.scenarios().subList(0, 1), List.of(), false);

            assertThat(good.exitCode()).isEqualTo(ExitCode.OK);
            assertThat(good.heldAgainst(List.of(faster), List.of()).exitCode()).isEqualTo(ExitCode.OK);
            assertThat(good.heldAgainst(List.of(slower), List.of()).exitCode()).isEqualTo(ExitCode.MISSED);
            assertThat(REPORT.exitCode()).isEqualTo(ExitCode.FAILED);
            assertThat(REPORT.heldAgainst(List.of(), List.of(Threshold.parse("failed<2")))
                            .exitCode())
                    .isEqualTo(ExitCode.OK);
            assertThat(REPORT.heldAgainst(List.of(), List.of(Threshold.parse("gather.failed<1")))
                            .exitCode())
                    .isEqualTo(ExitCode.MISSED);
        }
    }
}
