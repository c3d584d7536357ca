package io.github.asyncio4j.queue;

import io.github.asyncio4j.internal.Checks;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;

final class DefaultBuilder<T> implements AsyncQueue.Builder<T> {

    private static final AtomicLong COUNT = new AtomicLong();

    private @Nullable String name;
    private int capacity = Integer.MAX_VALUE;
    private Supplier<Store> store = Store::fifo;
    private int maxWaiters = Integer.MAX_VALUE;
    private @Nullable Scheduler scheduler;
    private @Nullable Consumer<? super T> onDiscard;

    @Override
    public AsyncQueue.Builder<T> name(String name) {
        this.name = Checks.notNull(name, "name");
        return this;
    }

    @Override
    public AsyncQueue.Builder<T> capacity(int capacity) {
        this.capacity = Checks.atLeast(1, capacity, "capacity");
        return this;
    }

    @Override
    public AsyncQueue.Builder<T> rendezvous() {
        this.capacity = 0;
        return this;
    }

    @Override
    public AsyncQueue.Builder<T> lifo() {
        this.store = Store::lifo;
        return this;
    }

    @Override
    public AsyncQueue.Builder<T> priority(Comparator<? super T> order) {
        Checks.notNull(order, "order");
        this.store = () -> Store.priority(order);
        return this;
    }

    @Override
    public AsyncQueue.Builder<T> maxWaiters(int maxWaiters) {
        this.maxWaiters = Checks.atLeast(1, maxWaiters, "maxWaiters");
        return this;
    }

    @Override
    public AsyncQueue.Builder<T> scheduler(Scheduler scheduler) {
        this.scheduler = Checks.notNull(scheduler, "scheduler");
        return this;
    }

    @Override
    public AsyncQueue.Builder<T> onDiscard(Consumer<? super T> onDiscard) {
        this.onDiscard = Checks.notNull(onDiscard, "onDiscard");
        return this;
    }

    @Override
    public AsyncQueue<T> build() {
        String called = name == null ? "queue-" + COUNT.incrementAndGet() : name;
        Store items = capacity == 0 ? Store.fifo() : store.get(); // of what passes through one by one there is no order
        return new AsyncQueue<>(new QueueState<>(called, capacity, items, maxWaiters, scheduler, onDiscard));
    }
}
