package io.github.asyncio4j.task;

import java.lang.ref.Cleaner;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * The failure of a task that belongs to nobody but its caller, until somebody has looked at it. If the task is collected
 * before that, the failure is reported instead of lost. It must not refer to the task.
 */
final class Unobserved implements Runnable {

    /** Its thread exists from the first such failure on. */
    private static final class Collected {
        static final Cleaner CLEANER = Cleaner.create();
    }

    private volatile @Nullable Throwable failure;

    private Unobserved(Throwable failure) {
        this.failure = failure;
    }

    static Unobserved watch(Task<?> task, Throwable failure) {
        Unobserved unobserved = new Unobserved(failure);
        Collected.CLEANER.register(task, unobserved);
        return unobserved;
    }

    void observed() {
        failure = null;
    }

    @Override
    public void run() {
        Throwable lost = failure;
        if (lost != null) {
            Operators.onErrorDropped(lost, Context.empty());
        }
    }
}
