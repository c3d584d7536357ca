package io.github.asyncio4j.task;

import java.time.Duration;
import java.util.Collection;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/**
 * A scope that ends after its children: {@link #using} completes when its body and every task created in it have ended
 * and their cleanup is done. No child outlives the group, and no failure is lost.
 *
 * <p>Use it when the number of pieces of work is not known beforehand, when they start at different times, or when some
 * serve the others. For a fixed set of sources use {@link Tasks#gather(Iterable)}; for the items of a stream
 * {@code flatMap} does.
 *
 * <pre>{@code
 * Mono<Integer> total = TaskGroup.using(group -> {
 *     List<Task<Integer>> sizes = urls.stream().map(url -> group.createTask(url, size(url))).toList();
 *     return Flux.fromIterable(sizes).concatMap(Task::await).reduce(0, Integer::sum);
 * });
 * }</pre>
 *
 * <p>The first failure of a child or of the body aborts the group: no new children start, the body and the children are
 * cancelled, their cleanup is awaited, then the failure is signalled as it is; {@link TaskFailures#of(Throwable)} gives
 * those that came up besides. A child's timeout is a failure, a child's cancellation is not. When the subscriber cancels,
 * the same happens and nothing is signalled; surrounding scopes wait for the cleanup.
 *
 * <p>A child runs in the Context in which the group was subscribed, and starts on the thread that creates it. All methods
 * may be called from any thread, from the body, from children and from outside, as long as the group has not ended.
 * asyncio's {@code TaskGroup}, Trio's nursery.
 */
public interface TaskGroup {

    /**
     * Each subscription opens a group, calls {@code body} with it, and emits what the body's Mono gives once all children
     * have ended too. Errors: the first failure; what {@code body} throws, or a null it returns.
     */
    static <R> Mono<R> using(Function<? super TaskGroup, ? extends Mono<? extends R>> body) {
        return builder().using(body);
    }

    /** A group with options; each call returns a builder of its own. */
    static Builder builder() {
        return new TaskGroupOptions();
    }

    /**
     * The options of a group. A builder may be used for many groups, also at the same time, once it is set up.
     *
     * <pre>{@code
     * Mono<Report> report = TaskGroup.builder()
     *         .name("report")
     *         .maxConcurrency(4)
     *         .timeout(Duration.ofSeconds(5))
     *         .using(group -> assemble(group));
     * }</pre>
     *
     * <p>asyncio's {@code TaskGroup} has none; {@code asyncio.timeout} and a {@code Semaphore} go around it.
     */
    interface Builder {

        /** What errors, tasks and the tree call it; {@code TaskGroup} by default. */
        Builder name(String name);

        /** The first failure aborts the group: the default. */
        Builder failFast();

        /**
         * Children fail alone. Each failure goes to {@code handler}, when the child's cleanup is done, on the thread on
         * which it ended; the others and the body go on. A failing body, or a handler that throws, aborts the group.
         */
        Builder supervised(BiConsumer<? super Task<?>, ? super Throwable> handler);

        /**
         * At most so many children run at a time, 1 or more; the others wait for their turn, first come first served,
         * and may be cancelled while waiting. The body is not counted.
         */
        Builder maxConcurrency(int maxConcurrency);

        /**
         * The body and the children together have so long; then the group aborts with
         * {@link io.github.asyncio4j.time.DeadlineExceededException}. They find the deadline in their Context.
         */
        Builder timeout(Duration timeout);

        /** How long the group waits for cleanup, 30 seconds by default. */
        Builder cleanupLimit(Duration cleanupLimit);

        /** Failures are signalled together as a {@link TaskGroupException}, also when there is only one. */
        Builder aggregateErrors();

        /** {@link TaskGroup#using} with these options. */
        <R> Mono<R> using(Function<? super TaskGroup, ? extends Mono<? extends R>> body);
    }

    /** {@link #createTask(String, Mono)} with the default name. */
    <T> Task<T> createTask(Mono<? extends T> work);

    /**
     * Starts a child: {@code work} is subscribed before this returns, unless {@link Builder#maxConcurrency} makes it
     * wait. In a group that is aborting or was cancelled the task comes back cancelled, and {@code work} is never
     * subscribed. Never throws because of what {@code work} does.
     *
     * @throws IllegalStateException when the group has ended
     */
    <T> Task<T> createTask(String name, Mono<? extends T> work);

    /**
     * Subscribing starts a service as a child and waits until it calls the given consumer: that value is emitted, and the
     * service goes on in the group. A null value completes empty. If the service fails before that, its error comes out
     * here and not in the group; if it ends without having called, an {@link IllegalStateException} does. Calling the
     * consumer again throws {@link IllegalStateException} to the service. Cancelling before the value cancels the
     * service. Trio's {@code nursery.start}.
     */
    <S> Mono<S> start(Function<? super Consumer<S>, ? extends Mono<?>> service);

    /**
     * Cancels the body and the children. The exit is silent: {@link #using} completes empty once their cleanup is done,
     * or fails if the cleanup did. Without effect when the group is aborting or has ended.
     */
    void cancel(String reason);

    /** The children that have not ended, oldest first: a copy. A child that ended is forgotten. */
    Collection<Task<?>> tasks();

    /** True once {@link #cancel} or the subscriber has cancelled the group. False for one that aborts on a failure. */
    boolean isCancelled();
}
