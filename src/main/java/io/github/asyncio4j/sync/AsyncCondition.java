package io.github.asyncio4j.sync;

import io.github.asyncio4j.internal.Checks;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;

/**
 * Waiting for something to become true that an {@link AsyncLock} guards. A queue, an event or a semaphore often says it
 * more simply; a condition is for what none of them fits.
 *
 * <pre>{@code
 * AsyncCondition notEmpty = lock.newCondition();
 * Mono<Job> take = notEmpty.withLock(held -> held.awaitUntil(() -> !jobs.isEmpty())
 *         .then(Mono.fromCallable(jobs::poll)));
 * Mono<Void> put = notEmpty.withLock(held -> Mono.fromRunnable(() -> {
 *     jobs.add(job);
 *     held.signal(1);
 * }));
 * }</pre>
 *
 * <p>Waiting gives the lock up and gets it back before it completes. Wake-ups without a signal are allowed, so wait in a
 * loop, as {@link Held#awaitUntil} does.
 *
 * <p><b>Cancellation.</b> A Reactor cancel cannot wait for the lock, so after a wait was cancelled the lock is
 * <em>not</em> held; the surrounding {@code withLock} knows and releases nothing that is not its own. Do not put
 * {@code timeout} around {@link Held#await()} and go on: the overloads with a time limit come back with the lock. One who
 * is cancelled after he was signalled passes the signal on.
 *
 * <p>Threads and order as {@link AsyncLock}. asyncio's {@code Condition}; {@code notify} is {@code signal}, as in
 * java.util.concurrent, since {@code notify} belongs to every Java object.
 */
public final class AsyncCondition implements Scannable {

    private final PermitLine lock;
    private final ConditionLine line;

    AsyncCondition(PermitLine lock, int maxWaiters) {
        this.lock = lock;
        this.line = new ConditionLine("AsyncCondition of " + lock.label(), maxWaiters);
    }

    /**
     * Runs what {@code body} returns while holding the lock, as {@link AsyncLock#withLock(Mono)}. {@code body} is called
     * with the lock held, once for each subscription; what it throws, or a null, becomes the error.
     */
    public <T> Mono<T> withLock(Function<? super Held, ? extends Mono<? extends T>> body) {
        Checks.notNull(body, "body");
        return Mono.defer(() -> {
            Lease lease = new Lease(lock, line);
            Mono<T> work = Mono.defer(() -> Mono.from(Checks.<Held, T>callMono(body, lease, "body")));
            return MonoWithPermit.assemble(work, lease);
        });
    }

    /** What it has seen so far: {@code granted} counts signals that arrived, {@code peak} the most who waited at once. */
    public SyncStatistics statistics() {
        return line.statistics();
    }

    /** Tells its name, and as buffered how many wait. */
    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        return line.scan(key);
    }

    /** The lock and how many wait. */
    @Override
    public String toString() {
        return line.toString();
    }

    /**
     * The lock, held: what can be done only inside {@link AsyncCondition#withLock}.
     *
     * <pre>{@code
     * Mono<Job> next = condition.withLock(
     *         held -> held.awaitUntil(() -> !jobs.isEmpty()).then(Mono.fromSupplier(jobs::remove)));
     * }</pre>
     *
     * <p>The inside of asyncio's {@code async with condition}: {@code wait}, {@code wait_for}, {@code notify}, {@code notify_all}.
     */
    public interface Held {

        /**
         * Gives the lock up, waits for a signal, gets the lock back, completes. Not to be cancelled by a {@code timeout}
         * of which the body survives: see {@link #await(Duration)}.
         *
         * <p>Error: {@link IllegalStateException} when the lock is not held, because the body has ended, waits already or
         * had a wait cancelled; {@link java.util.concurrent.TimeoutException} when the deadline of the Context has passed; {@link
         * TooManyWaitersException} when as many wait as the lock's {@code maxWaiters}. In the last two the lock stays held.
         */
        Mono<Void> await();

        /**
         * The same for at most {@code maxWait}. Emits true when signalled and false when the time had passed; in both the
         * lock is held again, for which it waits as long as it takes.
         *
         * @param maxWait positive
         */
        Mono<Boolean> await(Duration maxWait);

        /**
         * Waits until {@code predicate} is true, testing it with the lock held, before the first wait and after each
         * wake-up. True at once completes without giving up the lock. What it throws becomes the error.
         */
        Mono<Void> awaitUntil(BooleanSupplier predicate);

        /**
         * The same for at most {@code maxWait}; emits what {@code predicate} said last.
         *
         * @param maxWait positive
         */
        Mono<Boolean> awaitUntil(BooleanSupplier predicate, Duration maxWait);

        /**
         * Wakes the first {@code n} who wait, or as many as there are. They get the lock one by one, after this holder has
         * released it.
         *
         * @param n at least 1
         * @throws IllegalStateException when the lock is not held
         */
        void signal(int n);

        /** Wakes all who wait. Otherwise as {@link #signal}. */
        void signalAll();
    }
}
