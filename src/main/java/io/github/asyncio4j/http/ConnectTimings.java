package io.github.asyncio4j.http;

import java.time.Duration;

/**
 * What {@link Timings#connect} consists of; all zero on a connection that was used before. What a phase did not need is
 * zero too: an address needs no lookup, plain HTTP no TLS.
 *
 * <p>aiohttp tells the DNS part of it to a {@code TraceConfig}, and the rest to nobody.
 *
 * <pre>{@code
 * Mono<Duration> handshake = session.get(url).use(response ->
 *         Mono.just(response.connectTimings().tls()));
 * }</pre>
 *
 * @param dns looking up the host
 * @param tcp until a socket was connected, to the proxy if there is one
 * @param tunnel until the proxy had opened the way to the origin
 * @param tls the TLS handshake
 */
public record ConnectTimings(Duration dns, Duration tcp, Duration tunnel, Duration tls) {

    /** Of a request that made no connection. */
    public static final ConnectTimings NONE =
            new ConnectTimings(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);
}
