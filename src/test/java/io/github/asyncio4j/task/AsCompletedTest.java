package io.github.asyncio4j.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.asyncio4j.CleanupTimeoutException;
import io.github.asyncio4j.internal.CleanupLedger;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.Scannable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.test.publisher.PublisherProbe;

class AsCompletedTest {

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

    private static Completion<String> completion(int index, String value) {
        return new Completion<>(index, Outcome.success(value));
    }

    @Nested
    class Completions {

        @Test
        void comeAsTheyEndWithTheirIndex() {
            IOException failure = new IOException("x");
            StepVerifier.withVirtualTime(() -> Tasks.asCompleted(List.of(
                            after(4, "a"),
                            after(1, "b"),
                            Mono.delay(Duration.ofSeconds(3)).then(Mono.<String>error(failure)),
                            Mono.delay(Duration.ofSeconds(2)).then(Mono.<String>empty()))))
                    .expectSubscription()
                    .expectNoEvent(SECOND)
                    .expectNext(completion(1, "b"))
                    .expectNoEvent(SECOND)
                    .expectNext(new Completion<>(3, Outcome.empty()))
                    .expectNoEvent(SECOND)
                    .expectNext(new Completion<>(2, Outcome.failure(failure)))
                    .expectNoEvent(SECOND)
                    .expectNext(completion(0, "a"))
                    .verifyComplete();
        }

        @Test
        void ofNothingAreNone() {
            StepVerifier.create(Tasks.asCompleted(List.of())).verifyComplete();
            StepVerifier.create(Tasks.asCompleted(List.of()), 0).verifyComplete();
        }

        @Test
        void ofSynchronousSourcesCountToo() {
            IOException failure = new IOException("x");
            StepVerifier.create(Tasks.asCompleted(
                            List.of(
                                    Mono.just("a"),
                                    Mono.<String>empty(),
                                    Mono.<String>error(failure),
                                    Mono.just("d").hide()),
                            1))
                    .expectNext(
                            completion(0, "a"),
                            new Completion<>(1, Outcome.empty()),
                            new Completion<>(2, Outcome.failure(failure)),
                            completion(3, "d"))
                    .verifyComplete();
        }

        @Test
        void areFreshForEachSubscription() {
            Flux<Completion<String>> flux = Tasks.asCompleted(List.of(Mono.just("a")));
            StepVerifier.create(flux.repeat(1))
                    .expectNext(completion(0, "a"), completion(0, "a"))
                    .verifyComplete();
        }
    }

    @Nested
    class Demand {

        @Test
        void isHonoured() {
            StepVerifier.create(Tasks.asCompleted(List.of(Mono.just("a"), Mono.just("b"), Mono.just("c"))), 0)
                    .expectSubscription()
                    .thenRequest(1)
                    .expectNext(completion(0, "a"))
                    .thenRequest(2)
                    .expectNext(completion(1, "b"), completion(2, "c"))
                    .verifyComplete();
        }

        @Test
        void limitsWhatRunsAndWaitsTogether() {
            AtomicInteger started = new AtomicInteger();
            Iterable<Mono<Integer>> endless = () -> IntStream.iterate(0, i -> i + 1)
                    .peek(i -> started.incrementAndGet())
                    .mapToObj(i -> i % 2 == 0 ? Mono.just(i) : Mono.just(i).hide())
                    .iterator();
            StepVerifier.create(Tasks.asCompleted(endless, 3), 0)
                    .expectSubscription()
                    .then(() -> assertThat(started).hasValue(3))
                    .thenRequest(1)
                    .expectNextCount(1)
                    .then(() -> assertThat(started).hasValue(4))
                    .thenRequest(10)
                    .expectNextCount(10)
                    .then(() -> assertThat(started).hasValue(14))
                    .thenCancel()
                    .verify();
        }

        @Test
        void ofLessThanOneIsAnError() {
            AtomicReference<Throwable> failure = new AtomicReference<>();
            PublisherProbe<String> probe = PublisherProbe.of(Mono.never());
            BaseSubscriber<Completion<String>> subscriber = new BaseSubscriber<>() {
                @Override
                protected void hookOnSubscribe(Subscription s) {
                    s.request(1);
                }

                @Override
                protected void hookOnError(Throwable error) {
                    failure.set(error);
                }
            };
            AtomicReference<Subscription> upstream = new AtomicReference<>();
            Tasks.asCompleted(List.of(probe.mono()))
                    .doOnSubscribe(upstream::set)
                    .subscribe(subscriber);
            upstream.get().request(0);
            assertThat(failure.get())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("3.9");
            probe.assertWasCancelled();
        }

        @Test
        void fromWithinDoesNotNest() {
            int count = 100_000;
            AtomicInteger seen = new AtomicInteger();
            Iterable<Mono<Integer>> sources = () ->
                    IntStream.range(0, count).mapToObj(i -> Mono.just(i).hide()).iterator();
            Tasks.<Integer>asCompleted(sources, 2).subscribe(new BaseSubscriber<>() {
                @Override
                protected void hookOnSubscribe(Subscription s) {
                    s.request(1);
                }

                @Override
                protected void hookOnNext(Completion<Integer> completion) {
                    seen.incrementAndGet();
                    request(1);
                }
            });
            assertThat(seen).hasValue(count);
        }
    }

    @Nested
    class Cancelling {

        @Test
        void cancelsTheRest() {
            PublisherProbe<String> rest = PublisherProbe.of(Mono.never());
            StepVerifier.create(Tasks.asCompleted(List.of(rest.mono(), Mono.just("b")))
                            .take(1))
                    .expectNext(completion(1, "b"))
                    .verifyComplete();
            rest.assertWasCancelled();
        }

        @Test
        void discardsWhatWasNotTaken() {
            StepVerifier.create(
                            watch.over(Tasks.asCompleted(
                                    List.of(Mono.just("a"), Mono.just("b"), Mono.empty(), Mono.<String>never()))),
                            1)
                    .expectNext(completion(0, "a"))
                    .thenCancel()
                    .verify();
            assertThat(watch.discarded).containsExactly("b");
        }

        @Test
        void isAwaitedByTheSurroundingScope() {
            StepVerifier.withVirtualTime(() -> Tasks.gather(List.of(
                            Tasks.asCompleted(List.of(Closing.<String>in(CLOSE), after(2, "a")))
                                    .collectList(),
                            Mono.delay(SECOND).then(Mono.error(new IOException("x"))))))
                    .expectSubscription()
                    .expectNoEvent(SECOND.plus(CLOSE))
                    .verifyError(IOException.class);
        }
    }

    @Nested
    class TheEnd {

        // Its own take leaves the cleanup of one source to the enclosing scope, which is this one.
        private Mono<String> endingWith(Mono<String> closing) {
            return Flux.merge(closing, after(1, "a")).next();
        }

        @Test
        void comesAfterTheCleanupInside() {
            StepVerifier.withVirtualTime(() -> Tasks.asCompleted(List.of(endingWith(Closing.in(CLOSE)))))
                    .expectSubscription()
                    .expectNoEvent(SECOND)
                    .expectNext(completion(0, "a"))
                    .expectNoEvent(CLOSE)
                    .verifyComplete();
        }

        @Test
        void isAnErrorWhenACleanupFailed() {
            IllegalStateException close = new IllegalStateException("close");
            StepVerifier.withVirtualTime(() -> Tasks.asCompleted(List.of(endingWith(Closing.failing(CLOSE, close)))))
                    .expectSubscription()
                    .expectNoEvent(SECOND)
                    .expectNext(completion(0, "a"))
                    .expectNoEvent(CLOSE)
                    .verifyErrorSatisfies(error -> assertThat(error).isSameAs(close));
        }

        @Test
        void doesNotWaitForEver() {
            StepVerifier.withVirtualTime(() -> Tasks.asCompleted(List.of(endingWith(Closing.never("the file")))))
                    .expectSubscription()
                    .expectNoEvent(SECOND)
                    .expectNext(completion(0, "a"))
                    .expectNoEvent(CleanupLedger.DEFAULT_LIMIT)
                    .verifyErrorSatisfies(error -> assertThat(error)
                            .isInstanceOf(CleanupTimeoutException.class)
                            .hasMessageContaining("the file"));
            Closing.OPEN.set(0);
        }

        @Test
        void mayBeCancelledWhileDraining() {
            StepVerifier.withVirtualTime(() -> Tasks.gather(List.of(
                            Tasks.asCompleted(List.of(endingWith(Closing.in(SECOND))))
                                    .collectList(),
                            Mono.delay(Duration.ofMillis(1500)).then(Mono.error(new IOException("x"))))))
                    .expectSubscription()
                    .expectNoEvent(Duration.ofSeconds(2))
                    .verifyError(IOException.class);
        }
    }

    @Nested
    class ABadIterable {

        @Test
        void cancelsWhatRunsAndNamesTheIndex() {
            PublisherProbe<String> running = PublisherProbe.of(Mono.never());
            StepVerifier.create(watch.over(
                            Tasks.asCompleted(Arrays.asList(running.mono(), Mono.just("a"), null, Mono.just("b")))))
                    .verifyErrorMessage("sources[2] is null");
            running.assertWasCancelled();
            assertThat(watch.discarded).containsExactly("a");
        }

        @Test
        void isWaitedForWhenItsSourcesClose() {
            StepVerifier.withVirtualTime(() -> Tasks.asCompleted(Arrays.asList(Closing.<String>in(CLOSE), null)))
                    .expectSubscription()
                    .expectNoEvent(CLOSE)
                    .verifyErrorMessage("sources[1] is null");
        }

        @Test
        void mayThrowAnywhere() {
            IllegalStateException thrown = new IllegalStateException("x");
            Iterable<Mono<String>> noIterator = () -> {
                throw thrown;
            };
            StepVerifier.create(Tasks.asCompleted(noIterator))
                    .verifyErrorSatisfies(error -> assertThat(error).isSameAs(thrown));
            Iterable<Mono<String>> noElement = () -> Stream.of(1, 2)
                    .<Mono<String>>map(i -> {
                        if (i == 2) {
                            throw thrown;
                        }
                        return Mono.never();
                    })
                    .iterator();
            StepVerifier.create(Tasks.asCompleted(noElement)).verifyErrorSatisfies(error -> {
                assertThat(error).isSameAs(thrown);
                assertThat(error.getSuppressed()).singleElement().hasToString("thrown while reading sources[1]");
            });
            Iterable<Mono<String>> nullIterator = () -> null;
            StepVerifier.create(Tasks.asCompleted(nullIterator)).verifyErrorMessage("sources.iterator()");
        }

        @Test
        void needsAPlace() {
            assertThatIllegalArgumentException().isThrownBy(() -> Tasks.asCompleted(List.of(), 0));
        }
    }

    @Test
    void isScannable() {
        AtomicReference<Scannable> found = new AtomicReference<>();
        Sinks.One<String> source = Sinks.one();
        List<Completion<String>> seen = new ArrayList<>();
        Tasks.asCompleted(List.of(source.asMono(), Mono.just("b")))
                .doOnSubscribe(s -> found.set(Scannable.from(s)))
                .subscribe(new BaseSubscriber<>() {
                    @Override
                    protected void hookOnSubscribe(Subscription s) {}

                    @Override
                    protected void hookOnNext(Completion<String> completion) {
                        seen.add(completion);
                    }
                });
        Scannable flux = found.get();
        assertThat(flux.name()).isEqualTo("asCompleted");
        assertThat(flux.scan(Scannable.Attr.BUFFERED)).isOne();
        assertThat(flux.scan(Scannable.Attr.REQUESTED_FROM_DOWNSTREAM)).isZero();
        assertThat(flux.scan(Scannable.Attr.RUN_STYLE)).isEqualTo(Scannable.Attr.RunStyle.SYNC);
        Scannable inner = flux.inners().findFirst().orElseThrow();
        assertThat(inner.scan(Scannable.Attr.ACTUAL)).isSameAs(flux);
        assertThat(inner.scan(Scannable.Attr.TERMINATED)).isFalse();
        source.tryEmitValue("a");
        assertThat(inner.scan(Scannable.Attr.TERMINATED)).isTrue();
        assertThat(flux.inners()).isEmpty();
        assertThat(flux.scan(Scannable.Attr.BUFFERED)).isEqualTo(2);
        assertThat(seen).isEmpty();
    }
}
