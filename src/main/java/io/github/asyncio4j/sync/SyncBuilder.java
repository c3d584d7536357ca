package io.github.asyncio4j.sync;

import io.github.asyncio4j.internal.Checks;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;

/**
 * The options that all primitives of this package share.
 *
 * <pre>{@code
 * AsyncLock lock = AsyncLock.builder().name("cache").maxWaiters(1_000).build();
 * }</pre>
 *
 * <p>asyncio's primitives have no such options.
 *
 * @param <P> the primitive it builds
 */
public final class SyncBuilder<P> {

    private final String kind;
    private final Function<SyncBuilder<P>, P> factory;
    private @Nullable String name;
    private int maxWaiters = Integer.MAX_VALUE;
    private @Nullable Scheduler scheduler;

    SyncBuilder(String kind, Function<SyncBuilder<P>, P> factory) {
        this.kind = kind;
        this.factory = factory;
    }

    /** The name in messages and dumps. */
    public SyncBuilder<P> name(String name) {
        this.name = Checks.notNull(name, "name");
        return this;
    }

    /** How many may wait at once, at least 1; the next gets {@link TooManyWaitersException}. Default: no limit. */
    public SyncBuilder<P> maxWaiters(int maxWaiters) {
        this.maxWaiters = Checks.atLeast(1, maxWaiters, "maxWaiters");
        return this;
    }

    /** Where those who waited go on, and whose clock counts their time limits. Default: the waker's thread. */
    public SyncBuilder<P> scheduler(Scheduler scheduler) {
        this.scheduler = Checks.notNull(scheduler, "scheduler");
        return this;
    }

    /** Builds it. */
    public P build() {
        return factory.apply(this);
    }

    String label() {
        return name == null ? kind : kind + " '" + name + "'";
    }

    int maxWaiters() {
        return maxWaiters;
    }

    @Nullable
    Scheduler scheduler() {
        return scheduler;
    }
}
