package io.github.asyncio4j.queue;

import io.github.asyncio4j.internal.Checks;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Hands items from those who {@link #put} to those who {@link #take}, any number on either side. Who finds it full or
 * empty waits, without a thread. Within one pipeline Reactor's own operators do ({@code publishOn}, {@code flatMap}); a
 * queue is for pipelines that know nothing of each other.
 *
 * <pre>{@code
 * AsyncQueue<String> jobs = AsyncQueue.bounded(5);
 * Mono<Void> producer = Flux.fromIterable(urls).concatMap(jobs::put).doOnComplete(jobs::shutdown).then();
 * Mono<Void> workers = jobs.drain(10, url -> fetch(url));
 * Mono.when(producer, workers).block();
 * }</pre>
 *
 * <p><b>Order.</b> Items leave first in, first out, unless the queue is {@link #lifo} or {@link #priority}. Puts and
 * takes are each served first come, first served. {@link #offer} and {@link #poll} never wait and never overtake: there
 * is room only when no put waits, and an item to poll only when no take waits.
 *
 * <p><b>Threads.</b> Any. Who waited goes on on the thread that served him, one after the other rather than one inside
 * the other, or on the builder's Scheduler.
 *
 * <p><b>Cancellation.</b> A put that is cancelled while it waits leaves nothing behind. A take that is cancelled in the
 * very instant it gets an item loses nothing: the next in line gets the item, or it goes back to the front, for that
 * moment beyond the capacity if need be. Give time limits to {@link #take(Duration)} and {@link #put(Object, Duration)}:
 * Reactor's {@code timeout} drops an item that arrives together with the timeout.
 *
 * <p><b>Deadline.</b> A wait under a deadline of the Context that has passed fails at once with a {@link
 * java.util.concurrent.TimeoutException}; what needs no waiting still succeeds.
 *
 * <p>asyncio's {@code Queue}, {@code LifoQueue} and {@code PriorityQueue}, and at capacity zero Trio's memory channel;
 * java.util.concurrent's {@code BlockingQueue} blocks its threads.
 *
 * @param <T> the items
 */
public final class AsyncQueue<T> implements Scannable {

    private final QueueState<T> state;

    AsyncQueue(QueueState<T> state) {
        this.state = state;
    }

    /**
     * First in, first out; a put waits while there are {@code capacity} items.
     *
     * @throws IllegalArgumentException if {@code capacity} is less than 1; see {@link #rendezvous} for 0
     */
    public static <T> AsyncQueue<T> bounded(int capacity) {
        return AsyncQueue.<T>builder().capacity(capacity).build();
    }

    /** First in, first out; a put never waits, so somebody else has to see to it that memory suffices. */
    public static <T> AsyncQueue<T> unbounded() {
        return AsyncQueue.<T>builder().build();
    }

    /**
     * Last in, first out.
     *
     * @throws IllegalArgumentException if {@code capacity} is less than 1
     */
    public static <T> AsyncQueue<T> lifo(int capacity) {
        return AsyncQueue.<T>builder().capacity(capacity).lifo().build();
    }

    /**
     * The smallest by {@code order} leaves first; among equals, the one that came first.
     *
     * @param order runs while the queue is locked: quick, and without using this queue. When it throws, the put fails
     *     with that error and the queue stays as it was
     * @throws IllegalArgumentException if {@code capacity} is less than 1
     */
    public static <T> AsyncQueue<T> priority(int capacity, Comparator<? super T> order) {
        return AsyncQueue.<T>builder().capacity(capacity).priority(order).build();
    }

    /** Holds nothing: a put completes when a take has its item. */
    public static <T> AsyncQueue<T> rendezvous() {
        return AsyncQueue.<T>builder().rendezvous().build();
    }

    /** A queue with more options. */
    public static <T> Builder<T> builder() {
        return new DefaultBuilder<>();
    }

    /**
     * Puts {@code item} in, waiting for room. Each subscription puts it once more; it completes when the item is in.
     *
     * <p>Cancelling leaves the line, and the item is not put. It fails with {@link QueueShutdownException} once the queue
     * is shut down, with {@link java.util.concurrent.TimeoutException} if it would have to wait under a deadline that has
     * passed, and with {@link java.util.concurrent.RejectedExecutionException} if the line is full.
     */
    public Mono<Void> put(T item) {
        return MonoPut.assemble(state, Checks.notNull(item, "item"), null);
    }

    /**
     * The same with a time limit, after which it fails with a {@link java.util.concurrent.TimeoutException}; then the
     * item is not in the queue.
     *
     * @param maxWait positive, counted from the subscription on the clock of the builder's Scheduler or of {@code
     *     Schedulers.parallel()}
     */
    public Mono<Void> put(T item, Duration maxWait) {
        return MonoPut.assemble(state, Checks.notNull(item, "item"), Checks.positive(maxWait, "maxWait"));
    }

    /**
     * Takes the next item, waiting for one from the first request on. Each subscription takes one item.
     *
     * <p>Cancelling leaves the line; no item is lost. It fails with {@link QueueShutdownException} once the queue is shut
     * down and drained, with {@link java.util.concurrent.TimeoutException} if it would have to wait under a deadline that
     * has passed, and with {@link java.util.concurrent.RejectedExecutionException} if the line is full.
     */
    public Mono<T> take() {
        return MonoTake.assemble(state, null);
    }

    /**
     * The same with a time limit, after which it fails with a {@link java.util.concurrent.TimeoutException}.
     *
     * @param maxWait positive, counted from the first request on the clock of the builder's Scheduler or of {@code
     *     Schedulers.parallel()}
     */
    public Mono<T> take(Duration maxWait) {
        return MonoTake.assemble(state, Checks.positive(maxWait, "maxWait"));
    }

    /** Puts {@code item} in if that needs no waiting; false if it would, and after a shutdown. */
    public boolean offer(T item) {
        return state.offer(Checks.notNull(item, "item"));
    }

    /** The next item if that needs no waiting. */
    public Optional<T> poll() {
        Object stored = state.poll();
        return stored == null ? Optional.empty() : Optional.of(Stored.item(stored));
    }

    /**
     * Says that the work on one item is done: {@link #join} counts. Consumers of {@link #asFlux} and {@link #drain} need
     * not call it.
     *
     * @throws IllegalStateException when called more often than items were put in
     */
    public void taskDone() {
        if (!state.taskDone(1)) {
            throw new IllegalStateException("taskDone() of " + state + " was called more often than items were put in");
        }
    }

    /**
     * Completes when all items that were put in so far are done; at once if there are none. A later put makes the next
     * join wait again. A shutdown does not end the wait, {@link #shutdownNow} only as far as it discards the items.
     */
    public Mono<Void> join() {
        return MonoJoin.assemble(state);
    }

    /**
     * Closes the entrance: puts fail with {@link QueueShutdownException}, those that wait too. Takes go on until the
     * queue is empty; then they fail as well, and {@link #asFlux} and {@link #drain} complete. Harmless when repeated.
     */
    public void shutdown() {
        state.shutdown(false);
    }

    /**
     * The same, and discards what is in the queue: each item counts as done and goes to the builder's {@link
     * Builder#onDiscard} and to Reactor's discard hook in the Context of the one who put it. May follow {@link #shutdown}.
     */
    public void shutdownNow() {
        state.shutdown(true);
    }

    /**
     * Takes items as long as there is demand, and completes when the queue is shut down and drained. Several subscribers
     * compete: each item goes to one of them.
     *
     * <p>An item counts as done when downstream, having received it, asks for more: {@code concatMap(work, 0)} and {@code
     * flatMap(work, n)} ask when the work on one is done. With unbounded demand it counts when {@code onNext} has
     * returned. At the end, by completion or cancel, all that were delivered count. An operator that prefetches
     * ({@code publishOn}, {@code concatMap} without the 0) asks in batches, and {@link #join} waits for them.
     *
     * <p>Cancelling loses nothing. Error signals are those of {@link #take}, but for the shutdown.
     */
    public Flux<T> asFlux() {
        return FluxTakeAll.assemble(state);
    }

    /**
     * A pool of workers: takes items and runs {@code worker} on them, at most {@code workers} at a time; completes when
     * the queue is shut down, drained and all work has ended. Each item counts as done when its work has ended; values
     * that the work emits are discarded.
     *
     * <p>The first failure cancels the other workers, waits for their cleanup and is then signalled, with further ones
     * attached; what is in the queue stays there. Cancelling cancels the work; a surrounding scope waits for its cleanup.
     * To go on after a failed item, let the work handle its errors.
     *
     * @param workers at least 1
     * @param worker when it throws or returns null, that is a failure
     */
    public Mono<Void> drain(int workers, Function<? super T, ? extends Mono<?>> worker) {
        return MonoDrain.assemble(state, Checks.atLeast(1, workers, "workers"), Checks.notNull(worker, "worker"));
    }

    /** How many items are in the queue; those of waiting puts are not. */
    public int size() {
        return state.size();
    }

    /** How many items it holds at most; {@link Integer#MAX_VALUE} if unbounded, 0 for a rendezvous. */
    public int capacity() {
        return state.capacity;
    }

    /** True when there is no item; always so for a rendezvous. */
    public boolean isEmpty() {
        return size() == 0;
    }

    /** True when there is no room; always so for a rendezvous, never for an unbounded queue. */
    public boolean isFull() {
        return size() >= capacity();
    }

    /** True from the first {@link #shutdown} or {@link #shutdownNow} on. */
    public boolean isShutdown() {
        return state.isShutdown();
    }

    /** What it holds and has seen so far. */
    public QueueStatistics statistics() {
        return state.statistics();
    }

    @Override
    public String name() {
        return state.name;
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        if (key == Attr.NAME) {
            return name();
        }
        if (key == Attr.BUFFERED) {
            return size();
        }
        if (key == Attr.CAPACITY) {
            return capacity();
        }
        return key == Attr.TERMINATED ? isShutdown() : null;
    }

    /** Kind, name and state. */
    @Override
    public String toString() {
        QueueStatistics now = state.statistics();
        return state + " [" + now.size() + (capacity() == Integer.MAX_VALUE ? "" : " of " + capacity()) + " items, "
                + now.waitingToPut() + " waiting to put, " + now.waitingToTake() + " to take, " + now.unfinished()
                + " unfinished" + (isShutdown() ? ", shut down]" : "]");
    }

    /**
     * The options of a queue. What is not set: unbounded, first in first out, an unbounded line.
     *
     * <pre>{@code
     * AsyncQueue<Job> jobs = AsyncQueue.<Job>builder()
     *         .name("jobs")
     *         .capacity(100)
     *         .priority(Comparator.comparingInt(Job::urgency))
     *         .build();
     * }</pre>
     *
     * <p>asyncio has a class for each order, {@code LifoQueue} and {@code PriorityQueue}, and no other options.
     *
     * @param <T> the items
     */
    public interface Builder<T> {

        /** How it is called in messages and dumps. */
        Builder<T> name(String name);

        /** How many items it holds at most, at least 1. */
        Builder<T> capacity(int capacity);

        /** It holds nothing: a put completes when a take has its item. */
        Builder<T> rendezvous();

        /** Last in, first out. */
        Builder<T> lifo();

        /** Smallest first; see {@link AsyncQueue#priority}. */
        Builder<T> priority(Comparator<? super T> order);

        /**
         * How many puts may wait, and how many takes; beyond it they fail with {@link
         * java.util.concurrent.RejectedExecutionException}. At least 1.
         */
        Builder<T> maxWaiters(int maxWaiters);

        /** Where those who waited go on, and the clock of time limits; by default the thread that served them. */
        Builder<T> scheduler(Scheduler scheduler);

        /** Gets the items that {@link AsyncQueue#shutdownNow} throws away, to close what they hold. */
        Builder<T> onDiscard(Consumer<? super T> onDiscard);

        /** A new queue; a builder may be used for several. */
        AsyncQueue<T> build();
    }
}
