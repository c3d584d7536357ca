package io.github.asyncio4j.task;

import io.github.asyncio4j.internal.Checks;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;

/**
 * How one piece of work ended: with a value, without one, or with an error. It is an ordinary value, so a list of
 * outcomes can hold successes and failures side by side, which a {@code Mono} of a list cannot.
 *
 * <p>Use it where failures are to be looked at one by one: {@link Tasks#gatherSettled}, {@link Tasks#asCompleted}. For
 * a single source {@code Mono.materialize()} does the same job.
 *
 * <pre>{@code
 * Tasks.gatherSettled(List.of(first, second)).map(outcomes -> {
 *     Outcome<String> outcome = outcomes.get(0);
 *     return outcome.isSuccess() ? outcome.orElseThrow() : "failed: " + outcome.error().orElse(null);
 * });
 * }</pre>
 *
 * <p>Immutable, safe for all threads. asyncio's twin is an element of {@code gather(..., return_exceptions=True)}.
 *
 * @param <T> what the work gives
 */
public sealed interface Outcome<T> {

    /** The work gave a value. */
    record Success<T>(T result) implements Outcome<T> {
        public Success {
            Checks.notNull(result, "result");
        }
    }

    /** The work completed without a value, as a {@code Mono<Void>} does. */
    record Empty<T>() implements Outcome<T> {
        public Empty {}
    }

    /** The work failed, or somebody cancelled it: see {@link #isCancelled()}. */
    record Failure<T>(Throwable cause) implements Outcome<T> {
        public Failure {
            Checks.notNull(cause, "cause");
        }
    }

    /** A {@link Success}. */
    static <T> Outcome<T> success(T result) {
        return new Success<>(result);
    }

    /** An {@link Empty}. */
    static <T> Outcome<T> empty() {
        return new Empty<>();
    }

    /** A {@link Failure}. */
    static <T> Outcome<T> failure(Throwable cause) {
        return new Failure<>(cause);
    }

    /** True if there is a value. */
    default boolean isSuccess() {
        return this instanceof Success;
    }

    /** True if there is an error, a cancellation included. */
    default boolean isFailure() {
        return this instanceof Failure;
    }

    /** True if the work completed without a value. */
    default boolean isEmpty() {
        return this instanceof Empty;
    }

    /** True if the error says that somebody cancelled the work: a {@link CancellationException}. */
    default boolean isCancelled() {
        return this instanceof Failure<T> failure && failure.cause() instanceof CancellationException;
    }

    /** The value, if there is one. */
    default Optional<T> value() {
        return this instanceof Success<T> success ? Optional.of(success.result()) : Optional.empty();
    }

    /** The error, if there is one. */
    default Optional<Throwable> error() {
        return this instanceof Failure<T> failure ? Optional.of(failure.cause()) : Optional.empty();
    }

    /**
     * The value. Throws the error of a failure, a checked one wrapped as {@link Exceptions#propagate} does, and
     * {@link NoSuchElementException} when the work completed without a value.
     */
    default T orElseThrow() {
        if (this instanceof Success<T> success) {
            return success.result();
        }
        if (this instanceof Failure<T> failure) {
            throw Exceptions.propagate(failure.cause());
        }
        throw new NoSuchElementException("the work completed empty");
    }

    /** The outcome as a source again: it emits the value, completes empty or fails, at once. */
    default Mono<T> asMono() {
        if (this instanceof Success<T> success) {
            return Mono.just(success.result());
        }
        return this instanceof Failure<T> failure ? Mono.error(failure.cause()) : Mono.empty();
    }

    /**
     * The same outcome with another value: {@code f} is called for a success only. If it throws, or returns null, the
     * result is a failure that says so.
     */
    default <R> Outcome<R> map(Function<? super T, ? extends R> f) {
        Checks.notNull(f, "f");
        if (this instanceof Success<T> success) {
            return Checks.call(value -> wrapped(f.apply(value)), success.result(), "f", Failure::new);
        }
        return this instanceof Failure<T> failure ? new Failure<>(failure.cause()) : new Empty<>();
    }

    private static <R> @Nullable Outcome<R> wrapped(@Nullable R result) {
        return result == null ? null : new Success<>(result);
    }
}
