package io.github.asyncio4j.micrometer;

import io.github.asyncio4j.http.ClientSession;
import io.github.asyncio4j.http.SessionStatistics;
import io.github.asyncio4j.internal.Checks;
import io.github.asyncio4j.queue.AsyncQueue;
import io.github.asyncio4j.queue.QueueStatistics;
import io.github.asyncio4j.ratelimit.RateLimiter;
import io.github.asyncio4j.ratelimit.RateLimiterStatistics;
import io.github.asyncio4j.sync.AsyncLock;
import io.github.asyncio4j.sync.AsyncSemaphore;
import io.github.asyncio4j.sync.SyncStatistics;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * Meters of what sessions, semaphores, locks, limiters and queues count anyway, each with its name as the tag
 * {@code name}.
 *
 * <pre>{@code
 * Meters.of(registry, Tag.of("service", "shop")).bind("backend", session).bind("backend", semaphore);
 * }</pre>
 *
 * <table>
 * <caption>The meters</caption>
 * <tr><th>of</th><th>gauges</th><th>counters</th></tr>
 * <tr><td>{@code asyncio4j.session}</td><td>{@code in.use}, {@code idle}, {@code waiting}</td>
 *     <td>{@code created}, {@code reused}</td></tr>
 * <tr><td>{@code asyncio4j.semaphore}, {@code asyncio4j.lock}</td><td>{@code held}, {@code waiting}, {@code peak}</td>
 *     <td>{@code granted}, {@code cancelled}</td></tr>
 * <tr><td>{@code asyncio4j.limiter}</td><td>{@code waiting}, {@code paused} (seconds)</td>
 *     <td>{@code granted}, {@code cancelled}</td></tr>
 * <tr><td>{@code asyncio4j.queue}</td>
 *     <td>{@code size}, {@code peak}, {@code waiting.to.put}, {@code waiting.to.take}, {@code unfinished}</td>
 *     <td>{@code put}, {@code taken}, {@code cancelled}</td></tr>
 * </table>
 *
 * <p>Nothing is counted twice and no timer runs: a meter reads the statistics when the registry asks. Registries hold what
 * is bound weakly, so keep it; the meters of what is gone read {@code NaN}. Bind each name once: a second of the same
 * name and kind is left out by Micrometer.
 *
 * <p>In Python, a {@code Gauge} of prometheus_client for each, with {@code set_function}.
 */
public final class Meters {

    private final MeterRegistry registry;
    private final Tags tags;

    private Meters(MeterRegistry registry, Tags tags) {
        this.registry = registry;
        this.tags = tags;
    }

    /** Meters in {@code registry}, with those tags besides the name. */
    public static Meters of(MeterRegistry registry, Tag... tags) {
        return new Meters(Checks.notNull(registry, "registry"), Tags.of(Checks.notNull(tags, "tags")));
    }

    /** Binds the connections of a session. */
    public Meters bind(String name, ClientSession session) {
        new Source<>("session", name, Checks.notNull(session, "session"), ClientSession::statistics)
                .gauge("in.use", SessionStatistics::inUse)
                .gauge("idle", SessionStatistics::idle)
                .gauge("waiting", SessionStatistics::waiting)
                .counter("created", SessionStatistics::created)
                .counter("reused", SessionStatistics::reused);
        return this;
    }

    /** Binds the permits of a semaphore. */
    public Meters bind(String name, AsyncSemaphore semaphore) {
        sync(new Source<>("semaphore", name, Checks.notNull(semaphore, "semaphore"), AsyncSemaphore::statistics));
        return this;
    }

    /** Binds a lock. */
    public Meters bind(String name, AsyncLock lock) {
        sync(new Source<>("lock", name, Checks.notNull(lock, "lock"), AsyncLock::statistics));
        return this;
    }

    /** Binds the line of a limiter. */
    public Meters bind(String name, RateLimiter limiter) {
        new Source<>("limiter", name, Checks.notNull(limiter, "limiter"), RateLimiter::statistics)
                .gauge("waiting", RateLimiterStatistics::waiting)
                .gauge("paused", statistics -> statistics.paused().toNanos() / 1e9)
                .counter("granted", RateLimiterStatistics::granted)
                .counter("cancelled", RateLimiterStatistics::cancelled);
        return this;
    }

    /** Binds both ends of a queue. */
    public Meters bind(String name, AsyncQueue<?> queue) {
        new Source<AsyncQueue<?>, QueueStatistics>(
                        "queue", name, Checks.notNull(queue, "queue"), AsyncQueue::statistics)
                .gauge("size", QueueStatistics::size)
                .gauge("peak", QueueStatistics::peak)
                .gauge("waiting.to.put", QueueStatistics::waitingToPut)
                .gauge("waiting.to.take", QueueStatistics::waitingToTake)
                .gauge("unfinished", QueueStatistics::unfinished)
                .counter("put", QueueStatistics::put)
                .counter("taken", QueueStatistics::taken)
                .counter("cancelled", QueueStatistics::cancelled);
        return this;
    }

    private void sync(Source<?, SyncStatistics> source) {
        source.gauge("held", SyncStatistics::held)
                .gauge("waiting", SyncStatistics::waiting)
                .gauge("peak", SyncStatistics::peak)
                .counter("granted", SyncStatistics::granted)
                .counter("cancelled", SyncStatistics::cancelled);
    }

    /** One that is bound; the meters know it weakly, and must not reach it by their functions. */
    private final class Source<T, S> {

        private final String prefix;
        private final T source;
        private final Function<T, S> read;
        private final Tags named;

        Source(String kind, String name, T source, Function<T, S> read) {
            this.prefix = "asyncio4j." + kind + ".";
            this.source = source;
            this.read = read;
            this.named = tags.and("name", Checks.notNull(name, "name"));
        }

        Source<T, S> gauge(String name, ToDoubleFunction<S> value) {
            Gauge.builder(prefix + name, source, of(read, value)).tags(named).register(registry);
            return this;
        }

        Source<T, S> counter(String name, ToDoubleFunction<S> value) {
            FunctionCounter.builder(prefix + name, source, of(read, value))
                    .tags(named)
                    .register(registry);
            return this;
        }

        private static <T, S> ToDoubleFunction<T> of(Function<T, S> read, ToDoubleFunction<S> value) {
            return found -> value.applyAsDouble(read.apply(found));
        }
    }
}
