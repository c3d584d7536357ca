package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Checks;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Leaves an origin alone that has failed several times in a row: its requests fail at once with
 * {@link CircuitOpenException}. After a while one request is let through; if that goes well, all are.
 *
 * <pre>{@code
 * Middleware breaker = CircuitBreaker.of(5, Duration.ofSeconds(30));
 * }</pre>
 *
 * <p>A failure is a response of 500 and above, or a {@link ClientException} that comes of the server or the way to it. A
 * cancel is none: a probe that is cancelled leaves its place to the next request. Origins do not affect each other.
 *
 * <p>aiohttp has none; pybreaker's {@code CircuitBreaker}.
 */
public final class CircuitBreaker implements Middleware {

    private final int failures;
    private final Duration openFor;
    // Origins without trouble are not in it.
    private final Map<Origin, Circuit> circuits = new ConcurrentHashMap<>();

    private CircuitBreaker(int failures, Duration openFor) {
        this.failures = Checks.atLeast(1, failures, "failures");
        this.openFor = Checks.positive(openFor, "openFor");
    }

    /**
     * A breaker that opens after so many failures in a row.
     *
     * @param openFor how long before a request is tried again
     */
    public static CircuitBreaker of(int failures, Duration openFor) {
        return new CircuitBreaker(failures, openFor);
    }

    @Override
    public Mono<ClientResponse> handle(ClientRequest request, Next next) {
        Origin origin = DefaultClientRequest.ours(request).origin();
        return Mono.defer(() -> {
            Scheduler clock = Schedulers.parallel();
            Circuit circuit = circuits.computeIfAbsent(origin, Circuit::new);
            if (!circuit.admits(clock)) {
                return Mono.error(new CircuitOpenException(
                        request.method() + " " + origin + ": not sent, as " + failures + " requests in a row failed",
                        origin.toString()));
            }
            AtomicBoolean reported = new AtomicBoolean();
            return next.proceed(request)
                    .doOnNext(response -> report(reported, circuit, response.status() < 500, clock))
                    .doOnError(error -> report(reported, circuit, !isFailure(error), clock))
                    .doFinally(signal -> {
                        if (reported.compareAndSet(false, true)) {
                            circuit.forgotten();
                        }
                    });
        });
    }

    private void report(AtomicBoolean reported, Circuit circuit, boolean good, Scheduler clock) {
        if (reported.compareAndSet(false, true)) {
            circuit.report(good, clock);
        }
    }

    private static boolean isFailure(Throwable error) {
        return error instanceof ClientConnectException
                || error instanceof ClientTimeoutException
                || error instanceof ServerDisconnectedException
                || error instanceof InvalidResponseException;
    }

    /** What is known of one origin. */
    private final class Circuit {
        private final Origin origin;
        private int inARow;
        private boolean probing;
        private long closedUntil;

        Circuit(Origin origin) {
            this.origin = origin;
        }

        synchronized boolean admits(Scheduler clock) {
            if (inARow < failures) {
                return true;
            }
            if (probing || clock.now(TimeUnit.NANOSECONDS) - closedUntil < 0) {
                return false;
            }
            probing = true;
            return true;
        }

        synchronized void report(boolean good, Scheduler clock) {
            probing = false;
            if (good) {
                inARow = 0;
                circuits.remove(origin, this);
            } else if (++inARow >= failures) {
                closedUntil = clock.now(TimeUnit.NANOSECONDS) + openFor.toNanos();
            }
        }

        synchronized void forgotten() {
            probing = false;
            if (inARow == 0) {
                circuits.remove(origin, this);
            }
        }
    }

    /** How many origins have failed lately. */
    int size() {
        return circuits.size();
    }
}
