package io.github.asyncio4j.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.asyncio4j.internal.Expiry;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
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
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.test.publisher.PublisherProbe;
import reactor.test.publisher.TestPublisher;
import reactor.test.scheduler.VirtualTimeScheduler;
import reactor.util.context.Context;

class AsyncSemaphoreTest {

    static Permit take(AsyncSemaphore semaphore) {
        return semaphore.tryAcquire().orElseThrow();
    }

    @Nested
    class Acquiring {

        @Test
        void takesWhatIsFreeAtOnce() {
            AsyncSemaphore semaphore = AsyncSemaphore.create(3);
            Permit two = semaphore.acquire(2).block();
            assertThat(two.weight()).isEqualTo(2);
            assertThat(semaphore.available()).isEqualTo(1);
            two.release();
            assertThat(semaphore.available()).isEqualTo(3);
            assertThat(two.isReleased()).isTrue();
        }

        @Test
        void releasingTwiceIsHarmless() {
            AsyncSemaphore semaphore = AsyncSemaphore.create(1);
            Permit permit = take(semaphore);
            permit.release();
            permit.release();
            permit.dispose();
            assertThat(permit.isDisposed()).isTrue();
            assertThat(semaphore.available()).isEqualTo(1);
        }

        @Test
        void isColdAndWaitsFromTheFirstRequest() {
            AsyncSemaphore semaphore = AsyncSemaphore.create(1);
            Mono<Permit> acquire = semaphore.acquire();
            assertThat(semaphore.available()).isEqualTo(1);
            StepVerifier.create(acquire, 0)
                    .expectSubscription()
                    .then(() -> assertThat(semaphore.available()).isEqualTo(1))
                    .thenRequest(1)
                    .consumeNextWith(Permit::release)
                    .verifyComplete();
            acquire.block().release();
            assertThat(semaphore.available()).isEqualTo(1);
        }

        @Test
        void cancelBeforeTheFirstRequestLeavesNoTrace() {
            AsyncSemaphore semaphore = AsyncSemaphore.create(1);
            StepVerifier.create(semaphore.acquire(), 0)
                    .expectSubscription()
                    .thenCancel()
                    .verify();
            assertThat(semaphore.statistics()).isEqualTo(new SyncStatistics(0, 0, 0, 0, 0));
        }

        @Test
        void waitersAreServedInOrder() {
            AsyncSemaphore semaphore = AsyncSemaphore.create(1);
            Permit first = take(semaphore);
            List<Integer> order = new ArrayList<>();
            List<Permit> got = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                int index = i;
                semaphore.acquire().subscribe(permit -> {
                    order.add(index);
                    got.add(permit);
                });
            }
            assertThat(semaphore.waiting()).isEqualTo(4);
            first.release();
            for (int i = 0; i < 4; i++) {
                assertThat(order).hasSize(i + 1);
                got.get(i).release();
            }
            assertThat(order).containsExactly(0, 1, 2, 3);
            assertThat(semaphore.available()).isEqualTo(1);
        }

        @Test
        void severalReleasesWakeSeveralInOrder() {
            AsyncSemaphore semaphore = AsyncSemaphore.create(3);
            Permit all = semaphore.acquire(3).block();
            List<Integer> order = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                int index = i;
                semaphore.acquire().subscribe(permit -> order.add(index));
            }
            all.release();
            assertThat(order).containsExactly(0, 1, 2);
            assertThat(semaphore.available()).isZero();
        }

        @Test
        void nobodyPassesAHeavyWaiter() {
            AsyncSemaphore semaphore = AsyncSemaphore.create(3);
            Permit first = take(semaphore);
            AtomicReference<Permit> heavy = new AtomicReference<>();
            AtomicReference<Permit> light = new AtomicReference<>();
            Disposable waiting = semaphore.acquire(3).subscribe(heavy::set);
            semaphore.acquire().subscribe(light::set);
            assertThat(semaphore.available()).isEqualTo(2);
            assertThat(semaphore.tryAcquire()).isEmpty();
            assertThat(light.get()).isNull();
            waiting.dispose();
            assertThat(light.get()).isNotNull();
            assertThat(heavy.get()).isNull();
            light.get().release();
            first.release();
            assertThat(semaphore.available()).isEqualTo(3);
        }

        @Test
        void cancelledWaiterIsLetGoWhileOthersWait() {
            AsyncSemaphore semaphore = AsyncSemaphore.create(1);
            Permit held = take(semaphore);
            Disposable before = semaphore.acquire().subscribe();
            WeakReference<Object> left = waitAndLeave(semaphore);
            Disposable behind = semaphore.acquire().subscribe();
            for (int i = 0; i < 100 && left.get() != null; i++) {
                System.gc();
            }
            assertThat(left.get()).isNull();
            assertThat(semaphore.waiting()).isEqualTo(2);
            before.dispose();
            behind.dispose();
            held.release();
        }

        private WeakReference<Object> waitAndLeave(AsyncSemaphore semaphore) {
            Object kept = new Object();
            semaphore.acquire().subscribe(permit -> kept.hashCode()).dispose();
            return new WeakReference<>(kept);
        }

        @Test
        void cancelledWaiterLeavesPermitToNext() {
            AsyncSemaphore semaphore = AsyncSemaphore.create(1);
            Permit held = take(semaphore);
            AtomicReference<Permit> first = new AtomicReference<>();
            AtomicReference<Permit> second = new AtomicReference<>();
            Disposable cancelled = semaphore.acquire().subscribe(first::set);
            semaphore.acquire().subscribe(second::set);
            cancelled.dispose();
            held.release();
            assertThat(first.get()).isNull();
            assertThat(second.get()).isNotNull();
            second.get().release();
            assertThat(semaphore.statistics()).isEqualTo(new SyncStatistics(0, 0, 2, 1, 1));
        }

        @Test
        void takeOneKeepsItsPermit() {
            AsyncSemaphore semaphore = AsyncSemaphore.create(1);
            Permit permit = Flux.from(semaphore.acquire()).take(1).next().block();
            assertThat(permit.isReleased()).isFalse();
            assertThat(semaphore.available()).isZero();
        }

        @Test
        void cancelWhileThePermitIsDeliveredTakesItBack() throws InterruptedException {
            AsyncSemaphore semaphore = AsyncSemaphore.create(1);
            AtomicReference<Subscription> subscription = new AtomicReference<>();
            AtomicReference<Permit> got = new AtomicReference<>();
            semaphore.acquire().subscribe(new BaseSubscriber<>() {
                @Override
                protected void hookOnSubscribe(Subscription s) {
                    subscription.set(s);
                    s.request(1);
                }

                @Override
                protected void hookOnNext(Permit permit) {
                    got.set(permit);
                    Thread other = new Thread(subscription.get()::cancel);
                    other.start();
                    try {
                        other.join();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                }
            });
            assertThat(got.get().isReleased()).isTrue();
            assertThat(semaphore.available()).isEqualTo(1);
        }
    }

    @Nested
    class TryAcquire {

        @Test
        void failsWhenNothingIsFree() {
            AsyncSemaphore semaphore = AsyncSemaphore.create(0);
            assertThat(semaphore.tryAcquire()).isEmpty();
        }

        @Test
        void doesNotPassThoseWhoWait() {
            AsyncSemaphore semaphore = AsyncSemaphore.create(2);
            Permit held = take(semaphore);
            Disposable heavy = semaphore.acquire(2).subscribe();
            assertThat(semaphore.available()).isEqualTo(1);
            assertThat(semaphore.tryAcquire()).isEmpty();
            heavy.dispose();
            assertThat(semaphore.tryAcquire()).isPresent();
            held.release();
        }
    }

    @Nested
    class WithPermit {

        @Test
        void emitsTheValueAfterGivingBack() {
            AsyncSemaphore semaphore = AsyncSemaphore.create(1);
            List<String> seen = new ArrayList<>();
            semaphore
                    .withPermit(Mono.fromCallable(() -> {
                        seen.add("work " + semaphore.available());
                        return "value";
                    }))
                    .doOnNext(value -> seen.add(value + " " + semaphore.available()))
                    .doOnTerminate(() -> seen.add("end " + semaphore.available()))
                    .block();
            assertThat(seen).containsExactly("work 0", "value 1", "end 1");
        }

        @Test
        void emptyAndErrorPassThrough() {
            AsyncSemaphore semaphore = AsyncSemaphore.create(1);
            StepVerifier.create(semaphore.withPermit(Mono.empty())).verifyComplete();
            List<Integer> free = new ArrayList<>();
            IllegalStateException error = new IllegalStateException("boom");
            StepVerifier.create(semaphore.withPermit(Mono.error(error)).doOnError(e -> free.add(semaphore.available())))
                    .verifyErrorSatisfies(e -> assertThat(e).isSameAs(error));
            assertThat(free).containsExactly(1);
        }

        @Test
        void theNextInLineGoesOnAfterTheSignal() {
            AsyncSemaphore semaphore = AsyncSemaphore.create(1);
            Sinks.One<String> first = Sinks.one();
            List<String> order = new ArrayList<>();
            semaphore.withPermit(first.asMono()).subscribe(order::add);
            semaphore
                    .withPermit(Mono.fromRunnable(() -> order.add("second starts")))
                    .subscribe();
            first.tryEmitValue("first ends");
            assertThat(order).containsExactly("first ends", "second starts");
        }

        @Test
        void theNextInLineGoesOnAlsoWhenDownstreamThrows() {
            AsyncSemaphore semaphore = AsyncSemaphore.create(1);
            Sinks.One<String> first = Sinks.one();
            AtomicInteger second = new AtomicInteger();
            semaphore.withPermit(first.asMono()).subscribe(new BaseSubscriber<>() {
                @Override
                public Context currentContext() {
                    return Context.empty();
                }

                @Override
                protected void hookOnComplete() {
                    throw new LinkageError("downstream");
                }

                @Override
                protected void hookOnError(Throwable throwable) {
                    throw new LinkageError("downstream");
                }
            });
            semaphore.withPermit(Mono.fromRunnable(second::incrementAndGet)).subscribe();
            assertThatThrownBy(() -> first.tryEmitEmpty()).isInstanceOf(LinkageError.class);
            assertThat(second).hasValue(1);
            assertThat(semaphore.available()).isEqualTo(1);
        }

        @Test
        void cancelledWhileWaitingNeverSubscribesTheWork() {
            AsyncSemaphore semaphore = AsyncSemaphore.create(1);
            Permit held = take(semaphore);
            PublisherProbe<String> work = PublisherProbe.empty();
            Disposable waiting = semaphore.withPermit(work.mono()).subscribe();
            waiting.dispose();
            held.release();
            work.assertWasNotSubscribed();
            assertThat(semaphore.available()).isEqualTo(1);
        }

        @Test
        void cancelledWhileWorkingCancelsTheWorkAndGivesBack() {
            AsyncSemaphore semaphore = AsyncSemaphore.create(1);
            PublisherProbe<String> work = PublisherProbe.of(Mono.never());
            Disposable working = semaphore.withPermit(work.mono()).subscribe();
            assertThat(semaphore.available()).isZero();
            working.dispose();
            work.assertWasCancelled();
            assertThat(semaphore.available()).isEqualTo(1);
        }

        @Test
        void worksAgainForEachSubscription() {
            AsyncSemaphore semaphore = AsyncSemaphore.create(1);
            AtomicInteger tries = new AtomicInteger();
            Mono<Integer> work = semaphore.withPermit(Mono.fromCallable(() -> {
                if (tries.incrementAndGet() < 3) {
                    throw new IllegalStateException("again");
                }
                return tries.get();
            }));
            assertThat(work.retry(5).block()).isEqualTo(3);
            assertThat(semaphore.statistics()).isEqualTo(new SyncStatistics(0, 0, 3, 0, 1));
        }

        @Test
        void fitsIntoTransformDeferred() {
            AsyncSemaphore semaphore = AsyncSemaphore.create(1);
            assertThat(Mono.just(1).transformDeferred(semaphore::withPermit).block())
                    .isEqualTo(1);
            assertThat(Flux.just(1, 2)
                            .transformDeferred(semaphore::withPermit)
                            .collectList()
                            .block())
                    .containsExactly(1, 2);
        }

        @Test
        void theSubscribersContextReachesTheWork() {
            AsyncSemaphore semaphore = AsyncSemaphore.create(1);
            Mono<String> work = Mono.deferContextual(context -> Mono.just(context.<String>get("user")));
            assertThat(semaphore
                            .withPermit(work)
                            .contextWrite(Context.of("user", "ann"))
                            .block())
                    .isEqualTo("ann");
        }
    }

    @Nested
    class Streams {

        @Test
        void holdTheirPermitToTheEnd() {
            AsyncSemaphore semaphore = AsyncSemaphore.create(1);
            TestPublisher<Integer> source = TestPublisher.create();
            StepVerifier.create(semaphore.withPermit(source.flux()), 0)
                    .expectSubscription()
                    .then(() -> assertThat(semaphore.available()).isEqualTo(1))
                    .thenRequest(2)
                    .then(() -> source.assertMinRequested(2))
                    .then(() -> assertThat(semaphore.available()).isZero())
                    .then(() -> source.next(1, 2))
                    .expectNext(1, 2)
                    .thenRequest(1)
                    .then(() -> source.next(3).complete())
                    .expectNext(3)
                    .verifyComplete();
            assertThat(semaphore.available()).isEqualTo(1);
        }

        @Test
        void demandWhileWaitingIsPassedOn() {
            AsyncSemaphore semaphore = AsyncSemaphore.create(1);
            Permit held = take(semaphore);
            StepVerifier.create(semaphore.withPermit(Flux.range(1, 5)), 1)
                    .expectSubscription()
                    .thenRequest(1)
                    .then(held::release)
                    .expectNext(1, 2)
                    .thenCancel()
                    .verify();
            assertThat(semaphore.available()).isEqualTo(1);
        }
    }

    @Nested
    class Resizing {

        @Test
        void growingLetsWaitersIn() {
            AsyncSemaphore semaphore = AsyncSemaphore.create(0);
            List<Permit> got = new ArrayList<>();
            semaphore.acquire().subscribe(got::add);
            semaphore.acquire().subscribe(got::add);
            semaphore.acquire().subscribe(got::add);
            semaphore.resize(2);
            assertThat(got).hasSize(2);
            semaphore.resize(3);
            assertThat(got).hasSize(3);
        }

        @Test
        void shrinkingDrains() {
            AsyncSemaphore semaphore = AsyncSemaphore.create(3);
            List<Permit> held = List.of(take(semaphore), take(semaphore), take(semaphore));
            List<Permit> got = new ArrayList<>();
            semaphore.acquire().subscribe(got::add);
            semaphore.resize(1);
            assertThat(semaphore.available()).isEqualTo(-2);
            held.get(0).release();
            held.get(1).release();
            assertThat(semaphore.available()).isZero();
            assertThat(got).isEmpty();
            held.get(2).release();
            assertThat(got).hasSize(1);
            assertThat(semaphore.available()).isZero();
        }

        @Test
        void aTooHeavyRequestWaitsForIt() {
            AsyncSemaphore semaphore = AsyncSemaphore.create(1);
            List<Permit> got = new ArrayList<>();
            semaphore.acquire(2).subscribe(got::add);
            assertThat(got).isEmpty();
            semaphore.resize(2);
            assertThat(got).hasSize(1);
        }
    }

    @Nested
    class Limits {

        @Test
        void aWaitEndsAtItsTimeLimit() {
            VirtualTimeScheduler clock = VirtualTimeScheduler.create();
            AsyncSemaphore semaphore = AsyncSemaphore.builder()
                    .permits(1)
                    .name("db")
                    .scheduler(clock)
                    .build();
            Permit held = take(semaphore);
            AtomicReference<Throwable> error = new AtomicReference<>();
            semaphore.acquire(1, Duration.ofMillis(100)).subscribe(permit -> {}, error::set);
            clock.advanceTimeBy(Duration.ofMillis(99));
            assertThat(error.get()).isNull();
            clock.advanceTimeBy(Duration.ofMillis(1));
            assertThat(error.get())
                    .isInstanceOfSatisfying(AcquireTimeoutException.class, e -> {
                        assertThat(e.primitive()).isEqualTo("AsyncSemaphore 'db'");
                        assertThat(e.maxWait()).isEqualTo(Duration.ofMillis(100));
                    })
                    .hasMessage("gave up waiting for AsyncSemaphore 'db' after PT0.1S");
            held.release();
            assertThat(semaphore.statistics()).isEqualTo(new SyncStatistics(0, 0, 1, 1, 1));
        }

        @Test
        void aServedWaitDoesNotTimeOutLater() {
            VirtualTimeScheduler clock = VirtualTimeScheduler.create();
            AsyncSemaphore semaphore =
                    AsyncSemaphore.builder().permits(1).scheduler(clock).build();
            Permit held = take(semaphore);
            AtomicReference<String> result = new AtomicReference<>();
            semaphore.withPermit(Mono.just("done"), Duration.ofSeconds(1)).subscribe(result::set);
            held.release();
            clock.advanceTimeBy(Duration.ofHours(1));
            assertThat(result).hasValue("done");
            assertThat(semaphore.statistics()).isEqualTo(new SyncStatistics(0, 0, 2, 0, 1));
        }

        @Test
        void runOnTheParallelSchedulersVirtualTime() {
            AsyncSemaphore semaphore = AsyncSemaphore.create(0);
            StepVerifier.withVirtualTime(() -> semaphore.acquire(1, Duration.ofHours(1)))
                    .expectSubscription()
                    .expectNoEvent(Duration.ofMinutes(59))
                    .thenAwait(Duration.ofMinutes(1))
                    .verifyError(AcquireTimeoutException.class);
            assertThat(semaphore.waiting()).isZero();
        }

        @Test
        void anExpiredDeadlineFailsTheWaitAtOnce() {
            AsyncSemaphore semaphore = AsyncSemaphore.create(1);
            Expiry expired = () -> 0;
            Mono<Permit> acquire = semaphore.acquire().contextWrite(expired::storeIn);
            Permit free = acquire.block();
            StepVerifier.create(acquire)
                    .verifyErrorSatisfies(e ->
                            assertThat(e).isInstanceOf(TimeoutException.class).hasMessageContaining("deadline"));
            free.release();
            assertThat(semaphore.statistics()).isEqualTo(new SyncStatistics(0, 0, 1, 1, 1));
        }

        @Test
        void anExpiredDeadlineIsAttributedToItsScope() {
            AsyncSemaphore semaphore = AsyncSemaphore.create(0);
            TimeoutException ofTheScope = new TimeoutException("mine");
            Expiry expired = new Expiry() {
                @Override
                public long remainingNanos() {
                    return 0;
                }

                @Override
                public TimeoutException exceeded(Object operation) {
                    return ofTheScope;
                }
            };
            StepVerifier.create(semaphore.acquire().contextWrite(expired::storeIn))
                    .verifyErrorSatisfies(e -> assertThat(e).isSameAs(ofTheScope));
        }

        @Test
        void aFullLineRefusesNewcomers() {
            AsyncSemaphore semaphore =
                    AsyncSemaphore.builder().permits(1).name("db").maxWaiters(1).build();
            Permit held = take(semaphore);
            Disposable waiting = semaphore.acquire().subscribe();
            PublisherProbe<String> work = PublisherProbe.empty();
            StepVerifier.create(semaphore.withPermit(work.mono()))
                    .verifyErrorSatisfies(e -> assertThat(e)
                            .isInstanceOfSatisfying(TooManyWaitersException.class, refused -> {
                                assertThat(refused.primitive()).isEqualTo("AsyncSemaphore 'db'");
                                assertThat(refused.maxWaiters()).isEqualTo(1);
                            }));
            work.assertWasNotSubscribed();
            waiting.dispose();
            held.release();
            assertThat(semaphore.withPermit(Mono.just(1)).block()).isEqualTo(1);
        }
    }

    @Nested
    class Chains {

        @Test
        void aHundredThousandWaitersDoNotOverflowTheStack() {
            AsyncSemaphore semaphore = AsyncSemaphore.create(1);
            Permit held = take(semaphore);
            AtomicInteger done = new AtomicInteger();
            for (int i = 0; i < 100_000; i++) {
                semaphore.withPermit(Mono.fromRunnable(done::incrementAndGet)).subscribe();
            }
            held.release();
            assertThat(done).hasValue(100_000);
            assertThat(semaphore.statistics()).isEqualTo(new SyncStatistics(0, 0, 100_001, 0, 1));
        }
    }

    @Nested
    class Description {

        @Test
        void toStringTellsNameAndState() {
            AsyncSemaphore semaphore =
                    AsyncSemaphore.builder().permits(2).name("db").build();
            take(semaphore);
            assertThat(semaphore).hasToString("AsyncSemaphore 'db'[1 of 2 available, 0 waiting]");
            assertThat(Scannable.from(semaphore.acquire()).name()).isEqualTo("AsyncSemaphore 'db'");
        }

        @Test
        void argumentsAreChecked() {
            AsyncSemaphore semaphore = AsyncSemaphore.create(1);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> AsyncSemaphore.create(-1))
                    .withMessage("permits must be at least 0, but is -1");
            assertThatIllegalArgumentException().isThrownBy(() -> semaphore.resize(-1));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> AsyncSemaphore.builder().maxWaiters(0));
            assertThatIllegalArgumentException().isThrownBy(() -> semaphore.acquire(0));
            assertThatIllegalArgumentException().isThrownBy(() -> semaphore.acquire(1, Duration.ZERO));
            assertThatNullPointerException()
                    .isThrownBy(() -> semaphore.withPermit((Mono<String>) null))
                    .withMessage("work");
        }
    }

    @AfterEach
    void nothingScheduledIsLeft() {
        VirtualTimeScheduler.reset();
    }
}
