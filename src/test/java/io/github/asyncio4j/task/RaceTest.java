package io.github.asyncio4j.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.github.asyncio4j.CleanupTimeoutException;
import io.github.asyncio4j.internal.CleanupLedger;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.publisher.PublisherProbe;
import reactor.test.publisher.TestPublisher;

class RaceTest {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration CLOSE = Duration.ofMillis(300);

    private final Watch watch = new Watch();

    @BeforeEach
    @AfterEach
    void allClosed() {
        assertThat(Closing.OPEN.getAndSet(0)).isZero();
        assertThat(watch.dropped).isEmpty();
    }

    private static Mono<String> after(double seconds, String value) {
        return Mono.delay(Duration.ofMillis((long) (seconds * 1000))).thenReturn(value);
    }

    private static <T> Mono<T> failAfter(double seconds, Throwable error) {
        return Mono.delay(Duration.ofMillis((long) (seconds * 1000))).then(Mono.error(error));
    }

    @Nested
    class TheWinner {

        @Test
        void isTheFirstToSucceed() {
            PublisherProbe<String> loser = PublisherProbe.of(Mono.never());
            StepVerifier.withVirtualTime(() -> Tasks.race(
                            loser.mono(), after(2, "slow"), after(1, "fast"), failAfter(0.5, new IOException("x"))))
                    .expectSubscription()
                    .expectNoEvent(SECOND)
                    .expectNext("fast")
                    .verifyComplete();
            loser.assertWasCancelled();
        }

        @Test
        void atOnceKeepsTheOthersFromStarting() {
            PublisherProbe<String> other = PublisherProbe.empty();
            StepVerifier.create(Tasks.race(List.of(Mono.just("a"), other.mono())))
                    .expectNext("a")
                    .verifyComplete();
            other.assertWasNotSubscribed();
        }

        @Test
        void isSeenAfterTheCleanupOfTheLosers() {
            StepVerifier.withVirtualTime(() -> Tasks.race(List.of(Closing.<String>in(CLOSE), after(1, "a"))))
                    .expectSubscription()
                    .expectNoEvent(SECOND.plus(CLOSE))
                    .expectNext("a")
                    .verifyComplete();
        }

        @Test
        void isNotDeliveredWhenACleanupFails() {
            IllegalStateException close = new IllegalStateException("close");
            StepVerifier.withVirtualTime(
                            () -> watch.over(Tasks.race(List.of(Closing.<String>failing(CLOSE, close), after(1, "a")))))
                    .expectSubscription()
                    .expectNoEvent(SECOND.plus(CLOSE))
                    .verifyErrorSatisfies(error -> assertThat(error).isSameAs(close));
            assertThat(watch.discarded).containsExactly("a");
        }

        @Test
        void isNotDeliveredWhenACleanupNeverEnds() {
            StepVerifier.withVirtualTime(() -> Tasks.race(List.of(Closing.<String>never("the socket"), after(1, "a"))))
                    .expectSubscription()
                    .expectNoEvent(SECOND.plus(CleanupLedger.DEFAULT_LIMIT))
                    .verifyErrorSatisfies(error -> assertThat(error)
                            .isInstanceOf(CleanupTimeoutException.class)
                            .hasMessageContaining("the socket"));
            Closing.OPEN.set(0);
        }

        @Test
        void waitsForARequest() {
            StepVerifier.create(Tasks.race(Mono.just("a")), 0)
                    .expectSubscription()
                    .thenRequest(1)
                    .expectNext("a")
                    .verifyComplete();
        }

        @Test
        void doesNotHearOfLosersThatHadFailedAndStillClosed() {
            StepVerifier.withVirtualTime(() -> watch.over(Tasks.race(
                            Tasks.gather(List.of(Closing.<String>in(SECOND), failAfter(1, new IOException("x"))))
                                    .map(List::toString),
                            TaskGroup.using(group -> {
                                group.createTask(Closing.<String>in(SECOND));
                                return failAfter(1, new IOException("y"));
                            }),
                            after(1.5, "a"))))
                    .expectSubscription()
                    .expectNoEvent(Duration.ofSeconds(2))
                    .expectNext("a")
                    .verifyComplete();
        }

        @Test
        void doesNotHearOfFailingLosers() {
            TestPublisher<String> loser =
                    TestPublisher.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);
            StepVerifier.create(watch.over(Tasks.race(List.of(loser.mono(), Mono.just("a")))))
                    .expectNext("a")
                    .verifyComplete();
            loser.error(new IOException("late"));
        }
    }

    @Nested
    class WithoutAWinner {

        @Test
        void allErrorsAreThereTheFirstOneFirst() {
            IOException late = new IOException("late");
            IllegalStateException early = new IllegalStateException("early");
            StepVerifier.withVirtualTime(
                            () -> Tasks.race(List.of(failAfter(2, late), failAfter(1, early), Mono.empty())))
                    .expectSubscription()
                    .expectNoEvent(Duration.ofSeconds(2))
                    .verifyErrorSatisfies(error -> {
                        assertThat(error)
                                .isInstanceOf(NoSuchElementException.class)
                                .hasMessageContaining("source 2");
                        assertThat(TaskFailures.of(error)).containsExactly(error, early, late);
                    });
        }

        @Test
        void aCancelledTaskIsALossLikeAnyOther() {
            CancellationException cancelled = new CancellationException();
            StepVerifier.create(Tasks.race(List.of(Mono.error(cancelled))))
                    .verifyErrorSatisfies(error -> assertThat(error).isSameAs(cancelled));
        }
    }

    @Nested
    class Arguments {

        @Test
        void mustNotBeEmpty() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Tasks.race(List.of()))
                    .withMessage("contenders of race must not be empty");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Tasks.hedge(SECOND, List.of()))
                    .withMessage("attempts of hedge must not be empty");
            Iterable<Mono<String>> nobody = Collections::emptyIterator;
            StepVerifier.create(Tasks.race(nobody)).verifyError(IllegalArgumentException.class);
        }

        @Test
        void mustNotBeNull() {
            assertThatNullPointerException()
                    .isThrownBy(() -> Tasks.race((Iterable<Mono<String>>) null))
                    .withMessage("contenders");
            assertThatNullPointerException()
                    .isThrownBy(() -> Tasks.hedge(null, List.of(Mono.just(1))))
                    .withMessage("delay");
            assertThatIllegalArgumentException().isThrownBy(() -> Tasks.hedge(Duration.ZERO, List.of(Mono.just(1))));
            StepVerifier.create(Tasks.race(Arrays.asList(Mono.just(1), null)))
                    .verifyErrorMessage("contenders[1] is null");
        }
    }

    @Nested
    class Cancelling {

        @Test
        void cancelsAllContenders() {
            PublisherProbe<String> first = PublisherProbe.of(Mono.never());
            PublisherProbe<String> second = PublisherProbe.of(Mono.never());
            Tasks.race(List.of(first.mono(), second.mono())).subscribe().dispose();
            first.assertWasCancelled();
            second.assertWasCancelled();
        }

        @Test
        void whileLosersCloseDiscardsTheValueAndIsAwaitedOutside() {
            StepVerifier.withVirtualTime(() -> watch.over(Tasks.gather(List.of(
                            Tasks.race(List.of(Closing.<String>in(SECOND), after(1, "a"))),
                            RaceTest.<String>failAfter(1.5, new IOException("x"))))))
                    .expectSubscription()
                    .expectNoEvent(Duration.ofSeconds(2))
                    .verifyError(IOException.class);
            assertThat(watch.discarded).containsExactly("a");
        }

        @Test
        void letsLateErrorsBeDroppedButNotCancellations() {
            TestPublisher<String> loser =
                    TestPublisher.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);
            watch.over(Tasks.race(List.of(loser.mono(), loser.mono())))
                    .subscribe()
                    .dispose();
            loser.error(new CancellationException());
            assertThat(watch.dropped).isEmpty();
            TestPublisher<String> other =
                    TestPublisher.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);
            watch.over(Tasks.race(List.of(other.mono()))).subscribe().dispose();
            other.error(new IOException("late"));
            assertThat(watch.dropped).hasSize(1);
            watch.dropped.clear();
        }
    }

    @Nested
    class Hedging {

        private final List<String> starts = new ArrayList<>();
        private final AtomicInteger cancelled = new AtomicInteger();

        private <T> Mono<T> attempt(String name, Mono<T> work) {
            return work.doOnSubscribe(s -> starts.add(name)).doOnCancel(cancelled::incrementAndGet);
        }

        private StepVerifier.FirstStep<String> verify(Supplier<List<Mono<String>>> attempts) {
            return StepVerifier.withVirtualTime(() -> Tasks.hedge(SECOND, attempts.get()));
        }

        @Test
        void startsTheNextAfterTheDelayAndKeepsTheEarlierAlive() {
            verify(() -> List.of(
                            attempt("1", after(2.5, "first")),
                            attempt("2", after(5, "second")),
                            attempt("3", after(5, "third")),
                            attempt("4", after(5, "fourth"))))
                    .expectSubscription()
                    .then(() -> assertThat(starts).containsExactly("1"))
                    .thenAwait(SECOND)
                    .then(() -> assertThat(starts).containsExactly("1", "2"))
                    .thenAwait(SECOND)
                    .then(() -> assertThat(starts).containsExactly("1", "2", "3"))
                    .thenAwait(Duration.ofMillis(500))
                    .expectNext("first")
                    .verifyComplete();
            assertThat(starts).hasSize(3);
            assertThat(cancelled).hasValue(2);
        }

        @Test
        void startsTheNextAtOnceWhenOneFailsAndCountsTheDelayFromThere() {
            verify(() -> List.of(
                            attempt("1", failAfter(0.4, new IOException("x"))),
                            attempt("2", after(9, "second")),
                            attempt("3", after(0.1, "third"))))
                    .expectSubscription()
                    .thenAwait(Duration.ofMillis(400))
                    .then(() -> assertThat(starts).containsExactly("1", "2"))
                    .thenAwait(Duration.ofMillis(999))
                    .then(() -> assertThat(starts).hasSize(2))
                    .thenAwait(Duration.ofMillis(1))
                    .then(() -> assertThat(starts).hasSize(3))
                    .thenAwait(Duration.ofMillis(100))
                    .expectNext("third")
                    .verifyComplete();
        }

        @Test
        void goesThroughAttemptsThatFailAtOnce() {
            StepVerifier.create(Tasks.hedge(
                            SECOND, Collections.<Mono<String>>nCopies(10_000, Mono.error(new IOException("x", null)))))
                    .verifyError(IOException.class);
        }

        @Test
        void failsWithAllErrorsWhenAllFail() {
            IOException a = new IOException("a");
            IOException b = new IOException("b");
            verify(() -> List.of(failAfter(3, a), failAfter(1, b)))
                    .expectSubscription()
                    .expectNoEvent(Duration.ofSeconds(2))
                    .expectNoEvent(Duration.ofSeconds(1))
                    .verifyErrorSatisfies(
                            error -> assertThat(TaskFailures.of(error)).containsExactlyInAnyOrder(b, a));
        }

        @Test
        void leavesNoTimerBehind() {
            StepVerifier.withVirtualTime(() -> {
                        Tasks.hedge(SECOND, List.of(Mono.never(), attempt("2", Mono.never())))
                                .subscribe()
                                .dispose();
                        return Mono.delay(Duration.ofSeconds(5));
                    })
                    .thenAwait(Duration.ofSeconds(5))
                    .expectNext(0L)
                    .verifyComplete();
            assertThat(starts).isEmpty();
        }
    }
}
