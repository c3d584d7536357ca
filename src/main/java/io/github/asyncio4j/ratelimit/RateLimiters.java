package io.github.asyncio4j.ratelimit;

import io.github.asyncio4j.internal.Checks;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;

/**
 * A {@link RateLimiter} for each key (host, tenant, API token), made when the key is first used and forgotten once it
 * would behave like a new one.
 *
 * <pre>{@code
 * RateLimiters<String> perHost = RateLimiters.create(() -> RateLimiter.slidingWindow(5, Duration.ofSeconds(1)));
 * Mono<String> page = perHost.limit(host, session.get(url).text());
 * }</pre>
 *
 * <p>Idle keys are looked for whenever any key is used, a few at a time, so there is no timer and no pause. All methods
 * may be called from any thread.
 *
 * <p>A dictionary of aiolimiter's {@code AsyncLimiter}s, whose idle entries go away.
 *
 * @param <K> the keys, told apart by {@code equals}
 */
public final class RateLimiters<K> {

    /** Two out for each one in: what is idle goes faster than it comes. */
    private static final int LOOKED_AT = 2;

    private final Supplier<? extends RateLimiter> factory;
    // In order of use, the longest unused first. Guarded by itself.
    private final LinkedHashMap<K, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

    private RateLimiters(Supplier<? extends RateLimiter> factory) {
        this.factory = factory;
    }

    /**
     * A family of limiters.
     *
     * @param factory makes the limiter of one key, with one of {@link RateLimiter}'s own factories; called under a lock
     */
    public static <K> RateLimiters<K> create(Supplier<? extends RateLimiter> factory) {
        return new RateLimiters<>(Checks.notNull(factory, "factory"));
    }

    /** {@link RateLimiter#acquire()} of this key's limiter. */
    public Mono<Void> acquire(K key) {
        Checks.notNull(key, "key");
        return Mono.using(() -> pin(key), entry -> entry.limiter.acquire(), this::unpin);
    }

    /** {@link RateLimiter#limit} of this key's limiter. */
    public <T> Mono<T> limit(K key, Mono<? extends T> work) {
        return acquire(key).then(Mono.from(Checks.notNull(work, "work")));
    }

    /** How many keys are remembered: all that are in use, and idle ones that were not looked at yet. */
    public int size() {
        synchronized (entries) {
            evict(entries.size());
            return entries.size();
        }
    }

    // A pinned entry is not evicted, so that nobody waits at a limiter that others no longer see.
    private Entry pin(K key) {
        synchronized (entries) {
            Entry entry = entries.computeIfAbsent(key, missing -> new Entry(factory.get()));
            entry.pins++;
            evict(LOOKED_AT);
            return entry;
        }
    }

    private void unpin(Entry entry) {
        synchronized (entries) {
            entry.pins--;
        }
    }

    private void evict(int most) {
        Iterator<Map.Entry<K, Entry>> longestUnused = entries.entrySet().iterator();
        for (int i = 0; i < most && longestUnused.hasNext(); i++) {
            if (longestUnused.next().getValue().isIdle()) {
                longestUnused.remove();
            }
        }
    }

    private static final class Entry {
        final RateLimiter limiter;
        int pins;

        Entry(RateLimiter limiter) {
            this.limiter = Checks.notNull(limiter, "the factory's limiter");
        }

        boolean isIdle() {
            return pins == 0 && limiter instanceof DefaultRateLimiter own && own.isIdle();
        }
    }
}
