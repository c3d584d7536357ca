package io.github.asyncio4j.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.scheduler.VirtualTimeScheduler;
import reactor.test.util.RaceTestUtils;
import reactor.util.context.Context;

/** Whatever meets whatever, a scope ends once, after all that was entered, and each failure is heard once. */
class CleanupLedgerRaceTest {

    private static final int ROUNDS = 10_000;
    private static final Duration LIMIT = Duration.ofSeconds(1);

    private final IllegalStateException failure = new IllegalStateException("close failed");
    private final AtomicInteger ends = new AtomicInteger();
    private final List<Throwable> heard = Collections.synchronizedList(new ArrayList<>());
    private final Context context = FailuresTest.dropHook(heard);

    /** Real threads, whatever the clock of the tests is. */
    private static Scheduler threads;

    @BeforeAll
    static void startThreads() {
        threads = Schedulers.fromExecutorService(Executors.newCachedThreadPool());
    }

    @AfterAll
    static void stopThreads() {
        threads.dispose();
    }

    private static void race(Runnable... racers) {
        RaceTestUtils.race(threads, racers);
    }

    @BeforeEach
    void stopTheClock() {
        VirtualTimeScheduler.getOrSet();
    }

    @AfterEach
    void nothingIsLeftBehind() {
        VirtualTimeScheduler.reset();
        assertThat(Trampoline.active()).isZero();
    }

    private void end(List<Throwable> failures) {
        ends.incrementAndGet();
        heard.addAll(failures);
    }

    private void reset() {
        ends.set(0);
        heard.clear();
    }

    @Test
    void finishMeetsLeave() {
        for (int round = 0; round < ROUNDS; round++) {
            reset();
            CleanupLedger ledger = CleanupLedger.open(context, "scope", LIMIT);
            CleanupLedger.Entry entry = ledger.enter("entry");
            race(() -> ledger.finish(this::end), () -> entry.leave(failure, context));

            assertThat(ends).hasValue(1);
            assertThat(heard).containsExactly(failure);
        }
    }

    @Test
    void finishMeetsAbandonMeetsLeave() {
        for (int round = 0; round < ROUNDS; round++) {
            reset();
            CleanupLedger outer = CleanupLedger.open(context, "outer", LIMIT);
            CleanupLedger ledger = CleanupLedger.open(outer.storeIn(context), "scope", LIMIT);
            CleanupLedger.Entry entry = ledger.enter("entry");
            boolean[] taken = {false};
            boolean[] replaced = {false};
            race(
                    () -> taken[0] = ledger.finish(this::end),
                    () -> replaced[0] = ledger.abandon(context),
                    () -> entry.leave(failure, context));

            assertThat(outer.isEmpty()).isTrue();
            assertThat(ends).as("told, or told that it will not be").hasValue(taken[0] && !replaced[0] ? 1 : 0);
            outer.finish(heard::addAll);
            assertThat(heard).containsExactly(failure);
        }
    }

    @Test
    void theLimitMeetsLeaveMeetsFinish() {
        for (int round = 0; round < ROUNDS; round++) {
            reset();
            VirtualTimeScheduler clock = VirtualTimeScheduler.getOrSet();
            CleanupLedger ledger = CleanupLedger.open(context, "scope", LIMIT);
            CleanupLedger.Entry entry = ledger.enter("entry");
            race(() -> ledger.finish(this::end), () -> clock.advanceTimeBy(LIMIT), () -> entry.leave(failure, context));

            assertThat(ends).hasValue(1);
            assertThat(heard).contains(failure);
            assertThat(ledger.isEmpty()).isTrue();
        }
    }

    @Test
    void enterMeetsTheEnd() {
        for (int round = 0; round < ROUNDS; round++) {
            reset();
            CleanupLedger outer = CleanupLedger.open(context, "outer", LIMIT);
            CleanupLedger ledger = CleanupLedger.open(outer.storeIn(context), "scope", LIMIT);
            CleanupLedger.Entry first = ledger.enter("first");
            ledger.finish(this::end);
            CleanupLedger.Entry[] second = new CleanupLedger.Entry[1];
            race(first::leave, () -> second[0] = ledger.enter("second"));

            assertThat(outer.isEmpty()).as("one of the two waits for it").isFalse();
            second[0].leave();
            assertThat(outer.isEmpty()).isTrue();
            assertThat(ends).hasValue(1);
        }
    }

    @Test
    void manyLeaveAtOnce() {
        for (int round = 0; round < ROUNDS; round++) {
            reset();
            CleanupLedger ledger = CleanupLedger.open(context, "scope", LIMIT);
            CleanupLedger.Entry[] entries = new CleanupLedger.Entry[6];
            for (int i = 0; i < entries.length; i++) {
                entries[i] = ledger.enter("entry " + i);
            }
            race(
                    () -> leave(entries, 0),
                    () -> leave(entries, 2),
                    () -> leave(entries, 4),
                    () -> ledger.finish(this::end));

            assertThat(ends).hasValue(1);
            assertThat(ledger.isEmpty()).isTrue();
        }
    }

    @Test
    void theLimitOfTheOuterScopeMeetsTheEndOfTheInnerOne() {
        for (int round = 0; round < ROUNDS; round++) {
            reset();
            VirtualTimeScheduler clock = VirtualTimeScheduler.getOrSet();
            CleanupLedger outer = CleanupLedger.open(context, "outer", LIMIT);
            CleanupLedger inner = CleanupLedger.open(outer.storeIn(context), "inner", LIMIT.multipliedBy(2));
            CleanupLedger.Entry entry = inner.enter("entry");
            outer.finish(this::end);
            race(() -> clock.advanceTimeBy(LIMIT), () -> inner.abandon(context), () -> entry.leave(failure, context));

            assertThat(ends).hasValue(1);
            assertThat(heard).contains(failure);
            assertThat(outer.isEmpty()).isTrue();
        }
    }

    private static void leave(CleanupLedger.Entry[] entries, int from) {
        entries[from].leave();
        entries[from + 1].leave();
    }
}
