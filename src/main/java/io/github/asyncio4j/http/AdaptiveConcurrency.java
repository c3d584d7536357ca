package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Checks;
import io.github.asyncio4j.internal.Expiry;
import io.github.asyncio4j.sync.Permit;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Finds out how many requests at once an origin bears, and keeps to it: more as long as all goes well, half as many when
 * it does not. For servers whose limit one does not know, or that changes. Where it is known, {@link
 * ConnectionLimits} and {@link HostRateLimit} suffice.
 *
 * <pre>{@code
 * Middleware adaptive = AdaptiveConcurrency.create();
 * }</pre>
 *
 * <p>Additive increase, multiplicative decrease, as TCP does it (RFC 5681). The limit grows while it is used to the full:
 * with each answer by one until the first failure, later by one for as many answers as it allows. A 429, 503 or 504, a
 * connection that could not be made or was lost, and a timeout halve it, once for all requests that were under way then.
 * Latency is no measure: it tells a slow query from an overload only when all requests are alike.
 *
 * <p>A request is counted from when it is sent until its response begins. The body is not: whoever reads one and asks the
 * same origin for something else meanwhile would wait for himself when the limit is one. Those beyond the limit wait in
 * line, first come, first served, within their timeouts; cancelling leaves the line. What is cancelled counts for nothing.
 * Put it inside of a {@link Retry}, so that attempts that wait for their next time do not count; as {@link
 * ClientSession.Builder#networkMiddleware} it counts each hop. The thousand origins used last are remembered.
 *
 * <p>aiohttp has none, its {@code limit_per_host} is fixed; Netflix's concurrency-limits.
 */
public final class AdaptiveConcurrency implements Middleware {

    private static final Set<Integer> OVERLOAD = Set.of(429, 503, 504);

    private final PerOrigin<CongestionWindow> windows;

    private AdaptiveConcurrency(Builder from) {
        int min = from.min;
        int max = from.max;
        int initial = Math.max(min, Math.min(max, from.initial));
        if (min > max) {
            throw new IllegalArgumentException("min must not be more than max, but is " + min + " of " + max);
        }
        windows = new PerOrigin<>(() -> new CongestionWindow(min, initial, max));
    }

    /** A limit with the defaults of the builder. */
    public static AdaptiveConcurrency create() {
        return builder().build();
    }

    /** A limit with settings of its own. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public Mono<ClientResponse> handle(ClientRequest request, Next next) {
        Origin origin = DefaultClientRequest.ours(request).origin();
        return Mono.defer(() -> {
            CongestionWindow window = windows.of(origin);
            // Not `withPermit`, which holds back a response until what it opened is closed: its connection.
            return window.permits.acquire().flatMap(permit -> counted(window, permit, next.proceed(request)));
        });
    }

    private static Mono<ClientResponse> counted(CongestionWindow window, Permit permit, Mono<ClientResponse> sent) {
        return Mono.deferContextual(context -> {
            int startedAt = window.started();
            Expiry deadline = Expiry.from(context);
            AtomicBoolean reported = new AtomicBoolean();
            Consumer<Runnable> once = report -> {
                if (reported.compareAndSet(false, true)) {
                    report.run();
                    permit.release();
                }
            };
            return sent.doOnNext(response -> once.accept(() -> answered(window, startedAt, response.status())))
                    .doOnError(error -> once.accept(() -> ended(window, startedAt, isOverload(error))))
                    .doOnCancel(() -> once.accept(() -> ended(window, startedAt, isOver(deadline))))
                    .doOnTerminate(() -> once.accept(window::ended));
        });
    }

    private static void answered(CongestionWindow window, int startedAt, int status) {
        if (status < 500 && status != 429) {
            window.succeeded();
        } else {
            ended(window, startedAt, OVERLOAD.contains(status));
        }
    }

    private static void ended(CongestionWindow window, int startedAt, boolean overload) {
        if (overload) {
            window.failed(startedAt);
        } else {
            window.ended();
        }
    }

    private static boolean isOverload(Throwable error) {
        boolean notConnected = error instanceof ClientConnectException
                && !(error instanceof HostNotFoundException)
                && !(error instanceof ClientTlsException)
                && !(error instanceof ClientProxyException);
        return notConnected
                || error instanceof ServerDisconnectedException
                || error instanceof ClientTimeoutException timeout
                        && timeout.phase() != ClientTimeoutException.Phase.QUEUE;
    }

    /** A deadline further out cancels; nobody says that it was the time. */
    private static boolean isOver(@Nullable Expiry deadline) {
        return deadline != null && deadline.remainingNanos() <= 0;
    }

    /** The state of each origin, by scheme, host and port ({@code https://example.com}). */
    public Map<String, Statistics> statistics() {
        return windows.each(CongestionWindow::statistics);
    }

    @Override
    public String toString() {
        return "AdaptiveConcurrency(" + statistics() + ")";
    }

    /**
     * What is known of one origin.
     *
     * <pre>{@code
     * int limit = adaptive.statistics().get("https://api.example.com").limit();
     * }</pre>
     *
     * <p>aiohttp has no counterpart; concurrency-limits has {@code Limiter} metrics.
     *
     * @param limit how many may be under way
     * @param inFlight how many are
     * @param waiting how many wait in line
     * @param succeeded how many were answered well so far
     * @param failed how many met an overload so far
     */
    public record Statistics(int limit, int inFlight, int waiting, long succeeded, long failed) {}

    /**
     * Settings of a limit.
     *
     * <pre>{@code
     * AdaptiveConcurrency adaptive = AdaptiveConcurrency.builder().initial(4).max(50).build();
     * }</pre>
     *
     * <p>aiohttp has none; concurrency-limits' {@code AIMDLimit.Builder}.
     */
    public static final class Builder {

        private int min = 1;
        private int initial = 10;
        private int max = 200;

        private Builder() {}

        /** How many are always allowed: 1 if nothing is said. */
        public Builder min(int value) {
            min = Checks.atLeast(1, value, "min");
            return this;
        }

        /** How many are allowed at first, within the other two: 10 if nothing is said. */
        public Builder initial(int value) {
            initial = Checks.atLeast(1, value, "initial");
            return this;
        }

        /** How many are never exceeded: 200 if nothing is said. */
        public Builder max(int value) {
            max = Checks.atLeast(1, value, "max");
            return this;
        }

        /**
         * The limit.
         *
         * @throws IllegalArgumentException when {@code min} is more than {@code max}
         */
        public AdaptiveConcurrency build() {
            return new AdaptiveConcurrency(this);
        }
    }
}
