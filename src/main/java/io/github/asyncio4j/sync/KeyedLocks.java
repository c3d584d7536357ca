package io.github.asyncio4j.sync;

import io.github.asyncio4j.internal.Checks;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * One at a time for each key: per user, order, file. Different keys do not wait for each other, and a key that nobody
 * uses costs nothing.
 *
 * <pre>{@code
 * KeyedLocks<String> accounts = KeyedLocks.create();
 * Mono<Void> booked = accounts.withLock(accountId, readBalance(accountId).flatMap(this::book));
 * }</pre>
 *
 * <p>Each key has an {@link AsyncLock}'s order, ownership, cancellation and deadline; {@code maxWaiters} counts for each
 * key. Keys need {@code equals} and {@code hashCode}. Whoever holds one key and asks for another can meet somebody who
 * does it the other way round, and both wait for ever: take keys in a fixed order.
 *
 * <p>asyncio users keep a {@code defaultdict(asyncio.Lock)} for this, which grows.
 *
 * @param <K> the keys
 */
public final class KeyedLocks<K> implements Scannable {

    private final ConcurrentHashMap<K, KeyLock> locks = new ConcurrentHashMap<>();
    private final String label;
    private final int maxWaiters;
    private final @Nullable Scheduler scheduler;
    private final AtomicInteger inUse = new AtomicInteger();
    private final AtomicInteger peak = new AtomicInteger();

    // Of keys that are not in use any more.
    private final LongAdder granted = new LongAdder();
    private final LongAdder cancelled = new LongAdder();

    private KeyedLocks(SyncBuilder<KeyedLocks<K>> options) {
        label = options.label();
        maxWaiters = options.maxWaiters();
        scheduler = options.scheduler();
    }

    /** Locks with unbounded lines. */
    public static <K> KeyedLocks<K> create() {
        return KeyedLocks.<K>builder().build();
    }

    /** Locks with options. */
    public static <K> SyncBuilder<KeyedLocks<K>> builder() {
        return new SyncBuilder<>("KeyedLocks", KeyedLocks::new);
    }

    /** Runs {@code work} while holding the lock of {@code key}; otherwise as {@link AsyncLock#withLock(Mono)}. */
    public <T> Mono<T> withLock(K key, Mono<? extends T> work) {
        return locked(key, work, null);
    }

    /**
     * The same with a time limit for the wait, after which it fails with {@link AcquireTimeoutException}.
     *
     * @param maxWait positive; counted from the subscription
     */
    public <T> Mono<T> withLock(K key, Mono<? extends T> work, Duration maxWait) {
        return locked(key, work, Checks.positive(maxWait, "maxWait"));
    }

    private <T> Mono<T> locked(K key, Mono<? extends T> work, @Nullable Duration maxWait) {
        Checks.notNull(key, "key");
        Checks.notNull(work, "work");
        return Mono.defer(() -> MonoWithPermit.assemble(work, new KeyAdmission(key, enter(key), maxWait)));
    }

    private PermitLine enter(K key) {
        return locks.compute(key, (same, known) -> {
                    KeyLock lock = known == null ? create(same) : known;
                    lock.users++;
                    return lock;
                })
                .line;
    }

    private KeyLock create(K key) {
        peak.accumulateAndGet(inUse.incrementAndGet(), Math::max);
        return new KeyLock(new PermitLine(label + "[" + key + "]", 1, maxWaiters, scheduler));
    }

    private void leave(K key) {
        locks.computeIfPresent(key, (same, lock) -> --lock.users == 0 ? retire(lock) : lock);
    }

    private @Nullable KeyLock retire(KeyLock lock) {
        granted.add(lock.line.grantedCount());
        cancelled.add(lock.line.cancelledCount());
        inUse.decrementAndGet();
        return null;
    }

    /** How many keys are in use: held or waited for. */
    public int size() {
        return inUse.get();
    }

    /** Whether somebody holds or waits for the lock of {@code key}. */
    public boolean isLocked(K key) {
        return locks.containsKey(Checks.notNull(key, "key"));
    }

    /**
     * What all keys together have seen, each key read in its own instant; {@code held} and {@code peak} count keys in use.
     */
    public SyncStatistics statistics() {
        int waiting = 0;
        int held = 0;
        long served = granted.sum();
        long left = cancelled.sum();
        for (KeyLock lock : locks.values()) {
            SyncStatistics one = lock.line.statistics();
            waiting += one.waiting();
            held += one.held();
            served += one.granted();
            left += one.cancelled();
        }
        return new SyncStatistics(waiting, held, served, left, peak.get());
    }

    /** Tells its name, and as buffered how many wait over all keys. */
    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        if (key == Attr.NAME) {
            return label;
        }
        return key == Attr.BUFFERED ? Integer.valueOf(statistics().waiting()) : null;
    }

    /** Kind, name and number of keys in use. */
    @Override
    public String toString() {
        return label + "[" + size() + " keys in use]";
    }

    /** A key in use. */
    private static final class KeyLock {
        private final PermitLine line;

        /** Subscribers that hold or wait; written only inside the map's compute. */
        private int users;

        KeyLock(PermitLine line) {
            this.line = line;
        }
    }

    private final class KeyAdmission extends Admission {
        private final K key;

        KeyAdmission(K key, PermitLine line, @Nullable Duration maxWait) {
            super(line, 1, maxWait, true);
            this.key = key;
        }

        @Override
        void departed() {
            leave(key);
        }
    }
}
