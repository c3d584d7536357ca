package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Checks;
import io.github.asyncio4j.internal.Expiry;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Sends a request again when that may help: after 408, 429, 502, 503 and 504, and after a {@link ClientException} that
 * says the server was not reached or broke off. aiohttp users know the package {@code aiohttp_retry}.
 *
 * <pre>{@code
 * ClientSession session = ClientSession.builder()
 *         .middleware(Retry.builder().attempts(4).build())
 *         .build();
 * }</pre>
 *
 * <p>Only what may be repeated is: idempotent methods, requests with an {@code Idempotency-Key}, any other if nothing was
 * sent yet; and no body that can be read only once. Between attempts it waits a random time up to a limit that doubles
 * (full jitter), or as long as {@code Retry-After} asks for. It begins no attempt that could not end before the deadline,
 * judged by the shortest one so far, and no more of them than its budget allows: 10 % of all requests. When it gives up,
 * the last response or error is the outcome.
 *
 * <p>One instance may serve many sessions, which share the budget then. Cancelling cancels the attempt or the wait.
 */
public final class Retry implements Middleware {

    private static final Set<Integer> STATUSES = Set.of(408, 429, 502, 503, 504);
    private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE");

    private final int attempts;
    private final Duration base;
    private final Duration max;
    private final Duration maxRetryAfter;
    private final boolean allMethods;
    private final DoubleSupplier random;
    private final Allowance allowance;

    private Retry(Builder from) {
        attempts = from.attempts;
        base = from.base;
        max = from.max;
        maxRetryAfter = from.maxRetryAfter;
        allMethods = from.allMethods;
        random = from.random;
        allowance = new Allowance(from.budget);
    }

    /** Three attempts, and the other defaults of the builder. */
    public static Retry create() {
        return builder().build();
    }

    /** A policy with settings of its own. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public Mono<ClientResponse> handle(ClientRequest request, Next next) {
        return Mono.deferContextual(context -> {
            allowance.earn();
            return new Run(request, next, Expiry.from(context), Schedulers.parallel()).attempt();
        });
    }

    private boolean mayRepeat(ClientRequest request) {
        return allMethods
                || IDEMPOTENT.contains(request.method())
                || request.headers().contains("Idempotency-Key");
    }

    /** How long at most before attempt {@code number + 1}. */
    private Duration backOff(int number) {
        double limit = Math.min(max.toNanos(), base.toNanos() * Math.pow(2, number - 1.0));
        return Duration.ofNanos((long) (limit * random.getAsDouble()));
    }

    /** What became of an attempt. */
    private record Result(
            @Nullable ClientResponse response, @Nullable Throwable error) {

        Mono<ClientResponse> outcome() {
            return error == null ? Mono.justOrEmpty(response) : Mono.error(error);
        }

        /** The request cannot have had an effect. */
        boolean wasNotSent() {
            return error instanceof ClientConnectException
                    || error instanceof ClientTimeoutException timeout
                            && switch (timeout.phase()) {
                                case QUEUE, DNS, CONNECT, TLS -> true;
                                default -> false;
                            };
        }

        boolean isWorthAnother() {
            if (response != null) {
                return STATUSES.contains(response.status());
            }
            return error instanceof ClientConnectException && !(error instanceof ClientTlsException)
                    || error instanceof ServerDisconnectedException
                    || error instanceof ClientTimeoutException timeout
                            && timeout.phase() != ClientTimeoutException.Phase.TOTAL;
        }
    }

    /** One request with all its attempts, which come one after the other. */
    private final class Run {
        private final ClientRequest request;
        private final Next next;
        private final @Nullable Expiry deadline;
        private final Scheduler clock;
        private int number;
        private long shortest = Long.MAX_VALUE;

        Run(ClientRequest request, Next next, @Nullable Expiry deadline, Scheduler clock) {
            this.request = request;
            this.next = next;
            this.deadline = deadline;
            this.clock = clock;
        }

        Mono<ClientResponse> attempt() {
            return Mono.defer(() -> {
                number++;
                long startedAt = clock.now(TimeUnit.NANOSECONDS);
                return next.proceed(request)
                        .map(response -> new Result(response, null))
                        .onErrorResume(error -> Mono.just(new Result(null, error)))
                        .flatMap(result -> {
                            shortest = Math.min(shortest, clock.now(TimeUnit.NANOSECONDS) - startedAt);
                            return after(result);
                        });
            });
        }

        private Mono<ClientResponse> after(Result result) {
            boolean allowed = number < attempts
                    && result.isWorthAnother()
                    && request.isReplayable()
                    && (mayRepeat(request) || result.wasNotSent());
            Duration wait = allowed ? pause(result) : null;
            if (wait == null || !isInTime(wait) || !allowance.spend()) {
                return result.outcome();
            }
            ClientResponse refused = result.response();
            Mono<Void> released = refused == null ? Mono.empty() : refused.release();
            return released.then(Mono.delay(wait, clock)).then(attempt());
        }

        /** Null when the server asks for more patience than there is. */
        private @Nullable Duration pause(Result result) {
            ClientResponse refused = result.response();
            Duration asked = refused == null ? null : RetryAfter.of(refused, clock);
            if (asked == null) {
                return backOff(number);
            }
            return asked.compareTo(maxRetryAfter) > 0 ? null : asked;
        }

        private boolean isInTime(Duration wait) {
            return deadline == null || wait.toNanos() + shortest < deadline.remainingNanos();
        }
    }

    /**
     * Settings of a policy.
     *
     * <pre>{@code
     * Retry patient = Retry.builder()
     *         .attempts(6)
     *         .backOff(Duration.ofMillis(200), Duration.ofSeconds(20))
     *         .build();
     * }</pre>
     *
     * <p>aiohttp-retry's {@code ExponentialRetry}.
     */
    public static final class Builder {

        private int attempts = 3;
        private Duration base = Duration.ofMillis(100);
        private Duration max = Duration.ofSeconds(10);
        private Duration maxRetryAfter = Duration.ofSeconds(60);
        private double budget = 0.1;
        private boolean allMethods;
        private DoubleSupplier random = () -> ThreadLocalRandom.current().nextDouble();

        private Builder() {}

        /** How often a request is sent at most, the first time included; 3 if nothing is said. */
        public Builder attempts(int value) {
            attempts = Checks.atLeast(1, value, "attempts");
            return this;
        }

        /** The longest first wait, and the longest of all: 100 ms and 10 s if nothing is said. */
        public Builder backOff(Duration first, Duration longest) {
            base = Checks.positive(first, "first");
            max = Checks.positive(longest, "longest");
            return this;
        }

        /** A {@code Retry-After} of more is not waited for: the response is the outcome. 60 s if nothing is said. */
        public Builder maxRetryAfter(Duration value) {
            maxRetryAfter = Checks.notNegative(value, "maxRetryAfter");
            return this;
        }

        /**
         * How many retries there may be for each request, on average: 0.1 if nothing is said; a reserve of ten is there
         * from the beginning.
         *
         * @throws IllegalArgumentException unless between 0 and 1
         */
        public Builder budget(double retriesPerRequest) {
            new Allowance(retriesPerRequest);
            budget = retriesPerRequest;
            return this;
        }

        /** Repeats POST and PATCH as well, though they may have had an effect. */
        public Builder allMethods(boolean all) {
            allMethods = all;
            return this;
        }

        /** Numbers from 0 to 1 in place of random ones. */
        Builder random(DoubleSupplier numbers) {
            random = numbers;
            return this;
        }

        /** The policy. */
        public Retry build() {
            return new Retry(this);
        }
    }
}
