package io.github.asyncio4j.task;

import io.github.asyncio4j.internal.Checks;
import io.github.asyncio4j.internal.WaitProbe;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Schedulers;

/** A timer that tells the current task that it sleeps. */
final class MonoSleep extends Mono<Void> implements Scannable {

    private final Duration delay;

    private MonoSleep(Duration delay) {
        this.delay = delay;
    }

    static Mono<Void> of(Duration delay) {
        return onAssembly(new MonoSleep(Checks.notNegative(delay, "delay")));
    }

    @Override
    public void subscribe(CoreSubscriber<? super Void> actual) {
        Sleep sleep = new Sleep(actual, delay);
        actual.onSubscribe(sleep);
        sleep.begin();
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        return key == Attr.RUN_STYLE ? Attr.RunStyle.ASYNC : null;
    }

    private static final class Sleep implements Subscription, Runnable, Scannable {

        private static final AtomicIntegerFieldUpdater<Sleep> STATE =
                AtomicIntegerFieldUpdater.newUpdater(Sleep.class, "state");

        private static final int ASLEEP = 0;
        private static final int OVER = 1;
        private static final int CANCELLED = 2;

        private final CoreSubscriber<? super Void> actual;
        private final Duration delay;
        private final @Nullable WaitProbe probe;
        private volatile int state;
        private volatile @Nullable Disposable timer;

        Sleep(CoreSubscriber<? super Void> actual, Duration delay) {
            this.actual = actual;
            this.delay = delay;
            this.probe = WaitProbe.from(actual.currentContext());
        }

        void begin() {
            if (state != ASLEEP) {
                return;
            }
            if (probe != null) {
                probe.waitingFor(this);
            }
            try {
                timer = Schedulers.parallel().schedule(this, Checks.nanos(delay), TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException e) {
                if (end(OVER)) {
                    actual.onError(Operators.onRejectedExecution(e, actual.currentContext()));
                }
            }
            if (state != ASLEEP) {
                awake(); // a cancel may have come before the probe was told
                stopTimer();
            }
        }

        @Override
        public void run() {
            if (end(OVER)) {
                actual.onComplete();
            }
        }

        @Override
        public void cancel() {
            if (end(CANCELLED)) {
                stopTimer();
            }
        }

        private boolean end(int how) {
            boolean ends = STATE.compareAndSet(this, ASLEEP, how);
            if (ends) {
                awake();
            }
            return ends;
        }

        // One that has fired is left alone: disposing it would interrupt the thread that it runs on.
        private void stopTimer() {
            Disposable armed = timer;
            if (armed != null && state == CANCELLED) {
                armed.dispose();
            }
        }

        private void awake() {
            if (probe != null) {
                probe.resumed(this);
            }
        }

        @Override
        public void request(long n) {
            Operators.validate(n);
        }

        @Override
        @SuppressWarnings("rawtypes")
        public @Nullable Object scanUnsafe(Attr key) {
            if (key == Attr.ACTUAL) {
                return actual;
            }
            if (key == Attr.TERMINATED) {
                return state == OVER;
            }
            if (key == Attr.CANCELLED) {
                return state == CANCELLED;
            }
            return key == Attr.RUN_STYLE ? Attr.RunStyle.ASYNC : null;
        }

        @Override
        public String toString() {
            return "sleep of " + delay;
        }
    }
}
