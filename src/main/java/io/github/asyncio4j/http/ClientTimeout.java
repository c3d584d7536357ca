package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Checks;
import java.time.Duration;
import java.util.Optional;

/**
 * How long a request may take: aiohttp's {@code ClientTimeout}, with the same four parts. A deadline of a surrounding
 * {@code Timeouts.timeout} counts as well; whichever is shorter wins.
 *
 * <pre>{@code
 * ClientSession strict = ClientSession.builder()
 *         .timeout(ClientTimeout.strict().withTotal(Duration.ofSeconds(10)))
 *         .build();
 * }</pre>
 *
 * @param total from the start to the last byte of the body, redirects and retries included
 * @param connect waiting for a free connection and making one
 * @param sockConnect looking up, connecting and the TLS handshake alone
 * @param sockRead between two reads while bytes are wanted; a slow consumer does not run against it
 */
public record ClientTimeout(
        Optional<Duration> total,
        Optional<Duration> connect,
        Optional<Duration> sockConnect,
        Optional<Duration> sockRead) {

    private static final ClientTimeout NONE =
            new ClientTimeout(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /** Checks that each part is positive. */
    public ClientTimeout {
        checkPositive(total, "total");
        checkPositive(connect, "connect");
        checkPositive(sockConnect, "sockConnect");
        checkPositive(sockRead, "sockRead");
    }

    private static void checkPositive(Optional<Duration> part, String name) {
        if (part.isPresent()) {
            Checks.positive(part.get(), name);
        }
    }

    /** Where it is put to use, a part must fit into the total: a longer one would never be reached. */
    ClientTimeout checked() {
        check(connect, "connect");
        check(sockConnect, "sockConnect");
        check(sockRead, "sockRead");
        return this;
    }

    private void check(Optional<Duration> part, String name) {
        if (part.isPresent() && total.isPresent() && part.get().compareTo(total.get()) > 0) {
            throw new IllegalArgumentException(
                    name + " must not be longer than total (" + total.get() + "), but is " + part.get());
        }
    }

    /** Five minutes in all, 30 seconds to connect: what a session has if nothing is said. */
    public static ClientTimeout defaults() {
        return NONE.withTotal(Duration.ofMinutes(5)).withSockConnect(Duration.ofSeconds(30));
    }

    /** That much in all, and no other limit. */
    public static ClientTimeout total(Duration total) {
        return NONE.withTotal(total);
    }

    /** 30 seconds in all, 5 for a connection, 10 between two reads. */
    public static ClientTimeout strict() {
        return total(Duration.ofSeconds(30))
                .withConnect(Duration.ofSeconds(5))
                .withSockConnect(Duration.ofSeconds(5))
                .withSockRead(Duration.ofSeconds(10));
    }

    /** No limit at all. */
    public static ClientTimeout none() {
        return NONE;
    }

    /** The same with another total. */
    public ClientTimeout withTotal(Duration value) {
        return new ClientTimeout(Optional.of(value), connect, sockConnect, sockRead);
    }

    ClientTimeout withoutTotal() {
        return new ClientTimeout(Optional.empty(), connect, sockConnect, sockRead);
    }

    /** The same with another limit for getting a connection. */
    public ClientTimeout withConnect(Duration value) {
        return new ClientTimeout(total, Optional.of(value), sockConnect, sockRead);
    }

    /** The same with another limit for connecting. */
    public ClientTimeout withSockConnect(Duration value) {
        return new ClientTimeout(total, connect, Optional.of(value), sockRead);
    }

    /** The same with another limit for the pause between two reads. */
    public ClientTimeout withSockRead(Duration value) {
        return new ClientTimeout(total, connect, sockConnect, Optional.of(value));
    }
}
