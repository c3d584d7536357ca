package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Checks;
import java.time.Duration;

/**
 * How many connections a session may have and how long it keeps those that rest. Whoever finds no free one waits in
 * line, first come first served for each host, and the hosts take turns.
 *
 * <pre>{@code
 * ClientSession polite = ClientSession.builder()
 *         .limits(ConnectionLimits.defaults().withPerHost(6))
 *         .build();
 * }</pre>
 *
 * <p>aiohttp's {@code TCPConnector(limit, limit_per_host, keepalive_timeout)}.
 *
 * @param total connections at the same time, those at rest included; 0 for no limit
 * @param perHost connections in use to one scheme, host and port by one proxy; 0 for no limit
 * @param keepAlive how long a connection at rest is kept; zero closes it after its request
 */
public record ConnectionLimits(int total, int perHost, Duration keepAlive) {

    private static final ConnectionLimits DEFAULTS = new ConnectionLimits(100, 0, Duration.ofSeconds(15));

    /** Checks the limits. */
    public ConnectionLimits {
        Checks.atLeast(0, total, "total");
        Checks.atLeast(0, perHost, "perHost");
        Checks.notNegative(keepAlive, "keepAlive");
    }

    /** aiohttp's: 100 in all, no limit for a host, 15 seconds at rest. */
    public static ConnectionLimits defaults() {
        return DEFAULTS;
    }

    /** The same with another total; 0 for no limit. */
    public ConnectionLimits withTotal(int value) {
        return new ConnectionLimits(value, perHost, keepAlive);
    }

    /** The same with another limit for each host; 0 for no limit. */
    public ConnectionLimits withPerHost(int value) {
        return new ConnectionLimits(total, value, keepAlive);
    }

    /** The same with another time at rest; zero closes a connection after its request. */
    public ConnectionLimits withKeepAlive(Duration value) {
        return new ConnectionLimits(total, perHost, value);
    }
}
