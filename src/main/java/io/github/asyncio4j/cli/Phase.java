package io.github.asyncio4j.cli;

import io.github.asyncio4j.http.Timings;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Function;

/** The parts of a request's time. */
enum Phase {
    /** Waiting for a free connection. */
    QUEUE(Timings::queued),
    /** Looking up the name, connecting, TLS; zero on a connection that was reused. */
    CONNECT(Timings::connect),
    /** From sending the request to the head of the response. */
    FIRST_BYTE(Timings::headers),
    /** From there to the last byte. */
    BODY(Timings::body);

    private final Function<Timings, Duration> part;

    Phase(Function<Timings, Duration> part) {
        this.part = part;
    }

    Duration of(Timings timings) {
        return part.apply(timings);
    }

    /** For people. */
    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /** For programs. */
    String field() {
        return this == FIRST_BYTE ? "firstByte" : label();
    }
}
