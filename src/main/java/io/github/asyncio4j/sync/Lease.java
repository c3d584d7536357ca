package io.github.asyncio4j.sync;

import io.github.asyncio4j.internal.Checks;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * One subscriber's hold on the lock of a condition. A wait parks it, and a parked lease has nothing to release: that is
 * what keeps a cancelled waiter from releasing the lock under somebody else.
 *
 * <pre>
 *   HELD ⇄ PARKED        a wait begins; the lock is back
 *     └────► GONE ◄┘     the body has ended
 * </pre>
 */
final class Lease extends Admission implements AsyncCondition.Held {

    private enum State {
        HELD,
        PARKED,
        GONE
    }

    private final ConditionLine condition;
    private final AtomicReference<State> state = new AtomicReference<>(State.HELD);

    Lease(PermitLine lock, ConditionLine condition) {
        super(lock, 1, null, true);
        this.condition = condition;
    }

    @Override
    @Nullable
    PermitWaiter release() {
        return state.getAndSet(State.GONE) == State.HELD ? super.release() : null;
    }

    @Override
    boolean isHeld() {
        return state.get() == State.HELD;
    }

    /** The lock is about to be given up for a wait; false when it is not held. */
    boolean park() {
        return state.compareAndSet(State.HELD, State.PARKED);
    }

    /** The lock is back; if the body has ended in the meantime, it goes on to the next. */
    void unpark() {
        if (!state.compareAndSet(State.PARKED, State.HELD)) {
            line.releaseAndWake(weight);
        }
    }

    IllegalStateException notHeld() {
        return new IllegalStateException(line.label() + " is not held: "
                + (state.get() == State.GONE
                        ? "withLock has ended"
                        : "a wait of the same withLock is going on, or was cancelled"));
    }

    @Override
    public Mono<Void> await() {
        return MonoAwait.assemble(this, condition, null).then();
    }

    @Override
    public Mono<Boolean> await(Duration maxWait) {
        return MonoAwait.assemble(this, condition, Checks.positive(maxWait, "maxWait"));
    }

    @Override
    public Mono<Void> awaitUntil(BooleanSupplier predicate) {
        Checks.notNull(predicate, "predicate");
        return untilTrue(Mono.defer(() -> predicate.getAsBoolean() ? Mono.just(true) : await().thenReturn(false)))
                .then();
    }

    @Override
    public Mono<Boolean> awaitUntil(BooleanSupplier predicate, Duration maxWait) {
        Checks.notNull(predicate, "predicate");
        Checks.positive(maxWait, "maxWait");
        return Mono.defer(() -> {
            long start = now();
            boolean[] answer = new boolean[1];
            return untilTrue(Mono.defer(() -> {
                        answer[0] = predicate.getAsBoolean();
                        long left = Checks.nanos(maxWait) - (now() - start);
                        return answer[0] || left <= 0
                                ? Mono.just(true)
                                : await(Duration.ofNanos(left)).thenReturn(false);
                    }))
                    .map(over -> answer[0]);
        });
    }

    private static Mono<Boolean> untilTrue(Mono<Boolean> step) {
        return step.repeat().filter(over -> over).next();
    }

    private long now() {
        return line.clock().now(TimeUnit.NANOSECONDS);
    }

    @Override
    public void signal(int n) {
        Checks.atLeast(1, n, "n");
        if (!isHeld()) {
            throw notHeld();
        }
        condition.signal(n);
    }

    @Override
    public void signalAll() {
        signal(Integer.MAX_VALUE);
    }
}
