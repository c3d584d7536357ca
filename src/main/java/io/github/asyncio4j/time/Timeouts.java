package io.github.asyncio4j.time;

import io.github.asyncio4j.internal.Checks;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Time limits that end after the cleanup of what they cut off. On expiry the work is cancelled, its cleanup awaited, and
 * only then the error signalled; Reactor's {@code timeout} signals at once and leaves the cleanup running.
 *
 * <p>The deadline goes into the Context, the smaller one of it and that of any scope around. Permit waits, rate limits,
 * pools and HTTP requests below read it, so that one limit at the top of a flow covers its retries and queues as well.
 * Where that is not wanted, and no cleanup is to be awaited, {@link Mono#timeout(Duration)} suffices.
 *
 * <pre>{@code
 * Mono<Page> page = Timeouts.timeout(fetch.retry(3), Duration.ofSeconds(2), "fetch page")
 *         .onErrorResume(DeadlineExceededException.class, late -> cachedPage);
 * }</pre>
 *
 * <p>The scope whose deadline it was signals {@link DeadlineExceededException}; of two that expire in the same instant,
 * the outer. A result that came first is never thrown away. A zero or negative budget times out unless the work ends
 * within its subscription. The timer runs on {@link reactor.core.scheduler.Schedulers#parallel()} as of the
 * subscription, and is gone when the work has ended. Signals come on the thread of the work, of the timer, or of the last
 * cleanup.
 *
 * <p>Cancelling cancels the work; its cleanup is awaited by the scope around, if there is one. Cleanup that takes longer
 * than 30 s is left alone, and the error says so in a suppressed {@link io.github.asyncio4j.CleanupTimeoutException}.
 *
 * <p>asyncio's {@code timeout}, {@code timeout_at} and {@code wait_for}; Trio's {@code move_on_after}.
 */
public final class Timeouts {

    private Timeouts() {}

    /**
     * Gives {@code work} at most {@code budget} from its subscription. Emits what the work emits. asyncio's {@code
     * wait_for}.
     *
     * @param budget zero or negative allows only work that ends within its subscription
     * @return fails with {@link DeadlineExceededException}; the operation in it is the work's {@link Mono#name}
     */
    public static <T> Mono<T> timeout(Mono<? extends T> work, Duration budget) {
        return mono(work, budget, null, false);
    }

    /** The same with a name for the error: what was to be done in time. */
    public static <T> Mono<T> timeout(Mono<? extends T> work, Duration budget, String operation) {
        return mono(work, budget, Checks.notNull(operation, "operation"), false);
    }

    /**
     * Gives a whole stream at most {@code budget} from its subscription to its end, whatever the pauses between elements.
     * Elements pass on as they come and as they are requested; {@link Flux#timeout(Duration)} limits each pause.
     *
     * @return fails with {@link DeadlineExceededException} after the elements that came in time
     */
    public static <T> Flux<T> timeout(Flux<? extends T> work, Duration budget) {
        return flux(work, budget, null);
    }

    /** The same with a name for the error: what was to be done in time. */
    public static <T> Flux<T> timeout(Flux<? extends T> work, Duration budget, String operation) {
        return flux(work, budget, Checks.notNull(operation, "operation"));
    }

    /**
     * Gives what {@code body} returns at most {@code budget}, and hands it the scope, to look at its deadline or to move
     * it. The body is called at each subscription, with a scope of its own. asyncio's {@code timeout}.
     *
     * @return fails with {@link DeadlineExceededException}, or with what the body throws
     */
    public static <T> Mono<T> timeout(
            Duration budget, Function<? super TimeoutScope, ? extends Mono<? extends T>> body) {
        return MonoTimeout.of(
                new TimeLimit(Checks.notNull(budget, "budget"), null, null, null, false), Checks.notNull(body, "body"));
    }

    /** The same with a name for the error: what was to be done in time. */
    public static <T> Mono<T> timeout(
            Duration budget, String operation, Function<? super TimeoutScope, ? extends Mono<? extends T>> body) {
        return MonoTimeout.of(
                new TimeLimit(
                        Checks.notNull(budget, "budget"), null, Checks.notNull(operation, "operation"), null, false),
                Checks.notNull(body, "body"));
    }

    /**
     * A limit of {@code budget} for any Mono, as an operator of its own: {@code mono.transform(Timeouts.within(budget))}.
     */
    public static <T> Function<Mono<T>, Mono<T>> within(Duration budget) {
        Checks.notNull(budget, "budget");
        return work -> timeout(work, budget);
    }

    /**
     * Gives {@code work} until {@code deadline}, on the deadline's clock. A deadline that has passed allows only work that
     * ends within its subscription. asyncio's {@code timeout_at}.
     *
     * @return fails with {@link DeadlineExceededException}; its budget is what was left at the subscription
     */
    public static <T> Mono<T> timeoutAt(Deadline deadline, Mono<? extends T> work) {
        Checks.notNull(work, "work");
        return MonoTimeout.of(
                new TimeLimit(null, Checks.notNull(deadline, "deadline"), null, work, false), scope -> work);
    }

    /**
     * Gives {@code work} at most {@code budget} and completes empty when that was not enough: for what one can do without.
     * Only its own deadline is forgiven; that of a scope inside or around, like any other error, comes out. Trio's {@code
     * move_on_after}.
     *
     * @param budget zero or negative allows only work that ends within its subscription
     * @return empty on expiry, after the cleanup; fails if that cleanup fails
     */
    public static <T> Mono<T> moveOnAfter(Duration budget, Mono<? extends T> work) {
        return mono(work, budget, null, true);
    }

    private static <T> Mono<T> mono(Mono<? extends T> work, Duration budget, @Nullable String operation, boolean soft) {
        Checks.notNull(work, "work");
        return MonoTimeout.of(
                new TimeLimit(Checks.notNull(budget, "budget"), null, operation, work, soft), scope -> work);
    }

    private static <T> Flux<T> flux(Flux<? extends T> work, Duration budget, @Nullable String operation) {
        return FluxTimeout.of(
                Checks.notNull(work, "work"),
                new TimeLimit(Checks.notNull(budget, "budget"), null, operation, work, false));
    }
}
