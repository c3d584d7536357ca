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
 * @param notes about what was left out
 * @param changes since a baseline
 * @param thresholds that the scenarios have to keep
 * @param interrupted the last scenario was cut short
 */
record Report(
        String target,
        int requests,
        List<ScenarioResult> scenarios,
        List<String> notes,
        List<Change> changes,
        List<Threshold> thresholds,
        boolean interrupted) {

    static Report of(
            String target, int requests, List<ScenarioResult> scenarios, List<String> notes, boolean interrupted) {
        return new Report(target, requests, scenarios, notes, List.of(), List.of(), interrupted);
    }

    Report heldAgainst(List<Change> baseline, List<Threshold> limits) {
        return new Report(target, requests, scenarios, notes, baseline, limits, interrupted);
    }

    /** The scenarios that a threshold is about. */
    List<ScenarioResult> held(Threshold threshold) {
        return scenarios.stream()
                .filter(scenario -> threshold.isAbout(scenario.name()))
                .toList();
    }

    boolean keeps(Threshold threshold) {
        return held(threshold).stream().allMatch(threshold::isMetBy);
    }

    /** What was missed outweighs failed requests, and a threshold about those is what decides on them. */
    int exitCode() {
        if (interrupted) {
            return ExitCode.INTERRUPTED;
        }
        if (!thresholds.stream().allMatch(this::keeps)
                || changes.stream().anyMatch(change -> change.verdict() == Change.Verdict.SLOWER)) {
            return ExitCode.MISSED;
        }
        return anyFailed() && thresholds.stream().noneMatch(Threshold::isOfFailures) ? ExitCode.FAILED : ExitCode.OK;
    }

    boolean anyFailed() {
        return scenarios.stream().anyMatch(ScenarioResult::anyFailed);
    }

    /** How many times faster than one after the other; absent when that was not measured to its end. */
    OptionalDouble speedup(ScenarioResult scenario) {
        Optional<ScenarioResult> sequential = scenarios.stream()
                .filter(each -> each.name().equals(Scenario.SEQUENTIAL.label()))
                .findFirst();
        if (sequential.isEmpty() || interrupted || scenario.requests() != requests) {
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
