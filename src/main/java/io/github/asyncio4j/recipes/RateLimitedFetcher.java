package io.github.asyncio4j.recipes;

import io.github.asyncio4j.http.ClientSession;
import io.github.asyncio4j.http.ConnectionLimits;
import io.github.asyncio4j.ratelimit.RateLimiter;
import io.github.asyncio4j.resource.AsyncResource;
import io.github.asyncio4j.sync.AsyncSemaphore;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.util.retry.Retry;

/**
 * Fetches pages at no more than so many requests per second and so many at the same time, however many callers share it.
 *
 * <pre>{@code
 * Mono<List<String>> pages = RateLimitedFetcher.using(10, 5, fetcher -> Tasks.map(urls, 100, fetcher::fetch));
 * }</pre>
 *
 * <p>A server that answers 429 or 503 with {@code Retry-After} holds back all requests for that long, and the one it
 * refused is tried again, twice at most and as a request of its own under the limit. Every other failure is the caller's.
 *
 * <p>The limit holds on the server's clock: a request counts until a second after its answer, so no second there sees more
 * than {@code maxRps} of them arrive, even when some were long under way. The price is the time that answers take: 50 per
 * second with answers of 20 ms come to 49. Waiting blocks no thread and is
 * cancellable; a cancelled fetch sends nothing, or closes its connection. It answers the design challenge of the asyncio
 * course: {@code async with RateLimitedFetcher(max_rps=10, max_concurrent=5) as fetcher}.
 */
public final class RateLimitedFetcher {

    private static final Duration WINDOW = Duration.ofSeconds(1);
    private static final int RETRIES = 2;

    private final ClientSession session;
    private final RateLimiter limiter;
    private final AsyncSemaphore places;
    private final FetchRecorder recorder = new FetchRecorder();

    private RateLimitedFetcher(ClientSession session, double maxRps, int maxConcurrent) {
        this.session = session;
        this.limiter = limiter(maxRps);
        this.places = AsyncSemaphore.create(maxConcurrent);
    }

    /**
     * Opens a session, runs {@code body} with a fetcher on it, and closes the session before the result is seen.
     *
     * @param maxRps requests per second, positive; a rate that is not whole is spaced evenly
     * @param maxConcurrent requests on the wire, at least 1
     */
    public static <R> Mono<R> using(
            double maxRps, int maxConcurrent, Function<? super RateLimitedFetcher, ? extends Mono<? extends R>> body) {
        Arguments.positive(maxRps, "maxRps");
        Arguments.atLeastOne(maxConcurrent, "maxConcurrent");
        Objects.requireNonNull(body, "body");
        ClientSession.Builder session =
                ClientSession.builder().limits(ConnectionLimits.defaults().withTotal(maxConcurrent));
        return AsyncResource.of(Mono.fromSupplier(session::build), ClientSession::close)
                .use(open -> body.apply(new RateLimitedFetcher(open, maxRps, maxConcurrent)));
    }

    private static RateLimiter limiter(double maxRps) {
        RateLimiter.Builder limiter = RateLimiter.builder().name("fetcher").countFromEnd();
        return (maxRps == Math.rint(maxRps) && maxRps <= 1_000_000
                        ? limiter.slidingWindow((int) maxRps, WINDOW)
                        : limiter.smooth(maxRps))
                .build();
    }

    /**
     * Waits for a place and for its turn, and gives the body of {@code url} as text; an empty body is an empty string.
     *
     * <p>Fails with {@link io.github.asyncio4j.http.ClientResponseException} on a status of 400 or more, and with the
     * other {@link io.github.asyncio4j.http.ClientException}s of a request.
     */
    public Mono<String> fetch(String url) {
        Objects.requireNonNull(url, "url");
        return places.withPermit(limiter.limit(request(url)))
                .retryWhen(Retry.from(signals -> signals.concatMap(this::retry)))
                .doOnSuccess(body -> recorder.succeeded())
                .doOnError(error -> recorder.failed());
    }

    // The next attempt waits at the limiter, behind the pause, like everybody else.
    private Mono<Long> retry(Retry.RetrySignal signal) {
        return Mono.justOrEmpty(RetryAfter.of(signal.failure(), Instant.now()))
                .filter(pause -> signal.totalRetries() < RETRIES)
                .flatMap(pause -> limiter.pause(pause).thenReturn(signal.totalRetries()))
                .switchIfEmpty(Mono.error(signal.failure()));
    }

    private Mono<String> request(String url) {
        return Mono.defer(() -> {
            long start = now();
            recorder.started();
            return session.get(url)
                    .raiseForStatus(true)
                    .text()
                    .defaultIfEmpty("")
                    .doOnTerminate(() -> recorder.left(now() - start))
                    .doOnCancel(recorder::cancelled);
        });
    }

    private static long now() {
        return Schedulers.parallel().now(TimeUnit.NANOSECONDS);
    }

    /** Counters and latencies at this moment. */
    public FetchMetrics metrics() {
        return recorder.metrics();
    }
}
