package io.github.asyncio4j.recipes;

import java.time.Duration;

/** Bad arguments are named, with their value, at the call. */
final class Arguments {

    private Arguments() {}

    static int atLeastOne(int value, String parameter) {
        check(value >= 1, parameter + " must be at least 1, but is " + value);
        return value;
    }

    static double positive(double value, String parameter) {
        check(value > 0 && value < Double.POSITIVE_INFINITY, parameter + " must be positive, but is " + value);
        return value;
    }

    static Duration positive(Duration value, String parameter) {
        check(!value.isZero() && !value.isNegative(), parameter + " must be positive, but is " + value);
        return value;
    }

    private static void check(boolean fits, String sentence) {
        if (!fits) {
            throw new IllegalArgumentException(sentence);
        }
    }
}
