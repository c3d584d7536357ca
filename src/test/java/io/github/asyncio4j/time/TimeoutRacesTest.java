package io.github.asyncio4j.time;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.internal.CleanupLedger;
import io.github.asyncio4j.testing.RaceClock;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.util.RaceTestUtils;
import reactor.util.context.Context;

/** Value, expiry, cancel and reschedule in the same instant: one outcome, nothing dropped, nothing left. */
class TimeoutRacesTest {

    private static final int ROUNDS = 10_000;

    private final List<Throwable> dropped = new CopyOnWriteArrayList<>();
    private Scheduler racers;

    @BeforeEach
    void watchDrops() {
        // A thread for each: two racers in line for one would wait for each other.
        racers = Schedulers.fromExecutorService(Executors.newCachedThreadPool());
        Hooks.onErrorDropped(dropped::add);
    }

    @AfterEach
    void nothingWasDropped() {
        Hooks.resetOnErrorDropped();
        racers.dispose();
        assertThat(dropped).isEmpty();
    }

    /**
     * One subscription under a deadline of its own clock, and all that can happen to it. It subscribes by itself, since
     * Reactor's lambda subscriber reports an error that arrives while it is being disposed of as dropped.
     */
    private static final class Round implements CoreSubscriber<String> {
        final RaceClock clock = new RaceClock();
        final CleanupLedger ledger = CleanupLedger.open(Context.empty(), "round");
        final Sinks.One<String> source = Sinks.unsafe().one();
        final AtomicInteger values = new AtomicInteger();
        final AtomicInteger discarded = new AtomicInteger();
        final AtomicInteger ends = new AtomicInteger();
        final AtomicReference<Throwable> error = new AtomicReference<>();
        private Subscription subscription;

        Round(Function<Round, Mono<String>> scope) {
            Consumer<Object> onDiscard = value -> discarded.incrementAndGet();
            scope.apply(this)
                    .contextWrite(ledger.storeIn(Context.of("reactor.onDiscard.local", onDiscard)))
                    .subscribe(this);
        }

        /** A second to wait, on the round's clock, which can be changed. */
        static Round reschedulable(AtomicReference<TimeoutScope> scope) {
            return new Round(
                    round -> MonoTimeout.of(new TimeLimit(null, round.deadline(), null, null, false), handle -> {
                        scope.set(handle);
                        return round.source.asMono();
                    }));
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            this.subscription = subscription;
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(String value) {
            values.incrementAndGet();
        }

        @Override
        public void onError(Throwable failure) {
            error.set(failure);
            ends.incrementAndGet();
        }

        @Override
        public void onComplete() {
            ends.incrementAndGet();
        }

        void cancel() {
            subscription.cancel();
        }

        Deadline deadline() {
            return Deadline.after(ofSeconds(1), clock);
        }

        void emit() {
            source.tryEmitValue("x");
        }

        void expire() {
            clock.advanceTimeBy(ofSeconds(1));
        }

        void isOver() {
            assertThat(ledger.isEmpty()).isTrue();
            assertThat(clock.pending()).isZero();
            assertThat(values.get() + discarded.get()).isLessThanOrEqualTo(1);
            assertThat(ends.get()).isLessThanOrEqualTo(1);
        }
    }

    private static Mono<String> limited(Round round) {
        return Timeouts.timeoutAt(round.deadline(), round.source.asMono());
    }

    @Test
    void valueAgainstExpiry() {
        for (int i = 0; i < ROUNDS; i++) {
            Round round = new Round(TimeoutRacesTest::limited);
            RaceTestUtils.race(racers, round::emit, round::expire);
            round.isOver();
            assertThat(round.ends).hasValue(1);
            boolean timedOut = round.error.get() instanceof DeadlineExceededException;
            assertThat(timedOut).isEqualTo(round.values.get() == 0);
        }
    }

    @Test
    void valueAgainstMovingOn() {
        for (int i = 0; i < ROUNDS; i++) {
            Round round = new Round(r -> MonoTimeout.<String>of(
                    new TimeLimit(null, r.deadline(), null, null, true), scope -> r.source.asMono()));
            RaceTestUtils.race(racers, round::emit, round::expire);
            round.isOver();
            assertThat(round.ends).hasValue(1);
            assertThat(round.error).hasNullValue();
        }
    }

    @Test
    void valueAgainstExpiryAgainstCancel() {
        for (int i = 0; i < ROUNDS; i++) {
            Round round = new Round(TimeoutRacesTest::limited);
            RaceTestUtils.race(racers, round::emit, round::expire, round::cancel);
            round.isOver();
        }
    }

    @Test
    void elementsAgainstExpiry() {
        for (int i = 0; i < ROUNDS; i++) {
            RaceClock clock = new RaceClock();
            Sinks.Many<Integer> source = Sinks.unsafe().many().unicast().onBackpressureBuffer();
            AtomicInteger inside = new AtomicInteger();
            AtomicInteger overlaps = new AtomicInteger();
            AtomicInteger ends = new AtomicInteger();
            TimeLimit limit = new TimeLimit(null, Deadline.after(ofSeconds(1), clock), "stream", null, false);
            FluxTimeout.of(source.asFlux(), limit)
                    .subscribe(
                            value -> {
                                inside.incrementAndGet();
                                Thread.onSpinWait();
                                inside.decrementAndGet();
                            },
                            error -> {
                                overlaps.addAndGet(inside.get());
                                ends.incrementAndGet();
                            },
                            ends::incrementAndGet);
            RaceTestUtils.race(
                    racers,
                    () -> {
                        source.tryEmitNext(1);
                        source.tryEmitNext(2);
                        source.tryEmitComplete();
                    },
                    () -> clock.advanceTimeBy(ofSeconds(1)));
            assertThat(ends).hasValue(1);
            assertThat(overlaps).hasValue(0);
            assertThat(clock.pending()).isZero();
        }
    }

    @Test
    void innerAgainstOuterExpiry() {
        for (int i = 0; i < ROUNDS; i++) {
            RaceClock other = new RaceClock();
            Round round = new Round(r -> Timeouts.timeoutAt(
                    r.deadline(), Timeouts.timeoutAt(Deadline.after(ofSeconds(1), other), r.source.asMono())));
            RaceTestUtils.race(racers, () -> other.advanceTimeBy(ofSeconds(1)), round::expire);
            round.isOver();
            assertThat(round.ends).hasValue(1);
            assertThat(round.error.get()).isInstanceOf(DeadlineExceededException.class);
            assertThat(other.pending()).isZero();
        }
    }

    @Test
    void rescheduleAgainstValueAgainstCancel() {
        for (int i = 0; i < ROUNDS; i++) {
            AtomicReference<TimeoutScope> scope = new AtomicReference<>();
            Round round = Round.reschedulable(scope);
            RaceTestUtils.race(
                    racers,
                    () -> {
                        try {
                            scope.get().reschedule(ofSeconds(5));
                        } catch (IllegalStateException e) {
                            assertThat(e).hasMessageContaining("cannot reschedule");
                        }
                    },
                    round::emit,
                    round::cancel);
            round.isOver();
            assertThat(scope.get().expired()).isFalse();
        }
    }

    @Test
    void rescheduleAgainstExpiry() {
        for (int i = 0; i < ROUNDS; i++) {
            AtomicReference<TimeoutScope> scope = new AtomicReference<>();
            Round round = Round.reschedulable(scope);
            AtomicInteger moved = new AtomicInteger();
            RaceTestUtils.race(
                    racers,
                    () -> {
                        try {
                            scope.get().reschedule(ofSeconds(5));
                            moved.incrementAndGet();
                        } catch (IllegalStateException e) {
                            assertThat(scope.get().expired()).isTrue();
                        }
                    },
                    round::expire);
            assertThat(round.ends.get()).isEqualTo(1 - moved.get());
            round.clock.advanceTimeBy(ofSeconds(6));
            assertThat(round.ends).hasValue(1);
            round.isOver();
        }
    }
}
