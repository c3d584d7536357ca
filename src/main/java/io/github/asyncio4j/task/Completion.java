package io.github.asyncio4j.task;

import io.github.asyncio4j.internal.Checks;

/**
 * One source of {@link Tasks#asCompleted} has ended.
 *
 * <pre>{@code
 * Tasks.asCompleted(requests)
 *         .map(completion -> completion.index() + ": " + completion.outcome())
 *         .subscribe(System.out::println);
 * }</pre>
 *
 * <p>What {@code asyncio.as_completed} yields, with the index.
 *
 * @param index the position of the source in the argument, from zero
 * @param outcome how it ended
 * @param <T> what the source gives
 */
public record Completion<T>(int index, Outcome<T> outcome) {
    public Completion {
        Checks.atLeast(0, index, "index");
        Checks.notNull(outcome, "outcome");
    }
}
