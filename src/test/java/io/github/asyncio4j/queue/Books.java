package io.github.asyncio4j.queue;

import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;

/** What holds for a queue whenever nobody is at work on it. */
final class Books {

    private Books() {}

    static void check(AsyncQueue<?> queue, int received) {
        QueueStatistics now = queue.statistics();
        if (now.put() != now.size() + received || now.taken() != received) {
            throw new IllegalStateException(
                    received + " items received and " + now.size() + " still there, of " + now.put());
        }
        boolean item = now.size() > 0;
        boolean room = now.size() < queue.capacity();
        if (now.waitingToTake() > 0 && (item || now.waitingToPut() > 0) || room && now.waitingToPut() > 0) {
            throw new IllegalStateException("somebody waits in vain: " + queue);
        }
    }

    static void check(Class<?> test, int scenarios, int interleavings) {
        new ModelCheckingOptions()
                .iterations(scenarios)
                .invocationsPerIteration(interleavings)
                .threads(3)
                .actorsPerThread(2)
                .check(test);
    }
}
