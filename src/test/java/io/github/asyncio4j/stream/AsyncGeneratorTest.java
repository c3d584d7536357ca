package io.github.asyncio4j.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.github.asyncio4j.internal.CleanupLedger;
import io.github.asyncio4j.stream.AsyncGenerator.Yielder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Scannable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.publisher.PublisherProbe;
import reactor.test.util.RaceTestUtils;

class AsyncGeneratorTest {

    private static final Duration LIMIT = Duration.ofSeconds(10);

    @Nested
    class OnDemand {

        @Test
        void nothingRunsBeforeTheFirstRequest() {
            PublisherProbe<Void> body = PublisherProbe.empty();
            AtomicInteger calls = new AtomicInteger();
            Flux<String> generated = AsyncGenerator.generate(out -> {
                calls.incrementAndGet();
                return body.mono();
            });
            StepVerifier.create(generated, 0)
                    .expectSubscription()
                    .then(() -> assertThat(calls).hasValue(0))
                    .thenRequest(1)
                    .expectComplete()
                    .verify(LIMIT);
            body.assertWasSubscribed();
        }

        @Test
        void theBodyPausesUntilTheNextIsAskedFor() {
            List<String> log = new ArrayList<>();
            Flux<Integer> squares = AsyncGenerator.generate(out -> Flux.range(0, 3)
                    .concatMap(
                            n -> {
                                log.add("make " + n);
                                return out.emit(n * n);
                            },
                            0)
                    .then(Mono.fromRunnable(() -> log.add("end"))));
            StepVerifier.create(squares, 1)
                    .expectNext(0)
                    .then(() -> assertThat(log).containsExactly("make 0"))
                    .thenRequest(1)
                    .expectNext(1)
                    .then(() -> assertThat(log).containsExactly("make 0", "make 1"))
                    .thenRequest(1)
                    .expectNext(4)
                    .then(() -> assertThat(log).doesNotContain("end"))
                    .thenRequest(1)
                    .expectComplete()
                    .verify(LIMIT);
            assertThat(log).containsExactly("make 0", "make 1", "make 2", "end");
        }

        @Test
        void everySubscriberHasARunOfItsOwn() {
            AtomicInteger runs = new AtomicInteger();
            Flux<Integer> generated = AsyncGenerator.generate(out -> out.emit(runs.incrementAndGet()));
            StepVerifier.create(generated.repeat(2)).expectNext(1, 2, 3).verifyComplete();
        }

        @Test
        void pausesInTheBodyTakeTheirTime() {
            StepVerifier.withVirtualTime(() -> AsyncGenerator.<Integer>generate(out -> Flux.just(3, 2, 1)
                            .concatMap(n -> out.emit(n).then(Mono.delay(Duration.ofSeconds(1))), 0)
                            .then()))
                    .expectSubscription()
                    .expectNext(3)
                    .expectNoEvent(Duration.ofSeconds(1))
                    .expectNext(2)
                    .expectNoEvent(Duration.ofSeconds(1))
                    .expectNext(1)
                    .expectNoEvent(Duration.ofSeconds(1))
                    .expectComplete()
                    .verify(LIMIT);
        }

        @Test
        void aHundredThousandSynchronousEmitsNeedTheStackOfOne() {
            int many = 100_000;
            AtomicInteger next = new AtomicInteger();
            Flux<Integer> generated = AsyncGenerator.generate(out -> Mono.defer(() -> out.emit(next.incrementAndGet()))
                    .repeat(many - 1)
                    .then());
            StepVerifier.create(generated).expectNextCount(many).verifyComplete();
            StepVerifier.create(generated.limitRate(1)).expectNextCount(many).verifyComplete();
        }

        @Test
        void emitAllTakesFromAnotherStreamOnDemand() {
            AtomicInteger made = new AtomicInteger();
            Flux<Integer> source = Flux.<Integer>generate(sink -> sink.next(made.incrementAndGet()));
            Flux<Integer> generated = AsyncGenerator.generate(out -> out.emitAll(source));
            StepVerifier.create(generated, 2)
                    .expectNext(1, 2)
                    .then(() -> assertThat(made).hasValue(2))
                    .thenCancel()
                    .verify(LIMIT);
        }
    }

    @Nested
    class Ending {

        @Test
        void theBodysErrorIsTheStreams() {
            Flux<String> generated = AsyncGenerator.generate(
                    out -> out.emit("a").then(Mono.error(new IllegalStateException("no more"))));
            StepVerifier.create(generated)
                    .expectNext("a")
                    .expectErrorMessage("no more")
                    .verify(LIMIT);
        }

        @Test
        void aBodyThatThrowsOrGivesNullFailsTheStream() {
            StepVerifier.create(AsyncGenerator.generate(out -> {
                        throw new IllegalStateException("thrown");
                    }))
                    .expectErrorMessage("thrown")
                    .verify(LIMIT);
            StepVerifier.create(AsyncGenerator.generate(out -> none()))
                    .expectErrorMessage("generator body returned null")
                    .verify(LIMIT);
        }

        @Test
        void emitAfterTheEndIsAnErrorAndTheValueIsDiscarded() {
            AtomicReference<Yielder<String>> kept = new AtomicReference<>();
            StepVerifier.create(AsyncGenerator.<String>generate(out -> {
                        kept.set(out);
                        return Mono.empty();
                    }))
                    .verifyComplete();
            List<String> discarded = new ArrayList<>();
            StepVerifier.create(kept.get().emit("late").doOnDiscard(String.class, discarded::add))
                    .expectErrorSatisfies(error -> assertThat(error)
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessage("emit(late) after the generator's body had ended"))
                    .verify(LIMIT);
            assertThat(discarded).containsExactly("late");
        }

        @Test
        void aBodyThatEndsWhileItsEmitWaitsEndsTheStream() {
            List<Throwable> errors = new ArrayList<>();
            Flux<String> generated = AsyncGenerator.generate(out -> {
                out.emit("a").subscribe(null, errors::add);
                return Mono.empty();
            });
            StepVerifier.create(generated, 1).expectComplete().verify(LIMIT);
            assertThat(errors).singleElement().isInstanceOf(IllegalStateException.class);
        }

        @Test
        void twoEmitsAtOnceAreAnError() {
            Flux<String> generated = AsyncGenerator.generate(out -> Mono.when(out.emit("a"), out.emit("b")));
            StepVerifier.create(generated, 1)
                    .expectErrorSatisfies(error -> assertThat(error)
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessage("emit(b) came while another emit was waiting:"
                                    + " a generator makes one value at a time"))
                    .verify(LIMIT);
        }

        @Test
        void nullsAreRefused() {
            assertThatNullPointerException()
                    .isThrownBy(() -> AsyncGenerator.generate(none()))
                    .withMessage("body");
            StepVerifier.create(AsyncGenerator.<String>generate(out -> out.emit(none())))
                    .expectErrorMessage("value")
                    .verify(LIMIT);
        }

        private static <T> T none() {
            return Map.<String, T>of().get("none");
        }
    }

    @Nested
    class Cancelling {

        @Test
        void cancelsTheBodyWhereItPauses() {
            PublisherProbe<Void> pause = PublisherProbe.of(Mono.never());
            Flux<String> generated =
                    AsyncGenerator.generate(out -> out.emit("a").then(pause.mono()));
            generated.subscribe().dispose();
            pause.assertWasCancelled();
        }

        @Test
        void cancelsAnEmitThatWaits() {
            AtomicBoolean cancelled = new AtomicBoolean();
            PublisherProbe<Void> rest = PublisherProbe.empty();
            Flux<String> generated = AsyncGenerator.generate(
                    out -> out.emit("a").doOnCancel(() -> cancelled.set(true)).then(rest.mono()));
            StepVerifier.create(generated.take(1)).expectNext("a").verifyComplete();
            assertThat(cancelled).isTrue();
            rest.assertWasNotSubscribed();
        }

        @Test
        void beforeTheFirstRequestTheBodyIsNeverCalled() {
            AtomicInteger calls = new AtomicInteger();
            AtomicReference<Subscription> kept = new AtomicReference<>();
            AsyncGenerator.<String>generate(out -> {
                        calls.incrementAndGet();
                        return Mono.empty();
                    })
                    .subscribe(new BaseSubscriber<>() {
                        @Override
                        protected void hookOnSubscribe(Subscription subscription) {
                            kept.set(subscription);
                            subscription.cancel();
                            subscription.request(1);
                        }
                    });
            assertThat(calls).hasValue(0);
        }

        @Test
        void theBodyMayGiveUpAnEmitAndGoOn() {
            Sinks.Empty<Void> impatience = Sinks.empty();
            Flux<String> generated = AsyncGenerator.generate(out ->
                    Mono.firstWithSignal(out.emit("a"), impatience.asMono()).then(out.emit("b")));
            StepVerifier.create(generated, 1)
                    .expectNext("a")
                    .then(impatience::tryEmitEmpty)
                    .thenRequest(1)
                    .expectNext("b")
                    .thenRequest(1)
                    .expectComplete()
                    .verify(LIMIT);
        }

        @Test
        void aBodyThatDoesNotListenIsToldByItsNextEmit() {
            AtomicReference<Yielder<String>> kept = new AtomicReference<>();
            Disposable running = AsyncGenerator.<String>generate(out -> {
                        kept.set(out);
                        return Mono.never();
                    })
                    .subscribe();
            running.dispose();
            List<String> discarded = new ArrayList<>();
            StepVerifier.create(kept.get().emit("late").doOnDiscard(String.class, discarded::add))
                    .expectErrorSatisfies(error -> assertThat(error)
                            .isInstanceOf(CancellationException.class)
                            .hasMessage("the generator was cancelled"))
                    .verify(LIMIT);
            assertThat(discarded).containsExactly("late");
        }

        /** What the body holds is in the ledger of the scope around the stream, so that scope waits for its closing. */
        @Test
        void theSurroundingScopeWaitsForTheCleanupOfTheBody() {
            CleanupLedger scope = CleanupLedger.open(reactor.util.context.Context.empty(), "scope");
            AtomicReference<CleanupLedger.Entry> resource = new AtomicReference<>();
            Flux<String> generated = AsyncGenerator.generate(out -> Mono.deferContextual(context -> {
                resource.set(CleanupLedger.enter(context, "resource"));
                return out.emit("a").then(Mono.never());
            }));
            StepVerifier.create(generated.take(1).contextWrite(scope::storeIn))
                    .expectNext("a")
                    .verifyComplete();
            AtomicBoolean ended = new AtomicBoolean();
            scope.finish(failures -> ended.set(true));
            assertThat(ended).isFalse();
            resource.get().leave();
            assertThat(ended).isTrue();
        }

        @Test
        void anErrorOfTheBodyAfterTheCancelIsNotLost() {
            List<Throwable> dropped = new ArrayList<>();
            Hooks.onErrorDropped(dropped::add);
            try {
                Disposable running = AsyncGenerator.<String>generate(out -> new Mono<Void>() {
                            @Override
                            public void subscribe(CoreSubscriber<? super Void> actual) {
                                actual.onSubscribe(new Subscription() {
                                    @Override
                                    public void request(long n) {}

                                    @Override
                                    public void cancel() {
                                        actual.onError(new IllegalStateException("closing failed"));
                                    }
                                });
                            }
                        })
                        .subscribe();
                running.dispose();
            } finally {
                Hooks.resetOnErrorDropped();
            }
            assertThat(dropped).singleElement().hasToString("java.lang.IllegalStateException: closing failed");
        }
    }

    @Nested
    class Context {

        @Test
        void theSubscribersContextReachesTheBody() {
            Flux<String> generated =
                    AsyncGenerator.generate(out -> Mono.deferContextual(context -> out.emit(context.get("user"))));
            StepVerifier.create(generated.contextWrite(context -> context.put("user", "ada")))
                    .expectNext("ada")
                    .verifyComplete();
        }

        @Test
        void reactorsToolsSeeTheBodyAndItsEmit() {
            AtomicReference<Scannable> body = new AtomicReference<>();
            AtomicReference<Scannable> emission = new AtomicReference<>();
            AtomicReference<Yielder<String>> yielder = new AtomicReference<>();
            Disposable run = AsyncGenerator.<String>generate(out -> {
                        yielder.set(out);
                        return new Mono<Void>() {
                            @Override
                            public void subscribe(CoreSubscriber<? super Void> actual) {
                                body.set(Scannable.from(actual));
                                actual.onSubscribe(Operators.emptySubscription());
                            }
                        };
                    })
                    .subscribe();
            yielder.get().emit("a").subscribe(new BaseSubscriber<>() {
                @Override
                protected void hookOnSubscribe(Subscription subscription) {
                    emission.set(Scannable.from(subscription));
                    subscription.request(-1);
                    assertThat(emission.get().scan(Scannable.Attr.TERMINATED)).isFalse();
                }
            });
            assertThat(emission.get().scan(Scannable.Attr.TERMINATED)).isTrue();
            assertThat(emission.get().scan(Scannable.Attr.PARENT)).isNotNull();
            assertThat(emission.get().scan(Scannable.Attr.ACTUAL)).isNotNull();
            assertThat(body.get().scan(Scannable.Attr.ACTUAL)).isNotNull();
            assertThat(body.get().scan(Scannable.Attr.PARENT)).isNotNull();
            assertThat(body.get().scan(Scannable.Attr.ERROR)).isNull();
            run.dispose();
        }

        /** Cancelled in its own onSubscribe: nothing was emitted, and the next emit finds the way free. */
        @Test
        void anEmitThatIsCancelledAtOnceEmitsNothing() {
            Flux<String> generated = AsyncGenerator.generate(out -> {
                out.emit("never").subscribe(new BaseSubscriber<>() {
                    @Override
                    protected void hookOnSubscribe(Subscription subscription) {
                        cancel();
                    }
                });
                return out.emit("a");
            });
            StepVerifier.create(generated).expectNext("a").verifyComplete();
        }

        @Test
        void reactorsToolsSeeTheRun() {
            AtomicReference<Subscription> kept = new AtomicReference<>();
            AtomicReference<Yielder<String>> out = new AtomicReference<>();
            AsyncGenerator.<String>generate(yielder -> {
                        out.set(yielder);
                        return yielder.emit("a");
                    })
                    .subscribe(new BaseSubscriber<>() {
                        @Override
                        protected void hookOnSubscribe(Subscription subscription) {
                            kept.set(subscription);
                            subscription.request(1);
                        }
                    });
            Scannable run = Scannable.from(kept.get());
            assertThat(run.scan(Scannable.Attr.REQUESTED_FROM_DOWNSTREAM)).isEqualTo(1);
            assertThat(run.scan(Scannable.Attr.CANCELLED)).isFalse();
            assertThat(run.scan(Scannable.Attr.TERMINATED)).isFalse();
            assertThat(run.scan(Scannable.Attr.ACTUAL)).isNotNull();
            kept.get().request(1);
            assertThat(run.scan(Scannable.Attr.TERMINATED)).isTrue();
            assertThat(run.scan(Scannable.Attr.ERROR)).isNull();
        }
    }

    @Nested
    class Races {

        private static final int ROUNDS = 10_000;

        @Test
        void cancelledEmitAgainstItsSubscriptionLeavesTheWayFree() {
            for (int round = 0; round < ROUNDS; round++) {
                AtomicReference<Yielder<Integer>> kept = new AtomicReference<>();
                List<Integer> seen = java.util.Collections.synchronizedList(new ArrayList<>());
                Disposable running = AsyncGenerator.<Integer>generate(out -> {
                            kept.set(out);
                            return Mono.never();
                        })
                        .subscribe(seen::add);
                BaseSubscriber<Void> emitting = new BaseSubscriber<>() {};
                Mono<Void> emit = kept.get().emit(1);
                RaceTestUtils.race(() -> emit.subscribe(emitting), emitting::cancel);
                kept.get().emit(2).subscribe();
                assertThat(seen).endsWith(2);
                running.dispose();
            }
        }

        @Test
        void cancelAgainstEmitLosesNoValue() {
            for (int round = 0; round < ROUNDS; round++) {
                List<Integer> seen = java.util.Collections.synchronizedList(new ArrayList<>());
                AtomicReference<Yielder<Integer>> kept = new AtomicReference<>();
                Disposable running = AsyncGenerator.<Integer>generate(out -> {
                            kept.set(out);
                            return Mono.never();
                        })
                        .subscribe(seen::add);
                Mono<Void> emit = kept.get().emit(round).doOnDiscard(Integer.class, seen::add);
                RaceTestUtils.race(running::dispose, () -> emit.subscribe(null, error -> {}));
                assertThat(seen).as("round %d", round).containsExactly(round);
            }
        }

        @Test
        void requestAgainstRequestKeepsTheOrder() {
            for (int round = 0; round < ROUNDS / 10; round++) {
                List<Integer> seen = new ArrayList<>();
                BaseSubscriber<Integer> consumer = new BaseSubscriber<>() {
                    @Override
                    protected void hookOnSubscribe(Subscription subscription) {}

                    @Override
                    protected void hookOnNext(Integer value) {
                        seen.add(value);
                    }
                };
                AsyncGenerator.<Integer>generate(
                                out -> Flux.range(0, 20).concatMap(out::emit, 0).then())
                        .subscribe(consumer);
                RaceTestUtils.race(() -> consumer.request(10), () -> consumer.request(10));
                assertThat(seen).hasSize(20).isSorted();
            }
        }

        @Test
        void bodiesMayChangeThreads() {
            Flux<Integer> generated = AsyncGenerator.generate(out -> Flux.range(0, 1_000)
                    .concatMap(n -> out.emit(n).subscribeOn(Schedulers.parallel()), 0)
                    .then());
            StepVerifier.create(generated.publishOn(Schedulers.single(), 1))
                    .expectNextCount(1_000)
                    .expectComplete()
                    .verify(LIMIT);
        }
    }
}
