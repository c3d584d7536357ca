package io.github.asyncio4j.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.AbstractCollection;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.Disposable;
import reactor.core.Scannable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** Sources that break the rules, functions that cancel what calls them, schedulers that are gone. */
class FanOutMisbehaviourTest {

    private final Watch watch = new Watch();
    private final Hand<String> hand = new Hand<>();

    @AfterEach
    void realClock() {
        Schedulers.resetFactory();
    }

    private static final class Held<T> extends BaseSubscriber<T> {
        final List<T> values = new ArrayList<>();
        final List<Throwable> errors = new ArrayList<>();

        @Override
        protected void hookOnNext(T value) {
            values.add(value);
        }

        @Override
        protected void hookOnError(Throwable error) {
            errors.add(error);
        }
    }

    private <T> Held<T> subscribe(Mono<T> mono) {
        Held<T> held = new Held<>();
        watch.over(mono).subscribe(held);
        return held;
    }

    @Nested
    class ASource {

        @Test
        void thatGivesTwoValuesIsTakenAtTheFirst() {
            Held<List<String>> held = subscribe(Tasks.gather(List.of(hand)));
            hand.subscriber().onNext("first");
            hand.subscriber().onNext("second");
            hand.subscriber().onComplete();
            hand.subscriber().onNext("third");
            hand.subscriber().onComplete();
            assertThat(held.values).containsExactly(List.of("first"));
            assertThat(watch.nextDropped).containsExactly("second", "third");
            assertThat(watch.discarded).isEmpty();
        }

        @Test
        void thatGivesAValueAfterItsCancelHasItDiscarded() {
            Held<List<String>> held = subscribe(Tasks.gather(List.of(hand)));
            held.cancel();
            hand.subscriber().onNext("late");
            hand.subscriber().onComplete();
            assertThat(watch.discarded).containsExactly("late");
        }

        @Test
        void thatIsCancelledBetweenItsValueAndItsEndHasItDiscarded() {
            Held<List<String>> held = subscribe(Tasks.gather(List.of(hand)));
            hand.subscriber().onNext("value");
            held.cancel();
            held.cancel();
            hand.subscriber().onComplete();
            assertThat(watch.discarded).containsExactly("value");
        }

        @Test
        void thatFailsAfterItsValueHasFailed() {
            Held<List<String>> held = subscribe(Tasks.gather(List.of(hand)));
            hand.subscriber().onNext("value");
            hand.subscriber().onError(new IOException("x"));
            assertThat(watch.discarded).containsExactly("value");
            assertThat(held.errors).singleElement().isInstanceOf(IOException.class);
        }

        @Test
        void thatFailsTwiceHasTheSecondDropped() {
            Held<List<String>> held = subscribe(Tasks.gather(List.of(hand)));
            IOException second = new IOException("second");
            hand.subscriber().onError(new IOException("first"));
            hand.subscriber().onError(second);
            hand.subscriber().onError(new CancellationException());
            assertThat(held.errors).singleElement().satisfies(e -> assertThat(e).hasMessage("first"));
            assertThat(watch.dropped).containsExactly(second);
        }

        @Test
        void thatSubscribesTwiceHasTheSecondCancelled() {
            Held<List<String>> held = subscribe(Tasks.gather(List.of(hand)));
            AtomicReference<String> second = new AtomicReference<>("running");
            hand.subscriber().onSubscribe(new Subscription() {
                @Override
                public void request(long n) {}

                @Override
                public void cancel() {
                    second.set("cancelled");
                }
            });
            hand.emit("a");
            assertThat(second).hasValue("cancelled");
            assertThat(held.values).containsExactly(List.of("a"));
        }

        @Test
        void thatNeverSendsItsSubscriptionMayStillEnd() {
            Mono<String> silent = new Mono<>() {
                @Override
                public void subscribe(reactor.core.CoreSubscriber<? super String> actual) {
                    actual.onComplete();
                }
            };
            StepVerifier.create(Tasks.gatherSettled(List.of(silent)))
                    .expectNext(List.of(Outcome.empty()))
                    .verifyComplete();
        }

        @Test
        void thatComesSecondInARaceHasItsValueDiscarded() {
            Hand<String> other = new Hand<>();
            Held<String> held = subscribe(Tasks.race(List.of(hand, other)));
            hand.emit("first");
            other.subscriber().onNext("second");
            other.subscriber().onComplete();
            other.subscriber().onError(new IOException("nobody wants to know"));
            assertThat(held.values).containsExactly("first");
            assertThat(watch.discarded).containsExactly("second");
            assertThat(watch.dropped).isEmpty();
        }
    }

    @Nested
    class AFunction {

        private final AtomicReference<Disposable> whole = new AtomicReference<>();

        private String cancelling() {
            whole.get().dispose();
            return "too late";
        }

        private <T> void run(Flux<T> flux) {
            Held<T> held = new Held<>();
            whole.set(held);
            watch.over(flux).subscribe(held);
            assertThat(held.values).isEmpty();
            assertThat(held.errors).isEmpty();
        }

        @Test
        void thatCancelsTheGatherItIsCalledFromHasItsValueDiscarded() {
            run(Tasks.gather(List.of(Mono.just("before"), Mono.fromCallable(this::cancelling), Mono.just("never")))
                    .flux());
            assertThat(watch.discarded).containsExactly("before", "too late");
        }

        @Test
        void thatCancelsTheSettledGatherHasItsValueDiscarded() {
            run(Tasks.gatherSettled(List.of(Mono.just("before"), Mono.fromCallable(this::cancelling)))
                    .flux());
            assertThat(watch.discarded).containsExactly("before", "too late");
        }

        @Test
        void thatCancelsTheMapItIsCalledFromHasItsSourceGivenUp() {
            run(Tasks.map(List.of(1, 2), 1, i -> {
                        cancelling();
                        return hand;
                    })
                    .flux());
            hand.emit("nobody");
            assertThat(hand.heldBack).hasValue(1);
        }

        @Test
        void thatCancelsAsCompletedHasItsValueDiscarded() {
            run(Tasks.asCompleted(List.of(Mono.fromCallable(this::cancelling), Mono.just("never"))));
            assertThat(watch.discarded).containsExactly("too late");
        }

        @Test
        void thatIsAnIteratorMayCancelToo() {
            Iterable<Mono<String>> sources = () -> new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return true;
                }

                @Override
                public Mono<String> next() {
                    cancelling();
                    return hand;
                }
            };
            run(Tasks.asCompleted(sources));
            assertThat(hand.isSubscribed()).isFalse();
        }
    }

    @Nested
    class AFatalError {

        @Test
        void isRethrownAndTheScopeEndsAllTheSame() {
            StackOverflowError fatal = new StackOverflowError();
            Held<List<String>> held = new Held<>();
            Mono<List<String>> map = Tasks.map(List.of(1, 2), 2, i -> {
                if (i == 2) {
                    throw fatal;
                }
                return hand;
            });
            assertThatThrownBy(() -> map.subscribe(held)).isSameAs(fatal);
            assertThat(held.errors).containsExactly(fatal);
            hand.emit("nobody");
            assertThat(hand.heldBack).hasValue(1);
        }
    }

    @Nested
    class JoinAndValues {

        @Test
        void discardsThem() {
            Held<Void> held = subscribe(Tasks.join(List.of(Mono.just("complete"), hand)));
            hand.emit("later");
            assertThat(held.isDisposed()).isTrue();
            assertThat(watch.discarded).containsExactly("complete", "later");
        }

        @Test
        void outcomesThatAreValuesAreValues() {
            Held<List<Outcome<String>>> held =
                    subscribe(Tasks.gather(List.of(Mono.just(Outcome.success("a")), Mono.<Outcome<String>>never())));
            held.cancel();
            assertThat(watch.discarded)
                    .as("the outcome itself was discarded, not what is in it")
                    .isEmpty();
        }
    }

    @Nested
    class AnIterable {

        @Test
        void thatIsACollectionWithATypedArray() {
            AbstractCollection<Mono<String>> sources = new AbstractCollection<>() {
                @Override
                public Iterator<Mono<String>> iterator() {
                    return List.of(Mono.just("a"), Mono.just("b")).iterator();
                }

                @Override
                public int size() {
                    return 2;
                }

                @Override
                public Object[] toArray() {
                    return toArray(new Mono<?>[0]);
                }
            };
            StepVerifier.create(Tasks.gather(sources))
                    .expectNext(List.of("a", "b"))
                    .verifyComplete();
        }

        @Test
        void thatThrowsWhatWasMarkedByAnother() {
            IllegalStateException thrown = new IllegalStateException();
            thrown.addSuppressed(new IOException("something else"));
            Iterable<Mono<String>> sources = () -> {
                throw thrown;
            };
            for (int time = 0; time < 3; time++) {
                StepVerifier.create(Tasks.gather(sources)).verifyErrorMatches(error -> error == thrown);
            }
            assertThat(thrown.getSuppressed()).hasSize(2);
        }
    }

    @Test
    void hedgeWithoutAClockGoesOnWhenAnAttemptFails() {
        Scheduler clock = Schedulers.newSingle("clock");
        Schedulers.setFactory(new Schedulers.Factory() {
            @Override
            public Scheduler newParallel(int parallelism, ThreadFactory threads) {
                return clock;
            }
        });
        Schedulers.parallel();
        clock.dispose();
        Held<String> held = subscribe(Tasks.hedge(Duration.ofSeconds(1), List.of(hand, Mono.just("second"))));
        assertThat(held.values).isEmpty();
        hand.fail(new IOException("x"));
        assertThat(held.values).containsExactly("second");
    }

    @Test
    void everythingIsScannable() {
        AtomicReference<Scannable> scope = new AtomicReference<>();
        Held<List<String>> held =
                subscribe(Tasks.gather(List.of(hand)).doOnSubscribe(s -> scope.set(Scannable.from(s))));
        Scannable branch = (Scannable) hand.subscriber();
        assertThat(branch.scanUnsafe(Scannable.Attr.PARENT)).isInstanceOf(Subscription.class);
        assertThat(branch.scan(Scannable.Attr.PREFETCH)).isEqualTo(Integer.MAX_VALUE);
        assertThat(branch.scan(Scannable.Attr.RUN_STYLE)).isEqualTo(Scannable.Attr.RunStyle.SYNC);
        assertThat(branch.scan(Scannable.Attr.CANCELLED)).isFalse();
        assertThat(scope.get().scan(Scannable.Attr.ACTUAL)).isNotNull();
        assertThat(scope.get().scan(Scannable.Attr.ERROR)).isNull();
        held.cancel();
        assertThat(branch.scan(Scannable.Attr.CANCELLED)).isTrue();
        assertThat(scope.get().scan(Scannable.Attr.CANCELLED)).isTrue();
        assertThat(scope.get().scan(Scannable.Attr.RUN_STYLE)).isEqualTo(Scannable.Attr.RunStyle.SYNC);
        assertThat(List.of(Tasks.gather(List.of(hand)), Tasks.race(List.of(hand)), Tasks.asCompleted(List.of(hand))))
                .allMatch(publisher ->
                        Scannable.from(publisher).scan(Scannable.Attr.RUN_STYLE) == Scannable.Attr.RunStyle.SYNC);
        assertThat(Scannable.from(Tasks.sleep(Duration.ZERO)).scan(Scannable.Attr.RUN_STYLE))
                .isEqualTo(Scannable.Attr.RunStyle.ASYNC);
    }
}
