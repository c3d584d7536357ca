package io.github.asyncio4j.cli;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The outcome of {@code compare}.
 *
 * @param target what was fetched
 * @param requests in each round
 * @param scenarios in the order in which they are shown
 * @param interrupted the last scenario was cut short
 */
record Report(String target, int requests, List<ScenarioResult> scenarios, boolean interrupted) {

    boolean anyFailed() {
        return scenarios.stream().anyMatch(ScenarioResult::anyFailed);
    }

    /** How many times faster than one after the other; absent when that was not measured to its end. */
    OptionalDouble speedup(ScenarioResult scenario) {
        Optional<ScenarioResult> sequential = scenarios.stream()
                .filter(each -> each.name().equals(Scenario.SEQUENTIAL.label()))
                .findFirst();
        if (sequential.isEmpty() || interrupted) {
            return OptionalDouble.empty();
        }
        return OptionalDouble.of(
                (double) sequential.get().wall().toNanos() / scenario.wall().toNanos());
    }

    /** Of {@code gather}. */
    OptionalDouble speedup() {
        return scenarios.stream()
                .filter(each -> each.name().equals(Scenario.GATHER.label()))
                .map(this::speedup)
                .findFirst()
                .orElse(OptionalDouble.empty());
    }
}
