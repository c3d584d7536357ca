package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Checks;
import java.time.Duration;
import java.util.Optional;

/** Arithmetic on instants of {@link System#nanoTime}: differences only, and never so far away that they wrap. */
final class Instants {

    /** As good as for ever, about 73 years; two of them still add up. */
    static final long FOREVER = Long.MAX_VALUE / 4;

    private Instants() {}

    static long nanos(Duration duration) {
        return Math.min(FOREVER, Checks.nanos(duration));
    }

    static long after(long start, Optional<Duration> limit) {
        return start + (limit.isPresent() ? nanos(limit.get()) : FOREVER);
    }

    static long earlier(long one, long other) {
        return one - other <= 0 ? one : other;
    }
}
