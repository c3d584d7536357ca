package io.github.asyncio4j.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.CleanupTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.scheduler.VirtualTimeScheduler;
import reactor.util.context.Context;

class CleanupLedgerTest {

    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final List<Throwable> dropped = new ArrayList<>();
    private final Context outside = FailuresTest.dropHook(dropped);
    private final List<String> ended = new ArrayList<>();
    private final IllegalStateException failure = new IllegalStateException("close failed");
    private VirtualTimeScheduler clock;

    @BeforeEach
    void stopTheClock() {
        clock = VirtualTimeScheduler.getOrSet();
    }

    @AfterEach
    void nothingIsLeftBehind() {
        VirtualTimeScheduler.reset();
        assertThat(Trampoline.active()).isZero();
    }

    private CleanupLedger.Ending ending(String name) {
        return failures -> ended.add(failures.isEmpty() ? name : name + " " + failures);
    }

    private CleanupLedger open(String name) {
        return CleanupLedger.open(outside, name, LIMIT);
    }

    private static CleanupLedger openWithin(CleanupLedger ledger, String name) {
        return CleanupLedger.open(ledger.storeIn(Context.empty()), name, LIMIT);
    }

    @Nested
    class Reasons {

        private final IllegalArgumentException reason = new IllegalArgumentException("had failed");

        @Test
        void areToldBeforeTheFailuresOfCleanup() {
            CleanupLedger ledger = open("scope");
            CleanupLedger.Entry entry = ledger.enter("db");
            CleanupLedger.tellNearest(reason, ledger.storeIn(outside));
            ledger.finish(ending("scope"));
            entry.leave(failure, outside);
            assertThat(ended).containsExactly("scope " + List.of(reason, failure));
        }

        @Test
        void areToldApartToWhoeverWants() {
            CleanupLedger ledger = open("scope");
            ledger.tell(reason, outside);
            ledger.finish(new CleanupLedger.Ending() {
                @Override
                public void ended(List<Throwable> failures) {
                    ended.add("together");
                }

                @Override
                public void ended(List<Throwable> failures, List<Throwable> reasons) {
                    ended.add(failures + " and " + reasons);
                }
            });
            assertThat(ended).containsExactly("[] and " + List.of(reason));
        }

        @Test
        void goToTheSurroundingScopeWhenTheirsWasCancelledOrIsOver() {
            CleanupLedger outer = open("outer");
            CleanupLedger inner = openWithin(outer, "inner");
            inner.tell(reason, outside);
            inner.abandon(outside);
            inner.tell(failure, outside);
            outer.finish(ending("outer"));
            assertThat(ended).containsExactly("outer " + List.of(reason, failure));
        }

        @Test
        void areDroppedWhenNobodyWaits() {
            CleanupLedger.tellNearest(reason, outside);
            CleanupLedger ledger = open("scope");
            ledger.tell(failure, outside);
            ledger.abandon(outside);
            assertThat(dropped).containsExactly(reason, failure);
        }
    }

    @Nested
    class OneScope {

        private final CleanupLedger ledger = open("scope");

        @Test
        void withNothingInItItEndsAtOnce() {
            assertThat(ledger.isEmpty()).isTrue();

            assertThat(ledger.finish(ending("scope"))).isTrue();

            assertThat(ended).containsExactly("scope");
        }

        @Test
        void itEndsWhenTheLastOperationHasLeft() {
            CleanupLedger.Entry first = ledger.enter("first");
            CleanupLedger.Entry second = ledger.enter("second");
            CleanupLedger.Entry third = ledger.enter("third");
            ledger.finish(ending("scope"));

            second.leave();
            third.leave();
            assertThat(ended).isEmpty();
            first.leave();

            assertThat(ended).containsExactly("scope");
            assertThat(ledger.isEmpty()).isTrue();
        }

        @Test
        void whoLeftBeforeTheEndIsNotWaitedFor() {
            ledger.enter("done").leave();

            ledger.finish(ending("scope"));

            assertThat(ended).containsExactly("scope");
        }

        @Test
        void leavingTwiceIsHarmless() {
            CleanupLedger.Entry twice = ledger.enter("twice");
            CleanupLedger.Entry other = ledger.enter("other");
            ledger.finish(ending("scope"));

            twice.leave();
            twice.leave();
            twice.leave(failure, outside);
            assertThat(ended).isEmpty();
            other.leave();

            assertThat(ended).containsExactly("scope");
        }

        @Test
        void cleanupThatStartsMoreCleanupIsWaitedForAsAWhole() {
            CleanupLedger.Entry first = ledger.enter("first");
            ledger.finish(ending("scope"));

            CleanupLedger.Entry second = ledger.enter("second");
            first.leave();
            assertThat(ended).isEmpty();
            second.leave();

            assertThat(ended).containsExactly("scope");
        }

        @Test
        void failuresOfCleanupComeWithTheEndInTheirOrder() {
            CleanupLedger.Entry first = ledger.enter("first");
            CleanupLedger.Entry second = ledger.enter("second");
            IllegalStateException other = new IllegalStateException("other");
            ledger.finish(failures -> assertThat(failures).containsExactly(other, failure));

            second.leave(other, outside);
            first.leave(failure, outside);

            assertThat(dropped).isEmpty();
        }

        @Test
        void onlyTheFirstFinishCounts() {
            CleanupLedger.Entry entry = ledger.enter("entry");
            ledger.finish(ending("first"));

            assertThat(ledger.finish(ending("second"))).isFalse();
            entry.leave();

            assertThat(ended).containsExactly("first");
        }

        @Test
        void theEndIsReportedOutsideTheMonitor() {
            CleanupLedger.Entry entry = ledger.enter("entry");
            boolean[] held = {true};
            ledger.finish(failures -> held[0] = Thread.holdsLock(ledger));

            entry.leave();

            assertThat(held[0]).isFalse();
        }

        @Test
        void itIsNamedByItsScope() {
            assertThat(ledger).hasToString("scope");
        }
    }

    @Nested
    class Abandoned {

        private final CleanupLedger ledger = open("scope");

        @Test
        void failuresHaveNobodyToGoTo() {
            CleanupLedger.Entry entry = ledger.enter("entry");

            assertThat(ledger.abandon(outside)).isFalse();
            entry.leave(failure, outside);

            assertThat(dropped).containsExactly(failure);
        }

        @Test
        void itTakesTheEndingsPlace() {
            CleanupLedger.Entry entry = ledger.enter("entry");
            ledger.finish(ending("scope"));

            assertThat(ledger.abandon(outside)).as("an ending was waiting").isTrue();
            assertThat(ledger.abandon(outside)).isFalse();
            entry.leave(failure, outside);

            assertThat(ended).isEmpty();
            assertThat(dropped).containsExactly(failure);
        }

        @Test
        void aLaterFinishIsRefused() {
            ledger.abandon(outside);

            assertThat(ledger.finish(ending("scope"))).isFalse();

            assertThat(ended).isEmpty();
        }

        @Test
        void afterTheEndItChangesNothing() {
            ledger.finish(ending("scope"));

            assertThat(ledger.abandon(outside)).isFalse();

            assertThat(ended).containsExactly("scope");
        }
    }

    @Nested
    class InsideAnother {

        private final CleanupLedger outer = open("outer");
        private final CleanupLedger inner = openWithin(outer, "inner");

        @Test
        void theOuterScopeWaitsForTheInnerOneItCancelled() {
            CleanupLedger.Entry entry = inner.enter("entry");
            inner.abandon(outside);
            outer.finish(ending("outer"));
            assertThat(ended).isEmpty();

            entry.leave();

            assertThat(ended).containsExactly("outer");
        }

        @Test
        void failuresOfACancelledScopeGoToTheOuterOne() {
            CleanupLedger.Entry entry = inner.enter("entry");
            inner.abandon(outside);
            outer.finish(ending("outer"));

            entry.leave(failure, outside);

            assertThat(ended).containsExactly("outer [" + failure + "]");
            assertThat(dropped).isEmpty();
        }

        @Test
        void failuresThatComeAfterTheOuterEndAreDropped() {
            CleanupLedger.Entry entry = outer.enter("entry");
            inner.finish(ending("inner"));
            outer.finish(ending("outer"));
            clock.advanceTimeBy(LIMIT);
            ended.clear();

            entry.leave(failure, outside);

            assertThat(dropped).containsExactly(failure);
            assertThat(ended).isEmpty();
        }

        @Test
        void itHasLeftTheOuterOneWhenItsEndIsReported() {
            boolean[] left = {false};

            inner.finish(failures -> left[0] = outer.isEmpty());

            assertThat(left[0]).isTrue();
        }

        @Test
        void whoComesAfterItsEndIsTheOuterScopesConcern() {
            inner.finish(ending("inner"));

            CleanupLedger.Entry late = inner.enter("late");
            outer.finish(ending("outer"));
            assertThat(ended).containsExactly("inner");
            late.leave();

            assertThat(ended).containsExactly("inner", "outer");
        }

        @Test
        void whoComesAfterTheLastEndIsNobodysConcern() {
            inner.finish(ending("inner"));
            outer.finish(ending("outer"));

            inner.enter("late").leave(failure, outside);

            assertThat(dropped).containsExactly(failure);
        }

        @Test
        void itKnowsWhatItEncloses() {
            CleanupLedger other = openWithin(outer, "other");

            assertThat(outer.encloses(inner)).isTrue();
            assertThat(inner.encloses(inner)).isTrue();
            assertThat(inner.encloses(outer)).isFalse();
            assertThat(other.encloses(inner)).isFalse();
        }

        @Test
        void aHundredThousandNestedScopesEndOnTheStackOfOne() {
            List<CleanupLedger> nested = new ArrayList<>(List.of(outer));
            for (int depth = 0; depth < 100_000; depth++) {
                nested.add(openWithin(nested.get(depth), "depth " + depth));
            }
            CleanupLedger.Entry innermost = nested.get(100_000).enter("innermost");
            for (int depth = 100_000; depth > 0; depth--) {
                nested.get(depth).abandon(outside);
            }
            inner.finish(ending("inner"));
            outer.finish(ending("outer"));

            innermost.leave();

            assertThat(ended).containsExactly("inner", "outer");
        }
    }

    @Nested
    class TheLimit {

        private final CleanupLedger ledger = open("scope");

        private CleanupTimeoutException endedWith;

        private CleanupLedger.Ending keep() {
            return failures -> endedWith = (CleanupTimeoutException) failures.get(failures.size() - 1);
        }

        @Test
        void endsTheScopeAndNamesWhatIsUnfinished() {
            ledger.enter("done").leave();
            ledger.enter("db");
            ledger.finish(keep());

            clock.advanceTimeBy(LIMIT.minusNanos(1));
            assertThat(endedWith).isNull();
            clock.advanceTimeBy(Duration.ofNanos(1));

            assertThat(endedWith).hasMessage("cleanup of scope did not end within PT5S: db");
            assertThat(endedWith.scope()).isEqualTo("scope");
            assertThat(endedWith.unfinished()).containsExactly("db");
            assertThat(endedWith.limit()).isEqualTo(LIMIT);
        }

        @Test
        void countsFromTheFirstEndNotFromTheSecond() {
            ledger.enter("db");
            ledger.finish(ending("scope"));
            clock.advanceTimeBy(Duration.ofSeconds(3));

            ledger.abandon(outside);
            clock.advanceTimeBy(Duration.ofSeconds(2));

            assertThat(dropped).singleElement().isInstanceOf(CleanupTimeoutException.class);
        }

        @Test
        void isDisarmedByTheEnd() {
            CleanupLedger.Entry entry = ledger.enter("db");
            ledger.finish(ending("scope"));

            entry.leave();
            clock.advanceTimeBy(LIMIT);

            assertThat(ended).containsExactly("scope");
        }

        @Test
        void namesTheOperationsOfInnerScopesOrTheScopesThemselves() {
            openWithin(ledger, "inner").enter("file");
            openWithin(ledger, "idle");
            ledger.finish(keep());

            clock.advanceTimeBy(LIMIT);

            assertThat(endedWith.unfinished()).containsExactlyInAnyOrder("file", "idle");
        }

        @Test
        void comesAfterTheFailuresThatCameBefore() {
            ledger.enter("slow");
            ledger.enter("broken").leave(failure, outside);
            ledger.finish(failures -> assertThat(failures).hasSize(2).first().isSameAs(failure));

            clock.advanceTimeBy(LIMIT);
        }

        @Test
        void whatFailsLaterIsDropped() {
            CleanupLedger.Entry entry = ledger.enter("db");
            ledger.finish(ending("scope"));
            clock.advanceTimeBy(LIMIT);

            entry.leave(failure, outside);

            assertThat(dropped).containsExactly(failure);
            assertThat(ended).hasSize(1);
        }

        @Test
        void ofAnInnerScopeEndsOnlyThatOne() {
            CleanupLedger inner = CleanupLedger.open(ledger.storeIn(outside), "inner", Duration.ofSeconds(1));
            inner.enter("db");
            inner.abandon(outside);
            ledger.finish(keep());

            clock.advanceTimeBy(Duration.ofSeconds(1));

            assertThat(endedWith.scope()).isEqualTo("inner");
        }

        @Test
        void aNameMayAskTheLedgerItself() {
            Object what = new Object() {
                @Override
                public String toString() {
                    assertThat(Thread.holdsLock(ledger)).isFalse();
                    return "named";
                }
            };
            ledger.enter(what);
            ledger.finish(keep());

            clock.advanceTimeBy(LIMIT);

            assertThat(endedWith.unfinished()).containsExactly("named");
        }

        @Test
        void isThirtySecondsIfNothingIsSaid() {
            CleanupLedger usual = CleanupLedger.open(Context.empty(), "usual");
            usual.enter("db");
            usual.finish(keep());

            clock.advanceTimeBy(Duration.ofSeconds(30));

            assertThat(endedWith.limit()).isEqualTo(CleanupLedger.DEFAULT_LIMIT);
        }

        @Test
        void withoutAClockTheScopeDoesNotWait() {
            ledger.enter("db");

            Runnable refuse = () -> {
                throw Exceptions.failWithRejected();
            };
            onClock(new Meddling(refuse, () -> {}), () -> ledger.finish(keep()));

            assertThat(endedWith.unfinished()).containsExactly("db");
        }

        @Test
        void theEndMayComeWhileTheLimitIsArmed() {
            CleanupLedger.Entry entry = ledger.enter("db");
            boolean[] disarmed = {false};

            onClock(new Meddling(entry::leave, () -> disarmed[0] = true), () -> ledger.finish(ending("scope")));

            assertThat(ended).containsExactly("scope");
            assertThat(disarmed[0]).isTrue();
        }

        private void onClock(Scheduler parallel, Runnable work) {
            VirtualTimeScheduler.reset();
            Schedulers.setFactory(new Schedulers.Factory() {
                @Override
                public Scheduler newParallel(int parallelism, ThreadFactory threads) {
                    return parallel;
                }
            });
            try {
                work.run();
            } finally {
                Schedulers.resetFactory();
            }
        }

        @Test
        void theLimitMayPassWhileItIsArmed() {
            CleanupLedger instant = CleanupLedger.open(outside, "instant", Duration.ZERO);
            instant.enter("db");

            instant.finish(keep());
            clock.advanceTime();

            assertThat(endedWith.limit()).isZero();
        }
    }

    @Nested
    class Entering {

        @Test
        void withoutALedgerNothingIsWaitedFor() {
            CleanupLedger.Entry entry = CleanupLedger.enter(outside, "alone");

            entry.leave();
            entry.leave(failure, outside);

            assertThat(dropped).containsExactly(failure);
        }

        @Test
        void theNearestLedgerOfTheContextIsTaken() {
            CleanupLedger ledger = open("scope");

            Mono.deferContextual(context -> {
                        CleanupLedger.enter(context, "inside");
                        return Mono.empty();
                    })
                    .contextWrite(ledger::storeIn)
                    .block();

            assertThat(ledger.isEmpty()).isFalse();
        }
    }

    /** A clock on which something happens while a timer is being set. */
    private record Meddling(Runnable meanwhile, Disposable timer) implements Scheduler {
        @Override
        public Disposable schedule(Runnable task) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
            meanwhile.run();
            return timer;
        }

        @Override
        public Worker createWorker() {
            throw new UnsupportedOperationException();
        }
    }
}
