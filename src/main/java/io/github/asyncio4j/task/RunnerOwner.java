package io.github.asyncio4j.task;

import io.github.asyncio4j.CleanupTimeoutException;
import io.github.asyncio4j.internal.Checks;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** Owns the main task of a {@link Runner} and what is created under it; knows how to wait for them on a thread. */
final class RunnerOwner implements TaskOwner {

    private static final List<RunnerOwner> OPEN = new CopyOnWriteArrayList<>();

    /** For the machine to be slow, so that a limit of a task is not taken for one of ours. */
    private static final Duration MARGIN = Duration.ofSeconds(1);

    private final Duration cleanupLimit;

    /** Also the lock: guards all below. Its waiters are told of each task that goes. */
    private final TaskList tasks = new TaskList();

    private volatile @Nullable Thread thread;
    private volatile @Nullable DefaultTask<?> main;
    private boolean closing;
    private boolean closed;

    RunnerOwner(Duration cleanupLimit) {
        this.cleanupLimit = cleanupLimit;
    }

    /** Starts a task of a runner that is responsible for what starts here; null if there is none. */
    static <T> @Nullable DefaultTask<T> startFree(@Nullable String name, Mono<? extends T> work, Context context) {
        RunnerOwner runner = OPEN.isEmpty() ? null : responsible(context);
        DefaultTask<T> task = runner == null ? null : runner.add(name, context);
        if (task != null) {
            task.start(work);
        }
        return task;
    }

    private static @Nullable RunnerOwner responsible(Context context) {
        RunnerOwner inContext = context.getOrDefault(RunnerOwner.class, null);
        if (inContext != null) {
            return inContext;
        }
        List<RunnerOwner> open = List.copyOf(OPEN);
        for (RunnerOwner runner : open) {
            if (runner.thread == Thread.currentThread()) {
                return runner;
            }
        }
        return open.size() == 1 ? open.get(0) : null;
    }

    static void interruptAll() {
        for (RunnerOwner runner : OPEN) {
            DefaultTask<?> running = runner.main;
            if (running != null) {
                running.cancel("SIGINT", null);
            }
        }
    }

    void enter() {
        for (RunnerOwner other : OPEN) {
            if (other != this && other.thread == Thread.currentThread()) {
                throw new IllegalStateException(
                        "this thread is in a Runner already: return the Mono to the pipeline you are in, for example with flatMap");
            }
        }
        synchronized (tasks) {
            if (closing) {
                throw new IllegalStateException("this Runner is closed");
            }
            if (thread != null) {
                throw new IllegalStateException("this Runner is running already; it runs one Mono after the other");
            }
            thread = Thread.currentThread();
            if (!OPEN.contains(this)) {
                OPEN.add(this);
                TaskRegistry.add(this);
            }
        }
    }

    void leave() {
        synchronized (tasks) {
            thread = null;
            main = null;
        }
    }

    <T> DefaultTask<T> run(Mono<? extends T> work) {
        Context context = Ambient.capture().put(RunnerOwner.class, this);
        DefaultTask<T> task = add("main", context);
        if (task == null) {
            throw new IllegalStateException("this Runner is closed");
        }
        main = task;
        task.start(work);
        awaitMain(task);
        return task;
    }

    private void awaitMain(DefaultTask<?> task) {
        boolean interrupted = false;
        while (true) {
            try {
                awaitEnd(List.of(task), Long.MAX_VALUE);
                break;
            } catch (InterruptedException e) {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException(task + " has not ended, and the wait for it was interrupted", e);
                }
                interrupted = true;
                task.cancel("the waiting thread was interrupted", null);
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    // Those that a cleanup starts get until the others have ended before they are cancelled too: the cleanup may need
    // them. The limit of each task ends its round.
    void close() {
        synchronized (tasks) {
            closing = true;
        }
        long patience = 2 * Math.min(Checks.nanos(cleanupLimit), Long.MAX_VALUE / 8) + MARGIN.toNanos();
        long end = System.nanoTime() + patience;
        try {
            for (List<DefaultTask<?>> left = live(); !left.isEmpty(); left = live()) {
                left.forEach(task -> task.cancel("the runner closes", null));
                if (!awaitEnd(left, end)) {
                    break;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        List<DefaultTask<?>> unfinished = closeForGood();
        if (!unfinished.isEmpty()) {
            report(new CleanupTimeoutException("the runner", describe(unfinished), Duration.ofNanos(patience)));
        }
    }

    private List<DefaultTask<?>> closeForGood() {
        List<DefaultTask<?>> unfinished;
        synchronized (tasks) {
            unfinished = closed ? List.of() : tasks.toList();
            closed = true;
        }
        OPEN.remove(this);
        TaskRegistry.remove(this);
        return unfinished;
    }

    private static List<String> describe(List<DefaultTask<?>> unfinished) {
        return unfinished.stream()
                .map(task -> task.waitingFor().isEmpty() ? task.toString() : task + " waits for " + task.waitingFor())
                .toList();
    }

    /** Real time: a thread waits here. False when {@code end}, in its nanoseconds, came first. */
    private boolean awaitEnd(List<DefaultTask<?>> awaited, long end) throws InterruptedException {
        synchronized (tasks) {
            while (awaited.stream().anyMatch(task -> task.listed)) {
                long left = end == Long.MAX_VALUE ? 0 : TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                if (left < 0 || left == 0 && end != Long.MAX_VALUE) {
                    return false;
                }
                tasks.wait(left);
            }
            return true;
        }
    }

    private <T> @Nullable DefaultTask<T> add(@Nullable String name, Context context) {
        DefaultTask<T> task = new DefaultTask<>(this, name, context);
        synchronized (tasks) {
            if (closed) {
                return null;
            }
            tasks.add(task);
        }
        return task;
    }

    @Override
    public void failing(DefaultTask<?> task, Throwable error) {
        // The caller reads it from the task.
    }

    @Override
    public void ended(DefaultTask<?> task, List<Throwable> late) {
        boolean reads;
        synchronized (tasks) {
            reads = !closing || task == main;
        }
        if (!reads && task.state() == TaskState.FAILED && task.failure != null) {
            report(task.failure);
        } else if (!reads) {
            late.forEach(RunnerOwner::report);
        }
        release(task);
    }

    private static void report(Throwable failure) {
        Operators.onErrorDropped(failure, Context.empty());
    }

    @Override
    public void release(DefaultTask<?> task) {
        synchronized (tasks) {
            tasks.remove(task);
            tasks.notifyAll();
        }
    }

    @Override
    public List<DefaultTask<?>> live() {
        synchronized (tasks) {
            return tasks.toList();
        }
    }

    @Override
    public Duration cleanupLimit() {
        return cleanupLimit;
    }

    @Override
    public boolean nestsLedgers() {
        return false;
    }

    @Override
    public @Nullable Shelter shelter() {
        return null;
    }

    @Override
    public @Nullable DefaultTask<?> parent() {
        return null;
    }

    @Override
    public String label() {
        return "runner";
    }
}
