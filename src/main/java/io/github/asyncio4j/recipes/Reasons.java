package io.github.asyncio4j.recipes;

import io.github.asyncio4j.time.DeadlineExceededException;
import java.util.Objects;
import reactor.core.Exceptions;

/** One line about a failure, for people who did not write the program. */
final class Reasons {

    private static final int LONGEST = 200;

    private Reasons() {}

    static String of(Throwable failure) {
        Throwable error = Exceptions.unwrap(failure);
        if (error instanceof DeadlineExceededException late) {
            return "no complete answer within " + seconds(late.budget().toMillis());
        }
        String message =
                Objects.requireNonNullElse(error.getMessage(), error.getClass().getSimpleName());
        String line = message.replaceAll("\\s+", " ").strip();
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST - 1) + "…";
    }

    private static String seconds(long millis) {
        return millis % 1000 == 0 ? millis / 1000 + " s" : millis + " ms";
    }
}
