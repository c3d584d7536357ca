package io.github.asyncio4j.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.scheduler.VirtualTimeScheduler;
import reactor.test.util.RaceTestUtils;

/** Whatever meets whatever, each waiter has one end and each permit is back. */
class WaiterQueueRaceTest {

    private static final int ROUNDS = 10_000;

    @AfterEach
    void noLaneIsLeftBehind() {
        assertThat(Trampoline.active()).isZero();
    }

    @Test
    void cancelMeetsGrant() {
        AtomicInteger cancelled = new AtomicInteger();
        for (int round = 0; round < ROUNDS; round++) {
            PermitLine line = new PermitLine(0);
            PermitLine.Taker taker = line.new Taker();
            taker.enter();
            RaceTestUtils.race(() -> line.release(1), () -> {
                if (taker.cancelWait()) {
                    cancelled.incrementAndGet();
                }
            });

            assertThat(line.permits() + taker.grants.get()).isOne();
            assertThat(line.grantedCount() + line.cancelledCount()).isOne();
            assertThat(line.size()).isZero();
        }
        assertThat(cancelled).as("both orders were met").hasValueBetween(1, ROUNDS - 1);
    }

    @Test
    void aCancelThatWonHasThePermitBackWhenItReturns() {
        for (int round = 0; round < ROUNDS; round++) {
            PermitLine line = new PermitLine(1);
            assertThat(line.tryAcquire()).isTrue();
            PermitLine.Taker taker = line.new Taker();
            taker.enter();
            boolean[] takenAgain = {true};
            boolean[] released = {false};
            RaceTestUtils.race(
                    () -> {
                        line.release(1);
                        synchronized (released) {
                            released[0] = true;
                        }
                    },
                    () -> {
                        boolean won = taker.cancelWait();
                        synchronized (released) {
                            if (won && released[0]) {
                                takenAgain[0] = line.tryAcquire();
                            }
                        }
                    });

            assertThat(takenAgain[0]).isTrue();
        }
    }

    @Test
    void grantMeetsTimeoutMeetsCancel() {
        for (int round = 0; round < ROUNDS; round++) {
            VirtualTimeScheduler clock = VirtualTimeScheduler.create();
            PermitLine line = new PermitLine(0);
            PermitLine.Taker taker = line.new Taker();
            taker.enterWithin(Duration.ofSeconds(1), clock);
            AtomicInteger cancels = new AtomicInteger();
            RaceTestUtils.race(() -> line.release(1), () -> clock.advanceTimeBy(Duration.ofSeconds(1)), () -> {
                if (taker.cancelWait()) {
                    cancels.incrementAndGet();
                }
            });

            assertThat(taker.grants.get() + taker.timeouts.get() + cancels.get())
                    .isOne();
            assertThat(line.permits()).isEqualTo(1 - taker.grants.get());
        }
    }

    @Test
    void enterMeetsCancel() {
        for (int round = 0; round < ROUNDS; round++) {
            PermitLine line = new PermitLine(round % 2);
            PermitLine.Taker taker = line.new Taker();
            boolean[] left = {false};
            RaceTestUtils.race(taker::enter, () -> left[0] = taker.cancelWait());

            assertThat(line.size()).isEqualTo(left[0] || round % 2 == 1 ? 0 : 1);
            assertThat(line.permits()).isEqualTo(round % 2 == 1 && left[0] ? 1 : 0);
        }
    }

    @Test
    void enterMeetsRelease() {
        for (int round = 0; round < ROUNDS; round++) {
            PermitLine line = new PermitLine(0);
            PermitLine.Taker taker = line.new Taker();
            RaceTestUtils.race(taker::enter, () -> line.release(1));

            assertThat(taker.grants).hasValue(1);
            assertThat(line.permits()).isZero();
        }
    }

    @Test
    void enterMeetsTheEndOfItsOwnLimit() {
        Duration instant = Duration.ofNanos(1);
        for (int round = 0; round < ROUNDS; round++) {
            VirtualTimeScheduler clock = VirtualTimeScheduler.create();
            PermitLine line = new PermitLine(0);
            PermitLine.Taker taker = line.new Taker();
            RaceTestUtils.race(
                    () -> taker.enterWithin(instant, clock), () -> clock.advanceTimeBy(instant), () -> line.release(1));

            clock.advanceTimeBy(instant);
            assertThat(taker.grants.get() + taker.timeouts.get()).isOne();
            assertThat(line.permits()).isEqualTo(taker.timeouts.get());
        }
    }

    @Test
    void failureOfAllMeetsGrantMeetsCancel() {
        for (int round = 0; round < ROUNDS; round++) {
            PermitLine line = new PermitLine(0);
            PermitLine.Taker first = line.new Taker();
            PermitLine.Taker second = line.new Taker();
            first.enter();
            second.enter();
            AtomicInteger ends = new AtomicInteger();
            RaceTestUtils.race(() -> line.release(1), () -> ends.addAndGet(line.failAll()), () -> {
                if (second.cancelWait()) {
                    ends.incrementAndGet();
                }
            });

            int grants = first.grants.get() + second.grants.get();
            assertThat(ends.get() + grants).isEqualTo(2);
            assertThat(line.permits()).isEqualTo(1 - grants);
            assertThat(line.size()).isZero();
        }
    }

    @Test
    void twentyThousandWaitersCancelledAtRandomLeaveAllPermits() {
        PermitLine line = new PermitLine(0);
        List<PermitLine.Taker> takers = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            PermitLine.Taker taker = line.new Taker(1, () -> line.release(1));
            takers.add(taker);
            taker.enter();
        }
        RaceTestUtils.race(
                () -> line.release(1),
                () -> takers.stream()
                        .filter(taker -> ThreadLocalRandom.current().nextBoolean())
                        .forEach(Waiter::cancelWait),
                () -> takers.stream().skip(10_000).forEach(Waiter::cancelWait));

        assertThat(line.permits()).isOne();
        assertThat(line.size()).isZero();
        assertThat(line.grantedCount() + line.cancelledCount()).isEqualTo(20_000);
    }

    @Test
    void eightThreadsOfGrantsCancelsAndTimeoutsConserveAllPermits() throws Exception {
        int permits = 5;
        int perThread = 5_000;
        PermitLine line = new PermitLine(permits);
        LongAdder ends = new LongAdder();
        CountDownLatch done = new CountDownLatch(8 * perThread);
        Scheduler clock = Schedulers.newParallel("clock", 2);
        Disposable.Composite threads = reactor.core.Disposables.composite();
        try {
            for (int thread = 0; thread < 8; thread++) {
                Scheduler worker = Schedulers.newSingle("worker");
                threads.add(worker);
                for (int i = 0; i < perThread; i++) {
                    worker.schedule(() -> visit(line, clock, ends, done));
                }
            }
            done.await();
            assertThat(ends.sum()).isEqualTo(8L * perThread);
            assertThat(line.permits()).isEqualTo(permits);
            assertThat(line.size()).isZero();
            assertThat(line.grantedCount() + line.cancelledCount()).isEqualTo(8L * perThread);
        } finally {
            threads.dispose();
            clock.dispose();
        }
    }

    /** One waiter with a random weight, a random limit and a random cancel; ends exactly once. */
    private static void visit(PermitLine line, Scheduler clock, LongAdder ends, CountDownLatch done) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        int weight = 1 + random.nextInt(4);
        PermitLine.Taker taker = line.new Taker(weight, () -> {}) {
            @Override
            protected void granted() {
                clock.schedule(this::giveBack);
            }

            private void giveBack() {
                line.release(weight);
                end();
            }

            @Override
            protected void timedOut() {
                end();
            }

            private void end() {
                ends.increment();
                done.countDown();
            }
        };
        if (random.nextBoolean()) {
            taker.enterWithin(Duration.ofNanos(random.nextInt(200_000)), clock);
        } else {
            taker.enter();
        }
        if (random.nextInt(3) == 0 && taker.cancelWait()) {
            ends.increment();
            done.countDown();
        }
    }
}
