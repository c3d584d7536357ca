package io.github.asyncio4j.sync;

import io.github.asyncio4j.internal.Checks;
import org.jspecify.annotations.Nullable;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;

/**
 * A meeting point: nobody goes on until {@code parties} have come, then all do, and the next round begins. For a fixed
 * set of pipelines that start together and whose results are wanted, {@code Tasks.gather} suffices.
 *
 * <pre>{@code
 * AsyncBarrier barrier = AsyncBarrier.create(3);
 * Mono<Void> worker = loadPart()
 *         .then(barrier.await())
 *         .flatMap(index -> index == 0 ? publishAll() : Mono.empty());
 * }</pre>
 *
 * <p><b>Threads.</b> Any. All go on in order on the thread of the last one, one after the other, or on the builder's
 * Scheduler. Until the last of a round is out, newcomers stand behind and do not count.
 *
 * <p><b>Cancellation.</b> A cancelled wait leaves and is not counted any more; the barrier is not broken, unlike
 * java.util.concurrent's {@code CyclicBarrier}, whose index also counts the other way round.
 *
 * <p>asyncio's {@code Barrier}.
 */
public final class AsyncBarrier implements Scannable {

    private final BarrierLine line;

    private AsyncBarrier(int parties, SyncBuilder<AsyncBarrier> options) {
        // A shorter line could never be full enough to open.
        Checks.atLeast(parties, options.maxWaiters(), "maxWaiters");
        line = new BarrierLine(options.label(), parties, options.maxWaiters(), options.scheduler());
    }

    /**
     * A barrier for {@code parties}.
     *
     * @throws IllegalArgumentException if less than 1
     */
    public static AsyncBarrier create(int parties) {
        return builder(parties).build();
    }

    /** A barrier with options; {@code maxWaiters} has to be at least {@code parties}. */
    public static SyncBuilder<AsyncBarrier> builder(int parties) {
        Checks.atLeast(1, parties, "parties");
        return new SyncBuilder<>("AsyncBarrier", options -> new AsyncBarrier(parties, options));
    }

    /**
     * Arrives, from the first request on, and waits for the others. Emits the place in the order of arrival, the first
     * being 0, so that one of them can be chosen for a task. Cancelling leaves.
     *
     * <p>Error: {@link java.util.concurrent.BrokenBarrierException} after {@link #abort}, or {@link #reset} while waiting;
     * {@link TooManyWaitersException} if the line is full; {@link java.util.concurrent.TimeoutException} if others are missing and the
     * deadline of the Context has passed.
     */
    public Mono<Integer> await() {
        return line.await();
    }

    /**
     * Sends those who wait away with {@link java.util.concurrent.BrokenBarrierException} and makes the barrier usable again.
     * While a round is on its way out, those who are not out yet are sent away and newcomers stay.
     */
    public void reset() {
        line.reset();
    }

    /**
     * Breaks the barrier: those who wait and all who come get {@link java.util.concurrent.BrokenBarrierException}, until
     * {@link #reset}.
     */
    public void abort() {
        line.abort();
    }

    /** How many have arrived and wait for the rest. */
    public int waiting() {
        return line.waiting();
    }

    /** How many it takes. */
    public int parties() {
        return line.parties();
    }

    /** Whether {@link #abort} was called and no {@link #reset} since. */
    public boolean isBroken() {
        return line.isBroken();
    }

    /** What it has seen so far; {@code peak} is the most who stood there at once, and nothing is ever {@code held}. */
    public SyncStatistics statistics() {
        return line.statistics();
    }

    /** Tells its name, and as buffered how many wait. */
    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        return line.scan(key);
    }

    /** Kind, name and state. */
    @Override
    public String toString() {
        return line.toString();
    }
}
