package io.github.asyncio4j.sync;

import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Those who have arrived at a barrier.
 *
 * <pre>
 *   FILLING ──► DRAINING      enough are here: the first ones are taken, newcomers stand behind
 *      ▲           │
 *      └───────────┘          the last of them is out; the newcomers may be enough already
 *   BROKEN                    by abort, until reset; who was not out yet is told, and so is who comes
 * </pre>
 */
final class BarrierLine extends SignalLine<BarrierLine.Party> {

    private static final Round NO_ROUND = new Round();

    private final int parties;

    // Guarded by the lock.
    private boolean broken;
    private Round draining = NO_ROUND;
    private int inside;
    private int toTake;
    private int nextIndex;

    /** Those who were let out together. */
    private static final class Round {
        private @Nullable String brokenBy;
    }

    BarrierLine(String label, int parties, int maxWaiters, @Nullable Scheduler scheduler) {
        super(label, maxWaiters, scheduler);
        this.parties = parties;
    }

    Mono<Integer> await() {
        return Arrival.mono(this, actual -> new Party(actual, this));
    }

    @Override
    protected boolean tryTake(Party party) {
        if (toTake == 0) {
            return false;
        }
        toTake--;
        inside++;
        party.round = draining;
        party.index = nextIndex++;
        return true;
    }

    // One who is just leaving counts as having come; he left a moment later.
    private @Nullable Party tripIfFull() {
        if (inside > 0 || size() < parties) {
            return null;
        }
        draining = new Round();
        nextIndex = 0;
        toTake = parties;
        Party chain = takeable();
        toTake = 0;
        return chain;
    }

    @Override
    void arrived() {
        super.arrived();
        Party chain = null;
        List<Party> refused = List.of();
        synchronized (lock) {
            if (broken) {
                refused = removeAll();
            } else {
                chain = tripIfFull();
            }
        }
        tell(refused, " is broken");
        wake(chain);
    }

    void reset() {
        List<Party> refused = List.of();
        synchronized (lock) {
            if (inside > 0) {
                breakRound(" was reset");
            } else {
                refused = removeAll();
            }
            broken = false;
        }
        tell(refused, " was reset");
    }

    void abort() {
        List<Party> refused;
        synchronized (lock) {
            broken = true;
            breakRound(" was aborted");
            refused = removeAll();
        }
        tell(refused, " was aborted");
    }

    private void breakRound(String why) {
        if (inside > 0 && draining.brokenBy == null) {
            draining.brokenBy = why;
        }
    }

    private void tell(List<Party> refused, String why) {
        for (Party party : refused) {
            party.failWith(brokenBarrier(why));
        }
    }

    private BrokenBarrierException brokenBarrier(String why) {
        return new BrokenBarrierException(label() + why);
    }

    int parties() {
        return parties;
    }

    /** How many have arrived and wait for the rest; none while the last round is on its way out. */
    int waiting() {
        synchronized (lock) {
            return inside > 0 ? 0 : size();
        }
    }

    boolean isBroken() {
        synchronized (lock) {
            return broken;
        }
    }

    @Override
    public String toString() {
        synchronized (lock) {
            String state = broken ? "broken" : inside > 0 ? "draining" : "filling";
            return label() + "[" + state + ", " + waiting() + " of " + parties + " waiting]";
        }
    }

    static final class Party extends Arrival<Integer> {

        private final BarrierLine line;
        private Round round = NO_ROUND;
        private int index;

        Party(CoreSubscriber<? super Integer> actual, BarrierLine line) {
            super(actual, line);
            this.line = line;
        }

        @Override
        protected void granted() {
            Party chain;
            String brokenBy;
            synchronized (line.lock) {
                brokenBy = round.brokenBy;
                chain = leave();
            }
            try {
                if (brokenBy == null) {
                    actual.onNext(index);
                    actual.onComplete();
                } else {
                    actual.onError(line.brokenBarrier(brokenBy));
                }
            } finally {
                line.wake(chain);
            }
        }

        @Override
        protected void handBack() {
            Party chain;
            synchronized (line.lock) {
                chain = leave();
            }
            line.wake(chain);
        }

        private @Nullable Party leave() {
            line.inside--;
            return line.tripIfFull();
        }
    }
}
