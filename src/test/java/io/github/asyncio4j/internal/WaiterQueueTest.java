package io.github.asyncio4j.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.scheduler.VirtualTimeScheduler;
import reactor.util.context.Context;

class WaiterQueueTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final VirtualTimeScheduler clock = VirtualTimeScheduler.create();
    private final List<String> order = new ArrayList<>();

    @AfterEach
    void noLaneIsLeftBehind() {
        assertThat(Trampoline.active()).isZero();
        clock.dispose();
    }

    private PermitLine.Taker taker(PermitLine line, String name) {
        return line.new Taker(1, () -> order.add(name));
    }

    @Nested
    class Granting {

        private final PermitLine line = new PermitLine(1);

        @Test
        void takesAtOnceWhatIsFree() {
            PermitLine.Taker taker = taker(line, "a");

            assertThat(taker.enter()).isTrue();

            assertThat(order).containsExactly("a");
            assertThat(taker.isGranted()).isTrue();
            assertThat(line.permits()).isZero();
            assertThat(line.grantedCount()).isOne();
            assertThat(line.size()).isZero();
        }

        @Test
        void letsWaitersInOneByOneInOrder() {
            for (String name : List.of("a", "b", "c")) {
                taker(line, name).enter();
            }
            assertThat(order).containsExactly("a");
            assertThat(line.size()).isEqualTo(2);

            line.release(1);
            assertThat(order).containsExactly("a", "b");
            line.release(1);
            assertThat(order).containsExactly("a", "b", "c");
            line.release(1);

            assertThat(line.permits()).isOne();
            assertThat(line.grantedCount()).isEqualTo(3);
        }

        @Test
        void aNewcomerDoesNotBargeInFrontOfAWaiter() {
            line.new Taker(2, () -> order.add("two")).enter();

            taker(line, "one").enter();

            assertThat(line.tryAcquire()).isFalse();
            assertThat(order).isEmpty();
            line.release(2);
            assertThat(order).containsExactly("two", "one");
        }

        @Test
        void oneReleaseMayLetInMany() {
            line.new Taker(1, () -> {}).enter();
            taker(line, "a").enter();
            taker(line, "b").enter();
            taker(line, "c").enter();

            line.release(2);

            assertThat(order).containsExactly("a", "b");
            assertThat(line.size()).isOne();
        }

        @Test
        void aTakerThatNeverStandsInLineIsCounted() {
            assertThat(line.tryAcquire()).isTrue();
            assertThat(line.tryAcquire()).isFalse();
            assertThat(line.grantedCount()).isOne();
        }

        @Test
        void signalLetsInWhomTheStateSatisfies() {
            List<String> in = new ArrayList<>();
            boolean[] open = {false};
            class Gate extends WaiterQueue<Waiter> {
                Gate() {
                    super(new Object(), 10, null);
                }

                @Override
                protected boolean tryTake(Waiter waiter) {
                    return open[0];
                }
            }
            Gate gate = new Gate();
            new Waiter(gate) {
                @Override
                protected void granted() {
                    in.add("in");
                }

                @Override
                protected void handBack() {}
            }.enter(Context.empty());

            gate.signal();
            assertThat(in).isEmpty();
            open[0] = true;
            gate.signal();

            assertThat(in).containsExactly("in");
        }

        @Test
        void aHundredThousandChainedWaitersNeedTheStackOfOne() {
            for (int i = 0; i <= 100_000; i++) {
                line.new Taker(1, () -> line.release(1)).enter();
                if (i == 0) {
                    assertThat(line.tryAcquire()).isTrue(); // holds up all that follow
                }
            }
            assertThat(line.size()).isEqualTo(100_000);

            line.release(1);

            assertThat(line.size()).isZero();
            assertThat(line.permits()).isOne();
            assertThat(line.grantedCount()).isEqualTo(100_002);
        }
    }

    @Nested
    class Leaving {

        private final PermitLine line = new PermitLine(0);

        @Test
        void aCancelledWaiterLeavesItsPlaceToTheNext() {
            PermitLine.Taker first = taker(line, "a");
            first.enter();
            taker(line, "b").enter();

            assertThat(first.cancelWait()).isTrue();
            line.release(1);

            assertThat(order).containsExactly("b");
            assertThat(line.cancelledCount()).isOne();
            assertThat(first.isWaiting()).isFalse();
        }

        @Test
        void leavingWorksAnywhereInTheLine() {
            List<PermitLine.Taker> all = new ArrayList<>();
            for (String name : List.of("a", "b", "c", "d", "e")) {
                all.add(taker(line, name));
            }
            all.forEach(PermitLine.Taker::enter);

            all.get(2).cancelWait();
            all.get(4).cancelWait();
            all.get(0).cancelWait();
            assertThat(line.size()).isEqualTo(2);
            line.release(5);

            assertThat(order).containsExactly("b", "d");
            assertThat(line.permits()).isEqualTo(3);
        }

        @Test
        void secondCancelIsRefused() {
            PermitLine.Taker taker = taker(line, "a");
            taker.enter();

            assertThat(taker.cancelWait()).isTrue();
            assertThat(taker.cancelWait()).isFalse();
            assertThat(line.cancelledCount()).isOne();
        }

        @Test
        void cancelAfterTheGrantIsRefused() {
            PermitLine.Taker taker = taker(line, "a");
            taker.enter();
            line.release(1);

            assertThat(taker.cancelWait()).isFalse();
            assertThat(taker.handedBack).hasValue(0);
            assertThat(line.permits()).isZero();
        }

        @Test
        void aWaiterCancelledBeforeItEntersTakesNothing() {
            line.release(1);
            PermitLine.Taker taker = taker(line, "a");

            taker.cancelWait();

            assertThat(taker.enter()).isTrue();
            assertThat(order).isEmpty();
            assertThat(line.permits()).isOne();
            assertThat(line.size()).isZero();
        }

        @Test
        void whenAHeavyFirstLeavesTheLighterNextIsServed() {
            line.release(1);
            PermitLine.Taker heavy = line.new Taker(3, () -> order.add("heavy"));
            heavy.enter();
            taker(line, "light").enter();

            heavy.cancelWait();

            assertThat(order).containsExactly("light");
        }

        @Test
        void whenAnotherThanTheFirstLeavesNobodyIsServedOutOfTurn() {
            line.release(1);
            line.new Taker(3, () -> order.add("heavy")).enter();
            PermitLine.Taker second = taker(line, "light");
            second.enter();

            second.cancelWait();

            assertThat(order).isEmpty();
            assertThat(line.permits()).isOne();
        }

        @Test
        void cancelInsideAGrantTakesTheNextOneOut() {
            PermitLine.Taker[] next = new PermitLine.Taker[1];
            line.new Taker(1, () -> {
                        assertThat(next[0].cancelWait()).isTrue();
                        assertThat(line.permits()).as("handed back at once").isOne();
                    })
                    .enter();
            next[0] = taker(line, "next");
            next[0].enter();

            line.release(2); // both are taken for before the first is delivered

            assertThat(order).isEmpty();
            assertThat(next[0].handedBack).hasValue(1);
            assertThat(line.grantedCount()).isOne();
            assertThat(line.cancelledCount()).isOne();
        }

        @Test
        void aFailureEndsAllWaitsButNotThoseThatEndedBefore() {
            List<PermitLine.Taker> all = new ArrayList<>();
            for (String name : List.of("a", "b", "c")) {
                all.add(taker(line, name));
            }
            all.forEach(PermitLine.Taker::enter);
            all.get(1).cancelWait();

            assertThat(line.failAll()).isEqualTo(2);

            line.release(1);
            assertThat(order).isEmpty();
            assertThat(line.size()).isZero();
            assertThat(line.cancelledCount()).isEqualTo(3);
        }
    }

    @Nested
    class Bounds {

        @Test
        void aFullLineTurnsNewcomersAway() {
            PermitLine line = new PermitLine(0, 1, null);
            assertThat(taker(line, "a").enter()).isTrue();

            assertThat(taker(line, "b").enter()).isFalse();

            assertThat(line.size()).isOne();
            line.release(2);
            assertThat(order).containsExactly("a");
            assertThat(line.permits()).isOne();
        }

        @Test
        void aLineOfNoneServesOnlyWhomItCanServeAtOnce() {
            PermitLine line = new PermitLine(1, 0, null);

            assertThat(taker(line, "a").enter()).isTrue();
            assertThat(taker(line, "b").enter()).isFalse();

            assertThat(order).containsExactly("a");
        }

        @Test
        void aPlaceIsFreeAgainWhenItsWaiterLeaves() {
            PermitLine line = new PermitLine(0, 1, null);
            PermitLine.Taker first = taker(line, "a");
            first.enter();
            first.cancelWait();

            assertThat(taker(line, "b").enter()).isTrue();
        }
    }

    @Nested
    class TimeLimits {

        private final PermitLine line = new PermitLine(0);

        @Test
        void aWaitEndsWhenItsLimitPasses() {
            PermitLine.Taker taker = taker(line, "a");
            taker.enterWithin(SECOND, clock);

            clock.advanceTimeBy(Duration.ofMillis(999));
            assertThat(taker.isWaiting()).isTrue();
            clock.advanceTimeBy(Duration.ofMillis(1));

            assertThat(taker.timeouts).hasValue(1);
            assertThat(line.size()).isZero();
            line.release(1);
            assertThat(order).isEmpty();
            assertThat(line.permits()).isOne();
        }

        @Test
        void aGrantBeforeTheLimitDisarmsIt() {
            PermitLine.Taker taker = taker(line, "a");
            taker.enterWithin(SECOND, clock);

            line.release(1);
            clock.advanceTimeBy(SECOND);

            assertThat(taker.grants).hasValue(1);
            assertThat(taker.timeouts).hasValue(0);
        }

        @Test
        void aCancelDisarmsTheLimit() {
            PermitLine.Taker taker = taker(line, "a");
            taker.enterWithin(SECOND, clock);

            taker.cancelWait();
            clock.advanceTimeBy(SECOND);

            assertThat(taker.timeouts).hasValue(0);
        }

        @Test
        void withZeroOnlyWhatIsFreeIsTaken() {
            PermitLine.Taker none = taker(line, "none");
            none.enterWithin(Duration.ZERO, clock);
            assertThat(none.timeouts).hasValue(1);
            assertThat(line.size()).isZero();

            line.release(1);
            taker(line, "free").enterWithin(Duration.ofSeconds(-1), clock);

            assertThat(order).containsExactly("free");
        }

        @Test
        void withoutAClockOfItsOwnTheSharedOneCounts() {
            VirtualTimeScheduler shared = VirtualTimeScheduler.getOrSet();
            try {
                PermitLine.Taker taker = taker(line, "a");
                taker.enterWithin(SECOND, null);

                shared.advanceTimeBy(SECOND);

                assertThat(taker.timeouts).hasValue(1);
            } finally {
                VirtualTimeScheduler.reset();
            }
        }

        @Test
        void aDisposedClockEndsTheWaitInsteadOfForgettingIt() {
            Scheduler disposed = Schedulers.newSingle("disposed");
            disposed.dispose();
            PermitLine.Taker taker = taker(line, "a");

            assertThat(taker.enterWithin(SECOND, disposed)).isTrue();

            assertThat(taker.timeouts).hasValue(1);
            assertThat(line.size()).isZero();
        }

        @Test
        void aWaiterThatKnowsNoTimeoutSaysSo() {
            WaiterQueue<Waiter> closed = new WaiterQueue<>(new Object(), 10, null) {
                @Override
                protected boolean tryTake(Waiter waiter) {
                    return false;
                }
            };
            Waiter plain = new Waiter(closed) {
                @Override
                protected void granted() {}

                @Override
                protected void handBack() {}
            };

            assertThatIllegalStateException()
                    .isThrownBy(() -> plain.enter(Context.empty(), Duration.ZERO, clock))
                    .withMessage("no time limit was set");
        }
    }

    @Nested
    class OnAScheduler {

        private final LateScheduler late = new LateScheduler();

        @Test
        void waitersContinueThere() {
            PermitLine line = new PermitLine(0, 10, late);
            taker(line, "a").enter();
            taker(line, "b").enter();

            line.release(2);
            assertThat(order).isEmpty();
            late.runAll();

            assertThat(order).containsExactly("a", "b");
        }

        @Test
        void aDisposedOneDoesNotLoseTheGrant() {
            Scheduler disposed = Schedulers.newSingle("disposed");
            disposed.dispose();
            PermitLine line = new PermitLine(0, 10, disposed);
            taker(line, "a").enter();
            taker(line, "b").enter();

            line.release(2);

            assertThat(order).containsExactly("a", "b");
        }

        @Test
        void whatItNeverDeliversIsBackWhenTheWaiterLeaves() {
            PermitLine line = new PermitLine(0, 10, late);
            PermitLine.Taker taker = taker(line, "a");
            taker.enter();
            line.release(1);
            assertThat(line.permits()).isZero();

            assertThat(taker.cancelWait()).isTrue();

            assertThat(line.permits()).isOne();
            assertThat(line.grantedCount()).isZero();
        }

        @Test
        void aLateDeliveryDoesNotHandBackTwice() {
            PermitLine line = new PermitLine(0, 10, late);
            PermitLine.Taker taker = taker(line, "a");
            taker.enter();
            line.release(1);

            taker.cancelWait();
            late.runAll();

            assertThat(taker.handedBack).hasValue(1);
            assertThat(line.permits()).isOne();
            assertThat(order).isEmpty();
        }

        @Test
        void oneThatRunsItsWorkAtOnceDoesNotGrowTheStack() {
            PermitLine line = new PermitLine(0, Integer.MAX_VALUE, Schedulers.immediate());
            for (int i = 0; i < 100_000; i++) {
                line.new Taker(1, () -> line.release(1)).enter();
            }

            line.release(1);

            assertThat(line.size()).isZero();
            assertThat(line.permits()).isOne();
        }
    }

    @Nested
    class TellingTheTask {

        private final List<String> told = new ArrayList<>();
        private final WaitProbe probe = new WaitProbe() {
            @Override
            public void waitingFor(Object what) {
                told.add("waits for " + what);
            }

            @Override
            public void resumed(Object what) {
                told.add("resumed from " + what);
            }
        };
        private final Context context = probe.storeIn(Context.empty());
        private final PermitLine line = new PermitLine(0);

        @Test
        void itKnowsWhatItWaitsForUntilTheGrant() {
            line.new Taker().enterIn(context);
            assertThat(told).containsExactly("waits for permits");

            line.release(1);

            assertThat(told).containsExactly("waits for permits", "resumed from permits");
        }

        @Test
        void aCancelEndsTheWaitForItToo() {
            PermitLine.Taker taker = line.new Taker();
            taker.enterIn(context);

            taker.cancelWait();

            assertThat(told).last().isEqualTo("resumed from permits");
        }

        @Test
        void itHearsNothingOfAPermitThatWasFree() {
            line.release(1);

            line.new Taker().enterIn(context);

            assertThat(told).isEmpty();
        }

        @Test
        void aGrantThatComesWhileItIsToldHasTheLastWord() {
            WaitProbe granting = new WaitProbe() {
                @Override
                public void waitingFor(Object what) {
                    line.release(1); // as another thread would, at the worst moment
                    told.add("waits");
                }

                @Override
                public void resumed(Object what) {
                    told.add("resumed");
                }
            };

            line.new Taker().enterIn(granting.storeIn(Context.empty()));

            assertThat(told).last().isEqualTo("resumed");
        }

        @Test
        void aGrantBeforeTheTimerIsArmedDisarmsIt() {
            WaitProbe granting = new WaitProbe() {
                @Override
                public void waitingFor(Object what) {
                    line.release(1);
                }

                @Override
                public void resumed(Object what) {}
            };
            PermitLine.Taker taker = line.new Taker();

            taker.enter(granting.storeIn(Context.empty()), SECOND, clock);
            clock.advanceTimeBy(SECOND);

            assertThat(taker.grants).hasValue(1);
            assertThat(taker.timeouts).hasValue(0);
        }
    }

    /** Runs its work when told to, or never. */
    private static final class LateScheduler implements Scheduler {
        private final List<Runnable> work = new ArrayList<>();

        void runAll() {
            work.forEach(Runnable::run);
            work.clear();
        }

        @Override
        public Disposable schedule(Runnable task) {
            work.add(task);
            return () -> {};
        }

        @Override
        public Worker createWorker() {
            throw new UnsupportedOperationException();
        }
    }
}
