package io.github.asyncio4j.sync;

import io.github.asyncio4j.internal.Expiry;
import io.github.asyncio4j.internal.Waiter;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** Gives the lock up, waits for a signal or the time limit, gets the lock back; true for a signal. */
final class MonoAwait extends Mono<Boolean> implements Scannable {

    private final Lease lease;
    private final ConditionLine condition;
    private final @Nullable Duration maxWait;

    private MonoAwait(Lease lease, ConditionLine condition, @Nullable Duration maxWait) {
        this.lease = lease;
        this.condition = condition;
        this.maxWait = maxWait;
    }

    static Mono<Boolean> assemble(Lease lease, ConditionLine condition, @Nullable Duration maxWait) {
        return onAssembly(new MonoAwait(lease, condition, maxWait));
    }

    @Override
    public void subscribe(CoreSubscriber<? super Boolean> actual) {
        actual.onSubscribe(new Awaiting(actual, this));
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        return key == Attr.NAME ? condition.label() : null;
    }

    /** Stands first in the condition's line, then, as {@link Regaining}, in that of the lock. */
    static final class Awaiting extends Waiter implements Subscription, Scannable {

        private static final AtomicIntegerFieldUpdater<Awaiting> ASKED =
                AtomicIntegerFieldUpdater.newUpdater(Awaiting.class, "asked");

        private final CoreSubscriber<? super Boolean> actual;
        private final Lease lease;
        private final ConditionLine condition;
        private final @Nullable Duration maxWait;
        private final Regaining regaining;
        private volatile int asked;

        Awaiting(CoreSubscriber<? super Boolean> actual, MonoAwait await) {
            super(await.condition);
            this.actual = actual;
            this.lease = await.lease;
            this.condition = await.condition;
            this.maxWait = await.maxWait;
            this.regaining = new Regaining(this);
        }

        @Override
        public void request(long n) {
            if (!Operators.validate(n) || !ASKED.compareAndSet(this, 0, 1)) {
                return;
            }
            Context context = actual.currentContext();
            if (Expiry.isExpired(context)) {
                refuse(Expiry.exceeded(context, "waiting for " + condition.label()));
            } else if (!lease.park()) {
                refuse(lease.notHeld());
            } else if (maxWait == null ? enter(context) : enter(context, maxWait, lease.line.clock())) {
                condition.arrived();
                // Only now: in line before anybody else can hold the lock and signal.
                lease.line.releaseAndWake(lease.weight);
            } else {
                lease.unpark();
                refuse(condition.full());
            }
        }

        private void refuse(Throwable error) {
            if (fail()) {
                actual.onError(error);
            }
        }

        @Override
        protected void granted() {
            regaining.enter(actual.currentContext());
        }

        @Override
        protected void timedOut() {
            regaining.enter(actual.currentContext());
        }

        @Override
        protected void handBack() {
            condition.signal(1);
        }

        void regained() {
            lease.unpark();
            actual.onNext(isGranted());
            actual.onComplete();
        }

        @Override
        public void cancel() {
            if (ASKED.compareAndSet(this, 0, 1) || cancelWait()) {
                return;
            }
            if (regaining.cancelWait() && isGranted()) {
                condition.signal(1);
            }
        }

        @Override
        @SuppressWarnings("rawtypes")
        public @Nullable Object scanUnsafe(Attr key) {
            if (key == Attr.ACTUAL) {
                return actual;
            }
            if (key == Attr.TERMINATED) {
                return regaining.isGranted();
            }
            return null;
        }
    }

    /** One who has been woken and wants his lock back, however long the line and whatever the deadline. */
    private static final class Regaining extends PermitWaiter {

        private final Awaiting awaiting;

        Regaining(Awaiting awaiting) {
            super(awaiting.lease);
            this.awaiting = awaiting;
        }

        @Override
        protected boolean isBounded() {
            return false;
        }

        @Override
        protected void granted() {
            awaiting.regained();
        }

        @Override
        void failed(Throwable error) {
            awaiting.actual.onError(error);
        }
    }
}
