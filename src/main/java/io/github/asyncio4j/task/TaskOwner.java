package io.github.asyncio4j.task;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who joins a task. Calls come on the thread on which the task ends, outside any lock. */
interface TaskOwner {

    /** How long the cleanup of one task may take. */
    Duration cleanupLimit();

    /** True when the cleanup of its tasks is in the ledger of the owner's own scope. */
    boolean nestsLedgers();

    /** The work of {@code task} has failed, its cleanup may go on. Not called for a cancellation. */
    void failing(DefaultTask<?> task, Throwable error);

    /**
     * The task has ended, and its waiters know.
     *
     * @param late what its cleanup failed with, beyond what {@link #failing} said
     */
    void ended(DefaultTask<?> task, List<Throwable> late);

    /** The task has ended, and whoever had to hear of its failure has. */
    void release(DefaultTask<?> task);

    /** Where shielded work of its tasks finds a place; null when that is not here. */
    @Nullable
    Shelter shelter();

    /** The tasks that have not ended, oldest first. */
    List<DefaultTask<?>> live();

    /** The task inside which this owner is a scope. */
    @Nullable
    DefaultTask<?> parent();

    /** For the tree. */
    String label();
}
