package io.github.asyncio4j.cli;

import java.time.Duration;
import java.util.Set;

/**
 * How {@code compare} fetches.
 *
 * @param scenarios what to compare
 * @param rivals other clients to race
 * @param concurrency permits of {@link Scenario#BOUNDED}
 * @param rate starts a second of {@link Scenario#RATE_LIMITED}
 * @param hedgeAfter when {@link Scenario#HEDGED} makes its second attempt
 * @param connections the session opens at most so many
 * @param timeout for each request, from its start to the last byte
 * @param rounds of each scenario but {@link Scenario#SEQUENTIAL}; zero: as many as a short while allows
 */
record CompareSettings(
        Set<Scenario> scenarios,
        Set<Rival> rivals,
        int concurrency,
        double rate,
        Duration hedgeAfter,
        int connections,
        Duration timeout,
        int rounds) {}
