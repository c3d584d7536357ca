package io.github.asyncio4j.task;

import io.github.asyncio4j.internal.Checks;
import io.github.asyncio4j.internal.CleanupLedger;
import io.github.asyncio4j.internal.Failures;
import io.github.asyncio4j.internal.Trampoline;
import io.github.asyncio4j.internal.WaitProbe;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * The one kind of task. The order at its end: the work is over, then the ledger empties, then the state changes, then
 * the line of waiters and callbacks is served, then the owner is told.
 *
 * <p>Its monitor guards what is created on first use, and the line; nothing foreign runs inside it.
 */
final class DefaultTask<T> extends Work<T> implements Task<T>, Sheltered, WaitProbe, CleanupLedger.Ending, Scannable {

    private static final AtomicLong IDS = new AtomicLong();

    private final long id = IDS.incrementAndGet();
    private final long createdMillis = Schedulers.parallel().now(TimeUnit.MILLISECONDS);
    private final @Nullable String name;
    private final TaskOwner owner;
    private final @Nullable String site = Debug.creationSite();

    // Guarded by the owner's list.
    @Nullable
    DefaultTask<?> previous;

    @Nullable
    DefaultTask<?> next;

    boolean listed;
    boolean waiting;
    boolean unscheduled;

    private volatile Context base;
    private volatile @Nullable TaskState end;
    private volatile @Nullable Context inside;
    private @Nullable CleanupLedger ledger;
    private CleanupLedger.@Nullable Entry drain;
    private volatile @Nullable TaskWaiters waiters;
    private volatile @Nullable Mono<? extends T> pending;
    private @Nullable Object waitsFor;
    private volatile @Nullable Unobserved unobserved;
    private volatile boolean observed;
    private boolean sealed;

    /** @param base what the work finds in its Context, but for what belongs to the task itself */
    DefaultTask(TaskOwner owner, @Nullable String name, Context base) {
        this.owner = owner;
        this.name = name;
        this.base = base;
        TaskTreeAgent.taskCreated();
    }

    static @Nullable DefaultTask<?> current(ContextView context) {
        return WaitProbe.from(context) instanceof DefaultTask<?> task ? task : null;
    }

    TaskOwner owner() {
        return owner;
    }

    @Override
    public @Nullable Shelter shelter() {
        Shelter nearest = owner.shelter();
        return nearest != null ? nearest : Shelter.nearest(base);
    }

    long createdMillis() {
        return createdMillis;
    }

    @Override
    public Context currentContext() {
        Context known = inside;
        return known != null ? known : open();
    }

    // The ledger is opened when the work first looks at its Context: what never does has no cleanup either.
    private synchronized Context open() {
        Context known = inside;
        if (known != null) {
            return known;
        }
        if (sealed) {
            return base;
        }
        ContextView surrounding = owner.nestsLedgers() ? base : Context.empty();
        CleanupLedger opened = CleanupLedger.open(surrounding, this, owner.cleanupLimit());
        Context created = opened.storeIn(storeIn(base));
        ledger = opened;
        inside = created;
        return created;
    }

    void startsLaterWith(Mono<? extends T> work) {
        pending = work;
    }

    /** Its turn has come; nothing happens when it was cancelled meanwhile. */
    void startPending() {
        Mono<? extends T> work = pending;
        pending = null;
        if (work != null) {
            start(work);
        }
    }

    @Override
    void failing(Throwable error) {
        if (!(error instanceof CancellationException)) {
            owner.failing(this, error);
        }
    }

    // Whoever cancels a task that is not in a group may himself be part of a scope; that scope waits for the cleanup.
    @Override
    void stopping() {
        if (!owner.nestsLedgers()) {
            drain = CleanupLedger.enter(base, this);
        }
    }

    @Override
    void over() {
        CleanupLedger opened;
        synchronized (this) {
            sealed = true;
            opened = ledger;
        }
        if (opened == null) {
            ended(List.of());
        } else {
            opened.finish(this);
        }
    }

    @Override
    public void ended(List<Throwable> cleanup) {
        boolean failed = failure != null && !(failure instanceof CancellationException);
        CleanupLedger opened = ledger;
        if (!cleanup.isEmpty() && opened != null) {
            failure = Failures.merge(failure, List.of(), cleanup, opened, base);
            discardValue();
        }
        end = endState();
        leaveNothing();
        List<Throwable> late = failed ? List.of() : cleanup;
        TaskWaiters line = waiters;
        if (line == null) {
            owner.ended(this, late);
        } else {
            line.signal();
            Trampoline.execute(() -> owner.ended(this, late));
        }
    }

    private TaskState endState() {
        if (failure == null) {
            return TaskState.SUCCEEDED;
        }
        return failure instanceof CancellationException ? TaskState.CANCELLED : TaskState.FAILED;
    }

    // A task that has ended may be held for long, and may be the parent of others: it must not hold its past. Only what
    // a cancelled source may still emit wants the Context, for its discard hook.
    private void leaveNothing() {
        synchronized (this) {
            base = isStopped() ? base.delete(WaitProbe.class).delete(CleanupLedger.class) : Context.empty();
            inside = null;
            ledger = null;
            waitsFor = null;
            pending = null;
        }
        forgetSubscription();
        CleanupLedger.Entry left = drain;
        if (left != null) {
            left.leave();
        }
    }

    /** The line, created when somebody first asks for it. */
    TaskWaiters waiters() {
        TaskWaiters line = waiters;
        if (line != null) {
            return line;
        }
        synchronized (this) {
            line = waiters;
            if (line == null) {
                line = new TaskWaiters(this);
                waiters = line;
            }
            return line;
        }
    }

    /** Somebody has seen how it ended. */
    void observed() {
        observed = true;
        Unobserved watched = unobserved;
        if (watched != null) {
            watched.observed();
        }
    }

    /** Reports {@code failed} if nobody looks at it until the task is collected. */
    void watchUnobserved(Throwable failed) {
        if (observed) {
            return;
        }
        Unobserved watched = Unobserved.watch(this, failed);
        unobserved = watched;
        if (observed) {
            watched.observed();
        }
    }

    boolean cancel(String reason, @Nullable Throwable cause) {
        return !isDone() && stop(new TaskCancelledException(name(), reason, cause));
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public String name() {
        return name == null ? "Task-" + id : name;
    }

    @Override
    public TaskState state() {
        TaskState ended = end;
        if (ended != null) {
            return ended;
        }
        return isStopped() ? TaskState.CANCELLING : TaskState.RUNNING;
    }

    @Override
    public boolean isDone() {
        return end != null;
    }

    @Override
    public boolean isCancelled() {
        return end == TaskState.CANCELLED;
    }

    @Override
    public Outcome<T> outcome() {
        if (!isDone()) {
            throw new IllegalStateException(this + " has no outcome yet");
        }
        observed();
        if (failure != null) {
            return new Outcome.Failure<>(failure);
        }
        return value == null ? new Outcome.Empty<>() : new Outcome.Success<>(value);
    }

    @Override
    public Mono<T> await() {
        return MonoTask.result(this);
    }

    @Override
    public Mono<Outcome<T>> settled() {
        return MonoTask.outcome(this);
    }

    @Override
    public boolean cancel() {
        return cancel("no reason given");
    }

    @Override
    public boolean cancel(String reason) {
        return cancel(Checks.notNull(reason, "reason"), null);
    }

    @Override
    public Mono<Void> cancelAndJoin(String reason) {
        return MonoTask.cancelAndEnd(this, Checks.notNull(reason, "reason"));
    }

    @Override
    public void onDone(Consumer<? super Task<T>> callback) {
        new DoneCallback<>(this, Checks.notNull(callback, "callback")).register();
    }

    @Override
    public Optional<Task<?>> parent() {
        return Optional.ofNullable(parentTask());
    }

    @Nullable
    DefaultTask<?> parentTask() {
        return isDone() ? null : current(base);
    }

    @Override
    public List<String> waitingFor() {
        return waits().stream().map(Object::toString).toList();
    }

    @Override
    public Optional<String> createdAt() {
        return Optional.ofNullable(site);
    }

    @Override
    public void dispose() {
        cancel("disposed");
    }

    @Override
    public boolean isDisposed() {
        return isDone();
    }

    /** What it waits for, each thing once. */
    synchronized List<Object> waits() {
        return Waits.list(waitsFor);
    }

    @Override
    public synchronized void waitingFor(Object what) {
        if (!sealed) {
            waitsFor = Waits.add(waitsFor, what);
        }
    }

    @Override
    public synchronized void resumed(Object what) {
        waitsFor = Waits.remove(waitsFor, what);
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        if (key == Attr.PARENT) {
            return subscription();
        }
        if (key == Attr.NAME) {
            return name();
        }
        if (key == Attr.TERMINATED) {
            return isDone() && !isCancelled();
        }
        if (key == Attr.CANCELLED) {
            return isStopped();
        }
        if (key == Attr.ERROR) {
            return isDone() ? failure : null;
        }
        return key == Attr.RUN_STYLE ? Attr.RunStyle.SYNC : null;
    }

    @Override
    public String toString() {
        return (name == null ? name() : name + " (Task-" + id + ")") + " " + state();
    }
}
