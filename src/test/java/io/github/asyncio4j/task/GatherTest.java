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
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import reactor.core.Scannable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.test.publisher.PublisherProbe;
import reactor.test.publisher.TestPublisher;
import reactor.util.context.Context;
import reactor.util.function.Tuples;

class GatherTest {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration CLOSE = Duration.ofMillis(300);

    private final Watch watch = new Watch();

    @BeforeEach
    @AfterEach
    void allClosed() {
        assertThat(Closing.OPEN.getAndSet(0)).isZero();
        assertThat(watch.dropped).isEmpty();
    }

    private static Mono<String> after(int seconds, String value) {
        return Mono.delay(Duration.ofSeconds(seconds)).thenReturn(value);
    }

    private static <T> Mono<T> failAfter(int seconds, Throwable error) {
        return Mono.delay(Duration.ofSeconds(seconds)).then(Mono.error(error));
    }

    private static <T> Mono<T> started(AtomicInteger count, Mono<T> source) {
        return source.doOnSubscribe(s -> count.incrementAndGet());
    }

    @Nested
    class Values {

        @Test
        void keepTheOrderOfTheArguments() {
            List<String> order = new ArrayList<>();
            StepVerifier.withVirtualTime(() -> Tasks.gather(List.of(
                            after(2, "a").doOnNext(order::add),
                            after(1, "b").doOnNext(order::add),
                            after(3, "c").doOnNext(order::add))))
                    .expectSubscription()
                    .expectNoEvent(Duration.ofSeconds(3))
                    .expectNext(List.of("a", "b", "c"))
                    .verifyComplete();
            assertThat(order).containsExactly("b", "a", "c");
        }

        @Test
        void ofNothingAreAnEmptyListAtOnce() {
            StepVerifier.create(Tasks.gather(List.<Mono<String>>of()))
                    .expectNext(List.of())
                    .verifyComplete();
            StepVerifier.create(Tasks.gatherSettled(List.<Mono<String>>of(), 3))
                    .expectNext(List.of())
                    .verifyComplete();
            StepVerifier.create(Tasks.join(List.of())).verifyComplete();
        }

        @Test
        void ofDifferentTypesAreATuple() {
            Mono<Integer> one = Mono.just(1);
            Mono<String> two = Mono.just("2").hide();
            StepVerifier.create(Tasks.gather(one, two))
                    .expectNext(Tuples.of(1, "2"))
                    .verifyComplete();
            StepVerifier.create(Tasks.gather(one, two, one))
                    .expectNext(Tuples.of(1, "2", 1))
                    .verifyComplete();
            StepVerifier.create(Tasks.gather(one, two, one, two))
                    .expectNext(Tuples.of(1, "2", 1, "2"))
                    .verifyComplete();
            StepVerifier.create(Tasks.gather(one, two, one, two, one))
                    .expectNext(Tuples.of(1, "2", 1, "2", 1))
                    .verifyComplete();
            StepVerifier.create(Tasks.gather(one, two, one, two, one, two))
                    .expectNext(Tuples.of(1, "2", 1, "2", 1, "2"))
                    .verifyComplete();
            StepVerifier.create(Tasks.gather(one, two, one, two, one, two, one))
                    .expectNext(Tuples.of(1, "2", 1, "2", 1, "2", 1))
                    .verifyComplete();
            StepVerifier.create(Tasks.gather(one, two, one, two, one, two, one, two))
                    .expectNext(Tuples.of(1, "2", 1, "2", 1, "2", 1, "2"))
                    .verifyComplete();
        }

        @Test
        void areHeldBackUntilRequested() {
            StepVerifier.create(Tasks.gather(List.of(Mono.just(1), Mono.just(2).hide())), 0)
                    .expectSubscription()
                    .thenRequest(1)
                    .expectNext(List.of(1, 2))
                    .verifyComplete();
        }

        @Test
        void waitForTheEndOfTheirSourceNotOnlyForItsValue() {
            Sinks.Many<String> flux = Sinks.many().unicast().onBackpressureBuffer();
            StepVerifier.create(Tasks.gather(List.of(Mono.fromDirect(flux.asFlux()))))
                    .then(() -> flux.tryEmitNext("a"))
                    .expectNoEvent(Duration.ofMillis(1))
                    .then(flux::tryEmitComplete)
                    .expectNext(List.of("a"))
                    .verifyComplete();
        }

        @Test
        void ofASourceGivenTwiceAreTakenTwice() {
            AtomicInteger count = new AtomicInteger();
            Mono<Integer> source = Mono.fromSupplier(count::incrementAndGet);
            StepVerifier.create(Tasks.gather(List.of(source, source)))
                    .expectNext(List.of(1, 2))
                    .verifyComplete();
        }

        @Test
        void areFreshForEachSubscription() {
            AtomicInteger count = new AtomicInteger();
            Mono<List<Integer>> gather = Tasks.gather(List.of(Mono.fromSupplier(count::incrementAndGet)));
            StepVerifier.create(gather.repeat(2))
                    .expectNext(List.of(1), List.of(2), List.of(3))
                    .verifyComplete();
        }
    }

    @Nested
    class AFailure {

        @Test
        void isSignalledAsItIsAndCancelsTheSiblings() {
            IOException failure = new IOException("second");
            PublisherProbe<String> sibling = PublisherProbe.of(after(5, "x"));
            StepVerifier.withVirtualTime(() -> Tasks.gather(List.of(sibling.mono(), failAfter(1, failure))))
                    .expectSubscription()
                    .expectNoEvent(SECOND)
                    .verifyErrorSatisfies(error -> assertThat(error).isSameAs(failure));
            sibling.assertWasCancelled();
        }

        @Test
        void isSeenAfterTheCleanupOfTheSiblings() {
            StepVerifier.withVirtualTime(() -> Tasks.gather(List.of(
                            Closing.<String>in(CLOSE), failAfter(1, new IOException("x")), Closing.<String>in(CLOSE))))
                    .expectSubscription()
                    .expectNoEvent(SECOND.plus(CLOSE))
                    .verifyError(IOException.class);
        }

        @Test
        void carriesTheFailureOfTheCleanup() {
            IllegalStateException close = new IllegalStateException("close");
            StepVerifier.withVirtualTime(() -> Tasks.gather(List.of(
                            Closing.<String>failing(CLOSE, close),
                            GatherTest.<String>failAfter(1, new IOException("x")))))
                    .expectSubscription()
                    .expectNoEvent(SECOND.plus(CLOSE))
                    .verifyErrorSatisfies(error -> {
                        assertThat(error).isInstanceOf(IOException.class).hasSuppressedException(close);
                        assertThat(TaskFailures.of(error)).containsExactly(error, close);
                        assertThat(TaskFailures.of(error, IllegalStateException.class))
                                .containsExactly(close);
                    });
        }

        @Test
        void doesNotWaitForCleanupThatNeverEnds() {
            StepVerifier.withVirtualTime(() -> Tasks.gather(List.of(
                            Closing.<String>never("the database"),
                            GatherTest.<String>failAfter(1, new IOException("x")))))
                    .expectSubscription()
                    .expectNoEvent(SECOND.plus(CleanupLedger.DEFAULT_LIMIT))
                    .verifyErrorSatisfies(error -> assertThat(TaskFailures.of(error, CleanupTimeoutException.class))
                            .singleElement()
                            .satisfies(timeout -> {
                                assertThat(timeout.unfinished()).containsExactly("the database");
                                assertThat(timeout).hasMessageContaining("gather");
                            }));
            Closing.OPEN.set(0);
        }

        @Test
        void ofASiblingDuringTheDrainIsKept() {
            IllegalStateException late = new IllegalStateException("late");
            TestPublisher<String> sibling =
                    TestPublisher.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);
            StepVerifier.withVirtualTime(() -> Tasks.gather(List.of(
                            sibling.mono(),
                            Closing.<String>in(CLOSE),
                            GatherTest.<String>failAfter(1, new IOException()))))
                    .thenAwait(SECOND)
                    .then(() -> sibling.error(late))
                    .thenAwait(CLOSE)
                    .verifyErrorSatisfies(
                            error -> assertThat(TaskFailures.of(error)).containsExactly(error, late));
        }

        @Test
        void startsNoFurtherSource() {
            AtomicInteger count = new AtomicInteger();
            StepVerifier.create(Tasks.gather(
                            List.of(
                                    started(count, Mono.just(1)),
                                    started(count, Mono.error(new IOException("x"))),
                                    started(count, Mono.just(2))),
                            1))
                    .verifyError(IOException.class);
            assertThat(count).hasValue(2);
        }

        @Test
        void discardsTheValuesThatWereThere() {
            StepVerifier.create(watch.over(Tasks.gather(
                            List.of(Mono.just("a"), Mono.just("b").hide(), Mono.error(new IOException("x"))))))
                    .verifyError(IOException.class);
            assertThat(watch.discarded).containsExactlyInAnyOrder("a", "b");
        }

        @Test
        void ofATaskThatSomebodyElseCancelledCounts() {
            CancellationException cancelled = new CancellationException("task 7");
            StepVerifier.create(Tasks.gather(List.of(Mono.never(), Mono.error(cancelled))))
                    .verifyErrorSatisfies(error -> assertThat(error).isSameAs(cancelled));
        }

        @Test
        void thrownByACallableIsAFailure() {
            StepVerifier.create(Tasks.gather(List.of(Mono.fromCallable(() -> {
                        throw new IOException("call");
                    }))))
                    .verifyErrorMessage("call");
        }
    }

    @Nested
    class AnEmptySource {

        @Test
        void failsWithItsIndex() {
            StepVerifier.create(Tasks.gather(List.of(Mono.just(1), Mono.empty())))
                    .verifyErrorSatisfies(error -> assertThat(error)
                            .isInstanceOf(NoSuchElementException.class)
                            .hasMessageContaining("source 1"));
            StepVerifier.create(Tasks.gather(Mono.just(1), Mono.empty().hide()))
                    .verifyErrorSatisfies(error -> assertThat(error)
                            .isInstanceOf(NoSuchElementException.class)
                            .hasMessageContaining("source 1"));
        }

        @Test
        void isFineForJoin() {
            List<String> ran = new ArrayList<>();
            StepVerifier.withVirtualTime(() -> Tasks.join(
                            Tasks.sleep(SECOND).doOnSuccess(v -> ran.add("a")),
                            Tasks.sleep(SECOND).doOnSuccess(v -> ran.add("b")),
                            Tasks.sleep(SECOND).doOnSuccess(v -> ran.add("c"))))
                    .expectSubscription()
                    .expectNoEvent(SECOND)
                    .verifyComplete();
            assertThat(ran).containsExactly("a", "b", "c");
        }

        @Test
        void isAnOutcomeForSettled() {
            StepVerifier.create(Tasks.gatherSettled(List.of(Mono.just(1), Mono.<Integer>empty())))
                    .expectNext(List.of(Outcome.success(1), Outcome.empty()))
                    .verifyComplete();
        }
    }

    @Nested
    class Settled {

        @Test
        void tellsEachOutcomeByPosition() {
            IOException failure = new IOException("x");
            StepVerifier.withVirtualTime(() -> Tasks.gatherSettled(
                            List.of(after(1, "a"), GatherTest.<String>failAfter(2, failure), after(3, "c"))))
                    .expectSubscription()
                    .expectNoEvent(Duration.ofSeconds(3))
                    .expectNext(List.of(Outcome.success("a"), Outcome.failure(failure), Outcome.success("c")))
                    .verifyComplete();
        }

        @Test
        void takesSynchronousFailuresToo() {
            IOException failure = new IOException("x");
            StepVerifier.create(Tasks.gatherSettled(
                            List.of(Mono.error(failure), Mono.error(failure).hide()), 1))
                    .expectNext(List.of(Outcome.failure(failure), Outcome.failure(failure)))
                    .verifyComplete();
        }

        @Test
        void discardsWhatItHasWhenCancelled() {
            watch.over(Tasks.gatherSettled(
                            List.of(Mono.just("a"), Mono.error(new IOException()), Mono.empty(), Mono.<String>never())))
                    .subscribe()
                    .dispose();
            assertThat(watch.discarded).containsExactly("a");
        }
    }

    @Nested
    class Bounded {

        @Test
        void runsSoManyAtATime() {
            AtomicInteger running = new AtomicInteger();
            AtomicInteger peak = new AtomicInteger();
            StepVerifier.withVirtualTime(() -> Tasks.gather(
                            IntStream.range(0, 100)
                                    .mapToObj(i -> Mono.delay(SECOND)
                                            .thenReturn(i)
                                            .doOnTerminate(running::decrementAndGet)
                                            .doOnSubscribe(
                                                    s -> peak.accumulateAndGet(running.incrementAndGet(), Math::max)))
                                    .toList(),
                            10))
                    .expectSubscription()
                    .expectNoEvent(Duration.ofSeconds(10))
                    .expectNext(IntStream.range(0, 100).boxed().toList())
                    .verifyComplete();
            assertThat(peak).hasValue(10);
            assertThat(running).hasValue(0);
        }

        @Test
        void doesNotNestSynchronousSources() {
            List<Mono<Integer>> sources = IntStream.range(0, 100_000)
                    .mapToObj(i -> Mono.just(i).hide())
                    .toList();
            List<Integer> expected = IntStream.range(0, 100_000).boxed().toList();
            for (int concurrency : new int[] {1, 7, Integer.MAX_VALUE}) {
                StepVerifier.create(Tasks.gather(sources, concurrency))
                        .expectNext(expected)
                        .verifyComplete();
                StepVerifier.create(Tasks.asCompleted(sources, concurrency).count())
                        .expectNext(100_000L)
                        .verifyComplete();
            }
        }

        @Test
        void needsAtLeastOnePlace() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Tasks.gather(List.of(), 0))
                    .withMessage("concurrency must be at least 1, but is 0");
        }
    }

    @Nested
    class Map {

        @Test
        void callsTheFunctionWhenThereIsAPlace() {
            AtomicInteger calls = new AtomicInteger();
            StepVerifier.withVirtualTime(() -> Tasks.map(List.of(1, 2, 3), 2, i -> {
                        calls.incrementAndGet();
                        return after(i, "v" + i);
                    }))
                    .expectSubscription()
                    .then(() -> assertThat(calls).hasValue(2))
                    .thenAwait(SECOND)
                    .then(() -> assertThat(calls).hasValue(3))
                    .thenAwait(Duration.ofSeconds(3))
                    .expectNext(List.of("v1", "v2", "v3"))
                    .verifyComplete();
        }

        @Test
        void signalsWhatTheFunctionThrowsAndSaysWhere() {
            IllegalStateException thrown = new IllegalStateException("x");
            Mono<List<String>> map = Tasks.map(List.of(1, 2, 3), 1, i -> {
                if (i == 3) {
                    throw thrown;
                }
                return Mono.just("v" + i);
            });
            for (int time = 0; time < 2; time++) {
                StepVerifier.create(map).verifyErrorSatisfies(error -> {
                    assertThat(error).isSameAs(thrown);
                    assertThat(error.getSuppressed())
                            .singleElement()
                            .hasToString("thrown while calling f of map for items[2]");
                });
            }
        }

        @Test
        void takesNullForAnError() {
            StepVerifier.create(Tasks.map(List.of(1), 1, i -> null))
                    .verifyErrorSatisfies(error -> assertThat(error)
                            .isInstanceOf(NullPointerException.class)
                            .hasMessage("f of map returned null for items[0]"));
        }
    }

    @Nested
    class ABadIterable {

        @Test
        void withANullElementNamesTheIndexAndRunsNothing() {
            PublisherProbe<String> probe = PublisherProbe.empty();
            StepVerifier.create(Tasks.gather(Arrays.asList(probe.mono(), null)))
                    .verifyErrorSatisfies(error -> assertThat(error)
                            .isInstanceOf(NullPointerException.class)
                            .hasMessage("sources[1] is null"));
            probe.assertWasNotSubscribed();
        }

        @Test
        void thatThrowsNamesTheIndex() {
            RuntimeException thrown = new IllegalStateException("x");
            Iterable<Mono<String>> sources = () -> new Iterator<>() {
                private int given;

                @Override
                public boolean hasNext() {
                    return true;
                }

                @Override
                public Mono<String> next() {
                    if (given++ == 2) {
                        throw thrown;
                    }
                    return Mono.just("a");
                }
            };
            StepVerifier.create(Tasks.gather(sources)).verifyErrorSatisfies(error -> {
                assertThat(error).isSameAs(thrown);
                assertThat(error.getSuppressed()).singleElement().hasToString("thrown while reading sources[2]");
            });
        }

        @Test
        void thatIsNullIsRefusedAtOnce() {
            assertThatNullPointerException()
                    .isThrownBy(() -> Tasks.gather((Iterable<Mono<String>>) null))
                    .withMessage("sources");
            assertThatNullPointerException()
                    .isThrownBy(() -> Tasks.gather(Mono.empty(), null))
                    .withMessage("b");
        }

        @Test
        void isReadForEachSubscription() {
            List<Mono<Integer>> sources = new ArrayList<>(List.of(Mono.just(1)));
            Mono<List<Integer>> gather = Tasks.gather(sources);
            sources.add(Mono.just(2));
            StepVerifier.create(gather).expectNext(List.of(1, 2)).verifyComplete();
        }
    }

    @Nested
    class Cancelling {

        @Test
        void cancelsAllSources() {
            PublisherProbe<String> first = PublisherProbe.of(Mono.never());
            PublisherProbe<String> second = PublisherProbe.of(Mono.never());
            watch.over(Tasks.gather(List.of(first.mono(), Mono.just("a"), second.mono())))
                    .subscribe()
                    .dispose();
            first.assertWasCancelled();
            second.assertWasCancelled();
            assertThat(watch.discarded).containsExactly("a");
        }

        @Test
        void isAwaitedByTheSurroundingScope() {
            StepVerifier.withVirtualTime(() -> Tasks.gather(List.of(
                            Tasks.gather(List.of(Closing.<String>in(CLOSE))),
                            GatherTest.<List<String>>failAfter(1, new IOException("x")))))
                    .expectSubscription()
                    .expectNoEvent(SECOND.plus(CLOSE))
                    .verifyError(IOException.class);
        }

        @Test
        void whileDrainingAFailureTellsTheSurroundingScope() {
            IOException inner = new IOException("inner");
            IllegalStateException outer = new IllegalStateException("outer");
            StepVerifier.withVirtualTime(() -> Tasks.gather(List.of(
                            Tasks.gather(List.of(Closing.<String>in(SECOND), GatherTest.<String>failAfter(1, inner))),
                            Mono.delay(Duration.ofMillis(1500)).then(Mono.<List<String>>error(outer)))))
                    .expectSubscription()
                    .expectNoEvent(Duration.ofSeconds(2))
                    .verifyErrorSatisfies(
                            error -> assertThat(TaskFailures.of(error)).containsExactly(outer, inner));
        }

        @Test
        void beforeTheFirstRequestDiscardsTheResult() {
            BaseSubscriber<List<String>> subscriber = new BaseSubscriber<>() {
                @Override
                protected void hookOnSubscribe(org.reactivestreams.Subscription s) {}
            };
            watch.over(Tasks.gather(List.of(Mono.just("a"), Mono.just("b").hide())))
                    .subscribe(subscriber);
            subscriber.cancel();
            subscriber.cancel();
            assertThat(watch.discarded).containsExactly("a", "b");
        }
    }

    @Nested
    class AsASubscriber {

        @Test
        void passesTheContextOn() {
            StepVerifier.create(Tasks.gather(List.of(Mono.deferContextual(c -> Mono.just(c.<String>get("key")))))
                            .contextWrite(Context.of("key", "value")))
                    .expectNext(List.of("value"))
                    .verifyComplete();
        }

        @Test
        void isScannable() {
            AtomicReference<Scannable> found = new AtomicReference<>();
            Sinks.One<String> source = Sinks.one();
            StepVerifier.create(Tasks.gather(List.of(source.asMono(), Mono.just("b")))
                            .doOnSubscribe(s -> found.set(Scannable.from(s))))
                    .expectSubscription()
                    .then(() -> {
                        Scannable gather = found.get();
                        assertThat(gather.name()).isEqualTo("gather");
                        assertThat(gather.scan(Scannable.Attr.TERMINATED)).isFalse();
                        assertThat(gather.inners()).singleElement().satisfies(leaf -> {
                            Scannable scannable = (Scannable) leaf;
                            assertThat(scannable.scan(Scannable.Attr.ACTUAL)).isSameAs(gather);
                            assertThat(scannable.scan(Scannable.Attr.TERMINATED))
                                    .isFalse();
                        });
                    })
                    .then(() -> source.tryEmitValue("a"))
                    .expectNext(List.of("a", "b"))
                    .verifyComplete();
            assertThat(found.get().scan(Scannable.Attr.TERMINATED)).isTrue();
        }
    }

    @Test
    void sleepZeroAndMore() {
        StepVerifier.withVirtualTime(() -> Tasks.sleep(Duration.ZERO).thenReturn(1))
                .expectNext(1)
                .verifyComplete();
        assertThatIllegalArgumentException().isThrownBy(() -> Tasks.sleep(Duration.ofMillis(-1)));
        Mono<Void> madeOutside = Tasks.sleep(SECOND);
        StepVerifier.withVirtualTime(() -> madeOutside)
                .expectSubscription()
                .expectNoEvent(SECOND)
                .verifyComplete();
    }
}
