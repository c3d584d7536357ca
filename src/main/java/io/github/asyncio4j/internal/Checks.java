package io.github.asyncio4j.internal;

import java.time.Duration;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;

/** Arguments and user functions: every complaint names the thing and the value. */
public final class Checks {

    private Checks() {}

    public static <T> T notNull(@Nullable T value, String parameter) {
        return Objects.requireNonNull(value, parameter);
    }

    public static int atLeast(int minimum, int value, String parameter) {
        if (value < minimum) {
            throw new IllegalArgumentException(parameter + " must be at least " + minimum + ", but is " + value);
        }
        return value;
    }

    public static Duration positive(Duration value, String parameter) {
        if (notNull(value, parameter).isZero() || value.isNegative()) {
            throw new IllegalArgumentException(parameter + " must be positive, but is " + value);
        }
        return value;
    }

    public static Duration notNegative(Duration value, String parameter) {
        if (notNull(value, parameter).isNegative()) {
            throw new IllegalArgumentException(parameter + " must not be negative, but is " + value);
        }
        return value;
    }

    public static double positive(double value, String parameter) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(parameter + " must be positive and finite, but is " + value);
        }
        return value;
    }

    /** Nanoseconds of a Duration, as many as fit: about 292 years. */
    public static long nanos(Duration value) {
        try {
            return value.toNanos();
        } catch (ArithmeticException e) {
            return value.isNegative() ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
    }

    /**
     * Calls a user function that is to give a result: what it throws, or a null, becomes the error of {@code failed}.
     * Fatal errors are rethrown.
     */
    public static <A, R> R call(
            Function<? super A, ? extends @Nullable R> function,
            A argument,
            String name,
            Function<Throwable, R> failed) {
        @Nullable R result;
        try {
            result = function.apply(argument);
        } catch (Throwable t) {
            Exceptions.throwIfFatal(t);
            return failed.apply(t);
        }
        return result == null ? failed.apply(new NullPointerException(name + " returned null")) : result;
    }

    /** {@link #call} for the usual shape: a function that gives a Mono. */
    public static <A, T> Mono<? extends T> callMono(
            Function<? super A, ? extends Mono<? extends T>> function, A argument, String name) {
        return call(function, argument, name, Mono::error);
    }
}
