package io.github.asyncio4j.recipes;

import java.time.Duration;

/**
 * What a {@link RateLimitedFetcher} has done so far. Latencies count from the moment a request is let through to its
 * last byte; waiting for its turn is not in them. Cancelled fetches are counted nowhere.
 *
 * <p>In Python, a dataclass and {@code statistics.quantiles}.
 *
 * @param total ended fetches, {@code succeeded + failed}
 * @param succeeded those that gave a body
 * @param failed those that gave an error
 * @param averageLatency zero as long as there is none; the percentiles likewise
 * @param p50 half of the requests were at least this fast
 * @param p95 of 20 requests 19
 * @param p99 of 100 requests 99
 * @param inFlight requests on the wire now
 */
public record FetchMetrics(
        long total,
        long succeeded,
        long failed,
        Duration averageLatency,
        Duration p50,
        Duration p95,
        Duration p99,
        int inFlight) {}
