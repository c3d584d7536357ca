package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.CleanupLedger;
import io.github.asyncio4j.internal.Expiry;
import io.github.asyncio4j.ratelimit.RateLimiter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.Context;

/** The robots.txt of one origin: asked for once by all who need it at the same time, and kept for a while. */
final class RobotsSite {

    static final int MAX_BYTES = 500 * 1024;
    private static final int MAX_REDIRECTS = 5;
    private static final Duration KEPT = Duration.ofHours(24);
    private static final Duration KEPT_UNREACHABLE = Duration.ofMinutes(5);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final String agent;
    private final Duration maxDelay;
    private final Scheduler clock = Schedulers.parallel();
    // Guarded by this.
    private @Nullable RobotsRules rules;
    private @Nullable Mono<RobotsRules> flight;
    private @Nullable RateLimiter limiter;
    private Duration delay = Duration.ZERO;
    private boolean reached;
    private long keptUntil;

    RobotsSite(String agent, Duration maxDelay) {
        this.agent = agent;
        this.maxDelay = maxDelay;
    }

    synchronized Mono<RobotsRules> rules(DefaultClientRequest request, Middleware.Next next) {
        RobotsRules known = rules;
        if (known != null && clock.now(TimeUnit.NANOSECONDS) - keptUntil < 0) {
            return Mono.just(known);
        }
        Mono<RobotsRules> running = flight;
        if (running == null) {
            running = flight(request.session(), request.origin() + "/robots.txt", next);
            flight = running;
        }
        return running;
    }

    /** Waits as long as the site asks between two requests. */
    synchronized <T> Mono<T> delayed(Mono<T> work) {
        return limiter == null ? work : limiter.limit(work);
    }

    private Mono<RobotsRules> flight(ClientSession session, String url, Middleware.Next next) {
        return Mono.defer(() -> {
                    OpenResponses open = new OpenResponses();
                    return new Fetch(session, url, next)
                            .from(url, 0)
                            .doOnCancel(open::abort)
                            .contextWrite(context -> open.storeIn(alone(context)));
                })
                .doOnTerminate(this::landed)
                .doOnCancel(this::landed)
                .flux()
                .replay(1)
                .refCount(1)
                .next();
    }

    /** It belongs to everybody, so no scope of anybody may end it or wait for it. */
    private static Context alone(Context context) {
        return CleanupLedger.removeFrom(Expiry.removeFrom(context)).put(RobotsTxt.class, true);
    }

    private synchronized void landed() {
        flight = null;
    }

    private synchronized RobotsRules keep(RobotsRules fetched) {
        reached = true;
        rules = fetched;
        keptUntil = clock.now(TimeUnit.NANOSECONDS) + KEPT.toNanos();
        Duration asked = fetched.delay().compareTo(maxDelay) > 0 ? maxDelay : fetched.delay();
        if (!asked.equals(delay)) {
            delay = asked;
            limiter = asked.isZero() ? null : RateLimiter.slidingWindow(1, asked);
        }
        return fetched;
    }

    /** RFC 9309, section 2.3.1.4: nothing is allowed, unless there are rules from before. */
    private synchronized RobotsRules unreachable(String source) {
        RobotsRules before = rules;
        RobotsRules now = before != null && reached ? before : RobotsRules.none(source);
        rules = now;
        keptUntil = clock.now(TimeUnit.NANOSECONDS) + KEPT_UNREACHABLE.toNanos();
        return now;
    }

    /** RFC 9309, section 2.3.1. */
    private final class Fetch {
        private final ClientSession session;
        private final String source;
        private final Middleware.Next next;

        Fetch(ClientSession session, String source, Middleware.Next next) {
            this.session = session;
            this.source = source;
            this.next = next;
        }

        Mono<RobotsRules> from(String url, int redirects) {
            ClientRequest request = session.get(url).followRedirects(false).timeout(PATIENCE);
            return next.proceed(request)
                    .flatMap(response -> answered(response, (DefaultClientRequest) request, redirects))
                    .onErrorResume(
                            error -> error instanceof IOException || error instanceof TimeoutException,
                            error -> Mono.fromSupplier(() -> unreachable(source + " (" + error.getMessage() + ")")));
        }

        private Mono<RobotsRules> answered(ClientResponse response, DefaultClientRequest request, int redirects) {
            int status = response.status();
            if (status / 100 == 2) {
                return start(response)
                        .map(content -> keep(RobotsRules.parse(
                                source,
                                content,
                                response.headers().first("Content-Type").orElse("text/plain"),
                                agent)));
            }
            Url target = status / 100 == 3
                    ? response.headers()
                            .first("Location")
                            .map(request::resolved)
                            .orElse(null)
                    : null;
            if (target != null && redirects < MAX_REDIRECTS) {
                return response.release().then(Mono.defer(() -> from(target.toString(), redirects + 1)));
            }
            return response.release()
                    .then(Mono.fromSupplier(() -> status >= 500
                            ? unreachable(source + " (answered " + status + ")")
                            : keep(RobotsRules.all(source + " (answered " + status + ")"))));
        }

        private Mono<byte[]> start(ClientResponse response) {
            ByteArrayOutputStream content = new ByteArrayOutputStream();
            return response.chunks()
                    .takeUntil(piece -> {
                        append(content, piece);
                        return content.size() >= MAX_BYTES;
                    })
                    .then(response.release())
                    .then(Mono.fromSupplier(() -> wholeLines(content.toByteArray())));
        }

        private static void append(ByteArrayOutputStream content, ByteBuffer piece) {
            byte[] bytes = new byte[piece.remaining()];
            piece.get(bytes);
            content.writeBytes(bytes);
        }

        // Half a path is another path.
        private static byte[] wholeLines(byte[] content) {
            int end = Math.min(content.length, MAX_BYTES);
            while (content.length >= MAX_BYTES && end > 0 && content[end - 1] != '\n') {
                end--;
            }
            return Arrays.copyOf(content, end);
        }
    }
}
