package io.github.asyncio4j.time;

import static java.time.Duration.ZERO;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.github.asyncio4j.internal.Expiry;
import io.github.asyncio4j.testing.VirtualTimers;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;
import reactor.test.scheduler.VirtualTimeScheduler;

class TimeoutsTest {

    private VirtualTimeScheduler time;

    @BeforeEach
    void virtualTime() {
        time = VirtualTimeScheduler.getOrSet();
    }

    @AfterEach
    void noTimerIsLeft() {
        int left = VirtualTimers.pending(time);
        VirtualTimeScheduler.reset();
        assertThat(left).as("timers left").isZero();
    }

    private static <T> Mono<T> after(Duration delay, T value) {
        return Mono.delay(delay).thenReturn(value);
    }

    private Duration now() {
        return Duration.ofNanos(Deadline.now(time));
    }

    /** Runs to the end in virtual time and tells at which instant the outcome came. */
    private Outcome outcomeOf(Mono<?> mono) {
        Outcome outcome = new Outcome();
        Duration start = now();
        mono.subscribe(
                value -> outcome.set(value, now().minus(start)),
                error -> outcome.set(error, now().minus(start)),
                () -> outcome.set("empty", now().minus(start)));
        time.advanceTimeBy(ofSeconds(100));
        return outcome;
    }

    private static final class Outcome {
        private Object what;
        private Duration at;

        void set(Object what, Duration at) {
            if (this.what == null) {
                this.what = what;
                this.at = at;
            }
        }
    }

    @Nested
    class Results {

        @Test
        void valueInTimePassesAndTimerIsGone() {
            StepVerifier.create(Timeouts.timeout(Mono.just("x"), ofSeconds(1)))
                    .expectNext("x")
                    .verifyComplete();
            assertThat(outcomeOf(Timeouts.timeout(after(ofMillis(999), "y"), ofSeconds(1))).what)
                    .isEqualTo("y");
        }

        @Test
        void emptyAndErrorPass() {
            StepVerifier.create(Timeouts.timeout(Mono.empty(), ofSeconds(1))).verifyComplete();
            StepVerifier.create(Timeouts.timeout(Mono.error(new IOException("x")), ofSeconds(1)))
                    .verifyErrorMessage("x");
        }

        @Test
        void timerIsGoneWhenTheWorkEndsEarly() {
            Sinks.One<String> sink = Sinks.one();
            StepVerifier.create(Timeouts.timeout(sink.asMono(), ofSeconds(1)))
                    .then(() -> assertThat(VirtualTimers.pending(time)).isEqualTo(1))
                    .then(() -> sink.tryEmitValue("x"))
                    .expectNext("x")
                    .verifyComplete();
            assertThat(VirtualTimers.pending(time)).isZero();
        }

        @Test
        void timerIsGoneWhenDownstreamCancels() {
            TestPublisher<String> source = TestPublisher.create();
            StepVerifier.create(Timeouts.timeout(source.mono(), ofSeconds(1)))
                    .thenAwait(ofMillis(10))
                    .thenCancel()
                    .verify();
            source.assertCancelled(1);
            assertThat(VirtualTimers.pending(time)).isZero();
        }

        @Test
        void valueThatComesWithoutCompletionIsEnough() {
            TestPublisher<String> source = TestPublisher.createNoncompliant(TestPublisher.Violation.ALLOW_NULL);
            AtomicReference<String> seen = new AtomicReference<>();
            Timeouts.timeout(source.mono(), ofSeconds(1)).subscribe(seen::set);
            source.next("x");
            assertThat(seen).hasValue("x");
        }

        @Test
        void theSameMonoCanBeSubscribedAgain() {
            AtomicInteger attempts = new AtomicInteger();
            Mono<Object> work = Mono.defer(() -> after(ofMillis(attempts.incrementAndGet() < 3 ? 200 : 50), "x"));
            Outcome outcome = outcomeOf(Timeouts.timeout(work, ofMillis(100)).retry());
            assertThat(outcome.what).isEqualTo("x");
            assertThat(outcome.at).isEqualTo(ofMillis(250));
        }

        @Test
        void demandIsHonoured() {
            StepVerifier.create(Timeouts.timeout(Mono.just("x"), ofSeconds(1)), 0)
                    .expectSubscription()
                    .then(() -> time.advanceTimeBy(ofMillis(500)))
                    .thenRequest(1)
                    .expectNext("x")
                    .verifyComplete();
        }

        @Test
        void rejectedTimerIsAnError() {
            VirtualTimeScheduler closed = VirtualTimeScheduler.create();
            Deadline deadline = Deadline.after(ofSeconds(1), closed);
            closed.dispose();
            TestPublisher<String> source = TestPublisher.create();
            StepVerifier.create(Timeouts.timeoutAt(deadline, source.mono()))
                    .verifyError(RejectedExecutionException.class);
            source.assertWasNotSubscribed();
        }
    }

    @Nested
    class Expiring {

        @Test
        void failsAtItsDeadlineWithOperationBudgetAndElapsed() {
            TestPublisher<String> source = TestPublisher.create();
            Outcome outcome = outcomeOf(Timeouts.timeout(source.mono(), ofSeconds(2), "fetch"));
            assertThat(outcome.at).isEqualTo(ofSeconds(2));
            assertThat(outcome.what)
                    .isInstanceOf(TimeoutException.class)
                    .asInstanceOf(type(DeadlineExceededException.class))
                    .satisfies(e -> {
                        assertThat(e.operation()).isEqualTo("fetch");
                        assertThat(e.budget()).isEqualTo(ofSeconds(2));
                        assertThat(e.elapsed()).isEqualTo(ofSeconds(2));
                        assertThat(e).hasMessageContaining("fetch").hasMessageContaining("PT2S");
                    });
            source.assertCancelled(1);
        }

        @Test
        void operationIsTheNameOfTheWork() {
            assertThat(outcomeOf(Timeouts.timeout(Mono.never().name("audit"), ofMillis(1))).what)
                    .asInstanceOf(type(DeadlineExceededException.class))
                    .returns("audit", DeadlineExceededException::operation);
            assertThat(outcomeOf(Timeouts.timeout(ofMillis(1), scope -> Mono.never())).what)
                    .asInstanceOf(type(DeadlineExceededException.class))
                    .returns("timeout", DeadlineExceededException::operation);
        }

        @Test
        void timeoutWinsATieBecauseItsTimerWasSetFirst() {
            assertThat(outcomeOf(Timeouts.timeout(after(ofSeconds(1), "x"), ofSeconds(1))).what)
                    .isInstanceOf(DeadlineExceededException.class);
        }

        @Test
        void errorsOfItsOwnKindFromTheWorkPassUnchanged() {
            TimeoutException own = new TimeoutException("of the work");
            assertThat(outcomeOf(Timeouts.timeout(Mono.error(own), ofSeconds(1))).what)
                    .isSameAs(own);
        }

        @Test
        void lateValueIsDiscardedAndLateErrorDropped() {
            TestPublisher<String> source =
                    TestPublisher.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);
            StepVerifier.create(Timeouts.timeout(source.mono(), ofSeconds(1)))
                    .then(() -> time.advanceTimeBy(ofSeconds(1)))
                    .then(() -> source.next("late"))
                    .then(() -> source.error(new IOException("late")))
                    .expectError(DeadlineExceededException.class)
                    .verifyThenAssertThat()
                    .hasDiscardedExactly("late")
                    .hasDroppedErrorWithMessage("late");
        }

        @Test
        void secondValueOfABrokenSourceIsDropped() {
            TestPublisher<String> broken =
                    TestPublisher.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);
            StepVerifier.create(Timeouts.timeout(Mono.fromDirect(broken), ofSeconds(1)))
                    .then(() -> broken.next("a", "b").complete())
                    .expectNext("a")
                    .expectComplete()
                    .verifyThenAssertThat()
                    .hasDropped("b");
        }

        @Test
        void lateExpiryOfAScopeInsideIsNoNewsButItsCleanupIs() {
            TestPublisher<String> source =
                    TestPublisher.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);
            AtomicReference<Throwable> inner = new AtomicReference<>();
            Timeouts.timeout(Mono.never(), ZERO).subscribe(value -> {}, inner::set);
            StepVerifier.create(Timeouts.timeout(source.mono(), ofSeconds(1)))
                    .then(() -> time.advanceTimeBy(ofSeconds(1)))
                    .then(() -> source.error(inner.get()))
                    .expectError(DeadlineExceededException.class)
                    .verifyThenAssertThat()
                    .hasNotDroppedErrors();
        }

        @Test
        void budgetBeyondAllClocksNeverExpires() {
            Outcome outcome = outcomeOf(Timeouts.timeout(after(ofSeconds(50), "x"), ofSeconds(Long.MAX_VALUE)));
            assertThat(outcome.what).isEqualTo("x");
        }
    }

    @Nested
    class NoTime {

        @Test
        void synchronousWorkStillSucceeds() {
            for (Duration budget : List.of(ZERO, ofSeconds(-1))) {
                StepVerifier.create(Timeouts.timeout(Mono.fromSupplier(() -> "x"), budget))
                        .expectNext("x")
                        .verifyComplete();
                StepVerifier.create(Timeouts.timeout(Flux.range(1, 3), budget))
                        .expectNext(1, 2, 3)
                        .verifyComplete();
            }
        }

        @Test
        void anythingElseTimesOutAtOnceAndIsCancelled() {
            for (Duration budget : List.of(ZERO, ofSeconds(-1), ofSeconds(Long.MIN_VALUE))) {
                TestPublisher<String> source = TestPublisher.create();
                StepVerifier.create(Timeouts.timeout(source.mono(), budget))
                        .verifyError(DeadlineExceededException.class);
                source.assertCancelled(1);
            }
        }

        @Test
        void workThatWasNotRequestedTimesOut() {
            StepVerifier.create(Timeouts.timeout(Mono.just("x"), ZERO), 0).verifyError(DeadlineExceededException.class);
        }

        @Test
        void bodyMayStillBuyTime() {
            Outcome outcome = outcomeOf(Timeouts.timeout(ZERO, scope -> {
                scope.reschedule(ofSeconds(2));
                return after(ofSeconds(1), "x");
            }));
            assertThat(outcome.what).isEqualTo("x");
        }
    }

    @Nested
    class Nesting {

        @Test
        void deadlineInTheContextIsTheSmallest() {
            List<Duration> seen = new ArrayList<>();
            Mono<Object> look = Mono.deferContextual(context -> {
                seen.add(Deadline.from(context).orElseThrow().remaining());
                seen.add(Duration.ofNanos(Expiry.from(context).remainingNanos()));
                return Mono.empty();
            });
            Timeouts.timeout(Timeouts.timeout(look, ofSeconds(5)), ofSeconds(2)).block();
            Timeouts.timeout(Timeouts.timeout(look, ofSeconds(2)), ofSeconds(5)).block();
            assertThat(seen).hasSize(4).containsOnly(ofSeconds(2));
        }

        @Test
        void outerFirst() {
            List<TimeoutScope> scopes = new ArrayList<>();
            Outcome outcome = outcomeOf(Timeouts.timeout(ofSeconds(2), "outer", outer -> {
                scopes.add(outer);
                return Timeouts.timeout(ofSeconds(5), "inner", inner -> {
                    scopes.add(inner);
                    return Mono.never();
                });
            }));
            assertThat(outcome.at).isEqualTo(ofSeconds(2));
            assertThat(outcome.what)
                    .asInstanceOf(type(DeadlineExceededException.class))
                    .returns("outer", DeadlineExceededException::operation);
            assertThat(scopes).extracting(TimeoutScope::expired).containsExactly(true, false);
        }

        @Test
        void innerFirstLeavesTheOuterActive() {
            Outcome outcome = outcomeOf(Timeouts.timeout(
                    Timeouts.timeout(Mono.never(), ofSeconds(1), "inner")
                            .onErrorResume(
                                    DeadlineExceededException.class,
                                    e -> Mono.delay(ofSeconds(60)).thenReturn(e.operation())),
                    ofSeconds(2),
                    "outer"));
            assertThat(outcome.at).isEqualTo(ofSeconds(2));
            assertThat(outcome.what)
                    .asInstanceOf(type(DeadlineExceededException.class))
                    .returns("outer", DeadlineExceededException::operation);
        }

        @Test
        void innerErrorPassesThroughTheOuterUnchanged() {
            assertThat(outcomeOf(Timeouts.timeout(
                                    Timeouts.timeout(Mono.never(), ofSeconds(1), "inner"), ofSeconds(2), "outer"))
                            .what)
                    .asInstanceOf(type(DeadlineExceededException.class))
                    .returns("inner", DeadlineExceededException::operation);
        }

        @Test
        void sameInstantBelongsToTheOuterOfAllAndAllSayExpired() {
            List<TimeoutScope> scopes = new ArrayList<>();
            Outcome outcome = outcomeOf(Timeouts.timeout(ofSeconds(3), "a", a -> {
                scopes.add(a);
                return Timeouts.timeout(ofSeconds(3), "b", b -> {
                    scopes.add(b);
                    return Timeouts.timeout(ofSeconds(3), "c", c -> {
                        scopes.add(c);
                        return Mono.never();
                    });
                });
            }));
            assertThat(outcome.at).isEqualTo(ofSeconds(3));
            assertThat(outcome.what)
                    .asInstanceOf(type(DeadlineExceededException.class))
                    .returns("a", DeadlineExceededException::operation);
            assertThat(scopes.get(0).expired()).isTrue();
        }

        // The inner timer is registered first here, so the clock serves it first.
        @Test
        void sameInstantBelongsToTheOuterWhicheverTimerFiresFirst() {
            List<TimeoutScope> scopes = new ArrayList<>();
            Outcome outcome = outcomeOf(Timeouts.timeout(ofSeconds(9), "outer", outer -> {
                scopes.add(outer);
                return Timeouts.timeout(ofSeconds(9), "middle", middle -> {
                    scopes.add(middle);
                    return Timeouts.timeout(ofSeconds(3), "inner", inner -> {
                        scopes.add(inner);
                        return Mono.delay(ofSeconds(1)).flatMap(tick -> {
                            middle.reschedule(ofSeconds(2));
                            outer.reschedule(ofSeconds(2));
                            return Mono.never();
                        });
                    });
                });
            }));
            assertThat(outcome.at).isEqualTo(ofSeconds(3));
            assertThat(outcome.what)
                    .asInstanceOf(type(DeadlineExceededException.class))
                    .returns("outer", DeadlineExceededException::operation);
            assertThat(scopes).extracting(TimeoutScope::expired).containsExactly(true, true, true);
        }

        @Test
        void innerScopeThatIsShieldedFromTheOuterStillExpires() {
            List<Object> ends = new ArrayList<>();
            Mono<Object> shielded = Mono.deferContextual(context -> {
                Timeouts.timeout(Mono.never(), ofSeconds(1), "inner")
                        .contextWrite(context)
                        .subscribe(ends::add, e -> ends.add(((DeadlineExceededException) e).operation()));
                return Mono.never();
            });
            ends.add(((DeadlineExceededException) outcomeOf(Timeouts.timeout(shielded, ofSeconds(1), "outer")).what)
                    .operation());
            assertThat(ends).containsExactlyInAnyOrder("inner", "outer");
        }

        @Test
        void scopeUnderAnExpiredOuterDeadlineFailsAtOnceInTheNameOfTheOuter() {
            TestPublisher<String> source = TestPublisher.create();
            List<Object> ends = new ArrayList<>();
            Mono<String> inner = Timeouts.timeout(source.mono(), ofSeconds(5), "inner")
                    .doOnError(e -> ends.add(((DeadlineExceededException) e).operation()));
            StepVerifier.create(Timeouts.timeout(inner, ZERO, "outer")).verifyError(DeadlineExceededException.class);
            StepVerifier.create(Timeouts.timeout(Timeouts.moveOnAfter(ofSeconds(5), source.mono()), ZERO, "outer"))
                    .verifyError(DeadlineExceededException.class);
            source.assertWasNotSubscribed();
            assertThat(ends).containsExactly("outer");
        }

        @Test
        void deadlineSetByOthersIsRespected() {
            Expiry passed = () -> 0;
            TestPublisher<String> source = TestPublisher.create();
            StepVerifier.create(Timeouts.timeout(source.mono(), ofSeconds(5), "inner")
                            .contextWrite(passed::storeIn))
                    .verifyErrorMatches(
                            e -> e instanceof TimeoutException && e.getMessage().contains("inner"));
            source.assertWasNotSubscribed();
        }
    }

    @Nested
    class Rescheduling {

        @Test
        void laterEndsAtTheNewDeadline() {
            Outcome outcome = outcomeOf(Timeouts.timeout(
                    ofSeconds(2),
                    scope -> Mono.delay(ofSeconds(1)).flatMap(tick -> {
                        scope.reschedule(ofSeconds(5));
                        assertThat(scope.deadline().remaining()).isEqualTo(ofSeconds(5));
                        return Mono.never();
                    })));
            assertThat(outcome.at).isEqualTo(ofSeconds(6));
            assertThat(outcome.what)
                    .asInstanceOf(type(DeadlineExceededException.class))
                    .returns(ofSeconds(6), DeadlineExceededException::budget);
        }

        @Test
        void earlierEndsAtTheNewDeadline() {
            Outcome outcome = outcomeOf(Timeouts.timeout(
                    ofSeconds(20),
                    scope -> Mono.delay(ofSeconds(1)).flatMap(tick -> {
                        scope.reschedule(ofSeconds(1));
                        return Mono.never();
                    })));
            assertThat(outcome.at).isEqualTo(ofSeconds(2));
        }

        @Test
        void nothingLeftEndsAtOnce() {
            Outcome outcome = outcomeOf(Timeouts.timeout(
                    ofSeconds(20),
                    scope -> Mono.delay(ofSeconds(1)).flatMap(tick -> {
                        scope.reschedule(ZERO);
                        return Mono.never();
                    })));
            assertThat(outcome.at).isEqualTo(ofSeconds(1));
            Outcome inBody = outcomeOf(Timeouts.timeout(ofSeconds(20), scope -> {
                scope.reschedule(ofSeconds(-1));
                return Mono.never();
            }));
            assertThat(inBody.at).isEqualTo(ZERO);
        }

        @Test
        void watchdogIsPushedOnProgress() {
            Outcome outcome = outcomeOf(Timeouts.timeout(
                    ofSeconds(2),
                    scope -> Flux.interval(ofSeconds(1))
                            .take(10)
                            .doOnNext(tick -> scope.reschedule(ofSeconds(2)))
                            .then(Mono.never())));
            assertThat(outcome.at).isEqualTo(ofSeconds(12));
        }

        @Test
        void deadlineInTheContextMovesAlong() {
            Outcome outcome = outcomeOf(Timeouts.timeout(
                    ofSeconds(2),
                    scope -> Mono.deferContextual(context -> {
                        scope.reschedule(ofSeconds(30));
                        return Mono.just(Deadline.from(context).map(Deadline::remaining));
                    })));
            assertThat(outcome.what).isEqualTo(Optional.of(ofSeconds(30)));
        }

        @Test
        void endedScopeSaysSo() {
            AtomicReference<TimeoutScope> handle = new AtomicReference<>();
            assertRefused(handle, "has expired", Timeouts.timeout(ofSeconds(1), "job", scope -> {
                handle.set(scope);
                return Mono.never()
                        .doOnCancel(() -> assertThatIllegalStateException()
                                .isThrownBy(() -> scope.reschedule(ofSeconds(1)))
                                .withMessageContaining("job")
                                .withMessageContaining("has expired"));
            }));
            assertRefused(handle, "ended", Timeouts.timeout(ofSeconds(1), "job", scope -> {
                handle.set(scope);
                return Mono.just("x");
            }));
            assertRefused(
                    handle,
                    "was cancelled",
                    Timeouts.timeout(ofSeconds(1), "job", scope -> {
                                handle.set(scope);
                                return Mono.never();
                            })
                            .takeUntilOther(Mono.delay(ofMillis(10))));
        }

        private void assertRefused(AtomicReference<TimeoutScope> handle, String why, Mono<?> run) {
            outcomeOf(run);
            assertThatIllegalStateException()
                    .isThrownBy(() -> handle.get().reschedule(ofSeconds(1)))
                    .withMessageContaining("job")
                    .withMessageContaining(why);
            assertThat(handle.get().deadline().isExpired()).isTrue();
        }

        @Test
        void clockThatRefusesTheNewTimerFailsTheScope() {
            VirtualTimeScheduler clock = VirtualTimeScheduler.create();
            AtomicReference<TimeoutScope> handle = new AtomicReference<>();
            TestPublisher<String> source = TestPublisher.create();
            StepVerifier.create(Timeouts.timeout(ofSeconds(9), scope -> {
                        handle.set(scope);
                        return source.mono();
                    }))
                    .then(() -> time.dispose())
                    .then(() -> handle.get().reschedule(ofSeconds(1)))
                    .verifyError(RejectedExecutionException.class);
            source.assertCancelled(1);
            clock.dispose();
        }
    }

    @Nested
    class MovingOn {

        @Test
        void emptyOnItsOwnExpiry() {
            TestPublisher<String> source = TestPublisher.create();
            Outcome outcome = outcomeOf(Timeouts.moveOnAfter(ofSeconds(1), source.mono()));
            assertThat(outcome.what).isEqualTo("empty");
            assertThat(outcome.at).isEqualTo(ofSeconds(1));
            source.assertCancelled(1);
        }

        @Test
        void valueAndErrorPass() {
            assertThat(outcomeOf(Timeouts.moveOnAfter(ofSeconds(1), Mono.just("x"))).what)
                    .isEqualTo("x");
            assertThat(outcomeOf(Timeouts.moveOnAfter(ofSeconds(1), Mono.error(new IOException()))).what)
                    .isInstanceOf(IOException.class);
        }

        @Test
        void expiryOfAScopeInsideComesOut() {
            assertThat(outcomeOf(Timeouts.moveOnAfter(
                                    ofSeconds(5), Timeouts.timeout(Mono.never(), ofSeconds(1), "inner")))
                            .what)
                    .asInstanceOf(type(DeadlineExceededException.class))
                    .returns("inner", DeadlineExceededException::operation);
        }

        @Test
        void expiryOfAScopeAroundComesOut() {
            assertThat(outcomeOf(Timeouts.timeout(
                                    Timeouts.moveOnAfter(ofSeconds(1), Mono.never()), ofSeconds(1), "outer"))
                            .what)
                    .asInstanceOf(type(DeadlineExceededException.class))
                    .returns("outer", DeadlineExceededException::operation);
        }

        @Test
        void operationThatKnewItWouldBeTooLateIsForgivenToo() {
            Mono<Object> hopeless = Mono.deferContextual(
                    context -> Mono.error(Expiry.from(context).exceeded("permit wait")));
            assertThat(outcomeOf(Timeouts.moveOnAfter(ofSeconds(1), hopeless)).what)
                    .isEqualTo("empty");
            assertThat(outcomeOf(Timeouts.timeout(hopeless, ofSeconds(1), "job")).what)
                    .asInstanceOf(type(DeadlineExceededException.class))
                    .returns("job", DeadlineExceededException::operation)
                    .satisfies(e -> assertThat(e).hasMessageContaining("permit wait"));
            assertThat(outcomeOf(Timeouts.timeout(Timeouts.moveOnAfter(ofSeconds(9), hopeless), ofSeconds(1), "outer"))
                            .what)
                    .asInstanceOf(type(DeadlineExceededException.class))
                    .returns("outer", DeadlineExceededException::operation);
        }
    }

    @Nested
    class AtADeadline {

        @Test
        void deadlineIsSharedByRetries() {
            Deadline deadline = Deadline.after(ofSeconds(3));
            AtomicInteger attempts = new AtomicInteger();
            Mono<Object> failing = Mono.defer(() -> {
                attempts.incrementAndGet();
                return Mono.delay(ofSeconds(2)).then(Mono.error(new IOException()));
            });
            Outcome outcome = outcomeOf(Timeouts.timeoutAt(deadline, failing)
                    .retryWhen(reactor.util.retry.Retry.max(5).filter(IOException.class::isInstance)));
            assertThat(outcome.at).isEqualTo(ofSeconds(3));
            assertThat(attempts).hasValue(2);
            assertThat(outcome.what)
                    .asInstanceOf(type(DeadlineExceededException.class))
                    .returns(ofSeconds(1), DeadlineExceededException::budget);
        }

        @Test
        void passedDeadlineTimesOutAtOnce() {
            Deadline deadline = Deadline.after(ofSeconds(3));
            time.advanceTimeBy(ofSeconds(4));
            TestPublisher<String> source = TestPublisher.create();
            StepVerifier.create(Timeouts.timeoutAt(deadline, source.mono()))
                    .verifyError(DeadlineExceededException.class);
            source.assertCancelled(1);
        }

        @Test
        void clockIsThatOfTheDeadline() {
            VirtualTimeScheduler other = VirtualTimeScheduler.create();
            StepVerifier.create(Timeouts.timeoutAt(Deadline.after(ofSeconds(3), other), Mono.never()))
                    .then(() -> time.advanceTimeBy(ofSeconds(100)))
                    .then(() -> other.advanceTimeBy(ofSeconds(2)))
                    .expectNoEvent(ZERO)
                    .then(() -> other.advanceTimeBy(ofSeconds(1)))
                    .verifyError(DeadlineExceededException.class);
            other.dispose();
        }

        @Test
        void deadlinesOfTwoClocksAreComparedByWhatIsLeft() {
            VirtualTimeScheduler other = VirtualTimeScheduler.create();
            other.advanceTimeBy(ofSeconds(1000));
            Mono<Duration> look = Mono.deferContextual(
                    context -> Mono.just(Deadline.from(context).orElseThrow().remaining()));
            assertThat(Timeouts.timeout(Timeouts.timeoutAt(Deadline.after(ofSeconds(3), other), look), ofSeconds(5))
                            .block())
                    .isEqualTo(ofSeconds(3));
            other.dispose();
        }
    }

    @Nested
    class Streams {

        @Test
        void wholeStreamMustEndInTime() {
            StepVerifier.create(Timeouts.timeout(Flux.interval(ofSeconds(1)), Duration.ofMillis(3500), "ticks"))
                    .then(() -> time.advanceTimeBy(ofSeconds(10)))
                    .expectNext(0L, 1L, 2L)
                    .expectErrorSatisfies(e -> assertThat(e)
                            .asInstanceOf(type(DeadlineExceededException.class))
                            .returns("ticks", DeadlineExceededException::operation))
                    .verify();
        }

        @Test
        void endInTimeStopsTheTimer() {
            StepVerifier.create(Timeouts.timeout(Flux.range(1, 3).hide(), ofSeconds(1)))
                    .expectNext(1, 2, 3)
                    .verifyComplete();
            StepVerifier.create(Timeouts.timeout(Flux.error(new IOException("x")), ofSeconds(1)))
                    .verifyErrorMessage("x");
        }

        @Test
        void demandIsPassedOn() {
            TestPublisher<Integer> source = TestPublisher.create();
            StepVerifier.create(Timeouts.timeout(source.flux(), ofSeconds(1)), 0)
                    .then(() -> source.assertMaxRequested(0))
                    .thenRequest(2)
                    .then(() -> source.assertMaxRequested(2))
                    .then(() -> source.next(1, 2))
                    .expectNext(1, 2)
                    .thenCancel()
                    .verify();
            source.assertCancelled(1);
        }

        @Test
        void elementsAfterTheDeadlineAreDiscarded() {
            TestPublisher<Integer> source =
                    TestPublisher.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);
            StepVerifier.create(Timeouts.timeout(source.flux(), ofSeconds(1)))
                    .then(() -> source.next(1))
                    .then(() -> time.advanceTimeBy(ofSeconds(1)))
                    .then(() -> source.next(2))
                    .expectNext(1)
                    .expectError(DeadlineExceededException.class)
                    .verifyThenAssertThat()
                    .hasDiscardedExactly(2);
        }

        @Test
        void expiryDuringAnElementIsSignalledAfterIt() {
            List<String> seen = new ArrayList<>();
            TestPublisher<Integer> source = TestPublisher.create();
            Timeouts.timeout(source.flux(), ofSeconds(1))
                    .subscribe(
                            value -> {
                                seen.add("begin");
                                time.advanceTimeBy(ofSeconds(2));
                                seen.add("end");
                            },
                            e -> seen.add("error"));
            source.next(1);
            assertThat(seen).containsExactly("begin", "end", "error");
        }
    }

    @Nested
    class Bodies {

        @Test
        void bodyThatThrowsOrReturnsNullIsAnError() {
            StepVerifier.create(Timeouts.timeout(ofSeconds(1), scope -> {
                        throw new IllegalArgumentException("x");
                    }))
                    .verifyErrorMessage("x");
            StepVerifier.create(Timeouts.timeout(ofSeconds(1), scope -> null))
                    .verifyErrorSatisfies(e -> assertThat(e)
                            .isInstanceOf(NullPointerException.class)
                            .hasMessageContaining("body"));
        }

        @Test
        void bodyIsCalledOncePerSubscriptionWithItsOwnScope() {
            List<TimeoutScope> scopes = new ArrayList<>();
            Mono<String> mono = Timeouts.timeout(ofSeconds(1), scope -> {
                scopes.add(scope);
                return Mono.just("x");
            });
            assertThat(scopes).isEmpty();
            mono.block();
            mono.block();
            assertThat(scopes).hasSize(2).doesNotHaveDuplicates();
        }

        @Test
        void contextReachesTheWork() {
            StepVerifier.create(Timeouts.timeout(
                                    Mono.deferContextual(context -> Mono.just(context.<String>get("k"))), ofSeconds(1))
                            .contextWrite(context -> context.put("k", "v")))
                    .expectNext("v")
                    .verifyComplete();
        }

        @Test
        void withinIsAnOperatorForAnyMono() {
            assertThat(outcomeOf(Mono.never().transform(Timeouts.within(ofSeconds(2)))).at)
                    .isEqualTo(ofSeconds(2));
            assertThat(outcomeOf(Mono.just("x").transformDeferred(Timeouts.within(ofSeconds(2)))).what)
                    .isEqualTo("x");
        }

        @Test
        void downstreamThatCancelsAtOnceStartsNothing() {
            TestPublisher<String> source = TestPublisher.create();
            StepVerifier.create(Timeouts.timeout(source.mono(), ofSeconds(1)), 0)
                    .thenCancel()
                    .verify();
            StepVerifier.create(Timeouts.timeout(source.flux(), ofSeconds(1)).take(0))
                    .verifyComplete();
            source.assertWasNotRequested();
        }
    }

    @Nested
    class Arguments {

        @Test
        void nullIsRefusedByNameAtCallTime() {
            Mono<String> mono = Mono.just("x");
            Duration second = ofSeconds(1);
            refused("work", () -> Timeouts.timeout((Mono<String>) null, second));
            refused("work", () -> Timeouts.timeout((Flux<String>) null, second));
            refused("budget", () -> Timeouts.timeout(mono, null));
            refused("budget", () -> Timeouts.timeout(mono.flux(), null));
            refused("operation", () -> Timeouts.timeout(mono, second, null));
            refused("operation", () -> Timeouts.timeout(mono.flux(), second, null));
            refused("budget", () -> Timeouts.timeout((Duration) null, scope -> mono));
            refused("body", () -> Timeouts.<String>timeout(second, null));
            refused("operation", () -> Timeouts.timeout(second, null, scope -> mono));
            refused("deadline", () -> Timeouts.timeoutAt(null, mono));
            refused("work", () -> Timeouts.timeoutAt(Deadline.after(second), null));
            refused("budget", () -> Timeouts.moveOnAfter(null, mono));
            refused("work", () -> Timeouts.moveOnAfter(second, null));
            refused("budget", () -> Timeouts.within(null));
        }

        private void refused(String parameter, Runnable call) {
            assertThatNullPointerException().isThrownBy(call::run).withMessage(parameter);
        }
    }

    @Nested
    class Scanning {

        @Test
        void operatorsAndSubscribersTellTheirState() {
            Mono<Object> work = Mono.never();
            Mono<Object> mono = Timeouts.timeout(work, ofSeconds(1));
            assertThat(Scannable.from(mono).scan(Scannable.Attr.PARENT)).isSameAs(work);
            assertThat(Scannable.from(mono).stepName()).isEqualTo("timeout");
            assertThat(Scannable.from(mono).scan(Scannable.Attr.RUN_STYLE)).isEqualTo(Scannable.Attr.RunStyle.ASYNC);
            Flux<Object> flux = Timeouts.timeout(work.flux(), ofSeconds(1));
            assertThat(Scannable.from(flux).scan(Scannable.Attr.RUN_STYLE)).isEqualTo(Scannable.Attr.RunStyle.ASYNC);

            AtomicReference<Scannable> scope = new AtomicReference<>();
            var disposable =
                    mono.doOnSubscribe(s -> scope.set(Scannable.from(s))).subscribe(value -> {}, error -> {});
            assertThat(scope.get().scan(Scannable.Attr.ACTUAL)).isNotNull();
            assertThat(scope.get().scan(Scannable.Attr.PARENT)).isNotNull();
            assertThat(scope.get().scan(Scannable.Attr.TERMINATED)).isFalse();
            assertThat(scope.get().scan(Scannable.Attr.RUN_STYLE)).isEqualTo(Scannable.Attr.RunStyle.ASYNC);
            disposable.dispose();
            assertThat(scope.get().scan(Scannable.Attr.CANCELLED)).isTrue();

            mono.doOnSubscribe(s -> scope.set(Scannable.from(s))).subscribe(value -> {}, error -> {});
            time.advanceTimeBy(ofSeconds(1));
            assertThat(scope.get().scan(Scannable.Attr.TERMINATED)).isTrue();
            assertThat(scope.get().stepName()).isEqualTo("timeout");
            assertThat(Scannable.from(flux).stepName()).isEqualTo("timeout");
            assertThat(Scannable.from(flux).scan(Scannable.Attr.PARENT)).isNotNull();
        }
    }

    @Test
    void clockIsResolvedAtSubscription() {
        Mono<Object> assembledEarly = Timeouts.timeout(Mono.never(), ofSeconds(1));
        VirtualTimeScheduler.reset();
        VirtualTimeScheduler later = VirtualTimeScheduler.getOrSet();
        StepVerifier.create(assembledEarly)
                .then(() -> later.advanceTimeBy(ofSeconds(1)))
                .verifyError(DeadlineExceededException.class);
        assertThat(Schedulers.parallel()).isNotNull();
    }
}
