package io.github.asyncio4j.resource;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.github.asyncio4j.CleanupTimeoutException;
import io.github.asyncio4j.internal.CleanupLedger;
import io.github.asyncio4j.internal.Expiry;
import io.github.asyncio4j.testing.VirtualTimers;
import io.github.asyncio4j.time.Deadline;
import io.github.asyncio4j.time.DeadlineExceededException;
import io.github.asyncio4j.time.Timeouts;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;
import reactor.test.scheduler.VirtualTimeScheduler;
import reactor.util.context.Context;

class AsyncResourceTest {

    private final List<String> log = new ArrayList<>();
    private VirtualTimeScheduler time;

    @BeforeEach
    void virtualTime() {
        time = VirtualTimeScheduler.getOrSet();
    }

    @AfterEach
    void nothingIsLeft() {
        int left = VirtualTimers.pending(time);
        VirtualTimeScheduler.reset();
        assertThat(left).as("timers left").isZero();
    }

    private AsyncResource<String> resource(String name) {
        return AsyncResource.of(
                Mono.fromSupplier(() -> {
                    log.add("open " + name);
                    return name;
                }),
                (opened, exit) -> Mono.fromRunnable(() -> log.add("close " + opened + " " + exit)));
    }

    private AsyncResource<String> slowToClose(String name, Duration closing) {
        return AsyncResource.of(
                        Mono.fromSupplier(() -> {
                            log.add("open " + name);
                            return name;
                        }),
                        (opened, exit) -> Mono.delay(closing)
                                .doOnNext(tick -> log.add("closed " + opened + " " + exit))
                                .then())
                .named(name);
    }

    private static AsyncResource<String> failingToClose(Throwable error) {
        return AsyncResource.of(Mono.just("r"), opened -> Mono.error(error));
    }

    private void logEnd(Mono<?> mono) {
        mono.subscribe(
                value -> log.add("value " + value + at()),
                error -> log.add("error " + error.getMessage() + at()),
                () -> log.add("complete" + at()));
    }

    private String at() {
        return " at " + time.now(java.util.concurrent.TimeUnit.MILLISECONDS);
    }

    @Nested
    class Using {

        @Test
        void opensUsesClosesThenDelivers() {
            logEnd(resource("db").use(db -> {
                log.add("query");
                return Mono.just("row");
            }));
            assertThat(log)
                    .containsExactly("open db", "query", "close db completed", "value row at 0", "complete at 0");
        }

        @Test
        void bodyThatFailsClosesAndFails() {
            logEnd(resource("db").use(db -> Mono.error(new IOException("x"))));
            assertThat(log).containsExactly("open db", "close db failed: java.io.IOException: x", "error x at 0");
        }

        @Test
        void bodyThatIsCancelledCloses() {
            StepVerifier.create(resource("db").use(db -> Mono.never()))
                    .thenAwait(ofMillis(1))
                    .thenCancel()
                    .verify();
            assertThat(log).containsExactly("open db", "close db cancelled");
        }

        @Test
        void emptyBodyCompletesEmptyAfterTheClosing() {
            logEnd(slowToClose("db", ofMillis(300)).use(db -> Mono.empty()));
            assertThat(log).containsExactly("open db");
            time.advanceTimeBy(ofMillis(300));
            assertThat(log).containsExactly("open db", "closed db completed", "complete at 300");
        }

        @Test
        void valueIsHeldUntilClosed() {
            logEnd(slowToClose("db", ofMillis(300)).use(Mono::just));
            time.advanceTimeBy(ofSeconds(1));
            assertThat(log).containsExactly("open db", "closed db completed", "value db at 300", "complete at 300");
        }

        @Test
        void eachSubscriptionOpensAfresh() {
            Mono<String> use = resource("db").use(Mono::just);
            assertThat(log).isEmpty();
            StepVerifier.create(use.repeat(1)).expectNextCount(2).verifyComplete();
            assertThat(log).containsExactly("open db", "close db completed", "open db", "close db completed");
        }

        @Test
        void bodyThatThrowsOrReturnsNullClosesAndFails() {
            StepVerifier.create(resource("db").use(db -> {
                        throw new IllegalStateException("thrown");
                    }))
                    .verifyErrorMessage("thrown");
            StepVerifier.create(resource("db").use(db -> null)).verifyErrorMessage("body returned null");
            assertThat(log).filteredOn(line -> line.startsWith("close")).hasSize(2);
        }

        @Test
        void demandIsHonoured() {
            StepVerifier.create(resource("db").use(Mono::just), 0)
                    .expectSubscription()
                    .then(() -> assertThat(log).containsExactly("open db"))
                    .thenRequest(1)
                    .expectNext("db")
                    .verifyComplete();
        }

        @Test
        void secondValueOfABrokenBodyIsDropped() {
            TestPublisher<String> broken =
                    TestPublisher.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);
            StepVerifier.create(resource("db").use(db -> Mono.fromDirect(broken)))
                    .then(() -> broken.next("a", "b").complete())
                    .expectNext("a")
                    .expectComplete()
                    .verifyThenAssertThat()
                    .hasDropped("b");
        }
    }

    @Nested
    class UsingMany {

        @Test
        void elementsPassAsTheyComeAndTheEndWaitsForTheClosing() {
            slowToClose("db", ofMillis(300))
                    .useMany(db -> Flux.just(1, 2))
                    .subscribe(value -> log.add("value " + value + at()), null, () -> log.add("complete" + at()));
            time.advanceTimeBy(ofSeconds(1));
            assertThat(log)
                    .containsExactly(
                            "open db", "value 1 at 0", "value 2 at 0", "closed db completed", "complete at 300");
        }

        @Test
        void demandIsPassedOn() {
            TestPublisher<Integer> source = TestPublisher.create();
            StepVerifier.create(resource("db").useMany(db -> source.flux()), 1)
                    .then(() -> source.assertMaxRequested(1))
                    .then(() -> source.next(1))
                    .expectNext(1)
                    .thenRequest(2)
                    .then(() -> source.next(2, 3).complete())
                    .expectNext(2, 3)
                    .verifyComplete();
        }

        @Test
        void errorAndNullBodyAreErrors() {
            StepVerifier.create(resource("db").useMany(db -> Flux.error(new IOException("x"))))
                    .verifyErrorMessage("x");
            StepVerifier.create(resource("db").useMany(db -> null)).verifyErrorMessage("body returned null");
            assertThat(log).filteredOn(line -> line.startsWith("close")).hasSize(2);
        }

        @Test
        void cancelCloses() {
            TestPublisher<Integer> source = TestPublisher.create();
            StepVerifier.create(resource("db").useMany(db -> source.flux()).take(1))
                    .then(() -> source.next(1))
                    .expectNext(1)
                    .verifyComplete();
            assertThat(log).containsExactly("open db", "close db cancelled");
        }

        @Test
        void lateElementsAreDiscarded() {
            List<Object> discarded = new ArrayList<>();
            TestPublisher<Integer> source =
                    TestPublisher.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);
            Disposable use = resource("db")
                    .useMany(db -> source.flux())
                    .contextWrite(
                            Context.of("reactor.onDiscard.local", (java.util.function.Consumer<Object>) discarded::add))
                    .subscribe();
            use.dispose();
            source.next(7);
            assertThat(discarded).containsExactly(7);
        }
    }

    @Nested
    class Opening {

        @Test
        void failureToOpenRunsNeitherBodyNorClose() {
            AsyncResource<String> broken = AsyncResource.of(Mono.error(new IOException("no route")), r -> {
                log.add("close");
                return Mono.empty();
            });
            StepVerifier.create(broken.use(r -> {
                        log.add("body");
                        return Mono.just(r);
                    }))
                    .verifyErrorMessage("no route");
            assertThat(log).isEmpty();
        }

        @Test
        void emptyOpeningIsAnError() {
            StepVerifier.create(AsyncResource.<String>of(Mono.empty(), r -> Mono.empty())
                            .named("db")
                            .use(Mono::just))
                    .verifyErrorSatisfies(e -> assertThat(e)
                            .isInstanceOf(NoSuchElementException.class)
                            .hasMessage("db opened empty"));
        }

        @Test
        void cancelWhileOpeningClosesWhatOpensLate() {
            AtomicReference<MonoSink<String>> connecting = new AtomicReference<>();
            AsyncResource<String> connection = AsyncResource.of(
                    Mono.<String>create(connecting::set),
                    (opened, exit) -> Mono.fromRunnable(() -> log.add("close " + opened + " " + exit)));
            connection.use(Mono::just).subscribe().dispose();
            assertThat(log).isEmpty();
            connecting.get().success("late");
            assertThat(log).containsExactly("close late cancelled");
        }

        @Test
        void scopeThatCancelsTheOpeningWaitsForItsEndAndTheClosing() {
            AsyncResource<String> slow = AsyncResource.of(
                    Mono.delay(ofMillis(500)).thenReturn("late"),
                    opened -> Mono.delay(ofMillis(300))
                            .doOnNext(tick -> log.add("closed " + opened + at()))
                            .then());
            logEnd(Timeouts.timeout(slow.use(Mono::just), ofMillis(100), "job"));
            time.advanceTimeBy(ofSeconds(1));
            assertThat(log)
                    .containsExactly(
                            "closed late at 800", "error job did not end within PT0.1S (elapsed: PT0.1S) at 800");
        }

        @Test
        void cancellableOpeningIsCancelledAtOnce() {
            TestPublisher<String> connecting =
                    TestPublisher.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);
            AsyncResource<String> connection = AsyncResource.ofCancellable(
                    connecting.mono(),
                    (opened, exit) -> Mono.fromRunnable(() -> log.add("close " + opened + " " + exit)));
            logEnd(Timeouts.timeout(connection.use(Mono::just), ofMillis(100), "job"));
            time.advanceTimeBy(ofMillis(100));
            connecting.assertCancelled(1);
            assertThat(log).containsExactly("error job did not end within PT0.1S (elapsed: PT0.1S) at 100");
            connecting.next("disobedient");
            assertThat(log).last().isEqualTo("close disobedient cancelled");
        }

        @Test
        void failureAfterTheCancelIsDropped() {
            TestPublisher<String> connecting = TestPublisher.create();
            AsyncResource.of(connecting.mono(), r -> Mono.empty())
                    .use(Mono::just)
                    .subscribe()
                    .dispose();
            List<Throwable> dropped = dropped(() -> connecting.error(new IOException("late")));
            assertThat(dropped).singleElement().satisfies(e -> assertThat(e).hasMessage("late"));
        }

        @Test
        void brokenOpeningIsClosedOnce() {
            TestPublisher<String> broken =
                    TestPublisher.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);
            AsyncResource<String> connection = AsyncResource.of(
                    Mono.fromDirect(broken), (opened, exit) -> Mono.fromRunnable(() -> log.add("close " + opened)));
            List<Throwable> errors = dropped(() -> StepVerifier.create(connection.use(Mono::just))
                    .then(() -> broken.next("a", "b").complete())
                    .expectNext("a")
                    .expectComplete()
                    .verifyThenAssertThat()
                    .hasDropped("b"));
            assertThat(errors).isEmpty();
            assertThat(log).containsExactly("close a");
            assertThat(dropped(() -> broken.error(new IOException("late")))).hasSize(1);
        }

        @Test
        void downstreamThatCancelsAtOnceOpensNothing() {
            StepVerifier.create(resource("db").useMany(db -> Flux.just(1)).take(0))
                    .verifyComplete();
            assertThat(log).isEmpty();
        }
    }

    private static List<Throwable> dropped(Runnable action) {
        List<Throwable> dropped = new ArrayList<>();
        Hooks.onErrorDropped(dropped::add);
        try {
            action.run();
        } finally {
            Hooks.resetOnErrorDropped();
        }
        return dropped;
    }

    @Nested
    class ClosingErrors {

        private final IOException close = new IOException("close");

        @Test
        void isTheErrorWhenTheBodyHadNone() {
            StepVerifier.create(failingToClose(close).use(Mono::just))
                    .expectErrorSatisfies(e -> assertThat(e).isSameAs(close))
                    .verifyThenAssertThat()
                    .hasDiscardedExactly("r");
        }

        @Test
        void isSuppressedOnTheBodysError() {
            IOException body = new IOException("body");
            StepVerifier.create(failingToClose(close).use(r -> Mono.error(body)))
                    .expectErrorSatisfies(e -> assertThat(e)
                            .isSameAs(body)
                            .satisfies(f -> assertThat(f.getSuppressed()).contains(close)))
                    .verifyThenAssertThat()
                    .hasNotDroppedErrors();
        }

        @Test
        void isDroppedAfterACancelWithNobodyAround() {
            List<Throwable> errors = dropped(() ->
                    failingToClose(close).use(r -> Mono.never()).subscribe().dispose());
            assertThat(errors).containsExactly(close);
        }

        @Test
        void reachesTheScopeThatCancelled() {
            logEnd(Timeouts.timeout(failingToClose(close).use(r -> Mono.never()), ofMillis(100), "job")
                    .doOnError(e -> assertThat(e.getSuppressed()).contains(close)));
            List<Throwable> errors = dropped(() -> time.advanceTimeBy(ofMillis(100)));
            assertThat(log).containsExactly("error job did not end within PT0.1S (elapsed: PT0.1S) at 100");
            assertThat(errors).isEmpty();
        }

        @Test
        void closeThatThrowsOrReturnsNullIsAnError() {
            StepVerifier.create(AsyncResource.of(Mono.just("r"), r -> {
                                throw new IllegalStateException("thrown");
                            })
                            .use(Mono::just))
                    .verifyErrorMessage("thrown");
            StepVerifier.create(AsyncResource.of(Mono.just("r"), r -> null).use(Mono::just))
                    .verifyErrorMessage("close returned null");
        }

        @Test
        void brokenCloseCountsOnce() {
            TestPublisher<Void> broken = TestPublisher.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);
            List<Throwable> errors =
                    dropped(() -> StepVerifier.create(AsyncResource.of(Mono.just("r"), r -> Mono.fromDirect(broken))
                                    .use(Mono::just))
                            .then(broken::complete)
                            .then(broken::complete)
                            .then(() -> broken.error(new IOException("late")))
                            .expectNext("r")
                            .verifyComplete());
            assertThat(errors).hasSize(1);
        }
    }

    @Nested
    class Cancelling {

        @Test
        void closingIsNotCutByASecondCancel() {
            Disposable use = slowToClose("db", ofMillis(300)).use(Mono::just).subscribe();
            use.dispose();
            use.dispose();
            time.advanceTimeBy(ofMillis(300));
            assertThat(log).containsExactly("open db", "closed db completed");
        }

        @Test
        void valueHeldWhenDownstreamLeavesIsDiscarded() {
            StepVerifier.create(slowToClose("db", ofMillis(300)).use(Mono::just))
                    .thenAwait(ofMillis(10))
                    .thenCancel()
                    .verifyThenAssertThat()
                    .hasDiscardedExactly("db");
            time.advanceTimeBy(ofMillis(300));
        }

        @Test
        void errorHeldWhenDownstreamLeavesIsDropped() {
            IOException body = new IOException("body");
            List<Throwable> errors = dropped(() -> slowToClose("db", ofMillis(300))
                    .use(db -> Mono.error(body))
                    .subscribe()
                    .dispose());
            assertThat(errors).containsExactly(body);
            time.advanceTimeBy(ofMillis(300));
        }

        @Test
        void lateErrorOfTheBodyIsDropped() {
            TestPublisher<String> body = TestPublisher.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);
            resource("db").use(db -> Mono.fromDirect(body)).subscribe().dispose();
            assertThat(dropped(() -> body.error(new IOException("late")))).hasSize(1);
        }

        @Test
        void lateValueOfTheBodyIsDiscarded() {
            List<Object> discarded = new ArrayList<>();
            TestPublisher<String> body = TestPublisher.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);
            resource("db")
                    .use(db -> Mono.fromDirect(body))
                    .contextWrite(
                            Context.of("reactor.onDiscard.local", (java.util.function.Consumer<Object>) discarded::add))
                    .subscribe()
                    .dispose();
            body.next("late");
            assertThat(discarded).containsExactly("late");
        }

        @Test
        void innerResourceIsClosedBeforeTheOuter() {
            Mono<Object> nested = slowToClose("outer", ofMillis(100))
                    .use(outer -> slowToClose("inner", ofMillis(300)).use(inner -> Mono.never()));
            logEnd(Timeouts.timeout(nested, ofMillis(100), "job"));
            time.advanceTimeBy(ofSeconds(1));
            assertThat(log)
                    .containsExactly(
                            "open outer",
                            "open inner",
                            "closed inner cancelled",
                            "closed outer cancelled",
                            "error job did not end within PT0.1S (elapsed: PT0.1S) at 500");
        }

        @Test
        void cleanupInTheBodyIsOverBeforeTheClosing() {
            Sinks.One<CleanupLedger.Entry> entered = Sinks.one();
            Disposable use = resource("db")
                    .use(db -> Mono.deferContextual(context -> {
                        entered.tryEmitValue(CleanupLedger.enter(context, "blocking call"));
                        return Mono.never();
                    }))
                    .subscribe();
            use.dispose();
            assertThat(log).containsExactly("open db");
            entered.asMono().block().leave();
            assertThat(log).containsExactly("open db", "close db cancelled");
        }

        @Test
        void cleanupInTheBodyThatFailsIsTheErrorAndToldToTheClose() {
            IOException cleanup = new IOException("cleanup");
            Mono<String> use = resource("db")
                    .use(db -> Mono.deferContextual(context -> {
                        CleanupLedger.Entry entry = CleanupLedger.enter(context, "x");
                        return Mono.just("v").doOnTerminate(() -> entry.leave(cleanup, Context.empty()));
                    }));
            StepVerifier.create(use).verifyErrorMessage("cleanup");
            assertThat(log).containsExactly("open db", "close db failed: java.io.IOException: cleanup");
        }

        @Test
        void closingGetsTheContextButNotTheDeadline() {
            List<Object> seen = new ArrayList<>();
            AsyncResource<String> curious = AsyncResource.of(
                    Mono.just("r"),
                    opened -> Timeouts.timeout(
                            Mono.deferContextual(context -> {
                                seen.add(context.get("k"));
                                seen.add(Deadline.from(context).orElseThrow().remaining());
                                return Mono.<Void>empty();
                            }),
                            ofSeconds(5)));
            StepVerifier.create(Timeouts.timeout(curious.use(r -> Mono.never()), ofMillis(100))
                            .contextWrite(Context.of("k", "v")))
                    .then(() -> time.advanceTimeBy(ofMillis(100)))
                    .verifyError(DeadlineExceededException.class);
            assertThat(seen).containsExactly("v", ofSeconds(5));
        }

        @Test
        void closeThatNeverEndsIsCutAtTheLimitAndNamed() {
            AsyncResource<String> stuck = AsyncResource.of(Mono.just("r"), opened -> Mono.<Void>never())
                    .named("orders db");
            AtomicReference<Throwable> error = new AtomicReference<>();
            Timeouts.timeout(stuck.use(r -> Mono.never()), ofMillis(100)).subscribe(null, error::set);
            time.advanceTimeBy(ofMillis(30_099));
            assertThat(error).hasNullValue();
            time.advanceTimeBy(ofMillis(1));
            assertThat(error.get()).isInstanceOf(DeadlineExceededException.class);
            assertThat(error.get().getSuppressed())
                    .filteredOn(CleanupTimeoutException.class::isInstance)
                    .singleElement()
                    .satisfies(e -> assertThat(e).hasMessageContaining("orders db"));
        }

        @Test
        void unnamedResourceIsCalledByTheClassOfWhatWasOpened() {
            AsyncResource<StringBuilder> stuck = AsyncResource.of(Mono.just(new StringBuilder()), b -> Mono.never());
            AtomicReference<Throwable> error = new AtomicReference<>();
            Timeouts.timeout(stuck.use(r -> Mono.never()), ofMillis(100)).subscribe(null, error::set);
            time.advanceTimeBy(ofSeconds(60));
            assertThat(((CleanupTimeoutException) error.get().getSuppressed()[1]).unfinished())
                    .containsExactly("StringBuilder");
        }
    }

    @Nested
    class Nesting {

        @Test
        void flatMapClosesInReverse() {
            logEnd(resource("a")
                    .flatMap(a -> resource(a + "b"))
                    .flatMap(b -> resource(b + "c"))
                    .use(Mono::just));
            assertThat(log)
                    .containsExactly(
                            "open a",
                            "open ab",
                            "open abc",
                            "close abc completed",
                            "close ab completed",
                            "close a completed",
                            "value abc at 0",
                            "complete at 0");
        }

        @Test
        void innerThatFailsToOpenClosesTheOuter() {
            logEnd(resource("a")
                    .flatMap(a -> AsyncResource.of(Mono.<String>error(new IOException("x")), r -> Mono.empty()))
                    .use(Mono::just));
            assertThat(log).containsExactly("open a", "close a failed: java.io.IOException: x", "error x at 0");
        }

        @Test
        void nextThatThrowsClosesTheOuter() {
            logEnd(resource("a")
                    .<String>flatMap(a -> {
                        throw new IllegalStateException("thrown");
                    })
                    .use(Mono::just));
            logEnd(resource("a").<String>flatMap(a -> null).useMany(Flux::just).then());
            assertThat(log)
                    .containsExactly(
                            "open a",
                            "close a failed: java.lang.IllegalStateException: thrown",
                            "error thrown at 0",
                            "open a",
                            "close a failed: java.lang.NullPointerException: next returned null",
                            "error next returned null at 0");
        }

        @Test
        void failureToCloseTheInnerIsToldToTheOuterAndAllAreKept() {
            IOException inner = new IOException("inner");
            StepVerifier.create(
                            resource("a").flatMap(a -> failingToClose(inner)).useMany(Flux::just))
                    .expectNext("r")
                    .verifyErrorMessage("inner");
            assertThat(log).containsExactly("open a", "close a failed: java.io.IOException: inner");
        }

        @Test
        void nameGoesToTheLast() {
            AsyncResource<String> stuck = resource("a")
                    .flatMap(a -> AsyncResource.of(Mono.just("b"), opened -> Mono.<Void>never()))
                    .named("session");
            AtomicReference<Throwable> error = new AtomicReference<>();
            Timeouts.timeout(stuck.use(r -> Mono.never()), ofMillis(100)).subscribe(null, error::set);
            time.advanceTimeBy(ofSeconds(100));
            assertThat(error.get().getSuppressed()[1]).hasMessageContaining("session");
        }
    }

    @Nested
    class Scanning {

        @Test
        void operatorsAndSubscribersTellTheirState() {
            Mono<Object> use = resource("db").use(db -> Mono.never());
            assertThat(Scannable.from(use).stepName()).isEqualTo("use");
            assertThat(Scannable.from(use).scan(Scannable.Attr.PARENT)).isNotNull();
            assertThat(Scannable.from(use).scan(Scannable.Attr.RUN_STYLE)).isEqualTo(Scannable.Attr.RunStyle.ASYNC);
            Flux<Object> many = resource("db").useMany(db -> Flux.never());
            assertThat(Scannable.from(many).stepName()).isEqualTo("useMany");
            assertThat(Scannable.from(many).scan(Scannable.Attr.PARENT)).isNotNull();
            assertThat(Scannable.from(many).scan(Scannable.Attr.RUN_STYLE)).isEqualTo(Scannable.Attr.RunStyle.ASYNC);

            AtomicReference<Scannable> seen = new AtomicReference<>();
            Disposable disposable =
                    use.doOnSubscribe(s -> seen.set(Scannable.from(s))).subscribe();
            assertThat(seen.get().scan(Scannable.Attr.ACTUAL)).isNotNull();
            assertThat(seen.get().scan(Scannable.Attr.PARENT)).isNotNull();
            assertThat(seen.get().scan(Scannable.Attr.RUN_STYLE)).isEqualTo(Scannable.Attr.RunStyle.ASYNC);
            assertThat(seen.get().scan(Scannable.Attr.TERMINATED)).isFalse();
            disposable.dispose();
            assertThat(seen.get().scan(Scannable.Attr.CANCELLED)).isTrue();
        }
    }

    @Test
    void nullIsRefusedByNameAtCallTime() {
        AsyncResource<String> db = resource("db");
        assertThatNullPointerException()
                .isThrownBy(() -> AsyncResource.of(null, r -> Mono.empty()))
                .withMessage("open");
        assertThatNullPointerException()
                .isThrownBy(
                        () -> AsyncResource.of(Mono.just("x"), (java.util.function.Function<String, Mono<Void>>) null))
                .withMessage("close");
        assertThatNullPointerException()
                .isThrownBy(() -> AsyncResource.ofCancellable(Mono.just("x"), null))
                .withMessage("close");
        assertThatNullPointerException().isThrownBy(() -> db.use(null)).withMessage("body");
        assertThatNullPointerException().isThrownBy(() -> db.useMany(null)).withMessage("body");
        assertThatNullPointerException().isThrownBy(() -> db.flatMap(null)).withMessage("next");
        assertThatNullPointerException().isThrownBy(() -> db.named(null)).withMessage("name");
        AsyncResource<String> nested = db.flatMap(a -> db);
        assertThatNullPointerException().isThrownBy(() -> nested.use(null)).withMessage("body");
        assertThatNullPointerException().isThrownBy(() -> nested.useMany(null)).withMessage("body");
        assertThatNullPointerException().isThrownBy(() -> nested.flatMap(null)).withMessage("next");
        assertThatNullPointerException().isThrownBy(() -> nested.named(null)).withMessage("name");
    }

    @Test
    void expiredDeadlineIsKnownToTheOpening() {
        Expiry passed = () -> 0;
        AsyncResource<Boolean> asks = AsyncResource.of(
                Mono.deferContextual(context -> Mono.just(Expiry.isExpired(context))), r -> Mono.empty());
        assertThat(asks.use(Mono::just).contextWrite(passed::storeIn).block()).isTrue();
    }
}
