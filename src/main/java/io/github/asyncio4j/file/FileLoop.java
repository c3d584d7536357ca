package io.github.asyncio4j.file;

import io.github.asyncio4j.internal.CleanupLedger;
import io.github.asyncio4j.internal.Drain;
import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import reactor.core.Exceptions;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.Context;

/**
 * What reading and writing have in common: signals only have the loop scheduled, unless it runs already, and the loop
 * alone, on a thread that may block, touches the file. It stands in the cleanup ledger until the file is closed.
 */
abstract class FileLoop extends Drain {

    final Scheduler scheduler = Schedulers.boundedElastic();
    private final CleanupLedger.Entry entry;

    volatile boolean cancelled;

    // Touched in the loop only.
    boolean finished;

    FileLoop(Context context, Object name) {
        this.entry = CleanupLedger.enter(context, name);
    }

    /** {@link #step()}, with what a file may throw; not called when all is over. */
    abstract boolean tryStep() throws Exception;

    /** What is open, if anything; asked once. */
    abstract @Nullable Closeable open();

    /** Something went wrong here; whoever sends is to stop. */
    abstract void stopSource();

    /** The file is closed: tells downstream. */
    abstract void end(@Nullable Throwable failure);

    abstract Context context();

    final void trigger() {
        if (ask()) {
            try {
                scheduler.schedule(this::loop);
            } catch (RejectedExecutionException e) {
                // Nobody else will close the file now.
                finish(e);
            }
        }
    }

    @Override
    protected final boolean step() {
        if (finished) {
            return false;
        }
        try {
            return tryStep();
        } catch (Throwable t) {
            stopSource();
            finish(t);
            Exceptions.throwIfFatal(t);
            return false;
        }
    }

    /** Closes the file first: who hears of the end finds it closed. */
    final void finish(@Nullable Throwable error) {
        if (finished) {
            return;
        }
        finished = true;
        Throwable failure = close(error);
        if (!cancelled) {
            entry.leave();
            end(failure);
        } else if (failure == null) {
            entry.leave();
        } else {
            entry.leave(failure, context());
        }
    }

    private @Nullable Throwable close(@Nullable Throwable error) {
        Closeable open = open();
        if (open == null) {
            return error;
        }
        try {
            open.close();
            return error;
        } catch (IOException e) {
            return error == null ? e : Exceptions.addSuppressed(error, e);
        }
    }
}
