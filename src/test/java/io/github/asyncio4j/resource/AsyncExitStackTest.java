package io.github.asyncio4j.resource;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.github.asyncio4j.internal.Failures;
import io.github.asyncio4j.testing.VirtualTimers;
import io.github.asyncio4j.time.DeadlineExceededException;
import io.github.asyncio4j.time.Timeouts;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
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
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;
import reactor.test.scheduler.VirtualTimeScheduler;

class AsyncExitStackTest {

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

    private AsyncResource<String> failing(String name) {
        return AsyncResource.of(Mono.just(name), (opened, exit) -> Mono.error(new IOException("close " + name)));
    }

    private AsyncResource<String> slow(String name, Duration closing) {
        return AsyncResource.of(
                Mono.just(name),
                opened -> Mono.delay(closing)
                        .doOnNext(tick -> log.add(
                                "closed " + name + " at " + time.now(java.util.concurrent.TimeUnit.MILLISECONDS)))
                        .then());
    }

    private Mono<Void> note(String line) {
        return Mono.fromRunnable(() -> log.add(line));
    }

    @Nested
    class Unwinding {

        @Test
        void lastInIsFirstOut() {
            Mono<String> body = AsyncExitStack.using(stack -> {
                stack.defer(note("deferred"));
                return stack.enter(resource("a"))
                        .flatMap(a -> stack.enter(resource("b")))
                        .doOnNext(b -> log.add("body"));
            });
            StepVerifier.create(body).expectNext("b").verifyComplete();
            assertThat(log)
                    .containsExactly("open a", "open b", "body", "close b completed", "close a completed", "deferred");
        }

        @Test
        void bodyThatFailsOrIsCancelledUnwindsToo() {
            StepVerifier.create(AsyncExitStack.using(
                            stack -> stack.enter(resource("a")).then(Mono.error(new IOException("x")))))
                    .verifyErrorMessage("x");
            AsyncExitStack.using(stack -> stack.enter(resource("b")).then(Mono.never()))
                    .subscribe()
                    .dispose();
            assertThat(log)
                    .containsExactly("open a", "close a failed: java.io.IOException: x", "open b", "close b cancelled");
        }

        @Test
        void eachIsAwaitedAndTheResultHeldBack() {
            Mono<String> body = AsyncExitStack.using(stack -> stack.enter(slow("a", ofMillis(100)))
                    .then(stack.enter(slow("b", ofMillis(300))))
                    .then(Mono.<String>never()));
            Timeouts.timeout(body, ofMillis(100))
                    .subscribe(null, e -> log.add("error at " + time.now(java.util.concurrent.TimeUnit.MILLISECONDS)));
            time.advanceTimeBy(ofSeconds(1));
            assertThat(log).containsExactly("closed b at 400", "closed a at 500", "error at 500");
        }

        @Test
        void laterOnesSeeEarlierFailuresAndAllRun() {
            Mono<String> body = AsyncExitStack.using(stack -> stack.enter(resource("a"))
                    .then(stack.enter(failing("b")))
                    .then(stack.enter(failing("c")))
                    .then(stack.enter(resource("d")))
                    .thenReturn("value"));
            StepVerifier.create(body)
                    .expectErrorSatisfies(e -> {
                        assertThat(e).hasMessage("close c");
                        assertThat(Failures.of(e))
                                .extracting(Throwable::getMessage)
                                .containsExactly("close c", "close b");
                    })
                    .verifyThenAssertThat()
                    .hasNotDroppedErrors();
            assertThat(log)
                    .containsExactly(
                            "open a", "open d", "close d completed", "close a failed: java.io.IOException: close c");
        }

        @Test
        void failuresAfterTheBodysErrorAreAllKeptOnIt() {
            Mono<String> body = AsyncExitStack.using(stack -> stack.enter(failing("a"))
                    .then(stack.enter(failing("b")))
                    .then(Mono.error(new IOException("body"))));
            StepVerifier.create(body)
                    .expectErrorSatisfies(e -> assertThat(Failures.of(e))
                            .extracting(Throwable::getMessage)
                            .containsExactly("body", "close b", "close a"))
                    .verifyThenAssertThat()
                    .hasNotDroppedErrors();
        }

        @Test
        void cancelledExitStaysCancelledAndCarriesTheFailure() {
            List<Exit> seen = new ArrayList<>();
            List<Throwable> dropped = new ArrayList<>();
            Hooks.onErrorDropped(dropped::add);
            try {
                AsyncExitStack.using(stack -> {
                            stack.defer(exit -> {
                                seen.add(exit);
                                return Mono.empty();
                            });
                            return stack.enter(failing("a")).then(Mono.never());
                        })
                        .subscribe()
                        .dispose();
            } finally {
                Hooks.resetOnErrorDropped();
            }
            assertThat(seen).singleElement().satisfies(exit -> {
                assertThat(exit.isCancelled()).isTrue();
                assertThat(exit.isFailed()).isFalse();
                assertThat(exit.isCompleted()).isFalse();
                assertThat(exit.error()).hasValueSatisfying(e -> assertThat(e).hasMessage("close a"));
            });
            assertThat(dropped).extracting(Throwable::getMessage).containsExactly("close a");
        }

        @Test
        void cleanupMayDeferMoreCleanup() {
            StepVerifier.create(AsyncExitStack.using(stack -> {
                        stack.defer(exit -> {
                            stack.defer(note("second"));
                            return note("first");
                        });
                        return Mono.just("x");
                    }))
                    .expectNext("x")
                    .verifyComplete();
            assertThat(log).containsExactly("first", "second");
        }

        @Test
        void cleanupThatThrowsOrReturnsNullFails() {
            StepVerifier.create(AsyncExitStack.using(stack -> {
                        stack.defer(exit -> {
                            throw new IllegalStateException("thrown");
                        });
                        stack.defer((Function<Exit, Mono<Void>>) exit -> null);
                        return Mono.just("x");
                    }))
                    .verifyErrorSatisfies(e -> assertThat(Failures.of(e))
                            .extracting(Throwable::getMessage)
                            .containsExactly("cleanup returned null", "thrown"));
        }

        @Test
        void tenThousandCleanupsNeedNoStack() {
            StepVerifier.create(AsyncExitStack.using(stack -> {
                        for (int i = 0; i < 10_000; i++) {
                            stack.defer(Mono.fromRunnable(() -> log.add("x")));
                        }
                        return Mono.just("x");
                    }))
                    .expectNext("x")
                    .verifyComplete();
            assertThat(log).hasSize(10_000);
        }
    }

    @Nested
    class Entering {

        @Test
        void nestedResourceIsEnteredPartByPart() {
            StepVerifier.create(AsyncExitStack.using(
                            stack -> stack.enter(resource("a").flatMap(a -> resource(a + "b")))))
                    .expectNext("ab")
                    .verifyComplete();
            assertThat(log).containsExactly("open a", "open ab", "close ab completed", "close a completed");
        }

        @Test
        void failureToOpenIsTheErrorOfEnter() {
            StepVerifier.create(AsyncExitStack.using(stack -> stack.enter(
                                    AsyncResource.of(Mono.<String>error(new IOException("x")), r -> Mono.empty()))
                            .onErrorReturn("fallback")))
                    .expectNext("fallback")
                    .verifyComplete();
        }

        @Test
        void whatOpensAfterTheCancelIsClosedAtOnce() {
            AtomicReference<MonoSink<String>> connecting = new AtomicReference<>();
            AsyncResource<String> late = AsyncResource.of(
                    Mono.<String>create(connecting::set),
                    (opened, exit) -> Mono.fromRunnable(() -> log.add("close " + opened + " " + exit)));
            StepVerifier.create(AsyncExitStack.using(stack -> Timeouts.moveOnAfter(ofMillis(100), stack.enter(late))
                            .defaultIfEmpty("moved on")))
                    .then(() -> time.advanceTimeBy(ofMillis(100)))
                    .then(() -> connecting.get().success("late"))
                    .expectNext("moved on")
                    .verifyComplete();
            assertThat(log).containsExactly("close late cancelled");
        }

        @Test
        void failureAfterTheCancelIsDropped() {
            TestPublisher<String> connecting = TestPublisher.create();
            List<Throwable> dropped = new ArrayList<>();
            Hooks.onErrorDropped(dropped::add);
            try {
                AsyncExitStack.using(stack -> stack.enter(AsyncResource.of(connecting.mono(), r -> Mono.empty())))
                        .subscribe()
                        .dispose();
                connecting.error(new IOException("late"));
            } finally {
                Hooks.resetOnErrorDropped();
            }
            assertThat(dropped).extracting(Throwable::getMessage).containsExactly("late");
        }

        @Test
        void cancellableOpeningIsCancelledAtOnce() {
            TestPublisher<String> connecting =
                    TestPublisher.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);
            AsyncResource<String> late = AsyncResource.ofCancellable(
                    connecting.mono(), (opened, exit) -> note("close " + opened + " " + exit));
            StepVerifier.create(AsyncExitStack.using(stack -> Timeouts.timeout(stack.enter(late), ofMillis(100))))
                    .then(() -> time.advanceTimeBy(ofMillis(100)))
                    .verifyError(DeadlineExceededException.class);
            connecting.assertCancelled(1);
            connecting.next("disobedient");
            assertThat(log).containsExactly("close disobedient cancelled");
        }

        @Test
        void openingThatIsReadyBeforeDemandWaitsForIt() {
            StepVerifier.create(AsyncExitStack.using(stack -> {
                        StepVerifier.create(stack.enter(resource("a")), 0)
                                .expectSubscription()
                                .thenRequest(1)
                                .expectNext("a")
                                .verifyComplete();
                        return Mono.just("x");
                    }))
                    .expectNext("x")
                    .verifyComplete();
            assertThat(log).containsExactly("open a", "close a completed");
        }

        @Test
        void cancelBeforeTheOpeningOpensNothing() {
            StepVerifier.create(AsyncExitStack.using(
                            stack -> stack.enter(resource("a")).flux().take(0).then(Mono.just("x"))))
                    .expectNext("x")
                    .verifyComplete();
            assertThat(log).isEmpty();
        }

        @Test
        void closedStackRefuses() {
            AtomicReference<AsyncExitStack> kept = new AtomicReference<>();
            AsyncExitStack.using(stack -> {
                        kept.set(stack);
                        assertThat(stack).hasToString("exit stack of 0");
                        return Mono.just("x");
                    })
                    .block();
            StepVerifier.create(kept.get().enter(resource("a"))).verifyError(IllegalStateException.class);
            assertThatIllegalStateException().isThrownBy(() -> kept.get().defer(Mono.empty()));
            assertThat(log).isEmpty();
            assertThat(kept.get()).hasToString("exit stack (closed)");
        }

        @Test
        void whatOpensAfterTheStackIsClosedIsClosedAtOnce() {
            TestPublisher<String> connecting = TestPublisher.create();
            AsyncResource<String> late =
                    AsyncResource.of(connecting.mono(), (opened, exit) -> note("close " + opened + " " + exit));
            AtomicReference<Throwable> error = new AtomicReference<>();
            AsyncExitStack.using(stack -> {
                        stack.enter(late).subscribe(null, error::set);
                        return Mono.just("x");
                    })
                    .block();
            connecting.emit("late");
            assertThat(log).containsExactly("close late cancelled");
            assertThat(error.get()).isInstanceOf(IllegalStateException.class);
        }
    }

    @Nested
    class ForeignResources {

        /** A resource of somebody else's making: it can only be used. */
        private AsyncResource<String> foreign(AsyncResource<String> own) {
            return new AsyncResource<>() {
                @Override
                public <R> Mono<R> use(Function<? super String, ? extends Mono<? extends R>> body) {
                    return own.use(body);
                }

                @Override
                public <R> Flux<R> useMany(Function<? super String, ? extends Flux<? extends R>> body) {
                    return own.useMany(body);
                }

                @Override
                public <U> AsyncResource<U> flatMap(Function<? super String, ? extends AsyncResource<U>> next) {
                    return own.flatMap(next);
                }
            };
        }

        @Test
        void isHeldOpenUntilTheStackIsUndone() {
            StepVerifier.create(AsyncExitStack.using(stack -> stack.enter(foreign(resource("a")))
                            .flatMap(a -> stack.enter(foreign(resource("b"))))
                            .doOnNext(b -> log.add("body"))))
                    .expectNext("b")
                    .verifyComplete();
            assertThat(log).containsExactly("open a", "open b", "body", "close b completed", "close a completed");
            assertThat(foreign(resource("a")).named("x")).isNotNull();
        }

        @Test
        void seesTheFailureOfTheBody() {
            StepVerifier.create(AsyncExitStack.using(
                            stack -> stack.enter(foreign(resource("a"))).then(Mono.error(new IOException("x")))))
                    .verifyErrorMessage("x");
            assertThat(log).containsExactly("open a", "close a failed: java.io.IOException: x");
        }

        @Test
        void seesACancelAsAFailure() {
            Disposable use = AsyncExitStack.using(
                            stack -> stack.enter(foreign(resource("a"))).then(Mono.never()))
                    .subscribe();
            use.dispose();
            assertThat(log)
                    .containsExactly(
                            "open a",
                            "close a failed: " + CancellationException.class.getName()
                                    + ": the exit stack was cancelled");
        }

        @Test
        void failuresToOpenAndToCloseAreSeen() {
            StepVerifier.create(AsyncExitStack.using(stack -> stack.enter(
                            foreign(AsyncResource.of(Mono.<String>error(new IOException("open")), r -> Mono.empty())))))
                    .verifyErrorMessage("open");
            StepVerifier.create(AsyncExitStack.using(stack -> stack.enter(foreign(failing("a")))))
                    .verifyErrorMessage("close a");
        }
    }

    @Test
    void bodyThatReturnsNullFails() {
        StepVerifier.create(AsyncExitStack.using(stack -> null)).verifyErrorMessage("body returned null");
    }

    @Test
    void nullIsRefusedByName() {
        assertThatNullPointerException()
                .isThrownBy(() -> AsyncExitStack.using(null))
                .withMessage("body");
        AsyncExitStack.using(stack -> {
                    assertThatNullPointerException()
                            .isThrownBy(() -> stack.enter(null))
                            .withMessage("resource");
                    assertThatNullPointerException()
                            .isThrownBy(() -> stack.defer((Mono<Void>) null))
                            .withMessage("cleanup");
                    assertThatNullPointerException()
                            .isThrownBy(() -> stack.defer((Function<Exit, Mono<Void>>) null))
                            .withMessage("cleanup");
                    return Mono.just("x");
                })
                .block();
    }

    @Test
    void enterTellsItsState() {
        AsyncExitStack.using(stack -> {
                    Mono<String> enter = stack.enter(AsyncResource.of(Mono.<String>never(), r -> Mono.empty()));
                    assertThat(Scannable.from(enter).stepName()).isEqualTo("enter");
                    assertThat(Scannable.from(enter).scan(Scannable.Attr.PARENT))
                            .isNotNull();
                    assertThat(Scannable.from(enter).scan(Scannable.Attr.RUN_STYLE))
                            .isEqualTo(Scannable.Attr.RunStyle.ASYNC);
                    AtomicReference<Scannable> seen = new AtomicReference<>();
                    Disposable entering = enter.doOnSubscribe(s -> seen.set(Scannable.from(s)))
                            .subscribe();
                    assertThat(seen.get().scan(Scannable.Attr.ACTUAL)).isNotNull();
                    assertThat(seen.get().scan(Scannable.Attr.PARENT)).isNotNull();
                    assertThat(seen.get().scan(Scannable.Attr.TERMINATED)).isFalse();
                    entering.dispose();
                    assertThat(seen.get().scan(Scannable.Attr.CANCELLED)).isTrue();
                    return Mono.just("x");
                })
                .block();
    }
}
