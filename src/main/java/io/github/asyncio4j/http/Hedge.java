package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Checks;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.Context;

/**
 * Sends a GET or HEAD a second time when its response does not come for a while, and takes what comes first; the other
 * one is cancelled. It shortens the slowest requests at little cost, if the delay is what most requests stay below (their
 * 95th percentile, say).
 *
 * <pre>{@code
 * Middleware hedge = Hedge.after(Duration.ofMillis(300));
 * }</pre>
 *
 * <p>At most one request in twenty is doubled, and ten to begin with, so a server that is slow for everybody does not get
 * twice the load. A failure before the second one was sent is passed on at once, later the other one is waited for.
 *
 * <p>aiohttp does so for connections only, by its {@code happy_eyeballs_delay}.
 */
public final class Hedge implements Middleware {

    private static final Set<String> SAFE = Set.of("GET", "HEAD");

    private final Duration delay;
    private final Allowance allowance;

    private Hedge(Duration delay, double budget) {
        this.delay = Checks.positive(delay, "delay");
        this.allowance = new Allowance(budget);
    }

    /** A second request after that time, for one in twenty at most. */
    public static Hedge after(Duration delay) {
        return after(delay, 0.05);
    }

    /**
     * A second request after that time.
     *
     * @param budget how many there may be for each regular one, on average; from 0 to 1
     */
    public static Hedge after(Duration delay, double budget) {
        return new Hedge(delay, budget);
    }

    @Override
    public Mono<ClientResponse> handle(ClientRequest request, Next next) {
        if (!SAFE.contains(request.method()) || !request.isReplayable()) {
            return next.proceed(request);
        }
        return Mono.defer(() -> {
            allowance.earn();
            AtomicInteger running = new AtomicInteger(1);
            Mono<ClientResponse> second = Mono.delay(delay, Schedulers.parallel())
                    .filter(late -> allowance.spend())
                    .flatMap(late -> {
                        running.incrementAndGet();
                        return attempt(next, request).onErrorResume(error -> unlessLast(error, running));
                    });
            Mono<ClientResponse> first = attempt(next, request).onErrorResume(error -> unlessLast(error, running));
            return Flux.merge(first, second).next();
        });
    }

    // `next()` cancels also the one whose response it took, and a request that is cancelled closes its response.
    private static Mono<ClientResponse> attempt(Next next, ClientRequest request) {
        return Mono.create(sink -> sink.onCancel(next.proceed(request)
                .subscribe(sink::success, sink::error, sink::success, Context.of(sink.contextView()))));
    }

    private static Mono<ClientResponse> unlessLast(Throwable error, AtomicInteger running) {
        return running.decrementAndGet() == 0 ? Mono.error(error) : Mono.empty();
    }
}
