package io.github.asyncio4j.http;

import java.time.Duration;

/**
 * Where the time of a request went; what has not happened (yet) is zero.
 *
 * <p>What aiohttp's {@code TraceConfig} is used for.
 *
 * <pre>{@code
 * Mono<Duration> toFirstByte = session.get(url).use(response -> {
 *     Timings timings = response.timings();
 *     return Mono.just(timings.connect().plus(timings.headers()));
 * });
 * }</pre>
 *
 * @param queued waiting for a free connection
 * @param connect looking up, connecting, TLS; zero on a connection that was reused
 * @param headers from sending the request to the head of the response
 * @param body from there to the last byte
 * @param total from the start until now, or until the last byte
 */
public record Timings(Duration queued, Duration connect, Duration headers, Duration body, Duration total) {}
