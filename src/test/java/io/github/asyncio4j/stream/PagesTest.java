package io.github.asyncio4j.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.Scannable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

class PagesTest {

    private static final Duration LIMIT = Duration.ofSeconds(10);

    /** Pages 1 to {@code last}, counting the requests. */
    private static final class Api {
        private final int last;
        private final AtomicInteger requests = new AtomicInteger();
        private final AtomicInteger underWay = new AtomicInteger();
        private final AtomicInteger peak = new AtomicInteger();

        Api(int last) {
            this.last = last;
        }

        Mono<Integer> page(int number) {
            return Mono.defer(() -> {
                requests.incrementAndGet();
                peak.accumulateAndGet(underWay.incrementAndGet(), Math::max);
                return Mono.justOrEmpty(number > last ? Optional.empty() : Optional.of(number))
                        .doFinally(end -> underWay.decrementAndGet());
            });
        }
    }

    @Nested
    class Iterating {

        @Test
        void fivePagesOfTenOneRequestAtATimeNoneBeyondDemand() {
            Api api = new Api(5);
            Flux<Integer> items = Pages.iterate(
                            api.page(1).delayElement(Duration.ofMillis(1)),
                            page -> api.page(page + 1).delayElement(Duration.ofMillis(1)))
                    .concatMapIterable(page -> IntStream.range(0, 10).boxed().toList(), 1);
            StepVerifier.create(items).expectNextCount(50).expectComplete().verify(LIMIT);
            assertThat(api.peak).hasValue(1);
            assertThat(api.requests).hasValue(6);
        }

        @Test
        void aRequestIsMadeWhenItsPageIsAskedFor() {
            Api api = new Api(5);
            StepVerifier.create(Pages.iterate(api.page(1), page -> api.page(page + 1)), 0)
                    .expectSubscription()
                    .then(() -> assertThat(api.requests).hasValue(0))
                    .thenRequest(2)
                    .expectNext(1, 2)
                    .then(() -> assertThat(api.requests).hasValue(2))
                    .thenCancel()
                    .verify(LIMIT);
            assertThat(api.requests).hasValue(2);
        }

        @Test
        void anEmptyFirstPageIsTheEnd() {
            StepVerifier.create(Pages.iterate(Mono.empty(), page -> Mono.error(new AssertionError())))
                    .verifyComplete();
        }

        @Test
        void itCanBeRepeated() {
            Api api = new Api(2);
            StepVerifier.create(Pages.iterate(api.page(1), page -> api.page(page + 1))
                            .repeat(1))
                    .expectNext(1, 2, 1, 2)
                    .verifyComplete();
        }

        @Test
        void aHundredThousandSynchronousPagesNeedTheStackOfOne() {
            Api api = new Api(100_000);
            StepVerifier.create(Pages.iterate(api.page(1), page -> api.page(page + 1)))
                    .expectNextCount(100_000)
                    .verifyComplete();
        }

        @Test
        void aFailingRequestFailsTheStream() {
            Flux<Integer> pages =
                    Pages.iterate(Mono.just(1), page -> Mono.error(new IllegalStateException("page " + (page + 1))));
            StepVerifier.create(pages)
                    .expectNext(1)
                    .expectErrorMessage("page 2")
                    .verify(LIMIT);
        }

        @Test
        void aFunctionThatThrowsOrGivesNullFailsTheStream() {
            StepVerifier.create(Pages.iterate(Mono.just(1), page -> {
                        throw new IllegalStateException("thrown");
                    }))
                    .expectNext(1)
                    .expectErrorMessage("thrown")
                    .verify(LIMIT);
            StepVerifier.create(Pages.iterate(Mono.just(1), page -> none()))
                    .expectNext(1)
                    .expectErrorMessage("next returned null")
                    .verify(LIMIT);
        }

        @Test
        void cancelReachesTheRequestUnderWayAndNoneThatHasEnded() {
            AtomicInteger cancels = new AtomicInteger();
            Mono<Integer> first = Mono.just(1).doOnCancel(cancels::incrementAndGet);
            Mono<Integer> second = Mono.<Integer>never().doOnCancel(() -> cancels.addAndGet(10));
            Pages.iterate(first, page -> second).subscribe().dispose();
            assertThat(cancels).hasValue(10);
            Pages.iterate(first, page -> second).subscribe(new BaseSubscriber<>() {
                @Override
                protected void hookOnSubscribe(Subscription subscription) {
                    subscription.request(1);
                    subscription.cancel();
                }
            });
            assertThat(cancels).hasValue(10);
        }

        @Test
        void theSubscribersContextReachesEachRequest() {
            Flux<String> pages = Pages.iterate(
                    Mono.deferContextual(context -> Mono.just(context.<String>get("user"))),
                    page -> Mono.deferContextual(
                            context -> page.length() > 5 ? Mono.empty() : Mono.just(page + context.get("user"))));
            StepVerifier.create(pages.contextWrite(context -> context.put("user", "ada")))
                    .expectNext("ada", "adaada")
                    .verifyComplete();
        }
    }

    @Nested
    class ByCursor {

        private final Map<String, List<String>> pages =
                Map.of("", List.of("a", "k"), "k", List.of("k", "z"), "z", List.of("z"));

        private Optional<String> cursor(List<String> page) {
            return page.size() < 2 ? Optional.empty() : Optional.of(page.get(1));
        }

        @Test
        void endsAfterThePageWithoutACursor() {
            List<String> fetched = new ArrayList<>();
            Flux<List<String>> all = Pages.byCursor(
                    "",
                    cursor -> {
                        fetched.add(cursor);
                        return Mono.just(pages.get(cursor));
                    },
                    this::cursor);
            StepVerifier.create(all, 3).expectNextCount(3).expectComplete().verify(LIMIT);
            assertThat(fetched).containsExactly("", "k", "z");
        }

        @Test
        void anEmptyFetchEndsItToo() {
            StepVerifier.create(
                            Pages.byCursor(1, n -> n < 3 ? Mono.just(n) : Mono.empty(), page -> Optional.of(page + 1)))
                    .expectNext(1, 2)
                    .verifyComplete();
        }

        @Test
        void aFunctionThatThrowsOrGivesNullFailsTheStream() {
            StepVerifier.create(Pages.byCursor(1, n -> none(), page -> Optional.empty()))
                    .expectErrorMessage("fetch returned null")
                    .verify(LIMIT);
            StepVerifier.create(Pages.byCursor(
                            1,
                            n -> {
                                throw new IllegalStateException("thrown");
                            },
                            page -> Optional.empty()))
                    .expectErrorMessage("thrown")
                    .verify(LIMIT);
            StepVerifier.create(Pages.byCursor(1, Mono::just, page -> none()))
                    .expectNext(1)
                    .expectErrorMessage("nextCursor returned null")
                    .verify(LIMIT);
            StepVerifier.create(Pages.byCursor(1, Mono::just, page -> {
                        throw new IllegalStateException("thrown");
                    }))
                    .expectNext(1)
                    .expectErrorMessage("thrown")
                    .verify(LIMIT);
        }

        @Test
        void nullsAreRefused() {
            assertThatNullPointerException()
                    .isThrownBy(() -> Pages.byCursor(none(), Mono::just, page -> Optional.empty()))
                    .withMessage("start");
            assertThatNullPointerException()
                    .isThrownBy(() -> Pages.iterate(Mono.just(1), none()))
                    .withMessage("next");
        }
    }

    @Test
    void aRequestThatMisbehavesDoesNoHarm() {
        TestPublisher<Integer> wild = TestPublisher.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);
        List<Throwable> dropped = new ArrayList<>();
        List<Object> late = new ArrayList<>();
        Hooks.onErrorDropped(dropped::add);
        Hooks.onNextDropped(late::add);
        try {
            StepVerifier.create(Pages.byCursor(1, n -> new Wild(wild), page -> Optional.empty()))
                    .then(() -> wild.next(1))
                    .expectNext(1)
                    .expectComplete()
                    .verify(LIMIT);
            wild.next(2);
            wild.error(new IllegalStateException("late"));
        } finally {
            Hooks.resetOnErrorDropped();
            Hooks.resetOnNextDropped();
        }
        assertThat(late).containsExactly(2);
        assertThat(dropped).hasSize(1);
    }

    private static final class Wild extends Mono<Integer> {
        private final TestPublisher<Integer> source;

        Wild(TestPublisher<Integer> source) {
            this.source = source;
        }

        @Override
        public void subscribe(reactor.core.CoreSubscriber<? super Integer> actual) {
            source.subscribe(actual);
        }
    }

    @Test
    void reactorsToolsSeeIt() {
        AtomicReference<Subscription> kept = new AtomicReference<>();
        Pages.iterate(Mono.just(1), page -> Mono.<Integer>never()).subscribe(new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                kept.set(subscription);
                subscription.request(2);
            }
        });
        Scannable turning = Scannable.from(kept.get());
        assertThat(turning.scan(Scannable.Attr.REQUESTED_FROM_DOWNSTREAM)).isEqualTo(2);
        assertThat(turning.scan(Scannable.Attr.CANCELLED)).isFalse();
        assertThat(turning.scan(Scannable.Attr.TERMINATED)).isFalse();
        assertThat(turning.scan(Scannable.Attr.ACTUAL)).isNotNull();
        kept.get().cancel();
        assertThat(turning.scan(Scannable.Attr.CANCELLED)).isTrue();
    }

    private static <T> T none() {
        return Map.<String, T>of().get("none");
    }
}
