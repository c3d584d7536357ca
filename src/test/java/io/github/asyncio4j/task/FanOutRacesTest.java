package io.github.asyncio4j.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.internal.CleanupLedger;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.util.RaceTestUtils;
import reactor.util.context.Context;

/** What ends at the same instant: one outcome, nothing lost, nothing twice, no ledger entry left. */
class FanOutRacesTest {

    private static final int ROUNDS = 10_000;

    /** A subscriber that counts, inside a ledger of its own. */
    private static final class Seen<T> extends BaseSubscriber<T> {
        final Watch watch = new Watch();
        final CleanupLedger outer = CleanupLedger.open(Context.empty(), "outer");
        final List<Throwable> handedUp = new ArrayList<>();
        final List<T> values = Collections.synchronizedList(new ArrayList<>());
        final List<Throwable> errors = Collections.synchronizedList(new ArrayList<>());
        final AtomicInteger terminals = new AtomicInteger();
        private final long initial;

        Seen(Mono<T> mono) {
            this(mono.flux(), Long.MAX_VALUE);
        }

        Seen(Flux<T> flux, long initial) {
            this.initial = initial;
            watch.over(flux).contextWrite(outer::storeIn).subscribe(this);
        }

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            if (initial > 0) {
                subscription.request(initial);
            }
        }

        @Override
        protected void hookOnNext(T value) {
            values.add(value);
        }

        @Override
        protected void hookOnComplete() {
            terminals.incrementAndGet();
        }

        @Override
        protected void hookOnError(Throwable error) {
            terminals.incrementAndGet();
            errors.add(error);
        }

        // An error that meets its own cancel is dropped here, where the watch sees it.
        @Override
        public Context currentContext() {
            return watch.store(Context.empty());
        }

        void ledgerIsEmpty() {
            assertThat(outer.isEmpty()).isTrue();
            outer.finish(handedUp::addAll);
        }
    }

    @Nested
    class Gather {

        @Test
        void completionsAndCancel() {
            for (int round = 0; round < ROUNDS; round++) {
                Hand<String> a = new Hand<>();
                Hand<String> b = new Hand<>();
                Seen<List<String>> seen = new Seen<>(Tasks.gather(List.of(a, Mono.just("there"), b)));
                RaceTestUtils.race(() -> a.emit("a"), () -> b.emit("b"), seen::cancel);
                if (seen.values.isEmpty()) {
                    assertThat(seen.watch.discarded).hasSize(3 - a.heldBack.get() - b.heldBack.get());
                    assertThat(seen.terminals).hasValueLessThanOrEqualTo(0);
                } else {
                    assertThat(seen.values).containsExactly(List.of("a", "there", "b"));
                    assertThat(seen.watch.discarded).isEmpty();
                }
                assertThat(seen.errors).isEmpty();
                seen.ledgerIsEmpty();
            }
        }

        @Test
        void completionAndFailure() {
            for (int round = 0; round < ROUNDS; round++) {
                Hand<String> a = new Hand<>();
                Hand<String> b = new Hand<>();
                IOException failure = new IOException("x");
                Seen<List<String>> seen = new Seen<>(Tasks.gather(List.of(a, b)));
                RaceTestUtils.race(() -> a.emit("a"), () -> b.fail(failure));
                assertThat(seen.errors).containsExactly(failure);
                assertThat(seen.terminals).hasValue(1);
                assertThat(seen.watch.discarded.size() + a.heldBack.get()).isOne();
                assertThat(seen.watch.dropped).isEmpty();
                seen.ledgerIsEmpty();
            }
        }

        @Test
        void failuresOfTwo() {
            for (int round = 0; round < ROUNDS; round++) {
                Hand<String> a = new Hand<>();
                Hand<String> b = new Hand<>();
                Seen<List<String>> seen = new Seen<>(Tasks.gather(List.of(a, b)));
                RaceTestUtils.race(() -> a.fail(new IOException("a")), () -> b.fail(new IOException("b")));
                assertThat(seen.errors).hasSize(1);
                int heard = TaskFailures.of(seen.errors.get(0)).size() + seen.watch.dropped.size();
                assertThat(heard + a.heldBack.get() + b.heldBack.get()).isEqualTo(2);
                seen.ledgerIsEmpty();
            }
        }

        @Test
        void failureCleanupAndCancel() {
            for (int round = 0; round < ROUNDS; round++) {
                Hand<String> closing = new Hand<>(true);
                Hand<String> failing = new Hand<>();
                IOException failure = new IOException("x");
                IllegalStateException close = new IllegalStateException("close");
                Seen<List<String>> seen = new Seen<>(Tasks.gather(List.of(closing, failing)));
                RaceTestUtils.race(() -> failing.fail(failure), () -> closing.clean(close), seen::cancel);
                seen.ledgerIsEmpty();
                List<Throwable> heard = new ArrayList<>();
                seen.watch.dropped.forEach(error -> heard.addAll(TaskFailures.of(error)));
                seen.errors.forEach(error -> heard.addAll(TaskFailures.of(error)));
                seen.handedUp.forEach(error -> heard.addAll(TaskFailures.of(error)));
                assertThat(heard).contains(close);
                assertThat(heard.contains(failure) ? 1 : failing.heldBack.get()).isOne();
                assertThat(seen.errors.size() + seen.handedUp.size() + seen.watch.dropped.size())
                        .isPositive();
            }
        }

        @Test
        void aSourceThatEntersTheLedgerWhileItsSiblingFails() {
            for (int round = 0; round < ROUNDS; round++) {
                Hand<String> failing = new Hand<>();
                Hand<String> closing = new Hand<>(true);
                Hand<String> gate = new Hand<>();
                Seen<List<String>> seen = new Seen<>(Tasks.gather(List.of(gate, failing, closing), 2));
                RaceTestUtils.race(() -> failing.fail(new IOException("x")), () -> gate.emit("gate"));
                assertThat(seen.errors).hasSize(closing.isSubscribed() ? 0 : 1);
                closing.clean();
                assertThat(seen.errors).hasSize(1);
                seen.ledgerIsEmpty();
            }
        }

        @Test
        void placesThatBecomeFree() {
            List<Integer> expected = IntStream.range(0, 500).boxed().toList();
            for (int round = 0; round < 100; round++) {
                AtomicInteger running = new AtomicInteger();
                AtomicInteger peak = new AtomicInteger();
                StepVerifier.create(Tasks.map(expected, 1 + round % 4, i -> {
                            peak.accumulateAndGet(running.incrementAndGet(), Math::max);
                            Mono<Integer> source = Mono.fromSupplier(() -> {
                                running.decrementAndGet();
                                return i;
                            });
                            return ThreadLocalRandom.current().nextInt(3) == 0
                                    ? source
                                    : source.subscribeOn(Schedulers.parallel());
                        }))
                        .expectNext(expected)
                        .verifyComplete();
                assertThat(running).hasValue(0);
                assertThat(peak.get()).isLessThanOrEqualTo(1 + round % 4);
            }
        }

        @Test
        void requestAndCompletion() {
            for (int round = 0; round < ROUNDS; round++) {
                Hand<String> a = new Hand<>();
                Seen<List<String>> seen =
                        new Seen<>(Tasks.gather(List.of(a, Mono.just("b"))).flux(), 0);
                RaceTestUtils.race(() -> a.emit("a"), () -> seen.request(1));
                assertThat(seen.values).containsExactly(List.of("a", "b"));
                assertThat(seen.terminals).hasValue(1);
            }
        }
    }

    @Nested
    class Race {

        @Test
        void twoWinnersAndCancel() {
            for (int round = 0; round < ROUNDS; round++) {
                Hand<String> a = new Hand<>();
                Hand<String> b = new Hand<>();
                Seen<String> seen = new Seen<>(Tasks.race(List.of(a, b)));
                RaceTestUtils.race(() -> a.emit("a"), () -> b.emit("b"), seen::cancel);
                assertThat(seen.values.size() + seen.watch.discarded.size() + a.heldBack.get() + b.heldBack.get())
                        .isEqualTo(2);
                assertThat(seen.values).hasSizeLessThan(2);
                seen.ledgerIsEmpty();
            }
        }

        @Test
        void winnerAndLastFailure() {
            for (int round = 0; round < ROUNDS; round++) {
                Hand<String> a = new Hand<>();
                Hand<String> b = new Hand<>(true);
                Seen<String> seen = new Seen<>(Tasks.race(List.of(a, b)));
                RaceTestUtils.race(() -> a.emit("a"), () -> b.fail(new IOException("b")), b::clean);
                assertThat(seen.values).containsExactly("a");
                assertThat(seen.terminals).hasValue(1);
                assertThat(seen.watch.dropped).isEmpty();
                seen.ledgerIsEmpty();
            }
        }

        @Test
        void allFail() {
            for (int round = 0; round < ROUNDS; round++) {
                Hand<String> a = new Hand<>();
                Hand<String> b = new Hand<>();
                Seen<String> seen = new Seen<>(Tasks.race(List.of(a, b)));
                RaceTestUtils.race(() -> a.fail(new IOException("a")), () -> b.fail(new IOException("b")));
                assertThat(seen.errors)
                        .singleElement()
                        .satisfies(error -> assertThat(TaskFailures.of(error)).hasSize(2));
                seen.ledgerIsEmpty();
            }
        }
    }

    @Nested
    class AsCompleted {

        @Test
        void completionRequestAndCancel() {
            for (int round = 0; round < ROUNDS; round++) {
                Hand<String> a = new Hand<>();
                Hand<String> b = new Hand<>();
                Seen<Completion<String>> seen = new Seen<>(Tasks.asCompleted(List.of(a, Mono.just("c"), b)), 1);
                RaceTestUtils.race(() -> a.emit("a"), () -> b.emit("b"), () -> seen.request(1), seen::cancel);
                assertThat(seen.values.size() + seen.watch.discarded.size() + a.heldBack.get() + b.heldBack.get())
                        .isEqualTo(3);
                seen.ledgerIsEmpty();
            }
        }

        @Test
        void completionsAndRequests() {
            for (int round = 0; round < ROUNDS; round++) {
                Hand<String> a = new Hand<>();
                Hand<String> b = new Hand<>();
                Seen<Completion<String>> seen = new Seen<>(Tasks.asCompleted(List.of(a, b)), 0);
                RaceTestUtils.race(
                        () -> a.emit("a"),
                        () -> b.fail(new IOException("b")),
                        () -> seen.request(1),
                        () -> seen.request(1));
                assertThat(seen.values).hasSize(2);
                assertThat(seen.terminals).hasValue(1);
                seen.ledgerIsEmpty();
            }
        }
    }
}
