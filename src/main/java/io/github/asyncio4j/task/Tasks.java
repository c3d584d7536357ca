package io.github.asyncio4j.task;

import io.github.asyncio4j.internal.Checks;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;
import reactor.util.context.ContextView;
import reactor.util.function.Tuple2;
import reactor.util.function.Tuple3;
import reactor.util.function.Tuple4;
import reactor.util.function.Tuple5;
import reactor.util.function.Tuple6;
import reactor.util.function.Tuple7;
import reactor.util.function.Tuple8;

/**
 * asyncio's functions over many pieces of work: run them together, wait for some, take the fastest.
 *
 * <pre>{@code
 * Mono<Tuple2<User, Cart>> page = Tasks.gather(loadUser(id), loadCart(id));
 * Mono<List<String>> bodies = Tasks.map(urls, 10, url -> session.get(url).text());
 * Mono<String> fastest = Tasks.race(List.of(mirror1, mirror2));
 * }</pre>
 *
 * <p>All of them are cold: nothing runs before the subscription, and each subscription runs the sources anew. All are
 * scopes: they end when everything they started has ended. Where they end early, by a failure, a winner or a cancel, they
 * cancel what still runs, and signal only after its cleanup is over (cleanup that this library knows of: see {@code
 * AsyncResource}); that wait is limited to 30 seconds. The subscriber's {@code Context} reaches all sources.
 *
 * <p>Sources are subscribed on the subscriber's thread, one after the other, so blocking ones belong in {@code
 * Threads.toThread}; the result is signalled on the thread of the source that completed it. A source that is given
 * twice is subscribed twice.
 *
 * <p>For a plain sequence {@code Mono.then} and {@code Flux.concatMap} suffice, and for a stream of unknown length {@code
 * Flux.flatMap}.
 */
public final class Tasks {

    private Tasks() {}

    /**
     * Runs all sources together and gives their values in the order of the arguments. asyncio's {@code gather}, with
     * the siblings of a failure cancelled.
     *
     * <p>Subscribing subscribes all sources at once, in order. Emits one list (that cannot be modified) when the last has
     * completed; an empty argument gives an empty list. Cancel cancels all sources.
     *
     * <p>Errors: the first failure is signalled as it is, after the other sources were cancelled and their cleanup has
     * ended; what failed until then is read with {@link TaskFailures}. A source that completes without a value fails
     * with {@link NoSuchElementException} naming its index: {@link #join} and {@link #gatherSettled} accept such
     * sources. A source that waits for a task which somebody else cancelled fails like any other.
     *
     * @param sources read once for each subscription; null elements are signalled as {@link NullPointerException}
     */
    public static <T> Mono<List<T>> gather(Iterable<? extends Mono<? extends T>> sources) {
        return MonoGather.list(sources, Integer.MAX_VALUE);
    }

    /**
     * {@link #gather(Iterable)} with at most {@code concurrency} sources running at a time, started in order.
     *
     * @throws IllegalArgumentException if {@code concurrency} is less than 1
     */
    public static <T> Mono<List<T>> gather(Iterable<? extends Mono<? extends T>> sources, int concurrency) {
        return MonoGather.list(sources, concurrency);
    }

    /** {@link #gather(Iterable)} of two sources, each with a type of its own. */
    public static <A, B> Mono<Tuple2<A, B>> gather(Mono<? extends A> a, Mono<? extends B> b) {
        return MonoGather.tuple(a, b);
    }

    /** {@link #gather(Iterable)} of three sources, each with a type of its own. */
    public static <A, B, C> Mono<Tuple3<A, B, C>> gather(
            Mono<? extends A> a, Mono<? extends B> b, Mono<? extends C> c) {
        return MonoGather.tuple(a, b, c);
    }

    /** {@link #gather(Iterable)} of four sources, each with a type of its own. */
    public static <A, B, C, D> Mono<Tuple4<A, B, C, D>> gather(
            Mono<? extends A> a, Mono<? extends B> b, Mono<? extends C> c, Mono<? extends D> d) {
        return MonoGather.tuple(a, b, c, d);
    }

    /** {@link #gather(Iterable)} of five sources, each with a type of its own. */
    public static <A, B, C, D, E> Mono<Tuple5<A, B, C, D, E>> gather(
            Mono<? extends A> a, Mono<? extends B> b, Mono<? extends C> c, Mono<? extends D> d, Mono<? extends E> e) {
        return MonoGather.tuple(a, b, c, d, e);
    }

    /** {@link #gather(Iterable)} of six sources, each with a type of its own. */
    public static <A, B, C, D, E, F> Mono<Tuple6<A, B, C, D, E, F>> gather(
            Mono<? extends A> a,
            Mono<? extends B> b,
            Mono<? extends C> c,
            Mono<? extends D> d,
            Mono<? extends E> e,
            Mono<? extends F> f) {
        return MonoGather.tuple(a, b, c, d, e, f);
    }

    /** {@link #gather(Iterable)} of seven sources, each with a type of its own. */
    public static <A, B, C, D, E, F, G> Mono<Tuple7<A, B, C, D, E, F, G>> gather(
            Mono<? extends A> a,
            Mono<? extends B> b,
            Mono<? extends C> c,
            Mono<? extends D> d,
            Mono<? extends E> e,
            Mono<? extends F> f,
            Mono<? extends G> g) {
        return MonoGather.tuple(a, b, c, d, e, f, g);
    }

    /** {@link #gather(Iterable)} of eight sources, each with a type of its own. */
    public static <A, B, C, D, E, F, G, H> Mono<Tuple8<A, B, C, D, E, F, G, H>> gather(
            Mono<? extends A> a,
            Mono<? extends B> b,
            Mono<? extends C> c,
            Mono<? extends D> d,
            Mono<? extends E> e,
            Mono<? extends F> f,
            Mono<? extends G> g,
            Mono<? extends H> h) {
        return MonoGather.tuple(a, b, c, d, e, f, g, h);
    }

    /**
     * Runs all sources together and tells how each of them ended, in order: {@code gather(..., return_exceptions=True)}.
     *
     * <p>Emits one list when the last source has ended. It never fails because a source fails or is cancelled by
     * somebody, and never cancels a source on its own; cancel cancels all. Cleanup that fails is an error, as it belongs to no
     * single source.
     *
     * @param sources read once for each subscription; null elements are signalled as {@link NullPointerException}
     */
    public static <T> Mono<List<Outcome<T>>> gatherSettled(Iterable<? extends Mono<? extends T>> sources) {
        return MonoGather.settled(sources, Integer.MAX_VALUE);
    }

    /**
     * {@link #gatherSettled(Iterable)} with at most {@code concurrency} sources running at a time, started in order.
     *
     * @throws IllegalArgumentException if {@code concurrency} is less than 1
     */
    public static <T> Mono<List<Outcome<T>>> gatherSettled(
            Iterable<? extends Mono<? extends T>> sources, int concurrency) {
        return MonoGather.settled(sources, concurrency);
    }

    /**
     * Runs all sources together and completes when all have completed; values are discarded. It is {@link
     * #gather(Iterable)} for sources that give nothing, as most of asyncio's coroutines do.
     *
     * @param sources read once for each subscription; null elements are signalled as {@link NullPointerException}
     */
    public static Mono<Void> join(Iterable<? extends Mono<?>> sources) {
        return MonoGather.join(sources, Integer.MAX_VALUE);
    }

    /**
     * {@link #join(Iterable)} with at most {@code concurrency} sources running at a time, started in order.
     *
     * @throws IllegalArgumentException if {@code concurrency} is less than 1
     */
    public static Mono<Void> join(Iterable<? extends Mono<?>> sources, int concurrency) {
        return MonoGather.join(sources, concurrency);
    }

    /** {@link #join(Iterable)} of the arguments. */
    public static Mono<Void> join(Mono<?>... sources) {
        return MonoGather.join(Arrays.asList(Checks.notNull(sources, "sources").clone()), Integer.MAX_VALUE);
    }

    /**
     * Calls {@code f} for each item and gathers what it returns, at most {@code concurrency} running at a time. anyio's
     * {@code amap}; asyncio users write a semaphore around {@code gather}.
     *
     * <p>{@code f} is called when there is a place for its result to run, so of a million items only as many sources
     * exist as run. Results, errors and cancel are as in {@link #gather(Iterable)}. What {@code f} throws is signalled as
     * it is, with a suppressed exception that names the item's index; a null from {@code f} is a {@link
     * NullPointerException} that names it.
     *
     * @param items read once for each subscription; null elements are signalled as {@link NullPointerException}
     * @throws IllegalArgumentException if {@code concurrency} is less than 1
     */
    public static <I, T> Mono<List<T>> map(
            Iterable<? extends I> items, int concurrency, Function<? super I, ? extends Mono<? extends T>> f) {
        return MonoGather.map(items, concurrency, f);
    }

    /**
     * Runs all sources together and gives each outcome as soon as it is there: asyncio's {@code as_completed}.
     *
     * <p>Emits one {@link Completion} for each source, in the order in which they end, and then completes. Failures of
     * sources are outcomes, not errors. Outcomes that downstream has not asked for yet are kept. Cancel, also by {@code
     * take(n)}, cancels the sources that still run; asyncio leaves them running.
     *
     * @param sources read as far as sources are started; an element that is null, or an iterator that throws, cancels
     *     what runs and is signalled as an error naming the index
     */
    public static <T> Flux<Completion<T>> asCompleted(Iterable<? extends Mono<? extends T>> sources) {
        return FluxAsCompleted.create(sources, Integer.MAX_VALUE);
    }

    /**
     * {@link #asCompleted(Iterable)} with at most {@code concurrency} sources that run or wait to be taken by downstream:
     * a slow consumer slows the sources down, and {@code sources} may be endless.
     *
     * @throws IllegalArgumentException if {@code concurrency} is less than 1
     */
    public static <T> Flux<Completion<T>> asCompleted(Iterable<? extends Mono<? extends T>> sources, int concurrency) {
        return FluxAsCompleted.create(sources, concurrency);
    }

    /**
     * Runs all contenders together and gives the value of the first that succeeds. Trio users write it with a nursery and a
     * cancel; asyncio with {@code wait(FIRST_COMPLETED)} in a loop.
     *
     * <p>Emits the first value, after the other contenders were cancelled and their cleanup has ended; cleanup that
     * fails is signalled instead of the value. A contender that fails, or completes without a value, is out of the race
     * and is heard of only if nobody wins: then the first failure is signalled as it is, and {@link TaskFailures} gives
     * all, an empty one as {@link NoSuchElementException} naming its index. Cancel cancels all contenders.
     *
     * <p>If losers need not be waited for, {@code Mono.firstWithValue} is enough.
     *
     * @param contenders read once for each subscription, at least one; null elements are signalled as {@link
     *     NullPointerException}
     * @throws IllegalArgumentException if a collection is empty; other iterables are looked at, and refused, when
     *     subscribed
     */
    public static <T> Mono<T> race(Iterable<? extends Mono<? extends T>> contenders) {
        return MonoRace.race(contenders);
    }

    /** {@link #race(Iterable)} of the arguments. */
    @SafeVarargs
    @SuppressWarnings("varargs")
    public static <T> Mono<T> race(Mono<? extends T>... contenders) {
        return MonoRace.race(
                Arrays.asList(Checks.notNull(contenders, "contenders").clone()));
    }

    /**
     * Starts the first attempt, and one more each time {@code delay} has passed or an attempt has failed; the first value
     * wins. Earlier attempts stay alive. It cuts the slow tail of a service that answers equal requests; {@code
     * Collections.nCopies(3, request)} makes three attempts of one source. asyncio has it inside as {@code
     * staggered_race}, gRPC calls it hedging.
     *
     * <p>The delay counts from the start of the latest attempt, on {@code Schedulers.parallel()}. The end is that of
     * {@link #race(Iterable)}.
     *
     * @param delay positive
     * @param attempts read once for each subscription, at least one; null elements are signalled as {@link
     *     NullPointerException}
     * @throws IllegalArgumentException if {@code delay} is not positive or a collection is empty; other iterables are
     *     looked at, and refused, when subscribed
     */
    public static <T> Mono<T> hedge(Duration delay, Iterable<? extends Mono<? extends T>> attempts) {
        return MonoRace.hedge(delay, attempts);
    }

    /**
     * Completes after {@code delay}, on {@code Schedulers.parallel()} as it is when subscribed. asyncio's {@code sleep}.
     * Cancel stops the timer. Zero gives other work on that scheduler a turn.
     *
     * @throws IllegalArgumentException if {@code delay} is negative
     */
    public static Mono<Void> sleep(Duration delay) {
        return MonoSleep.of(delay);
    }

    /**
     * Starts {@code work} now, as a {@link Task} that belongs to the caller: nobody else joins it. If it fails and is
     * collected without anybody having looked, its failure is logged. Never throws because of what {@code work} does. The work runs outside of any Context, but
     * for the ThreadLocals of the calling thread where Reactor's automatic context propagation is on; inside a pipeline
     * use a {@link TaskGroup}, or {@link #create(String, Mono, ContextView)}. asyncio's {@code create_task}.
     */
    public static <T> Task<T> create(Mono<? extends T> work) {
        return FreeTasks.start(null, Checks.notNull(work, "work"), Ambient.capture());
    }

    /**
     * The same with a name, and with a Context that the work gets to see. The surrounding scope, if the Context has one,
     * does not wait for the task, but for its cleanup once it was cancelled.
     */
    public static <T> Task<T> create(String name, Mono<? extends T> work, ContextView context) {
        return FreeTasks.start(
                Checks.notNull(name, "name"),
                Checks.notNull(work, "work"),
                Context.of(Checks.notNull(context, "context")));
    }

    /** Emits the task that the subscriber's pipeline is part of; empty outside of any task. */
    public static Mono<Task<?>> current() {
        return Mono.deferContextual(context -> Mono.justOrEmpty(DefaultTask.current(context)));
    }

    /** All tasks of this JVM that have not ended, oldest first: a copy. {@link TaskTree} shows them with their waits. */
    public static List<Task<?>> all() {
        return List.copyOf(TaskRegistry.live());
    }

    /**
     * Waits until the first task has ended, the first has failed, or all have ended; emits which of them are done by
     * then. asyncio's {@code wait}.
     *
     * <p>It never cancels a task and never fails because of one. Tasks that end in the same instant are all in {@code
     * done}; a task that is given twice counts once. Cancel gives up the wait. A task that waits for itself gets {@link
     * IllegalStateException}.
     *
     * @throws IllegalArgumentException if {@code tasks} is empty
     */
    public static <T> Mono<WaitResult<T>> waitUntil(ReturnWhen when, Collection<? extends Task<T>> tasks) {
        return MonoWaitUntil.create(Checks.notNull(when, "when"), distinct(tasks), null);
    }

    /**
     * The same for at most {@code timeout}, zero to look only. When it has passed that is no error: what has not ended is
     * in {@code pending}, and goes on.
     *
     * @throws IllegalArgumentException if {@code tasks} is empty or {@code timeout} is negative
     */
    public static <T> Mono<WaitResult<T>> waitUntil(
            ReturnWhen when, Collection<? extends Task<T>> tasks, Duration timeout) {
        Checks.notNegative(timeout, "timeout");
        return MonoWaitUntil.create(Checks.notNull(when, "when"), distinct(tasks), timeout);
    }

    private static <T> List<Task<T>> distinct(Collection<? extends Task<T>> tasks) {
        List<Task<T>> distinct = List.copyOf(new LinkedHashSet<>(Checks.notNull(tasks, "tasks")));
        if (distinct.isEmpty()) {
            throw new IllegalArgumentException("tasks must not be empty: there is nothing to wait for");
        }
        return distinct;
    }

    /**
     * Runs {@code work} so that it goes on when the subscriber leaves: as a child of the nearest {@link TaskGroup}, or of
     * the {@link BackgroundTasks} that the subscriber's task belongs to. asyncio's {@code shield}.
     *
     * <p>Each subscription starts the work anew and gives its value, or its error, to the subscriber if he is still there.
     * Cancelling leaves the work running, and its later failure is the owner's. The work is not under the subscriber's
     * deadline. It is no protection against its owner: a group that aborts or is cancelled cancels it as well. In a
     * bounded group it takes no place.
     *
     * <p>Errors: {@link IllegalStateException} where there is no owner, {@link java.util.concurrent.RejectedExecutionException}
     * where the {@code BackgroundTasks} is full, {@link TaskCancelledException} where the group is ending.
     */
    public static <T> Mono<T> shield(Mono<? extends T> work) {
        return MonoShield.create(Checks.notNull(work, "work"));
    }
}
