package io.github.asyncio4j.task;

import io.github.asyncio4j.internal.Checks;
import io.github.asyncio4j.internal.CleanupLedger;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/**
 * The owner of fire-and-forget work: it counts what runs, hears what fails, and is closed when the application stops.
 * It replaces a bare {@code subscribe()}, whose work nobody joins and whose failure is at best a line in the log.
 *
 * <p>Use it for work that must not hold up the one who starts it: an audit record, a cache refresh. Where somebody waits
 * for the result anyway, a {@link TaskGroup} is the better owner.
 *
 * <pre>{@code
 * BackgroundTasks background = BackgroundTasks.builder()
 *         .name("audit")
 *         .onError((task, error) -> log.warn("{} failed", task.name(), error))
 *         .build();
 * Mono<Order> handler = save(order).flatMap(saved -> background.submit(audit(saved)).thenReturn(saved));
 * // at the end of the application:
 * background.close(Duration.ofSeconds(10)).block();
 * }</pre>
 *
 * <p>All methods may be called from any thread. Tasks are not cancelled when the one who started them is; only
 * {@link Task#cancel(String)}, {@link #close(Duration)} and {@link #dispose()} do that. asyncio has no counterpart but
 * the advice to keep a set of tasks; anyio's is a long-lived task group.
 */
public final class BackgroundTasks implements Disposable {

    private final BackgroundOwner owner;

    private BackgroundTasks(BackgroundOwner owner) {
        this.owner = owner;
    }

    /** An owner with options. */
    public static Builder builder() {
        return new Options();
    }

    /**
     * Starts {@code work} now, outside of any Context, but for the ThreadLocals of the calling thread where Reactor's
     * automatic context propagation is on.
     *
     * @throws RejectedExecutionException when {@code capacity} tasks are running, or after a close
     */
    public <T> Task<T> createTask(Mono<? extends T> work) {
        return owner.create(Checks.notNull(work, "work"), Ambient.capture());
    }

    /**
     * The same inside a pipeline: each subscription starts a task and emits it at once, without waiting for it. The work
     * sees the subscriber's Context, but neither its deadline nor its scopes: it may outlive both. Fails with
     * {@link RejectedExecutionException} when full or closed.
     */
    public <T> Mono<Task<T>> submit(Mono<? extends T> work) {
        Checks.notNull(work, "work");
        return Mono.deferContextual(context -> Mono.just(owner.create(work, Context.of(context))));
    }

    /**
     * Subscribing refuses new work from now on; completes when all tasks have ended, however long they take. Cancelling
     * gives up the wait and reopens nothing. Inside one of its own tasks it fails with {@link IllegalStateException}
     * instead of waiting for itself.
     */
    public Mono<Void> close() {
        return closing(null);
    }

    /**
     * The same, but what still runs after {@code grace} is cancelled; completes when its cleanup has ended too.
     *
     * @param grace zero cancels at once
     */
    public Mono<Void> close(Duration grace) {
        return closing(Checks.notNegative(grace, "grace"));
    }

    private Mono<Void> closing(@Nullable Duration grace) {
        return Mono.deferContextual(context -> {
            DefaultTask<?> current = DefaultTask.current(context);
            if (current != null && current.owner().shelter() == owner) {
                return Mono.error(
                        new IllegalStateException(current + " cannot wait for " + this + " to close: it runs in it"));
            }
            return owner.close(grace);
        });
    }

    /** How many tasks have not ended. */
    public int active() {
        return owner.active();
    }

    /** {@link #close(Duration)} without grace, and without waiting. */
    @Override
    public void dispose() {
        owner.closeNow();
    }

    /** True once it refuses new work. */
    @Override
    public boolean isDisposed() {
        return owner.isClosed();
    }

    @Override
    public String toString() {
        return owner.label() + " (" + active() + " active" + (isDisposed() ? ", closed)" : ")");
    }

    /**
     * The options of a {@link BackgroundTasks}.
     *
     * <pre>{@code
     * BackgroundTasks mails = BackgroundTasks.builder()
     *         .name("mails")
     *         .capacity(200)
     *         .onError((task, error) -> log.warn(task.name(), error))
     *         .build();
     * }</pre>
     *
     * <p>The arguments of aiojobs' {@code Scheduler}; asyncio has no owner for such tasks.
     */
    public interface Builder {

        /** What errors and the tree call it; {@code BackgroundTasks} by default. */
        Builder name(String name);

        /** How many tasks may run at a time, 1 or more; 1,024 by default. */
        Builder capacity(int capacity);

        /**
         * Hears of each task that failed, and of cleanup that failed after a cancel, when the task has ended, on its
         * thread. By default {@code Operators.onErrorDropped} does, which logs.
         */
        Builder onError(BiConsumer<? super Task<?>, ? super Throwable> handler);

        /** How long the cleanup of one task may take, 30 seconds by default. */
        Builder cleanupLimit(Duration cleanupLimit);

        /** Each call gives an owner of its own. */
        BackgroundTasks build();
    }

    private static final class Options implements Builder {

        private String name = "BackgroundTasks";
        private int capacity = 1_024;
        private @Nullable BiConsumer<? super Task<?>, ? super Throwable> handler;
        private Duration cleanupLimit = CleanupLedger.DEFAULT_LIMIT;

        @Override
        public Builder name(String name) {
            this.name = Checks.notNull(name, "name");
            return this;
        }

        @Override
        public Builder capacity(int capacity) {
            this.capacity = Checks.atLeast(1, capacity, "capacity");
            return this;
        }

        @Override
        public Builder onError(BiConsumer<? super Task<?>, ? super Throwable> handler) {
            this.handler = Checks.notNull(handler, "handler");
            return this;
        }

        @Override
        public Builder cleanupLimit(Duration cleanupLimit) {
            this.cleanupLimit = Checks.positive(cleanupLimit, "cleanupLimit");
            return this;
        }

        @Override
        public BackgroundTasks build() {
            return new BackgroundTasks(new BackgroundOwner(name, capacity, handler, cleanupLimit));
        }
    }
}
