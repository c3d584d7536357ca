package io.github.asyncio4j.queue;

import io.github.asyncio4j.internal.Expiry;
import io.github.asyncio4j.internal.Waiter;
import io.github.asyncio4j.internal.WaiterQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.Exceptions;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Scheduler;
import reactor.util.context.Context;

/**
 * The items, the lines in front of them and the count of unfinished work, all under one lock.
 *
 * <p>Whenever the lock is free:
 *
 * <ul>
 *   <li>takers wait only while there are no items and no putters;
 *   <li>putters wait only while there is no room;
 *   <li>after a shutdown nobody waits.
 * </ul>
 *
 * <p>So whoever comes finds the place that is his, and nobody, not {@code offer} or {@code poll} either, can overtake
 * anyone. Each operation restores this before it leaves the lock: it collects the waiters it let in as chains and wakes
 * them afterwards.
 */
final class QueueState<T> {

    final String name;
    final Refusals refusals;
    final int capacity;
    final Putters putters;
    final Takers takers;
    final Joiners joiners;
    final Leavers leavers;

    private final Object monitor = new Object();
    private final Store store;
    private final @Nullable Scheduler scheduler;
    private final @Nullable Consumer<? super T> onDiscard;

    private boolean shutdown;
    private boolean discarding;

    // While a taker is being served, he takes for himself what putters bring: one item, and only if there was none.
    private boolean serving;
    private boolean wanted;
    private @Nullable Putter<T> admitted;
    private @Nullable Leaver dismissed;

    private int peak;
    private long put;
    private long taken;
    private long unfinished;

    QueueState(
            String name,
            int capacity,
            Store store,
            int maxWaiters,
            @Nullable Scheduler scheduler,
            @Nullable Consumer<? super T> onDiscard) {
        this.name = name;
        this.capacity = capacity;
        this.store = store;
        this.refusals = new Refusals("AsyncQueue '" + name + "'", maxWaiters);
        this.scheduler = scheduler;
        this.onDiscard = onDiscard;
        this.putters = new Putters(maxWaiters);
        this.takers = new Takers(maxWaiters);
        this.joiners = new Joiners(maxWaiters);
        this.leavers = new Leavers();
    }

    /** Lets {@code waiter} in or puts him in line; false when the line is full. */
    boolean enter(Waiter waiter, Context context, @Nullable Duration maxWait) {
        return waiter.enter(context, Expiry.isExpired(context) ? Duration.ZERO : maxWait, scheduler);
    }

    boolean offer(T item) {
        Taker<T> served;
        synchronized (monitor) {
            if (shutdown || !hasRoom()) {
                return false;
            }
            accept(item);
            served = takers.serve();
        }
        takers.wake(served);
        return true;
    }

    /** What a taker would get now, as it is stored; or null. */
    @Nullable
    Object poll() {
        return poll(0);
    }

    /** The same, and so many more are done. */
    @Nullable
    Object poll(long done) {
        Object stored;
        Putter<T> let;
        Leaver gone;
        Joiner joined;
        synchronized (monitor) {
            joined = finish(Math.min(done, unfinished));
            stored = takers.areWaiting() ? null : next();
            let = admitted();
            gone = dismissed();
        }
        joiners.wake(joined);
        putters.wake(let);
        leavers.wake(gone);
        return stored;
    }

    /** An item that its taker cannot receive any more goes to the next one, or back to where it came from. */
    void handBack(Object stored) {
        Taker<T> served = null;
        Joiner joined = null;
        boolean discard;
        synchronized (monitor) {
            taken--;
            discard = discarding;
            if (discard) {
                joined = finish(1);
            } else {
                store.putBack(stored);
                served = takers.serve();
            }
        }
        if (discard) {
            discard(stored);
        }
        takers.wake(served);
        joiners.wake(joined);
    }

    /** @return false if that many are not unfinished */
    boolean taskDone(long count) {
        Joiner joined;
        synchronized (monitor) {
            if (unfinished < count) {
                return false;
            }
            joined = finish(count);
        }
        joiners.wake(joined);
        return true;
    }

    void shutdown(boolean now) {
        List<Object> dropped = new ArrayList<>(0);
        Putter<T> refused;
        Taker<T> served;
        Joiner joined;
        Leaver gone;
        synchronized (monitor) {
            shutdown = true;
            refused = putters.admit();
            if (now) {
                discarding = true;
                for (Object stored = store.poll(); stored != null; stored = store.poll()) {
                    dropped.add(stored);
                }
            }
            joined = finish(dropped.size());
            served = takers.serve();
            gone = leavers.letGo();
        }
        dropped.forEach(this::discard);
        putters.wake(refused);
        takers.wake(served);
        leavers.wake(gone);
        joiners.wake(joined);
    }

    boolean isShutdown() {
        synchronized (monitor) {
            return shutdown;
        }
    }

    int size() {
        synchronized (monitor) {
            return store.size();
        }
    }

    QueueStatistics statistics() {
        synchronized (monitor) {
            return new QueueStatistics(
                    store.size(),
                    peak,
                    putters.size(),
                    takers.size(),
                    put,
                    taken,
                    putters.cancelledCount() + takers.cancelledCount(),
                    unfinished);
        }
    }

    @Override
    public String toString() {
        return refusals.queue();
    }

    // A direct hand-over passes through the store within one hold of the lock, so that a priority queue, too, has one
    // way in and one way out; at capacity zero it is the only way.
    private boolean hasRoom() {
        return store.size() < capacity || (store.isEmpty() && (serving ? wanted : takers.areWaiting()));
    }

    private void accept(Object stored) {
        store.add(stored);
        peak = Math.max(peak, Math.min(store.size(), capacity));
        put++;
        unfinished++;
    }

    /** Takes an item; those whom that lets go on are left in {@link #admitted} and {@link #dismissed}. */
    private @Nullable Object next() {
        Object stored = store.poll();
        serving = true;
        wanted = stored == null;
        admitted = putters.admit();
        if (wanted) {
            stored = store.poll();
        }
        serving = false;
        if (stored != null) {
            taken++;
            dismissed = shutdown ? leavers.letGo() : null;
        }
        return stored;
    }

    private @Nullable Putter<T> admitted() {
        Putter<T> chain = admitted;
        admitted = null;
        return chain;
    }

    private @Nullable Leaver dismissed() {
        Leaver chain = dismissed;
        dismissed = null;
        return chain;
    }

    private @Nullable Joiner finish(long count) {
        unfinished -= count;
        return unfinished == 0 && count > 0 ? joiners.letIn() : null;
    }

    private void discard(Object stored) {
        T item = Stored.item(stored);
        Context context = Stored.context(stored);
        if (onDiscard != null) {
            try {
                onDiscard.accept(item);
            } catch (Throwable t) {
                Exceptions.throwIfFatal(t);
                Operators.onErrorDropped(t, context);
            }
        }
        Operators.onDiscard(item, context);
    }

    /** Those who wait for room. */
    final class Putters extends WaiterQueue<Putter<T>> {

        Putters(int maxWaiters) {
            super(monitor, maxWaiters, scheduler);
        }

        @Override
        protected boolean tryTake(Putter<T> putter) {
            if (shutdown) {
                putter.refused = true;
                return true;
            }
            if (!hasRoom()) {
                return false;
            }
            // Once it is in the queue others may take it: the decision between put and cancelled falls here.
            if (putter.claim()) {
                add(putter);
                putter.served = serving ? null : takers.serve();
            }
            return true;
        }

        // A comparator may throw; that put is then at its end, too.
        private void add(Putter<T> putter) {
            try {
                accept(putter.stored);
            } catch (Throwable t) {
                Exceptions.throwIfFatal(t);
                putter.failure = t;
            }
        }

        @Nullable
        Putter<T> admit() {
            return takeable();
        }

        @Override
        public String toString() {
            return QueueState.this + " to have room";
        }
    }

    /** Those who wait for an item. */
    final class Takers extends WaiterQueue<Taker<T>> {

        Takers(int maxWaiters) {
            super(monitor, maxWaiters, scheduler);
        }

        @Override
        protected void arriving(Taker<T> taker) {
            taker.joined = finish(Math.min(taker.done, unfinished));
            taker.done = 0;
        }

        @Override
        protected boolean tryTake(Taker<T> taker) {
            taker.stored = next();
            taker.admitted = admitted();
            taker.dismissed = dismissed();
            taker.refused = taker.stored == null && shutdown;
            return taker.stored != null || taker.refused;
        }

        // Where it lets others go on, or is to be discarded, that is done outside the lock, by handBack().
        @Override
        protected boolean untake(Taker<T> taker) {
            if (taker.stored == null || taker.admitted != null || taker.dismissed != null || discarding) {
                return false;
            }
            taken--;
            store.putBack(taker.stored);
            return true;
        }

        boolean areWaiting() {
            return isAnyoneWaiting();
        }

        @Nullable
        Taker<T> serve() {
            return takeable();
        }

        @Override
        public String toString() {
            return QueueState.this + " to have an item";
        }
    }

    /** Those who wait until all work is done. */
    final class Joiners extends WaiterQueue<Joiner> {

        Joiners(int maxWaiters) {
            super(monitor, maxWaiters, scheduler);
        }

        @Override
        protected boolean tryTake(Joiner joiner) {
            return unfinished == 0;
        }

        @Nullable
        Joiner letIn() {
            return takeable();
        }

        @Override
        public String toString() {
            return QueueState.this + " to be finished";
        }
    }

    /** Consumers who have no demand, and leave when there will be nothing any more. */
    final class Leavers extends WaiterQueue<Leaver> {

        Leavers() {
            super(monitor, Integer.MAX_VALUE, scheduler);
        }

        @Override
        protected boolean tryTake(Leaver leaver) {
            return shutdown && store.isEmpty();
        }

        @Nullable
        Leaver letGo() {
            return takeable();
        }

        @Override
        public String toString() {
            return QueueState.this + " to be drained";
        }
    }
}
