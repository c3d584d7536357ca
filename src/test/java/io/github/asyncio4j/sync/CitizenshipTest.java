package io.github.asyncio4j.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.internal.WaitProbe;
import io.micrometer.context.ContextRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.CorePublisher;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Scannable;
import reactor.core.Scannable.Attr;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;
import reactor.util.context.Context;

/** What all operators of this package owe to Reactor. */
class CitizenshipTest {

    private static final AsyncLock BUSY = AsyncLock.create();
    private static final Permit HELD = BUSY.tryAcquire().orElseThrow();

    /** Each with its name. */
    static Stream<Scannable> primitives() {
        AsyncLock lock = AsyncLock.builder().name("cache").build();
        return Stream.of(
                lock,
                lock.newCondition(),
                AsyncSemaphore.builder().name("cache").permits(0).build(),
                AsyncEvent.builder().name("cache").build(),
                AsyncBarrier.builder(2).name("cache").build(),
                KeyedLocks.<String>builder().name("cache").build());
    }

    @ParameterizedTest
    @MethodSource("primitives")
    void reactorsToolsSeeThePrimitive(Scannable primitive) {
        assertThat(primitive.name()).contains("cache");
        assertThat(primitive.scan(Attr.BUFFERED)).isZero();
        assertThat(primitive.scan(Attr.PREFETCH)).isZero();
    }

    @Test
    void whoWaitsIsBuffered() {
        AsyncSemaphore semaphore = AsyncSemaphore.create(0);
        AsyncEvent event = AsyncEvent.create();
        KeyedLocks<String> keys = KeyedLocks.create();
        List<Disposable> waits = List.of(
                semaphore.acquire().subscribe(),
                event.await().subscribe(),
                keys.withLock("a", Mono.never()).subscribe(),
                keys.withLock("a", Mono.never()).subscribe());

        assertThat(Stream.of(semaphore, event, keys).map(primitive -> primitive.scan(Attr.BUFFERED)))
                .containsOnly(1);
        waits.forEach(Disposable::dispose);
    }

    /** Everything that can be waited for, in a state in which it waits. */
    static Stream<Publisher<?>> waiting() {
        return Stream.of(
                BUSY.acquire(),
                BUSY.withLock(Mono.just(1)),
                BUSY.withLock(Flux.just(1)),
                AsyncEvent.create().await(),
                AsyncBarrier.create(2).await(),
                AsyncSemaphore.create(0).acquire());
    }

    /** The same, in a state in which it does not wait. */
    static Stream<Publisher<?>> passing() {
        AsyncEvent set = AsyncEvent.create();
        set.set();
        return Stream.of(
                AsyncLock.create().acquire(),
                AsyncLock.create().withLock(Mono.just(1)),
                AsyncLock.create().withLock(Flux.just(1)),
                set.await(),
                AsyncBarrier.create(1).await());
    }

    /** Hands its Subscription to the test. */
    private static final class Manual extends BaseSubscriber<Object> {
        private final List<Throwable> errors = new ArrayList<>();
        private int values;
        private boolean completed;

        @Override
        protected void hookOnSubscribe(Subscription subscription) {}

        @Override
        protected void hookOnNext(Object value) {
            values++;
        }

        @Override
        protected void hookOnError(Throwable error) {
            errors.add(error);
        }

        @Override
        protected void hookOnComplete() {
            completed = true;
        }

        Subscription subscription() {
            return upstream();
        }
    }

    private static Manual subscribe(Publisher<?> publisher) {
        Manual manual = new Manual();
        Flux.from(publisher).subscribe(manual);
        return manual;
    }

    @ParameterizedTest
    @MethodSource("waiting")
    void isScannableWhileItWaits(Publisher<?> publisher) {
        AtomicReference<Scannable> inner = new AtomicReference<>();
        BaseSubscriber<Object> subscriber = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                inner.set(Scannable.from(subscription));
                subscription.request(1);
            }
        };
        ((CorePublisher<?>) publisher).subscribe(subscriber);
        Scannable scannable = inner.get();
        assertThat(scannable.isScanAvailable()).isTrue();
        assertThat(scannable.scanUnsafe(Attr.ACTUAL)).isSameAs(subscriber);
        assertThat(scannable.scan(Attr.TERMINATED)).isNotEqualTo(true);
        assertThat(scannable.scan(Attr.CANCELLED)).isNotEqualTo(true);
        assertThat(scannable.scan(Attr.PREFETCH)).isZero();
        assertThat(Scannable.from(publisher).isScanAvailable()).isTrue();
        subscriber.cancel();
    }

    @ParameterizedTest
    @MethodSource("passing")
    void asksOnceHoweverOftenItIsAsked(Publisher<?> publisher) {
        Manual manual = subscribe(publisher);
        assertThat(manual.completed).isFalse();
        manual.subscription().request(1);
        manual.subscription().request(1);
        manual.subscription().cancel();
        assertThat(manual.completed).isTrue();
        assertThat(manual.errors).isEmpty();
        assertThat(manual.values).isLessThanOrEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("passing")
    void aCancelBeforeTheFirstRequestIsFinal(Publisher<?> publisher) {
        Manual manual = subscribe(publisher);
        Subscription subscription = manual.subscription();
        manual.cancel();
        subscription.cancel();
        subscription.request(1);
        assertThat(manual.completed).isFalse();
        assertThat(manual.values).isZero();
    }

    @Nested
    class States {

        @Test
        void ofWorkUnderAPermit() {
            Sinks.One<Integer> source = Sinks.one();
            AtomicReference<Scannable> inner = new AtomicReference<>();
            Mono<Integer> work = AsyncLock.create().withLock(source.asMono());
            Disposable running = work.doOnSubscribe(s -> inner.set(Scannable.from(s)))
                    .onErrorComplete()
                    .subscribe();
            assertThat(inner.get().scan(Attr.PARENT)).isNotNull();
            source.tryEmitError(new IllegalStateException("boom"));
            assertThat(inner.get().scan(Attr.TERMINATED)).isTrue();
            assertThat(inner.get().scan(Attr.ERROR)).hasMessage("boom");
            assertThat(inner.get().scan(Attr.RUN_STYLE)).isNotNull();
            running.dispose();
            assertThat(inner.get().scan(Attr.CANCELLED)).isFalse();
        }

        @Test
        void ofACondition() {
            AtomicReference<Scannable> inner = new AtomicReference<>();
            AtomicReference<Scannable> operator = new AtomicReference<>();
            AsyncLock lock = AsyncLock.create();
            Disposable waiting = lock.newCondition()
                    .withLock(held -> {
                        Mono<Boolean> await = held.await(Duration.ofHours(1));
                        operator.set(Scannable.from(await));
                        return await.doOnSubscribe(s -> inner.set(Scannable.from(s)));
                    })
                    .subscribe();
            assertThat(operator.get().name()).isEqualTo("AsyncCondition of AsyncLock");
            assertThat(inner.get().scan(Attr.ACTUAL)).isNotNull();
            assertThat(inner.get().scan(Attr.TERMINATED)).isFalse();
            assertThat(inner.get().scan(Attr.PREFETCH)).isZero();
            waiting.dispose();
        }
    }

    @Nested
    class LateSignals {

        private final List<Object> dropped = new ArrayList<>();
        private final AsyncSemaphore semaphore = AsyncSemaphore.create(1);
        private final Context hooks = Context.of("reactor.onErrorDropped.local", (Consumer<Throwable>) dropped::add);

        @Test
        void anErrorAfterTheCancelIsDropped() {
            TestPublisher<Integer> source =
                    TestPublisher.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);
            Disposable working =
                    semaphore.withPermit(source.mono()).contextWrite(hooks).subscribe();
            working.dispose();
            IllegalStateException late = new IllegalStateException("late");
            source.error(late);
            assertThat(dropped).containsExactly(late);
            assertThat(semaphore.available()).isEqualTo(1);
        }

        @Test
        void aValueAfterTheCancelIsDiscarded() {
            TestPublisher<Integer> source =
                    TestPublisher.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);
            Disposable one = semaphore
                    .withPermit(source.mono())
                    .doOnDiscard(Integer.class, dropped::add)
                    .subscribe();
            one.dispose();
            source.next(1);
            TestPublisher<Integer> stream =
                    TestPublisher.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);
            Disposable many = semaphore
                    .withPermit(stream.flux())
                    .doOnDiscard(Integer.class, dropped::add)
                    .subscribe();
            many.dispose();
            stream.next(2);
            stream.complete();
            assertThat(dropped).containsExactly(1, 2);
            assertThat(semaphore.available()).isEqualTo(1);
        }

        @Test
        void aSecondSubscriptionIsRefused() {
            Mono<Integer> twice = new Mono<>() {
                @Override
                public void subscribe(CoreSubscriber<? super Integer> actual) {
                    actual.onSubscribe(Operators.emptySubscription());
                    actual.onSubscribe(new Subscription() {
                        @Override
                        public void request(long n) {
                            dropped.add("requested");
                        }

                        @Override
                        public void cancel() {
                            dropped.add("cancelled");
                        }
                    });
                    actual.onComplete();
                }
            };
            StepVerifier.create(semaphore.withPermit(twice)).verifyComplete();
            StepVerifier.create(semaphore.withPermit(twice.flux())).verifyComplete();
            assertThat(dropped).containsOnly("cancelled");
        }
    }

    @Nested
    class Contexts {

        private static final ThreadLocal<String> USER = new ThreadLocal<>();

        private void withPropagation(Supplier<Mono<String>> pipeline) throws Exception {
            ContextRegistry.getInstance().registerThreadLocalAccessor("user", USER);
            Hooks.enableAutomaticContextPropagation();
            try {
                AsyncLock lock = AsyncLock.create();
                Permit held = lock.tryAcquire().orElseThrow();
                CompletableFuture<String> seen = lock.withLock(pipeline.get())
                        .contextWrite(Context.of("user", "ann"))
                        .toFuture();
                CompletableFuture<String> seenInAStream = lock.withLock(
                                pipeline.get().flux())
                        .contextWrite(Context.of("user", "ann"))
                        .next()
                        .toFuture();
                Thread releaser = new Thread(() -> {
                    USER.set("bob");
                    held.release();
                });
                releaser.start();
                releaser.join();
                assertThat(seen.get()).isEqualTo("ann");
                assertThat(seenInAStream.get()).isEqualTo("ann");
            } finally {
                Hooks.disableAutomaticContextPropagation();
                ContextRegistry.getInstance().removeThreadLocalAccessor("user");
            }
        }

        @Test
        void workThatStartsOnTheReleasersThreadSeesItsOwnThreadLocals() throws Exception {
            withPropagation(() -> Mono.fromCallable(USER::get));
        }

        @Test
        void theCurrentTaskIsToldWhatItWaitsFor() {
            List<String> told = new ArrayList<>();
            WaitProbe probe = new WaitProbe() {
                @Override
                public void waitingFor(Object what) {
                    told.add("waits for " + what);
                }

                @Override
                public void resumed(Object what) {
                    told.add("goes on");
                }
            };
            BUSY.acquire().contextWrite(probe::storeIn).subscribe().dispose();
            assertThat(told).containsExactly("waits for AsyncLock[0 of 1 available, 1 waiting]", "goes on");
            assertThat(HELD.isReleased()).isFalse();
        }
    }

    @Test
    void permitsDescribeThemselves() {
        AsyncSemaphore semaphore =
                AsyncSemaphore.builder().permits(3).name("db").build();
        Permit permit = semaphore.acquire(2).block();
        assertThat(permit).hasToString("Permit[2 of AsyncSemaphore 'db']");
        permit.release();
        assertThat(permit).hasToString("Permit[2 of AsyncSemaphore 'db', released]");
    }
}
