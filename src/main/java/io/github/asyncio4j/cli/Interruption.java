package io.github.asyncio4j.cli;

import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C while a command runs: tells the command to stop and lets it print its summary before the process ends. The JVM
 * itself then exits with 130, the number that shells expect; the same goes for a termination request and 143.
 */
final class Interruption {

    private static final int SECONDS_FOR_THE_SUMMARY = 3;

    private Interruption() {}

    /** Runs {@code body}; when the process is asked to end meanwhile, calls {@code stop} and waits for the body's end. */
    static <T> T callsDuring(Runnable stop, Callable<T> body) throws Exception {
        CountDownLatch summaryPrinted = new CountDownLatch(1);
        Thread hook = new Thread(
                () -> {
                    stop.run();
                    await(summaryPrinted);
                },
                "interrupted");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            return body.call();
        } finally {
            summaryPrinted.countDown();
            remove(hook);
        }
    }

    private static void await(CountDownLatch summaryPrinted) {
        try {
            if (!summaryPrinted.await(SECONDS_FOR_THE_SUMMARY, TimeUnit.SECONDS)) {
                System.err.println("fetch-benchmark: stopped without a summary");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void remove(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException alreadyEnding) {
            // The hook runs, and now ends.
        }
    }
}
