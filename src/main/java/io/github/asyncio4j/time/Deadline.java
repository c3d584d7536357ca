package io.github.asyncio4j.time;

import io.github.asyncio4j.internal.Checks;
import io.github.asyncio4j.internal.Expiry;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.ContextView;

/**
 * A point in time on the clock of a {@link Scheduler}. A budget counts from when it is used; a deadline is the same for
 * everybody who sees it, so it can be handed down through retries, queues and calls.
 *
 * <p>{@link Timeouts} puts the effective deadline into the Context; read it to give a protocol or a driver the time that
 * is really left. To limit a single Mono no deadline need be written down: {@link Timeouts#timeout(
 * reactor.core.publisher.Mono, Duration)} does.
 *
 * <pre>{@code
 * Mono<Row> query = Mono.deferContextual(context -> {
 *     Duration left = Deadline.from(context).map(Deadline::remaining).orElse(Duration.ofSeconds(5));
 *     return driver.query(sql, left);
 * });
 * }</pre>
 *
 * <p>Immutable and safe for all threads. Its asyncio twin is the {@code when} of {@code asyncio.timeout_at}; Trio's is
 * {@code current_effective_deadline()}.
 */
public final class Deadline implements Comparable<Deadline> {

    // The Scheduler's nanoseconds may start anywhere and wrap around, so only differences mean anything, and they must
    // stay below half the range: 146 years.
    private static final long FARTHEST = Long.MAX_VALUE / 2;

    private final long at;
    private final Scheduler clock;

    Deadline(long at, Scheduler clock) {
        this.at = at;
        this.clock = clock;
    }

    /**
     * The moment {@code budget} from now on the clock of {@link Schedulers#parallel()}, which is virtual time where a
     * test has installed it.
     *
     * @param budget zero or negative gives a deadline that has passed; more than 146 years count as 146 years
     */
    public static Deadline after(Duration budget) {
        return after(budget, Schedulers.parallel());
    }

    /**
     * The moment {@code budget} from now on the given clock.
     *
     * @param budget zero or negative gives a deadline that has passed; more than 146 years count as 146 years
     * @param clock whose {@link Scheduler#now(TimeUnit)} counts, and on which scopes set their timers
     */
    public static Deadline after(Duration budget, Scheduler clock) {
        long nanos = nanos(Checks.notNull(budget, "budget"));
        return new Deadline(now(Checks.notNull(clock, "clock")) + nanos, clock);
    }

    /**
     * The deadline that work with this Context is under: the earliest of all scopes around it, as they stand now (a
     * scope may still be rescheduled). Empty where no scope is around.
     */
    public static Optional<Deadline> from(ContextView ctx) {
        Expiry expiry = Expiry.from(Checks.notNull(ctx, "ctx"));
        if (expiry == null) {
            return Optional.empty();
        }
        if (expiry instanceof DefaultTimeoutScope<?> scope) {
            return Optional.of(scope.effectiveDeadline());
        }
        return Optional.of(after(Duration.ofNanos(expiry.remainingNanos())));
    }

    /** What is left, as of now; zero once it has passed, never negative. */
    public Duration remaining() {
        return Duration.ofNanos(Math.max(0, remainingNanos()));
    }

    /** True from the very instant on. */
    public boolean isExpired() {
        return remainingNanos() <= 0;
    }

    /** The earlier of the two; this one when they are the same instant. */
    public Deadline min(Deadline other) {
        return compareTo(other) <= 0 ? this : other;
    }

    /** The earlier is the smaller. Deadlines of different clocks are compared by what is left of them now. */
    @Override
    public int compareTo(Deadline other) {
        return Checks.notNull(other, "other").clock == clock
                ? Long.signum(at - other.at)
                : Long.compare(remainingNanos(), other.remainingNanos());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Deadline that && that.at == at && that.clock == clock;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(at);
    }

    @Override
    public String toString() {
        return "Deadline(" + Duration.ofNanos(remainingNanos()) + " left)";
    }

    long at() {
        return at;
    }

    Scheduler clock() {
        return clock;
    }

    long remainingNanos() {
        return at - now(clock);
    }

    static long now(Scheduler clock) {
        return clock.now(TimeUnit.NANOSECONDS);
    }

    static long nanos(Duration budget) {
        return Math.max(-FARTHEST, Math.min(FARTHEST, Checks.nanos(budget)));
    }
}
