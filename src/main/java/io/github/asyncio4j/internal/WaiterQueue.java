package io.github.asyncio4j.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;

/**
 * The line in front of a primitive: first in, first out, nobody barges, a cancelled waiter costs nothing.
 *
 * <p>A primitive extends this class with {@link #tryTake}, which takes from the primitive's own state what the waiter
 * wants. That state is guarded by {@link #lock}, and so is the line, so the two never disagree. The lock is held for a
 * few instructions, never while foreign code runs. Whoever improves the state calls {@link #takeable()} under the lock
 * and hands the result to {@link #wake} after leaving it; the waiters then continue on the caller's thread, trampolined,
 * or on the given Scheduler.
 *
 * @param <W> the primitive's kind of waiter
 */
public abstract class WaiterQueue<W extends Waiter> {

    enum Admission {
        TAKEN,
        QUEUED,
        FULL,
        MUST_WAIT,
        GONE
    }

    /** Guards the line and the primitive's state; two lines of one primitive share it. */
    protected final Object lock;

    private final int maxWaiters;
    private final @Nullable Scheduler scheduler;
    private @Nullable Waiter head;
    private @Nullable Waiter tail;
    private int size;
    private long granted;
    private long cancelled;

    protected WaiterQueue(Object lock, int maxWaiters, @Nullable Scheduler scheduler) {
        this.lock = lock;
        this.maxWaiters = maxWaiters;
        this.scheduler = scheduler;
    }

    /** Takes what {@code waiter} wants and answers true, or leaves all as it is. Called under the lock. */
    protected abstract boolean tryTake(W waiter);

    /**
     * Undoes {@link #tryTake} for one who left before the delivery, and answers true; or leaves that to {@link
     * Waiter#handBack()}, for which others may have to wait a moment. Called under the lock.
     */
    protected boolean untake(W waiter) {
        return false;
    }

    /** A newcomer is here, before it is decided whether he waits. Called under the lock. */
    protected void arriving(W waiter) {
        // Most have nothing to say.
    }

    /** How many wait. */
    public final int size() {
        synchronized (lock) {
            return size;
        }
    }

    /** How many were given what they asked for, so far. */
    public final long grantedCount() {
        synchronized (lock) {
            return granted;
        }
    }

    /** How many left the line without it, so far. */
    public final long cancelledCount() {
        synchronized (lock) {
            return cancelled;
        }
    }

    /** True when a newcomer would be first. Under the lock. */
    protected final boolean isEmpty() {
        return head == null;
    }

    /** True when somebody is in line who is not on his way out. Under the lock. */
    protected final boolean isAnyoneWaiting() {
        for (Waiter waiter = head; waiter != null; waiter = (Waiter) waiter.next) {
            if (waiter.isWaiting()) {
                return true;
            }
        }
        return false;
    }

    /** Who is next, if anybody. Under the lock. */
    protected final @Nullable W first() {
        return cast(head);
    }

    /** For a taker that never stands in line ({@code tryAcquire}). Under the lock. */
    protected final void countGrant() {
        granted++;
    }

    /** Takes for as many waiters as the state allows, in order, and returns them as a chain. Under the lock. */
    protected final @Nullable W takeable() {
        Waiter chain = null;
        Waiter last = null;
        W waiter = first();
        while (waiter != null) {
            if (!waiter.isWaiting()) {
                unlink(waiter, Waiter.Place.OUTSIDE); // on his way out: take nothing that would only come back
                waiter = first();
                continue;
            }
            if (!tryTake(waiter)) {
                break;
            }
            unlink(waiter, Waiter.Place.TAKEN);
            granted++;
            if (last == null) {
                chain = waiter;
            } else {
                last.next = waiter;
            }
            last = waiter;
            waiter = first();
        }
        return cast(chain);
    }

    /** Delivers what {@link #takeable()} returned. Never under the lock. */
    public final void wake(@Nullable W chain) {
        if (chain == null) {
            return;
        }
        if (scheduler == null) {
            Trampoline.execute((Trampoline.Link) chain);
        } else {
            // Trampolined as well: a Scheduler may run its work inside schedule().
            Trampoline.execute(() -> schedule(chain, scheduler));
        }
    }

    private static void schedule(Trampoline.Link chain, Scheduler scheduler) {
        Trampoline.Link link = chain;
        while (link != null) {
            Trampoline.Link following = link.next;
            link.next = null;
            try {
                scheduler.schedule(link);
            } catch (RejectedExecutionException e) {
                // A grant is never dropped: without its scheduler the waiter continues here.
                Trampoline.execute(link);
            }
            link = following;
        }
    }

    /** Lets those in whom the state now satisfies. */
    public final void signal() {
        W chain;
        synchronized (lock) {
            chain = takeable();
        }
        wake(chain);
    }

    /** Empties the line and returns all who stood there, still waiting, in order. Under the lock. */
    protected final List<W> removeAll() {
        List<W> all = new ArrayList<>(size);
        for (W waiter = first(); waiter != null; waiter = first()) {
            unlink(waiter, Waiter.Place.OUTSIDE);
            all.add(waiter);
        }
        return all;
    }

    final Admission admit(Waiter waiter, boolean mayWait) {
        synchronized (lock) {
            if (!waiter.isWaiting()) {
                return Admission.GONE;
            }
            arriving(cast(waiter));
            if (head == null && tryTake(cast(waiter))) {
                waiter.place = Waiter.Place.TAKEN;
                granted++;
                return Admission.TAKEN;
            }
            if (!mayWait) {
                return Admission.MUST_WAIT;
            }
            if (size >= maxWaiters && waiter.isBounded()) {
                return Admission.FULL;
            }
            link(waiter);
            return Admission.QUEUED;
        }
    }

    /**
     * A waiter has left by himself; if he stood first, the next one may be satisfied with less. True if something was
     * taken for him, which he has to hand back: that grant was none.
     */
    final boolean remove(Waiter waiter) {
        W chain = null;
        synchronized (lock) {
            cancelled++;
            switch (waiter.place) {
                case OUTSIDE -> {}
                case IN_LINE -> {
                    boolean wasFirst = waiter == head;
                    unlink(waiter, Waiter.Place.OUTSIDE);
                    chain = wasFirst ? takeable() : null;
                }
                case TAKEN -> {
                    granted--;
                    if (!untake(cast(waiter))) {
                        return true;
                    }
                    waiter.place = Waiter.Place.OUTSIDE;
                    chain = takeable();
                }
            }
        }
        wake(chain);
        return false;
    }

    /** The deliverer met one who has left: whoever of the two comes first gives back, so neither returns before it is. */
    final void reclaim(Waiter waiter) {
        W chain = null;
        synchronized (lock) {
            if (waiter.place == Waiter.Place.TAKEN && untake(cast(waiter))) {
                waiter.place = Waiter.Place.OUTSIDE;
                granted--;
                chain = takeable();
            }
        }
        wake(chain);
    }

    private void link(Waiter waiter) {
        waiter.place = Waiter.Place.IN_LINE;
        waiter.previous = tail;
        if (tail == null) {
            head = waiter;
        } else {
            tail.next = waiter;
        }
        tail = waiter;
        size++;
    }

    private void unlink(Waiter waiter, Waiter.Place to) {
        Waiter before = waiter.previous;
        Waiter after = (Waiter) waiter.next;
        if (before == null) {
            head = after;
        } else {
            before.next = after;
        }
        if (after == null) {
            tail = before;
        } else {
            after.previous = before;
        }
        waiter.previous = null;
        waiter.next = null;
        waiter.place = to;
        size--;
    }

    @SuppressWarnings({"unchecked", "NullAway"}) // null in, null out
    private W cast(@Nullable Waiter waiter) {
        return (W) waiter;
    }
}
