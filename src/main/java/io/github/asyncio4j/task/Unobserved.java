package io.github.asyncio4j.task;

import java.lang.ref.Cleaner;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import reactor.util.Loggers;

/**
 * The failure of a task that belongs to nobody but its caller, until somebody has looked at it. If the task is collected
 * before that, the failure is logged instead of lost. It must not refer to the task.
 */
final class Unobserved implements Runnable {

    /** Its thread exists from the first such failure on. */
    private static final class Collected {
        static final Cleaner CLEANER = Cleaner.create();
    }

    /** Where reports go. */
    static volatile BiConsumer<String, Throwable> report = Loggers.getLogger(Task.class)::error;

    private final String name;
    private volatile @Nullable Throwable failure;

    private Unobserved(String name, Throwable failure) {
        this.name = name;
        this.failure = failure;
    }

    static Unobserved watch(Task<?> task, Throwable failure) {
        Unobserved unobserved = new Unobserved(task.name(), failure);
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
            report.accept(name + " failed, and was collected without anybody having looked at it", lost);
        }
    }
}
