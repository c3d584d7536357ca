package io.github.asyncio4j.task;

import io.github.asyncio4j.internal.Checks;
import io.github.asyncio4j.internal.CleanupLedger;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * The bridge from blocking code to pipelines, for {@code main} and for tests: runs a Mono, waits for it, and leaves
 * nothing running behind. asyncio's {@code run} and {@code Runner}. In a service the framework subscribes; there, and
 * wherever nothing but a value is wanted, {@link Mono#block()} suffices or no blocking is needed at all.
 *
 * <pre>{@code
 * public static void main(String[] args) {
 *     Report report = Runner.run(ClientSession.using(session -> collect(session)));
 *     System.out.println(report);
 * }
 * }</pre>
 *
 * <p>The Mono runs as a task of its own, named {@code main}; it is subscribed on the calling thread, which then waits.
 * What {@link Tasks#create(Mono)} starts belongs to the runner whose Context or thread it is started from, or else, like
 * the tasks of an event loop, to the only runner there is. At the close these tasks are cancelled, and so are the tasks
 * that their cleanup starts, until none is left. Tasks of a {@link BackgroundTasks} are its own.
 *
 * <p>While the Mono runs, SIGINT (Ctrl-C) cancels it, and the cleanup is awaited; a second SIGINT goes to whoever handled
 * it before, by default the end of the process. Where the JVM does not let us handle signals, nothing changes.
 * Interrupting the waiting thread cancels the Mono too; interrupting it again gives up the wait.
 *
 * <p>A task whose cleanup does not end is left alone after the limit. What does not end, and what fails while the runner
 * closes, goes to {@link reactor.core.publisher.Operators#onErrorDropped}, by name; the result of the Mono is kept.
 */
public final class Runner implements AutoCloseable {

    private final RunnerOwner owner;

    private Runner(Duration cleanupLimit) {
        this.owner = new RunnerOwner(cleanupLimit);
    }

    /**
     * Runs one Mono to its end, in a runner of its own.
     *
     * @return its value, or null when it completes empty
     * @throws IllegalStateException on a thread that must not block; the message says what to do instead
     * @throws TaskCancelledException when it was cancelled, by SIGINT for example
     * @throws RuntimeException what it failed with; a checked exception is wrapped, see {@link Exceptions#unwrap}
     */
    public static <T> @Nullable T run(Mono<? extends T> main) {
        Checks.notNull(main, "main");
        try (Runner runner = create()) {
            return runner.execute(main);
        }
    }

    /** A runner for several Monos, one after the other; tasks that they create live until the close. */
    public static Runner create() {
        return create(CleanupLedger.DEFAULT_LIMIT);
    }

    /**
     * The same with a limit of its own for the cleanup of each task.
     *
     * @param cleanupLimit more than zero; 30 seconds if nothing is said
     */
    public static Runner create(Duration cleanupLimit) {
        return new Runner(Checks.positive(cleanupLimit, "cleanupLimit"));
    }

    /**
     * Runs one Mono to its end.
     *
     * @return its value, or null when it completes empty
     * @throws IllegalStateException on a thread that must not block, inside another run, or after the close
     * @throws TaskCancelledException when it was cancelled, by SIGINT for example
     * @throws RuntimeException what it failed with; a checked exception is wrapped, see {@link Exceptions#unwrap}
     */
    public <T> @Nullable T execute(Mono<? extends T> main) {
        Checks.notNull(main, "main");
        refuseToBlock();
        owner.enter();
        InterruptSignal signal = InterruptSignal.handledBy(RunnerOwner::interruptAll);
        try {
            return result(owner.run(main));
        } finally {
            signal.close();
            owner.leave();
        }
    }

    private static <T> @Nullable T result(DefaultTask<T> task) {
        Throwable failure = task.outcome().error().orElse(null);
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure != null) {
            throw Exceptions.propagate(failure);
        }
        return task.outcome().value().orElse(null);
    }

    /**
     * Cancels what is left of the tasks, and waits until they and their cleanup have ended. Later calls do nothing.
     *
     * @throws IllegalStateException on a thread that must not block, while tasks are left
     */
    @Override
    public void close() {
        if (!owner.live().isEmpty()) {
            refuseToBlock();
        }
        owner.close();
    }

    private static void refuseToBlock() {
        if (Schedulers.isInNonBlockingThread()) {
            throw new IllegalStateException(
                    "a Runner blocks, and " + Thread.currentThread().getName()
                            + " must not be blocked: return the Mono to the pipeline you are in, for example with flatMap, or"
                            + " call the Runner inside Threads.toThread");
        }
    }
}
