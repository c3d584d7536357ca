package io.github.asyncio4j.time;

import io.github.asyncio4j.internal.Checks;
import io.github.asyncio4j.internal.CleanupLedger;
import io.github.asyncio4j.internal.Expiry;
import io.github.asyncio4j.internal.Failures;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Fuseable;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Scheduler;
import reactor.util.context.Context;

/**
 * One subscription under a deadline: subscriber of the work, subscription of downstream, the user's handle, and what the
 * Context knows as the deadline, all in one object.
 *
 * <p>Its state is one reference, so that one compare-and-set decides between value, error, expiry and cancel, and also
 * whether a timer that fires is still the current one:
 *
 * <pre>
 *   Alarm ──────► Alarm            reschedule: only the newest may expire the scope
 *     │
 *     ├─► COMPLETED ─┐
 *     ├─► FAILED    ─┼─ drain ─► DELIVERED
 *     ├─► EXPIRED   ─┘    └────► CANCELLED   downstream left while cleanup was running
 *     └─► CANCELLED
 * </pre>
 */
abstract class DefaultTimeoutScope<T> extends Operators.DeferredSubscription
        implements CoreSubscriber<T>, TimeoutScope, Expiry {

    enum End {
        COMPLETED("has completed"),
        FAILED("has failed"),
        EXPIRED("has expired"),
        DELIVERED("has ended"),
        CANCELLED("was cancelled");

        private final String words;

        End(String words) {
            this.words = words;
        }
    }

    @SuppressWarnings("rawtypes")
    private static final AtomicReferenceFieldUpdater<DefaultTimeoutScope, Object> STATE =
            AtomicReferenceFieldUpdater.newUpdater(DefaultTimeoutScope.class, Object.class, "state");

    final CoreSubscriber<? super T> actual;
    private final TimeLimit limit;
    private final @Nullable Expiry outer;
    private final Scheduler clock;
    private final long start;
    private final CleanupLedger ledger;
    private final Context context;

    private volatile Object state;
    private volatile boolean expired;
    private volatile long lastDeadline;

    // Written before the step that makes them known, read by whoever takes the next step.
    private @Nullable Throwable failure;
    private @Nullable DeadlineExceededException exceeded;

    DefaultTimeoutScope(CoreSubscriber<? super T> actual, TimeLimit limit) {
        this.actual = actual;
        this.limit = limit;
        this.outer = Expiry.from(actual.currentContext());
        this.clock = limit.clock();
        this.start = Deadline.now(clock);
        this.lastDeadline = limit.at(start);
        this.state = new Alarm(this, lastDeadline, clock);
        this.ledger = CleanupLedger.open(actual.currentContext(), this);
        this.context = ledger.storeIn(storeIn(actual.currentContext()));
    }

    /**
     * The end has come and all cleanup is over. Called once, if downstream has not left.
     *
     * @param completed false when what may have arrived since is not the result
     */
    abstract void deliver(@Nullable Throwable error, boolean completed);

    /** What the work gave cannot be delivered. */
    void discardResult() {}

    final <P extends Publisher<? extends T>> void run(Function<? super TimeoutScope, ? extends P> body) {
        actual.onSubscribe(this);
        if (outer != null && outer.remainingNanos() <= 0) {
            fail(outer.exceeded(limit.operationName()));
        }
        if (!(state instanceof Alarm first)) {
            return;
        }
        P work = body.apply(this);
        boolean immediate = first.remaining() <= 0;
        if (!immediate && !(work instanceof Fuseable.ScalarCallable)) {
            first.arm();
        }
        if (isActive()) {
            work.subscribe(this);
        }
        if (immediate) {
            expire(first);
        }
    }

    @Override
    public final Context currentContext() {
        return context;
    }

    @Override
    public final void onSubscribe(Subscription subscription) {
        set(subscription);
    }

    @Override
    public final void onError(Throwable error) {
        failure = error;
        if (end(End.FAILED)) {
            settle();
        } else {
            dropLate(error);
        }
    }

    // That a scope inside expired in the same instant is no news; what its cleanup failed with is.
    private void dropLate(Throwable error) {
        boolean sameInstant = error instanceof DeadlineExceededException late && !late.isOf(null);
        Failures.of(error).stream()
                .skip(sameInstant ? 1 : 0)
                .limit(sameInstant ? Long.MAX_VALUE : 1)
                .forEach(dropped -> Operators.onErrorDropped(dropped, context));
    }

    @Override
    public void onComplete() {
        if (end(End.COMPLETED)) {
            settle();
        }
    }

    @Override
    public final void cancel() {
        Object before = state;
        while (before != End.CANCELLED && before != End.DELIVERED) {
            if (STATE.compareAndSet(this, before, End.CANCELLED)) {
                leave(before);
                return;
            }
            before = state;
        }
    }

    private void leave(Object before) {
        if (before instanceof Alarm alarm) {
            alarm.disarm();
            super.cancel();
        } else {
            if (before == End.COMPLETED) {
                discardResult();
            }
            if (before == End.FAILED && failure != null) {
                Operators.onErrorDropped(failure, context);
            }
        }
        ledger.abandon(context);
    }

    final boolean isCurrent(Alarm alarm) {
        return state == alarm;
    }

    final boolean isActive() {
        return state instanceof Alarm;
    }

    /** True for the one signal that decides the outcome. */
    final boolean end(End how) {
        Object before = state;
        while (before instanceof Alarm alarm) {
            if (STATE.compareAndSet(this, before, how)) {
                alarm.disarm();
                return true;
            }
            before = state;
        }
        return false;
    }

    final void settle() {
        ledger.finish(this::settled);
    }

    private void settled(List<Throwable> cleanupFailures) {
        Object before = state;
        if (before == End.CANCELLED || !STATE.compareAndSet(this, before, End.DELIVERED)) {
            cleanupFailures.forEach(dropped -> Operators.onErrorDropped(dropped, context));
            return;
        }
        Throwable first = before == End.FAILED ? failure : before == End.EXPIRED && !limit.soft() ? exceeded : null;
        Throwable error = Failures.merge(forgiven(first) ? null : first, List.of(), cleanupFailures, ledger, context);
        boolean completed = before == End.COMPLETED;
        if (completed && error != null) {
            discardResult();
        }
        deliver(error, completed);
    }

    // An operation inside that knew it could not be done before our deadline.
    private boolean forgiven(@Nullable Throwable error) {
        return limit.soft() && error instanceof DeadlineExceededException ours && ours.isOf(this);
    }

    final void fail(Throwable error) {
        if (end(End.FAILED)) {
            failure = error;
            super.cancel();
            settle();
        }
    }

    // Of two scopes that expire in the same instant the outer one speaks, so it goes first, and its cancel comes down
    // here. Where it does not (something in between shields us) our own deadline holds.
    final void expire(Alarm due) {
        if (state != due) {
            return;
        }
        DefaultTimeoutScope<?> expiredToo = nearestExpired();
        if (expiredToo != null) {
            expired = true;
            expiredToo.expireNow();
        }
        DeadlineExceededException error = exceededBy(limit.operationName());
        if (STATE.compareAndSet(this, due, End.EXPIRED)) {
            expired = true;
            exceeded = error;
            super.cancel();
            settle();
        }
    }

    private void expireNow() {
        if (state instanceof Alarm due) {
            expire(due);
        }
    }

    private @Nullable DefaultTimeoutScope<?> nearestExpired() {
        for (Expiry each = outer; each instanceof DefaultTimeoutScope<?> scope; each = scope.outer) {
            if (scope.state instanceof Alarm alarm && alarm.remaining() <= 0) {
                return scope;
            }
        }
        return null;
    }

    @Override
    public final Deadline deadline() {
        return new Deadline(currentDeadline(), clock);
    }

    private long currentDeadline() {
        return state instanceof Alarm alarm ? alarm.at() : lastDeadline;
    }

    final Deadline effectiveDeadline() {
        Deadline own = deadline();
        return outer instanceof DefaultTimeoutScope<?> scope
                ? scope.effectiveDeadline().min(own)
                : own;
    }

    @Override
    public final boolean expired() {
        return expired;
    }

    @Override
    public final void reschedule(Duration fromNow) {
        long nanos = Deadline.nanos(Checks.notNull(fromNow, "fromNow"));
        Alarm next = new Alarm(this, Deadline.now(clock) + nanos, clock);
        Object before = state;
        while (before instanceof Alarm alarm) {
            if (STATE.compareAndSet(this, before, next)) {
                lastDeadline = next.at();
                alarm.disarm();
                next.arm();
                return;
            }
            before = state;
        }
        End end = expired ? End.EXPIRED : (End) before;
        throw new IllegalStateException("cannot reschedule " + this + ": it " + end.words);
    }

    @Override
    public final long remainingNanos() {
        long own = currentDeadline() - Deadline.now(clock);
        return outer == null ? own : Math.min(own, outer.remainingNanos());
    }

    @Override
    public final DeadlineExceededException exceeded(Object operation) {
        DefaultTimeoutScope<?> binding = this;
        for (Expiry each = outer; each instanceof DefaultTimeoutScope<?> scope; each = scope.outer) {
            if (scope.deadline().compareTo(binding.deadline()) <= 0) {
                binding = scope;
            }
        }
        return binding.exceededBy(operation);
    }

    private DeadlineExceededException exceededBy(Object operation) {
        Duration budget = Duration.ofNanos(currentDeadline() - start);
        Duration elapsed = Duration.ofNanos(Deadline.now(clock) - start);
        String name = limit.operationName();
        String message = name + (elapsed.compareTo(budget) < 0 ? " cannot end within " : " did not end within ")
                + budget + " (elapsed: " + elapsed + ")" + (operation.equals(name) ? "" : ": " + operation);
        return new DeadlineExceededException(message, name, budget, elapsed, this);
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        Object now = state;
        if (key == Attr.ACTUAL) {
            return actual;
        }
        if (key == Attr.TERMINATED) {
            return now instanceof End && now != End.CANCELLED;
        }
        if (key == Attr.CANCELLED) {
            return now == End.CANCELLED;
        }
        if (key == Attr.ERROR) {
            return now == End.FAILED ? failure : now == End.EXPIRED ? exceeded : null;
        }
        if (key == Attr.RUN_STYLE) {
            return Attr.RunStyle.ASYNC;
        }
        return super.scanUnsafe(key);
    }

    @Override
    public final String stepName() {
        return "timeout";
    }

    @Override
    public final String toString() {
        return "timeout of " + limit.operationName();
    }
}
