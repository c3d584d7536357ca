package io.github.asyncio4j.thread;

import io.github.asyncio4j.internal.Checks;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Runs code that blocks, or computes for long, on threads of its own, as a Mono. asyncio's {@code to_thread} and {@code
 * run_in_executor}.
 *
 * <p>In contrast to {@code Mono.fromCallable(…).subscribeOn(boundedElastic())} a scope around it waits until the code has
 * really ended after a cancel, the interrupt that ended it is never reported as an error, and {@link OnCancel} chooses
 * what a cancel does. Without cancels {@code fromCallable} suffices.
 *
 * <pre>{@code
 * Mono<Report> report = Timeouts.timeout(Threads.toThread(() -> legacy.buildReport(id)), Duration.ofSeconds(5));
 *
 * Mono<Integer> stored = Threads.toThread(() -> jdbc.update(sql), OnCancel.WAIT);
 * }</pre>
 *
 * <p>The code is queued when its value is first requested. It is called with the ThreadLocals of the subscriber's Context
 * restored, where the context-propagation library is present; what it changes there does not come back. Its value is
 * emitted on the thread it ran on; null completes empty. What it throws is the error as it is. A value that comes after
 * the cancel goes to the discard hook, an error to the drop hook, unless our own interrupt is in its chain of causes.
 */
public final class Threads {

    private Threads() {}

    /**
     * Calls {@code blocking} on {@link Schedulers#boundedElastic()}; a cancel interrupts it.
     *
     * @return fails with what the code throws, or with {@link java.util.concurrent.RejectedExecutionException} when the
     *     scheduler's queue is full
     */
    public static <T> Mono<T> toThread(Callable<? extends T> blocking) {
        return toThread(blocking, OnCancel.INTERRUPT);
    }

    /**
     * Calls {@code blocking} on {@link Schedulers#boundedElastic()}; a cancel does to it what {@code mode} says.
     *
     * @return fails with what the code throws, or with {@link java.util.concurrent.RejectedExecutionException} when the
     *     scheduler's queue is full
     */
    public static <T> Mono<T> toThread(Callable<? extends T> blocking, OnCancel mode) {
        return MonoCall.of(
                Checks.notNull(blocking, "blocking"),
                Checks.notNull(mode, "mode"),
                call -> Schedulers.boundedElastic().schedule(call));
    }

    /**
     * Calls {@code blocking} on an executor of yours; a cancel interrupts it. The Context is restored there too.
     *
     * @return fails with what the code throws, or with what {@code execute} throws
     */
    public static <T> Mono<T> runInExecutor(Executor executor, Callable<? extends T> blocking) {
        return runInExecutor(executor, blocking, OnCancel.INTERRUPT);
    }

    /**
     * Calls {@code blocking} on an executor of yours; a cancel does to it what {@code mode} says.
     *
     * @return fails with what the code throws, or with what {@code execute} throws
     */
    public static <T> Mono<T> runInExecutor(Executor executor, Callable<? extends T> blocking, OnCancel mode) {
        Checks.notNull(executor, "executor");
        return MonoCall.of(Checks.notNull(blocking, "blocking"), Checks.notNull(mode, "mode"), call -> {
            executor.execute(call);
            return Disposables.disposed();
        });
    }

    /**
     * Calls {@code work} on {@link Schedulers#parallel()}, for code that computes and does not block. Timers share these
     * threads, so what computes for more than some tens of milliseconds belongs on an executor of its own. A cancel
     * interrupts it: a loop that asks {@link Thread#interrupted()} ends early.
     *
     * @return fails with what the code throws
     */
    public static <T> Mono<T> onCpu(Callable<? extends T> work) {
        return MonoCall.of(
                Checks.notNull(work, "work"),
                OnCancel.INTERRUPT,
                call -> Schedulers.parallel().schedule(call));
    }
}
