package io.github.asyncio4j.task;

import io.github.asyncio4j.internal.Checks;
import io.github.asyncio4j.internal.CleanupLedger;
import io.github.asyncio4j.internal.Expiry;
import io.github.asyncio4j.internal.Failures;
import io.github.asyncio4j.internal.Trampoline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * One run of a group:
 *
 * <pre>
 *   OPEN ──a failure, the timeout──► FAILING     signals the failure
 *    ├─────cancel(reason)──────────► CANCELLED   completes empty, or fails with what cleanup failed with
 *    └─────downstream cancels──────► ABANDONED   says nothing: cleanup and failures go to the surrounding ledger
 * </pre>
 *
 * <p>Whatever the phase, it ends when the body is over, the last child has ended and the ledger is empty.
 */
final class DefaultTaskGroup<R> implements TaskGroup, TaskOwner, Shelter, CleanupLedger.Ending {

    private enum Phase {
        OPEN,
        FAILING,
        CANCELLED,
        ABANDONED
    }

    private final TaskGroupOptions options;
    private final CoreSubscriber<? super R> actual;
    private final Emission<R> downstream;
    private final CleanupLedger ledger;
    private final Context context;
    private final GroupBody<R> body;

    /** Also the lock: guards all below. */
    private final TaskList children = new TaskList();

    private final List<Throwable> failures = new ArrayList<>(1);
    private Phase phase = Phase.OPEN;
    private @Nullable TaskCancelledException reason; // set with every phase but OPEN
    private CleanupLedger.@Nullable Entry drain;
    private @Nullable Throwable bodyFailure;
    private boolean bodyOver;
    private boolean closed;
    private int running;

    DefaultTaskGroup(TaskGroupOptions options, CoreSubscriber<? super R> actual) {
        this.options = options;
        this.actual = actual;
        this.ledger = CleanupLedger.open(actual.currentContext(), this, options.cleanupLimit);
        this.context = ledger.storeIn(actual.currentContext());
        this.downstream = new Emission<>(actual, this::abandon);
        this.body = new GroupBody<>(this, context);
    }

    void run(Function<? super TaskGroup, ? extends Mono<? extends R>> function) {
        TaskRegistry.add(this);
        actual.onSubscribe(downstream);
        body.start(Mono.defer(() -> callBody(function)));
    }

    private Mono<? extends R> callBody(Function<? super TaskGroup, ? extends Mono<? extends R>> function) {
        Mono<? extends R> work = Checks.callMono(function, this, "body of " + options.name);
        return body.isStopped() ? Mono.empty() : work;
    }

    @Override
    public <T> Task<T> createTask(Mono<? extends T> work) {
        return create(null, Checks.notNull(work, "work"), this);
    }

    @Override
    public <T> Task<T> createTask(String name, Mono<? extends T> work) {
        return create(Checks.notNull(name, "name"), Checks.notNull(work, "work"), this);
    }

    @Override
    public <S> Mono<S> start(Function<? super Consumer<S>, ? extends Mono<?>> service) {
        return MonoService.create(this, Checks.notNull(service, "service"));
    }

    /** A child whose end is told to {@code owner}, which passes it on to this group. */
    <T> DefaultTask<T> create(@Nullable String name, Mono<? extends T> work, TaskOwner owner) {
        DefaultTask<T> task = new DefaultTask<>(owner, name, context);
        TaskCancelledException refused;
        boolean starts = false;
        synchronized (children) {
            refused = refusal();
            starts = refused == null && admit(task, work);
        }
        if (refused != null) {
            task.cancel(refused.reason(), refused.getCause());
        } else if (starts) {
            task.start(work);
        }
        return task;
    }

    @Override
    public Shelter shelter() {
        return this;
    }

    @Override
    public <T> DefaultTask<T> adopt(Function<TaskOwner, TaskOwner> owner, Context context) {
        Expiry deadline = Expiry.from(this.context);
        Context sheltered = deadline == null ? Expiry.removeFrom(context) : deadline.storeIn(context);
        DefaultTask<T> task = new DefaultTask<>(owner.apply(this), "shielded", ledger.storeIn(sheltered));
        TaskCancelledException refused;
        synchronized (children) {
            refused = refusal();
            if (refused == null) {
                task.unscheduled = true; // whoever waits for it may hold the place it would wait for
                children.add(task);
            }
        }
        if (refused != null) {
            task.cancel(refused.reason(), refused.getCause());
        }
        return task;
    }

    // Under the lock.
    private @Nullable TaskCancelledException refusal() {
        if (reason == null && closed) {
            throw new IllegalStateException(this + " has ended: no task can be created in it any more");
        }
        return reason;
    }

    private <T> boolean admit(DefaultTask<T> task, Mono<? extends T> work) {
        if (running < options.maxConcurrency) {
            running++;
            children.add(task);
            return true;
        }
        task.startsLaterWith(work);
        children.addWaiting(task);
        return false;
    }

    @Override
    public void cancel(String reason) {
        abort(Phase.CANCELLED, Checks.notNull(reason, "reason"), null);
    }

    /** The scope's own failure, or a child's: the first one aborts, all are kept. */
    void fail(Throwable failure) {
        synchronized (children) {
            if (failures.stream().noneMatch(known -> known == failure)) {
                failures.add(failure);
            }
        }
        abort(Phase.FAILING, label() + " failed: " + failure, failure);
    }

    private void abort(Phase how, String why, @Nullable Throwable cause) {
        List<DefaultTask<?>> stopped;
        synchronized (children) {
            if (phase != Phase.OPEN || closed) {
                return;
            }
            phase = how;
            reason = new TaskCancelledException(label(), why, cause);
            stopped = children.toList();
        }
        stop(stopped, why, cause);
    }

    private void stop(List<DefaultTask<?>> stopped, String why, @Nullable Throwable cause) {
        body.stop(new TaskCancelledException("body of " + label(), why, cause));
        for (DefaultTask<?> task : stopped) {
            task.cancel(why, cause);
        }
    }

    // Downstream is gone. What is still to be heard of goes by way of the ledger.
    private void abandon() {
        Expiry deadline = Expiry.from(context);
        boolean late = deadline != null && deadline.remainingNanos() <= 0;
        String why = label() + (late ? " exceeded its deadline" : " was cancelled");
        Throwable cause = deadline != null && late ? deadline.exceeded(label()) : null;
        List<DefaultTask<?>> stopped = List.of();
        boolean nothingRuns;
        synchronized (children) {
            if (phase == Phase.OPEN) {
                stopped = children.toList();
            }
            phase = Phase.ABANDONED;
            reason = new TaskCancelledException(label(), why, cause);
            nothingRuns = closed;
            if (!nothingRuns) {
                drain = ledger.enter(this);
            }
        }
        boolean unheard = ledger.abandon(context);
        if (!nothingRuns) {
            stop(stopped, why, cause);
        } else if (unheard) {
            dropAll();
        }
    }

    private void dropAll() {
        body.discardValue();
        failures.forEach(failure -> Operators.onErrorDropped(failure, context));
    }

    void bodyOver() {
        Throwable failure = body.isStopped() ? null : body.failure;
        if (failure != null) {
            bodyFailure = failure;
            fail(failure);
        }
        synchronized (children) {
            bodyOver = true;
        }
        endIfLast();
    }

    @Override
    public void failing(DefaultTask<?> task, Throwable error) {
        if (options.handler == null) {
            fail(error);
        }
    }

    @Override
    public void ended(DefaultTask<?> task, List<Throwable> late) {
        if (options.handler == null) {
            late.forEach(this::fail);
        } else {
            tellHandler(options.handler, task, late);
        }
        release(task);
    }

    @Override
    public void release(DefaultTask<?> task) {
        DefaultTask<?> turn;
        synchronized (children) {
            boolean waited = task.waiting;
            if (!children.remove(task)) {
                return;
            }
            if (!waited && !task.unscheduled) {
                running--;
            }
            turn = phase == Phase.OPEN && running < options.maxConcurrency ? children.nextWaiting() : null;
            if (turn != null) {
                running++;
            }
        }
        if (turn != null) {
            Trampoline.execute(turn::startPending);
        }
        endIfLast();
    }

    private void tellHandler(
            BiConsumer<? super Task<?>, ? super Throwable> handler, DefaultTask<?> task, List<Throwable> late) {
        try {
            if (task.state() == TaskState.FAILED && task.failure != null) {
                handler.accept(task, task.failure);
            } else {
                late.forEach(failure -> handler.accept(task, failure));
            }
        } catch (Throwable t) {
            Exceptions.throwIfFatal(t);
            fail(t);
        }
    }

    private void endIfLast() {
        CleanupLedger.Entry left;
        synchronized (children) {
            if (closed || !bodyOver || children.size() > 0) {
                return;
            }
            closed = true;
            left = drain;
        }
        TaskRegistry.remove(this);
        if (left == null) {
            ledger.finish(this);
        } else {
            leave(left);
        }
    }

    private void leave(CleanupLedger.Entry left) {
        body.discardValue();
        for (Throwable failure : failures) {
            ledger.tell(failure, context);
        }
        left.leave();
    }

    @Override
    public void ended(List<Throwable> cleanup) {
        Throwable error = error(cleanup);
        if (error != null) {
            body.discardValue();
            if (!downstream.error(error)) {
                Operators.onErrorDropped(error, context);
            }
        } else if (phase == Phase.OPEN) {
            downstream.emit(body.value);
        } else {
            body.discardValue();
            downstream.emit(null);
        }
    }

    private @Nullable Throwable error(List<Throwable> cleanup) {
        List<Throwable> all = new ArrayList<>(failures);
        if (options.aggregate) {
            all.addAll(cleanup);
            return aggregate(all);
        }
        Throwable first = all.isEmpty() ? null : all.remove(0);
        return Failures.merge(first, all, cleanup, ledger, context);
    }

    private @Nullable Throwable aggregate(List<Throwable> all) {
        Throwable ofBody = bodyFailure;
        if (ofBody != null && all.remove(ofBody) && !(ofBody instanceof CancellationException && !all.isEmpty())) {
            all.add(ofBody);
        }
        if (all.isEmpty()) {
            return null;
        }
        boolean cancellation = all.size() == 1 && all.get(0) instanceof CancellationException;
        return cancellation ? all.get(0) : new TaskGroupException(options.name, all);
    }

    @Override
    public Collection<Task<?>> tasks() {
        return List.copyOf(live());
    }

    @Override
    public boolean isCancelled() {
        synchronized (children) {
            return phase == Phase.CANCELLED || phase == Phase.ABANDONED;
        }
    }

    @Override
    public Duration cleanupLimit() {
        return options.cleanupLimit;
    }

    @Override
    public boolean nestsLedgers() {
        return true;
    }

    @Override
    public List<DefaultTask<?>> live() {
        synchronized (children) {
            return children.toList();
        }
    }

    @Override
    public @Nullable DefaultTask<?> parent() {
        return DefaultTask.current(context);
    }

    @Override
    public String label() {
        return options.name;
    }

    @Override
    public String toString() {
        return "TaskGroup " + options.name;
    }

    /** What downstream asked for, run as the work that it is. */
    private static final class GroupBody<R> extends Work<R> {
        private final DefaultTaskGroup<R> group;
        private final Context context;

        GroupBody(DefaultTaskGroup<R> group, Context context) {
            this.group = group;
            this.context = context;
        }

        @Override
        public Context currentContext() {
            return context;
        }

        @Override
        void failing(Throwable error) {
            // Nothing is left to wait for when the body has failed: over() comes next.
        }

        @Override
        void stopping() {}

        @Override
        void over() {
            group.bodyOver();
        }
    }
}
