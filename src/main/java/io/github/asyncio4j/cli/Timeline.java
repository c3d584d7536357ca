package io.github.asyncio4j.cli;

import java.time.Duration;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLongArray;

/** How many requests ended in each tenth of a second of a run, and how. */
final class Timeline {

    /** The finest that can be told. */
    static final Duration SLOT = Duration.ofMillis(100);

    /** How a request ended. */
    enum Outcome {
        SUCCEEDED,
        /** A whole response, with a status of 400 or more. */
        REFUSED,
        /** No whole response. */
        BROKEN
    }

    private final NavigableMap<Long, AtomicLongArray> slots = new ConcurrentSkipListMap<>();

    void count(long nanosFromStart, Outcome outcome) {
        slots.computeIfAbsent(nanosFromStart / SLOT.toNanos(), slot -> new AtomicLongArray(Outcome.values().length))
                .incrementAndGet(outcome.ordinal());
    }

    /** How many ended so from {@code start} and before {@code end}, both whole slots. */
    long between(Duration start, Duration end, Outcome outcome) {
        return slots.subMap(start.dividedBy(SLOT), end.dividedBy(SLOT)).values().stream()
                .mapToLong(counts -> counts.get(outcome.ordinal()))
                .sum();
    }

    /** Whole responses in one second, whatever their status. */
    long responses(long second) {
        Duration start = Duration.ofSeconds(second);
        Duration end = start.plusSeconds(1);
        return between(start, end, Outcome.SUCCEEDED) + between(start, end, Outcome.REFUSED);
    }

    Timeline copy() {
        Timeline copy = new Timeline();
        slots.forEach((slot, counts) -> {
            AtomicLongArray copied = new AtomicLongArray(counts.length());
            for (int i = 0; i < counts.length(); i++) {
                copied.set(i, counts.get(i));
            }
            copy.slots.put(slot, copied);
        });
        return copy;
    }
}
