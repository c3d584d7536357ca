package io.github.asyncio4j.cli;

/**
 * Failures of one kind.
 *
 * @param count how many there were
 * @param example the reason of the first one
 */
record Failures(long count, String example) {

    Failures plus(Failures later) {
        return new Failures(count + later.count, example);
    }
}
