package io.github.asyncio4j.resource;

import io.github.asyncio4j.internal.Checks;
import java.util.function.BiFunction;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * How to open something and how to close it. A resource is a description: each use opens afresh, and closes what it
 * opened exactly once, whether the body gives a value, fails or is cancelled. Python's {@code async with}; an {@code
 * AsyncResource} is the context manager.
 *
 * <p>In contrast to {@link Mono#usingWhen} the end of the closing can be awaited by whoever cancels: the scopes of this
 * library ({@code Timeouts}, {@code TaskGroup}, {@code Tasks.gather} …) signal only when it is over, and see its failure.
 * Where nothing need be awaited after a cancel, {@code usingWhen} suffices.
 *
 * <pre>{@code
 * AsyncResource<Connection> connection = AsyncResource.of(pool.acquire(), Connection::release).named("orders db");
 *
 * Mono<Integer> rows = connection.use(c -> c.execute(sql));
 *
 * AsyncResource<Transaction> transaction = connection.flatMap(c -> AsyncResource.of(
 *         c.begin(), (tx, exit) -> exit.isCompleted() ? tx.commit() : tx.rollback()));
 * }</pre>
 *
 * <p><b>Cancelling</b> while it opens lets the opening go on and closes what it gives, so that nothing is lost in
 * between; an opening that may hang needs a time limit of its own, inside. Cancelling the body cancels the body, waits
 * for the cleanup inside it, then closes; nothing cuts the closing short. The closing gets the subscriber's Context, but
 * not its deadline, which has mostly passed by then.
 *
 * <p><b>Errors:</b> a failing close is the error when the body had none, and is suppressed on the body's otherwise; after
 * a cancel it goes to the surrounding scope, or to {@link reactor.core.publisher.Operators#onErrorDropped} without one.
 * An opening that completes empty is a {@link java.util.NoSuchElementException}.
 *
 * <p>Safe for all threads. The body runs on the thread that opened, the result comes on the one that closed.
 *
 * @param <T> what is opened
 */
public interface AsyncResource<T> {

    /**
     * A resource from its two halves.
     *
     * @param open opens it; subscribed at each use
     * @param close closes what was opened; called once for each
     */
    static <T> AsyncResource<T> of(Mono<? extends T> open, Function<? super T, ? extends Mono<Void>> close) {
        Checks.notNull(close, "close");
        return of(open, (opened, exit) -> close.apply(opened));
    }

    /** The same, where the closing depends on how the use ended. */
    static <T> AsyncResource<T> of(
            Mono<? extends T> open, BiFunction<? super T, ? super Exit, ? extends Mono<Void>> close) {
        return new DefaultAsyncResource<>(Checks.notNull(open, "open"), Checks.notNull(close, "close"), false, null);
    }

    /**
     * A resource whose opening knows how to be cancelled: it leaves nothing behind then. A cancel ends it at once, where
     * that of {@link #of} would wait for the opening to end.
     *
     * @param open opens it; a cancel while it opens must undo what it did so far
     * @param close closes what was opened; called once for each
     */
    static <T> AsyncResource<T> ofCancellable(
            Mono<? extends T> open, BiFunction<? super T, ? super Exit, ? extends Mono<Void>> close) {
        return new DefaultAsyncResource<>(Checks.notNull(open, "open"), Checks.notNull(close, "close"), true, null);
    }

    /**
     * Opens, runs the body, closes. Emits what the body emits, held back until the resource is closed; empty when the body
     * is empty.
     *
     * @return fails with the error of the opening, of the body, of the closing, in this order
     */
    <R> Mono<R> use(Function<? super T, ? extends Mono<? extends R>> body);

    /**
     * Opens, runs the body, closes. Elements pass on as they come and as they are requested; the end is held back until
     * the resource is closed.
     *
     * @return fails with the error of the opening, of the body, of the closing, in this order
     */
    <R> Flux<R> useMany(Function<? super T, ? extends Flux<? extends R>> body);

    /** A resource that is opened with the help of this one, and closed before it. */
    <U> AsyncResource<U> flatMap(Function<? super T, ? extends AsyncResource<U>> next);

    /**
     * The same resource under a name, for messages: a {@link io.github.asyncio4j.CleanupTimeoutException} says who did
     * not close. Without one the class of what was opened serves. A resource made by {@link #flatMap} passes it to its last part.
     */
    default AsyncResource<T> named(String name) {
        Checks.notNull(name, "name");
        return this;
    }
}
