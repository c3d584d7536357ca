package io.github.asyncio4j.cli;

import io.github.asyncio4j.http.ClientResponse;
import io.github.asyncio4j.http.ConnectTimings;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;

/** The parts of a request's time, in their order. */
enum Phase {
    /** Waiting for a free connection. */
    QUEUE(response -> response.timings().queued()),
    /** Looking up the name. */
    DNS(response -> response.connectTimings().dns()),
    /** Until a socket was connected, and the way through a proxy open. */
    CONNECT(response -> toOrigin(response.connectTimings())),
    /** The TLS handshake. */
    TLS(response -> response.connectTimings().tls()),
    /** From sending the request to the head of the response. */
    FIRST_BYTE(response -> response.timings().headers()),
    /** From there to the last byte. */
    BODY(response -> response.timings().body());

    /** Of requests that make a connection; the others have none of these. */
    static final Set<Phase> CONNECTING = EnumSet.of(DNS, CONNECT, TLS);

    private final Function<ClientResponse, Duration> part;

    Phase(Function<ClientResponse, Duration> part) {
        this.part = part;
    }

    private static Duration toOrigin(ConnectTimings timings) {
        return timings.tcp().plus(timings.tunnel());
    }

    Duration of(ClientResponse response) {
        return part.apply(response);
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
