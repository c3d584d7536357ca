package io.github.asyncio4j.queue;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Where items lie and in which order they leave. Guarded by the queue's lock. */
abstract class Store {

    abstract void add(Object stored);

    /** Brings back what was polled last but could not be delivered: it leaves next, as far as the order allows. */
    abstract void putBack(Object stored);

    abstract @Nullable Object poll();

    abstract int size();

    final boolean isEmpty() {
        return size() == 0;
    }

    static Store fifo() {
        return new Line(false);
    }

    static Store lifo() {
        return new Line(true);
    }

    static <T> Store priority(Comparator<? super T> order) {
        return new Priority<>(order);
    }

    private static final class Line extends Store {
        private final ArrayDeque<Object> items = new ArrayDeque<>();
        private final boolean newestFirst;

        Line(boolean newestFirst) {
            this.newestFirst = newestFirst;
        }

        @Override
        void add(Object stored) {
            if (newestFirst) {
                items.addFirst(stored);
            } else {
                items.addLast(stored);
            }
        }

        @Override
        void putBack(Object stored) {
            items.addFirst(stored);
        }

        @Override
        @Nullable
        Object poll() {
            return items.pollFirst();
        }

        @Override
        int size() {
            return items.size();
        }
    }

    /**
     * A tree rather than a heap: it calls the comparator before it changes anything and never when an item leaves, so a
     * comparator that throws fails one put and nothing else.
     */
    private static final class Priority<T> extends Store {
        private final TreeSet<Ranked<T>> items;
        private long lastArrival;
        private long lastReturn;

        Priority(Comparator<? super T> order) {
            Comparator<Ranked<T>> byOrder = (a, b) -> order.compare(a.item, b.item);
            items = new TreeSet<>(byOrder.thenComparingLong(ranked -> ranked.rank));
        }

        @Override
        void add(Object stored) {
            items.add(new Ranked<>(stored, ++lastArrival));
        }

        @Override
        void putBack(Object stored) {
            items.add(new Ranked<>(stored, --lastReturn));
        }

        @Override
        @Nullable
        Object poll() {
            Ranked<T> first = items.pollFirst();
            return first == null ? null : first.stored;
        }

        @Override
        int size() {
            return items.size();
        }
    }

    private static final class Ranked<T> {
        final Object stored;
        final T item;
        final long rank;

        Ranked(Object stored, long rank) {
            this.stored = stored;
            this.item = Stored.item(stored);
            this.rank = rank;
        }
    }
}
