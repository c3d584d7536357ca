package io.github.asyncio4j.task;

import io.github.asyncio4j.internal.Checks;
import io.github.asyncio4j.internal.CleanupLedger;
import io.github.asyncio4j.time.Timeouts;
import java.time.Duration;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** The builder, and what it was told. A group reads a copy. */
final class TaskGroupOptions implements TaskGroup.Builder, Cloneable {

    String name = "TaskGroup";

    @Nullable
    BiConsumer<? super Task<?>, ? super Throwable> handler;

    @Nullable
    Duration timeout;

    int maxConcurrency = Integer.MAX_VALUE;
    Duration cleanupLimit = CleanupLedger.DEFAULT_LIMIT;
    boolean aggregate;

    @Override
    public TaskGroup.Builder name(String name) {
        this.name = Checks.notNull(name, "name");
        return this;
    }

    @Override
    public TaskGroup.Builder failFast() {
        handler = null;
        return this;
    }

    @Override
    public TaskGroup.Builder supervised(BiConsumer<? super Task<?>, ? super Throwable> handler) {
        this.handler = Checks.notNull(handler, "handler");
        return this;
    }

    @Override
    public TaskGroup.Builder maxConcurrency(int maxConcurrency) {
        this.maxConcurrency = Checks.atLeast(1, maxConcurrency, "maxConcurrency");
        return this;
    }

    @Override
    public TaskGroup.Builder timeout(Duration timeout) {
        this.timeout = Checks.positive(timeout, "timeout");
        return this;
    }

    @Override
    public TaskGroup.Builder cleanupLimit(Duration cleanupLimit) {
        this.cleanupLimit = Checks.positive(cleanupLimit, "cleanupLimit");
        return this;
    }

    @Override
    public TaskGroup.Builder aggregateErrors() {
        aggregate = true;
        return this;
    }

    @Override
    public <R> Mono<R> using(Function<? super TaskGroup, ? extends Mono<? extends R>> body) {
        Mono<R> group = MonoTaskGroup.create(copy(), Checks.notNull(body, "body"));
        return timeout == null ? group : Timeouts.timeout(group, timeout, name);
    }

    private TaskGroupOptions copy() {
        try {
            return (TaskGroupOptions) clone();
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e);
        }
    }
}
