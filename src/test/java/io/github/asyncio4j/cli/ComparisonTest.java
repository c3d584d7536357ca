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
                EnumSet.of(scenario),
                EnumSet.noneOf(Rival.class),
                2,
                1_000,
                Duration.ofMillis(50),
                100,
                Duration.ofSeconds(30),
                1);
        Progress silent = Progress.on(Console.plain().terminal(), true);
        return new Comparison(Target.of(origin.baseUrl() + path).repeated(8), settings, silent);
    }

    private static Report run(Comparison comparison) {
        try {
            return comparison.run();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @EnumSource(Scenario.class)
    void interruptedInTheMiddleReportsWhatWasDone(Scenario scenario) throws Exception {
        Comparison comparison = comparison("/hang", scenario);
        CompletableFuture<Report> report = CompletableFuture.supplyAsync(() -> run(comparison));

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
                run(comparison("/bytes/5", scenario)).scenarios().get(0);

        assertThat(result.name()).isEqualTo(scenario.label());
        assertThat(result.succeeded()).isEqualTo(8);
    }

    @Test
    void onlyGatherHasAColdRound() {
        assertThat(run(comparison("/json", Scenario.GATHER)).scenarios().get(0).coldWall())
                .isPresent();
        assertThat(run(comparison("/json", Scenario.BOUNDED)).scenarios().get(0).coldWall())
                .isEmpty();
    }
}
