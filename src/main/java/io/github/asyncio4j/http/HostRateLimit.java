package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Checks;
import io.github.asyncio4j.ratelimit.RateLimiter;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * A {@link RateLimiter} for each origin: requests wait for their start in line. A 429 or 503 with {@code Retry-After}
 * holds back all requests to that origin, up to a minute, and not only the one that was refused.
 *
 * <pre>{@code
 * Middleware polite = HostRateLimit.of(() -> RateLimiter.slidingWindow(10, Duration.ofSeconds(1)));
 * }</pre>
 *
 * <p>As {@link ClientSession.Builder#networkMiddleware} it counts each redirect, at the origin where it leads; around the
 * request a redirect is part of that. A cancelled request leaves the line at once. Put it inside of a {@link Retry}, so
 * that each attempt counts. The thousand origins used last are remembered.
 *
 * <p>With aiohttp, an {@code AsyncLimiter} of aiolimiter for each host, in a client middleware.
 */
public final class HostRateLimit implements Middleware {

    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    private final PerOrigin<RateLimiter> limiters;

    private HostRateLimit(Supplier<RateLimiter> limiters) {
        this.limiters = new PerOrigin<>(() -> Checks.notNull(limiters.get(), "the limiter"));
    }

    /** Takes a limiter from {@code limiters} for each new origin. */
    public static HostRateLimit of(Supplier<RateLimiter> limiters) {
        return new HostRateLimit(Checks.notNull(limiters, "limiters"));
    }

    @Override
    public Mono<ClientResponse> handle(ClientRequest request, Next next) {
        RateLimiter limiter = limiters.of(DefaultClientRequest.ours(request).origin());
        return limiter.limit(next.proceed(request))
                .flatMap(response -> limiter.pause(pause(response)).thenReturn(response));
    }

    private static Duration pause(ClientResponse response) {
        boolean refused = response.status() == 429 || response.status() == 503;
        @Nullable Duration asked = refused ? RetryAfter.of(response, Schedulers.parallel()) : null;
        if (asked == null) {
            return Duration.ZERO;
        }
        return asked.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : asked;
    }
}
