package io.github.asyncio4j.cli;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Runs pipelines, one after the other, on a thread that waits for them; any other thread may put an end to that. */
final class Foreground {

    // Guarded by this object's monitor, which is not held while a pipeline runs.
    private @Nullable CompletableFuture<?> running;
    private boolean interrupted;

    /**
     * Blocks until {@code work} ends or is interrupted.
     *
     * @throws Exception what {@code work} failed with
     */
    void run(Mono<?> work) throws Exception {
        if (isInterrupted()) {
            return;
        }
        CompletableFuture<?> future = work.toFuture();
        if (!began(future)) {
            future.cancel(true);
        }
        try {
            future.join();
        } catch (CancellationException cut) {
            // Whoever asks isInterrupted() knows.
        } catch (CompletionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    private synchronized boolean began(CompletableFuture<?> future) {
        running = future;
        return !interrupted;
    }

    /** Cancels what runs, and lets nothing else begin. */
    synchronized void interrupt() {
        interrupted = true;
        if (running != null) {
            running.cancel(true);
        }
    }

    synchronized boolean isInterrupted() {
        return interrupted;
    }
}
