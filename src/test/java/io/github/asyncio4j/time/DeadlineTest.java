package io.github.asyncio4j.time;

import static java.time.Duration.ZERO;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.github.asyncio4j.internal.Expiry;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import reactor.core.scheduler.Schedulers;
import reactor.test.scheduler.VirtualTimeScheduler;
import reactor.util.context.Context;

class DeadlineTest {

    private final VirtualTimeScheduler clock = VirtualTimeScheduler.create();

    @Test
    void remainingShrinksWithTheClockAndStopsAtZero() {
        Deadline deadline = Deadline.after(ofSeconds(3), clock);
        assertThat(deadline.remaining()).isEqualTo(ofSeconds(3));
        assertThat(deadline.isExpired()).isFalse();
        clock.advanceTimeBy(ofSeconds(2));
        assertThat(deadline.remaining()).isEqualTo(ofSeconds(1));
        assertThat(deadline).hasToString("Deadline(PT1S left)");
        clock.advanceTimeBy(ofSeconds(1));
        assertThat(deadline.isExpired()).isTrue();
        clock.advanceTimeBy(ofSeconds(1));
        assertThat(deadline.remaining()).isEqualTo(ZERO);
    }

    @Test
    void zeroAndNegativeBudgetsHavePassed() {
        assertThat(Deadline.after(ZERO, clock).isExpired()).isTrue();
        assertThat(Deadline.after(ofMillis(-1), clock).isExpired()).isTrue();
        assertThat(Deadline.after(ofSeconds(Long.MIN_VALUE), clock).isExpired()).isTrue();
    }

    @Test
    void hugeBudgetsAreCapped() {
        assertThat(Deadline.after(ofSeconds(Long.MAX_VALUE), clock).remaining())
                .isGreaterThan(Duration.ofDays(365 * 100));
        assertThat(Deadline.after(ofSeconds(Long.MAX_VALUE)).isExpired()).isFalse();
    }

    @Test
    void earlierIsSmaller() {
        Deadline early = Deadline.after(ofSeconds(1), clock);
        Deadline late = Deadline.after(ofSeconds(2), clock);
        assertThat(early).isLessThan(late);
        assertThat(late).isGreaterThan(early);
        assertThat(early.min(late)).isSameAs(early);
        assertThat(late.min(early)).isSameAs(early);
        Deadline twin = Deadline.after(ofSeconds(1), clock);
        assertThat(early.min(twin)).isSameAs(early);
        assertThat(twin).isEqualTo(early).hasSameHashCodeAs(early).isEqualByComparingTo(early);
        assertThat(early).isNotEqualTo(late).isNotEqualTo("x");
    }

    @Test
    void deadlinesOfOtherClocksAreComparedByWhatIsLeft() {
        VirtualTimeScheduler ahead = VirtualTimeScheduler.create();
        ahead.advanceTimeBy(Duration.ofDays(1));
        Deadline here = Deadline.after(ofSeconds(2), clock);
        Deadline there = Deadline.after(ofSeconds(1), ahead);
        assertThat(here.min(there)).isSameAs(there);
        assertThat(here).isNotEqualTo(Deadline.after(ofSeconds(2), ahead));
        ahead.dispose();
    }

    @Test
    void isReadFromTheContext() {
        assertThat(Deadline.from(Context.empty())).isEmpty();
        Expiry foreign = () -> Duration.ofHours(1).toNanos();
        assertThat(Deadline.from(foreign.storeIn(Context.empty())).orElseThrow().remaining())
                .isBetween(Duration.ofMinutes(59), Duration.ofHours(1));
        assertThat(Expiry.removeFrom(foreign.storeIn(Context.empty())).isEmpty())
                .isTrue();
        assertThat(Expiry.removeFrom(Context.of("k", "v")).size()).isEqualTo(1);
    }

    @Test
    void defaultClockIsThatOfTheParallelScheduler() {
        assertThat(Deadline.after(ofSeconds(1)).clock()).isSameAs(Schedulers.parallel());
    }

    @Test
    void nullIsRefusedByName() {
        assertThatNullPointerException().isThrownBy(() -> Deadline.after(null)).withMessage("budget");
        assertThatNullPointerException()
                .isThrownBy(() -> Deadline.after(ZERO, null))
                .withMessage("clock");
        assertThatNullPointerException().isThrownBy(() -> Deadline.from(null)).withMessage("ctx");
        assertThatNullPointerException()
                .isThrownBy(() -> Deadline.after(ZERO, clock).min(null))
                .withMessage("other");
    }

    @Test
    void exceptionCarriesItsData() {
        DeadlineExceededException e = new DeadlineExceededException("op", ofSeconds(1), ofSeconds(2));
        assertThat(e.operation()).isEqualTo("op");
        assertThat(e.budget()).isEqualTo(ofSeconds(1));
        assertThat(e.elapsed()).isEqualTo(ofSeconds(2));
        assertThat(e).hasMessage("op did not end within PT1S (elapsed: PT2S)");
    }
}
