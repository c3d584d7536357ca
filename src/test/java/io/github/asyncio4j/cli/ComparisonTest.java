package io.github.asyncio4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.EnumSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ComparisonTest {

    private OriginServer origin;

    @BeforeEach
    void start() {
        origin = OriginServer.start();
    }

    @AfterEach
    void stop() {
        origin.close();
    }

    private Comparison comparison(String path, Scenario scenario) {
        CompareSettings settings = new CompareSettings(
                EnumSet.of(scenario), 2, 1_000, Duration.ofMillis(50), 100, Duration.ofSeconds(30), 1);
        Progress silent = Progress.on(Console.plain().terminal(), true);
        return new Comparison(Target.of(origin.baseUrl() + path).repeated(8), settings, silent);
    }

    @ParameterizedTest
    @EnumSource(Scenario.class)
    void interruptedInTheMiddleReportsWhatWasDone(Scenario scenario) throws Exception {
        Comparison comparison = comparison("/hang", scenario);
        CompletableFuture<Report> report = CompletableFuture.supplyAsync(comparison::run);

        comparison.interrupt();

        assertThat(report.get(10, TimeUnit.SECONDS)).satisfies(cut -> {
            assertThat(cut.interrupted()).isTrue();
            assertThat(cut.scenarios()).hasSizeLessThanOrEqualTo(1).allSatisfy(result -> {
                assertThat(result.succeeded()).isZero();
                assertThat(result.failed()).isZero();
            });
        });
    }

    @ParameterizedTest
    @EnumSource(Scenario.class)
    void eachScenarioFetchesEverything(Scenario scenario) {
        ScenarioResult result =
                comparison("/bytes/5", scenario).run().scenarios().get(0);

        assertThat(result.name()).isEqualTo(scenario.label());
        assertThat(result.succeeded()).isEqualTo(8);
    }

    @Test
    void onlyGatherHasAColdRound() {
        assertThat(comparison("/json", Scenario.GATHER).run().scenarios().get(0).coldWall())
                .isPresent();
        assertThat(comparison("/json", Scenario.BOUNDED)
                        .run()
                        .scenarios()
                        .get(0)
                        .coldWall())
                .isEmpty();
    }
}
