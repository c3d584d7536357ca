package io.github.asyncio4j.task;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/**
 * Running work that somebody owns: a {@link TaskGroup}, a {@link BackgroundTasks}, or the caller of
 * {@link Tasks#create(Mono)}. Unlike a {@code Mono} it runs once and already does so; unlike a {@code Disposable} it can
 * be awaited, asked for its outcome, and cancelled with the certainty that its cleanup is over.
 *
 * <p>Use it to start something now and need it later, or to share one run among many. To run a fixed set of sources and
 * combine them, {@link Tasks#gather(Iterable)} is simpler; to share a result, {@code Mono.cache()} may do.
 *
 * <pre>{@code
 * Mono<String> page = TaskGroup.using(group -> {
 *     Task<String> header = group.createTask("header", loadHeader());
 *     Task<String> body = group.createTask("body", loadBody());
 *     return Mono.zip(header.await(), body.await(), String::concat);
 * });
 * }</pre>
 *
 * <p>Awaiting never owns: a waiter that is cancelled or times out leaves the task and its other waiters alone. A task is
 * itself a scope: it ends, for its waiters and its owner, when its work has ended <em>and</em> the cleanup of what was
 * cancelled inside is over.
 *
 * <p>Completion, failure and cancel in the same instant are decided by one compare-and-set, first come first served: a
 * value that arrived before the cancel is kept, one that arrives after it is discarded.
 *
 * <p>All methods may be called from any thread. Waiters and callbacks continue on the thread on which the task ended, in
 * the order in which they came, one after the other. asyncio's {@code Task}.
 *
 * @param <T> what the work gives
 */
public interface Task<T> extends Disposable {

    /** A number that no other task of this JVM has. */
    long id();

    /** The given name, or {@code Task-} and the id. */
    String name();

    /** Where it is in its life. */
    TaskState state();

    /** True once it has ended, cleanup included. */
    boolean isDone();

    /** True once it has ended by a cancel. False while {@link TaskState#CANCELLING}. */
    boolean isCancelled();

    /**
     * How it ended. A cancelled task has an {@link Outcome.Failure} with a {@link TaskCancelledException}.
     *
     * @throws IllegalStateException while it is not done
     */
    Outcome<T> outcome();

    /**
     * Waits for the end: emits the value, completes empty if the work did, or fails with the error of the work, for a
     * cancelled task with {@link TaskCancelledException}. Cancelling ends the wait and nothing else. A task that awaits
     * itself gets an {@link IllegalStateException} instead of waiting for ever.
     */
    Mono<T> await();

    /** The same with the outcome as a value: never fails because of the task. */
    Mono<Outcome<T>> settled();

    /** {@link #cancel(String)} without saying why. */
    boolean cancel();

    /**
     * Asks the task to end. Returns at once; its cleanup may go on for a while, see {@link #cancelAndJoin}. The first
     * request counts, its reason is what waiters get to read.
     *
     * @return false when it was too late: the work had come to its value or error already, which is kept
     */
    boolean cancel(String reason);

    /**
     * Subscribing cancels the task; completes when its cleanup has ended, however the task ended. Cancelling this Mono
     * gives up the wait, not the cancel.
     */
    Mono<Void> cancelAndJoin(String reason);

    /**
     * Calls back once when the task has ended, in line with its waiters; if it has ended already, after the wake-ups
     * that the current thread is at. What the callback throws goes to {@code Operators.onErrorDropped}. asyncio's
     * {@code add_done_callback}.
     */
    void onDone(Consumer<? super Task<T>> callback);

    /** The task inside which this one was created, while this one is not done. */
    Optional<Task<?>> parent();

    /** What its work is waiting for at this moment, as far as this library knows: locks, queues, tasks, requests. */
    List<String> waitingFor();

    /** Where it was created; empty unless {@link Debug} was on then. */
    Optional<String> createdAt();

    /** {@link #cancel()}. */
    @Override
    void dispose();

    /** {@link #isDone()}. */
    @Override
    boolean isDisposed();
}
