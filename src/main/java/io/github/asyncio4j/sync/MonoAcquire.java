package io.github.asyncio4j.sync;

import io.github.asyncio4j.internal.Downstream;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** Waits for permits and emits them as a {@link Permit}. */
final class MonoAcquire extends Mono<Permit> implements Scannable {

    private final Admission admission;

    private MonoAcquire(Admission admission) {
        this.admission = admission;
    }

    static Mono<Permit> assemble(Admission admission) {
        return onAssembly(new MonoAcquire(admission));
    }

    @Override
    public void subscribe(CoreSubscriber<? super Permit> actual) {
        actual.onSubscribe(new Acquiring(actual, admission));
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        return key == Attr.NAME ? admission.line.label() : null;
    }

    /**
     * <pre>
     *   BEFORE ──► EMITTING ──► DELIVERED
     *     └────────────┴──────► TAKEN_BACK
     * </pre>
     *
     * A cancel that comes before the permit is delivered takes it back. So does one from another thread while it is being
     * delivered, since terminal subscribers first mark themselves disposed, drop what arrives from then on without a word,
     * and only then cancel; and from Reactor's own one ({@link Downstream}) even a later cancel, for it means just that.
     * What remains is a chain of operators that drops the permit and is held up before its cancel comes until this thread
     * has gone on: nobody can tell that from one who took it. Giving back twice is harmless.
     */
    private static final class Acquiring extends PermitWaiter implements Subscription, Scannable {

        private static final int BEFORE = 0;
        private static final int EMITTING = 1;
        private static final int DELIVERED = 2;
        private static final int TAKEN_BACK = 3;

        private static final AtomicIntegerFieldUpdater<Acquiring> PHASE =
                AtomicIntegerFieldUpdater.newUpdater(Acquiring.class, "phase");
        private static final AtomicIntegerFieldUpdater<Acquiring> ASKED =
                AtomicIntegerFieldUpdater.newUpdater(Acquiring.class, "asked");

        private final CoreSubscriber<? super Permit> actual;
        private volatile int asked;
        private volatile int phase;
        private @Nullable Thread emitter;
        private @Nullable Permit permit;

        Acquiring(CoreSubscriber<? super Permit> actual, Admission admission) {
            super(admission);
            this.actual = actual;
        }

        @Override
        public void request(long n) {
            if (!Operators.validate(n) || !ASKED.compareAndSet(this, 0, 1)) {
                return;
            }
            Context context = actual.currentContext();
            if (isReentrant(context)) {
                failWith(reentrance());
            } else {
                standInLine(context);
            }
        }

        @Override
        protected void granted() {
            Permit granted = new DefaultPermit(admission.line, admission.weight);
            permit = granted;
            emitter = Thread.currentThread();
            if (Downstream.isCancelled(actual) || !PHASE.compareAndSet(this, BEFORE, EMITTING)) {
                granted.release();
                return;
            }
            actual.onNext(granted);
            actual.onComplete();
            PHASE.compareAndSet(this, EMITTING, DELIVERED);
        }

        @Override
        void failed(Throwable error) {
            actual.onError(error);
        }

        @Override
        public void cancel() {
            if (ASKED.compareAndSet(this, 0, 1) || cancelWait() || PHASE.compareAndSet(this, BEFORE, TAKEN_BACK)) {
                return;
            }
            boolean during = emitter != Thread.currentThread() && PHASE.compareAndSet(this, EMITTING, TAKEN_BACK);
            if (during || isGranted() && Downstream.cancelsOnlyWhatItDropped(actual)) {
                Objects.requireNonNull(permit).release();
            }
        }

        @Override
        @SuppressWarnings("rawtypes")
        public @Nullable Object scanUnsafe(Attr key) {
            if (key == Attr.ACTUAL) {
                return actual;
            }
            if (key == Attr.CANCELLED) {
                return phase == TAKEN_BACK;
            }
            if (key == Attr.TERMINATED) {
                return phase == DELIVERED;
            }
            return null;
        }
    }
}
