package io.github.asyncio4j.queue;

/**
 * What a queue holds now and has seen so far.
 *
 * <p>Trio's {@code MemoryChannelStatistics}.
 *
 * @param size items in the queue
 * @param peak the most items that were in it at once
 * @param waitingToPut puts in line
 * @param waitingToTake takes in line, consumers of {@code asFlux} and workers of {@code drain} included
 * @param put items accepted so far
 * @param taken items delivered so far
 * @param cancelled waits that ended without a result so far, by a cancel or a time limit
 * @param unfinished items accepted but not yet counted by {@code taskDone}
 */
public record QueueStatistics(
        int size,
        int peak,
        int waitingToPut,
        int waitingToTake,
        long put,
        long taken,
        long cancelled,
        long unfinished) {}
