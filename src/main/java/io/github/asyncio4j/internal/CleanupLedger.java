package io.github.asyncio4j.internal;

import io.github.asyncio4j.CleanupTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * Who still has work to do after a cancel. Reactor's {@code cancel()} returns at once and tells nobody when the
 * cleanup it started has ended; a scope that owns a ledger waits for it.
 *
 * <pre>
 *   scope                         an operation inside, e.g. an async resource
 *   ledger = open(context)
 *   subscribe(inner, storeIn)  ►  entry = enter(context, "db")     before anything can be cancelled
 *   inner.cancel()             ►  starts closing, returns
 *   finish(ending)                …
 *                                 entry.leave()                    closed
 *   ending.ended(failures)     ◄
 * </pre>
 *
 * <p>Ledgers nest: an open ledger is an entry of the surrounding one, so an outer scope also waits for the cleanup of
 * the inner scopes that it cancelled. Failures of cleanup go to the scope that is still there to signal: the ledger
 * passes those of a cancelled scope on to the surrounding one, and drops them to {@link Operators#onErrorDropped} when
 * there is none.
 *
 * <p>An empty ledger costs nothing at the end: {@link #finish} calls back at once, on the same thread.
 */
public final class CleanupLedger {

    /** How long a scope waits for cleanup, if nothing else is said. */
    public static final Duration DEFAULT_LIMIT = Duration.ofSeconds(30);

    private static final Entry NOBODY = new Entry(null, "nothing");

    private Object scope;
    private final Duration limit;
    private final @Nullable CleanupLedger surrounding;
    private final Entry inSurrounding;

    // All below is guarded by this ledger's monitor, which is never held while foreign code runs.
    private @Nullable Entry first;
    private @Nullable List<Throwable> failures;
    private @Nullable List<Throwable> reasons;
    private @Nullable Ending ending;
    private @Nullable Context abandonedBy;
    private @Nullable Runnable afterwards;
    private @Nullable Disposable timer;
    private boolean finishing;
    private boolean limitArmed;
    private boolean limitPassed;
    private boolean ended;

    /** What a scope does when its cleanup is over. */
    @FunctionalInterface
    public interface Ending {
        /** @param failures of the cleanup, empty when all went well; holds the limit's exception when it passed */
        void ended(List<Throwable> failures);

        /**
         * The same for a scope that tells them apart: {@code reasons} are the failures of scopes inside that were
         * cancelled before they could signal them. Nothing is left open because of those.
         */
        default void ended(List<Throwable> failures, List<Throwable> reasons) {
            if (reasons.isEmpty()) {
                ended(failures);
            } else {
                List<Throwable> all = new ArrayList<>(reasons);
                all.addAll(failures);
                ended(all);
            }
        }
    }

    private CleanupLedger(@Nullable CleanupLedger surrounding, Object scope, Duration limit) {
        this.surrounding = surrounding;
        this.scope = scope;
        this.limit = limit;
        this.inSurrounding = surrounding == null ? NOBODY : surrounding.enter(this);
    }

    /** Opens a ledger nested in the one of {@code surrounding}, if there is one. {@code scope} names it by toString. */
    public static CleanupLedger open(ContextView surrounding, Object scope) {
        return open(surrounding, scope, DEFAULT_LIMIT);
    }

    /** The same with a limit of its own. */
    public static CleanupLedger open(ContextView surrounding, Object scope, Duration limit) {
        return new CleanupLedger(nearest(surrounding), scope, limit);
    }

    /** Enters an operation into the nearest ledger; without one the entry does nothing. */
    public static Entry enter(ContextView context, Object what) {
        CleanupLedger ledger = nearest(context);
        return ledger == null ? NOBODY : ledger.enter(what);
    }

    private static @Nullable CleanupLedger nearest(ContextView context) {
        return context.getOrDefault(CleanupLedger.class, null);
    }

    /** The nearest scope around that is of the given kind: what {@link #open} was called with. */
    public static <S> @Nullable S scope(ContextView context, Class<S> kind) {
        for (CleanupLedger ledger = nearest(context); ledger != null; ledger = ledger.surrounding) {
            if (kind.isInstance(ledger.scope)) {
                return kind.cast(ledger.scope);
            }
        }
        return null;
    }

    /** A Context that belongs to no scope, for work that outlives the one around it. */
    public static Context removeFrom(Context context) {
        return context.hasKey(CleanupLedger.class) ? context.delete(CleanupLedger.class) : context;
    }

    /** The Context for everything that runs inside the scope. */
    public Context storeIn(Context context) {
        return context.put(CleanupLedger.class, this);
    }

    /** Enters an operation that may have work left after a cancel; {@code what} names it by toString. */
    public Entry enter(Object what) {
        synchronized (this) {
            if (!ended) {
                Entry entry = new Entry(this, what);
                entry.after = first;
                if (first != null) {
                    first.before = entry;
                }
                first = entry;
                return entry;
            }
        }
        // This scope has signalled its end already; whoever is around it may still wait.
        return surrounding == null ? NOBODY : surrounding.enter(what);
    }

    /** True when nothing is left to wait for. */
    public synchronized boolean isEmpty() {
        return first == null;
    }

    /**
     * The scope has a result and cancelled what it no longer needs: calls {@code ending} once all cleanup is over, at
     * once if there is none. By then the surrounding ledger has been left.
     *
     * @return false when the scope was finished or abandoned before: {@code ending} will not be called
     */
    public boolean finish(Ending ending) {
        synchronized (this) {
            if (finishing) {
                return false;
            }
            finishing = true;
            this.ending = ending;
        }
        settle();
        return true;
    }

    /**
     * Downstream cancelled the scope, and the scope cancelled all within: waits on behalf of the surrounding scope.
     * After {@link #finish} it takes the ending's place, as nobody is there any more to hear it.
     *
     * @return true when an ending was waiting and will not be called: the result it holds is the caller's to discard
     */
    public boolean abandon(Context context) {
        return abandon(context, null);
    }

    /**
     * The same for a scope that holds something until its cleanup is over: {@code afterwards} gives it back, before the
     * surrounding scope is told. Either it or the ending runs, once.
     */
    public boolean abandon(Context context, @Nullable Runnable afterwards) {
        boolean replaced;
        synchronized (this) {
            finishing = true;
            abandonedBy = context;
            this.afterwards = afterwards;
            replaced = ending != null;
            ending = null;
        }
        settle();
        return replaced;
    }

    /** True if {@code inner} is this ledger or was opened somewhere inside it. */
    boolean encloses(CleanupLedger inner) {
        for (CleanupLedger ledger = inner; ledger != null; ledger = ledger.surrounding) {
            if (ledger == this) {
                return true;
            }
        }
        return false;
    }

    private void settle() {
        boolean wait;
        synchronized (this) {
            if (ended) {
                return;
            }
            wait = first != null;
            ended = !wait;
        }
        if (wait) {
            armLimit();
        } else {
            end();
        }
    }

    private void armLimit() {
        synchronized (this) {
            if (limitArmed || ended) {
                return;
            }
            limitArmed = true;
        }
        Disposable armed;
        try {
            armed = Schedulers.parallel().schedule(this::limitPassed, Checks.nanos(limit), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            limitPassed(); // no clock, no limit to wait for
            return;
        }
        synchronized (this) {
            timer = armed;
            if (!ended || limitPassed) {
                return; // after the limit, dispose would interrupt the thread that runs the ending
            }
        }
        armed.dispose();
    }

    private void limitPassed() {
        List<Object> unfinished;
        synchronized (this) {
            if (ended) {
                return;
            }
            ended = true;
            limitPassed = true;
            unfinished = entered();
            first = null;
        }
        List<String> names = new ArrayList<>(unfinished.size());
        addNames(unfinished, names);
        Throwable failure = new CleanupTimeoutException(scope.toString(), names, limit);
        synchronized (this) {
            addFailure(failure);
        }
        end();
    }

    /** Under the monitor. */
    private List<Object> entered() {
        List<Object> all = new ArrayList<>();
        for (Entry entry = first; entry != null; entry = entry.after) {
            all.add(entry.what);
        }
        return all;
    }

    /** The names of what is unfinished, an inner scope's instead of its own. No monitor is held while they are asked. */
    private static void addNames(List<Object> unfinished, List<String> names) {
        for (Object what : unfinished) {
            List<Object> within = what instanceof CleanupLedger inner ? inner.snapshot() : List.of();
            if (within.isEmpty()) {
                names.add(what.toString());
            } else {
                addNames(within, names);
            }
        }
    }

    private synchronized List<Object> snapshot() {
        return entered();
    }

    /**
     * A scope inside this one had failed for {@code reason} and is cancelled before it could signal that. Whoever waits
     * here is told, beside the failures of cleanup; with nobody waiting the reason is dropped.
     */
    public void tell(Throwable reason, Context context) {
        tell(this, reason, context);
    }

    /** The same for the nearest ledger. */
    public static void tellNearest(Throwable reason, Context context) {
        tell(nearest(context), reason, context);
    }

    private static void tell(@Nullable CleanupLedger nearest, Throwable reason, Context context) {
        for (CleanupLedger ledger = nearest; ledger != null; ledger = ledger.surrounding) {
            if (ledger.keepReason(reason)) {
                return;
            }
        }
        Operators.onErrorDropped(reason, context);
    }

    private synchronized boolean keepReason(Throwable reason) {
        if (!ended) {
            if (reasons == null) {
                reasons = new ArrayList<>(2);
            }
            reasons.add(reason);
        }
        return !ended;
    }

    private void addFailure(Throwable failure) {
        if (failures == null) {
            failures = new ArrayList<>(2);
        }
        failures.add(failure);
    }

    /** Runs once, after `ended` was set. */
    private void end() {
        Ending told;
        Context abandoned;
        Runnable last;
        List<Throwable> collected;
        List<Throwable> why;
        Disposable armed;
        synchronized (this) {
            told = ending;
            abandoned = abandonedBy;
            last = afterwards;
            collected = failures == null ? List.of() : failures;
            why = reasons == null ? List.of() : reasons;
            ending = null;
            afterwards = null;
            failures = null;
            reasons = null;
            armed = timer;
        }
        if (armed != null) {
            armed.dispose();
        }
        if (!collected.isEmpty()) {
            scope = scope.toString(); // the error may carry this ledger on, and must not keep the scope alive
        }
        if (abandoned != null) {
            if (last != null) {
                last.run();
            }
            for (Throwable reason : why) {
                tell(surrounding, reason, abandoned);
            }
            inSurrounding.leave(collected, abandoned);
            return;
        }
        inSurrounding.leave();
        if (told != null) {
            told.ended(collected, why);
        }
    }

    @Override
    public String toString() {
        return scope.toString();
    }

    /** One operation in a ledger. */
    public static final class Entry {
        private final @Nullable CleanupLedger ledger;
        private final Object what;
        private @Nullable Entry before;
        private @Nullable Entry after;
        private boolean left;

        private Entry(@Nullable CleanupLedger ledger, Object what) {
            this.ledger = ledger;
            this.what = what;
        }

        /** The operation is over, its cleanup included. Harmless when repeated. */
        public void leave() {
            leave(List.of(), Context.empty());
        }

        /** The same for a cleanup that failed and has nobody else to tell; {@code context} is for the drop hook. */
        public void leave(Throwable failure, Context context) {
            leave(List.of(failure), context);
        }

        private void leave(List<Throwable> failed, Context context) {
            CleanupLedger owner = ledger;
            boolean kept = false;
            boolean last = false;
            if (owner != null) {
                synchronized (owner) {
                    if (left) {
                        return;
                    }
                    left = true;
                    kept = !owner.ended;
                    if (kept) {
                        failed.forEach(owner::addFailure);
                        unlink(owner);
                        last = owner.first == null && owner.finishing;
                        owner.ended = last;
                    }
                }
            }
            if (!kept) {
                failed.forEach(failure -> Operators.onErrorDropped(failure, context));
            }
            if (owner != null && last) {
                Trampoline.execute(owner::end);
            }
        }

        private void unlink(CleanupLedger owner) {
            if (before == null) {
                owner.first = after;
            } else {
                before.after = after;
            }
            if (after != null) {
                after.before = before;
            }
            before = null;
            after = null;
        }
    }
}
