package io.github.asyncio4j.recipes;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.ratelimit.RateLimiter;
import io.github.asyncio4j.sync.AcquireTimeoutException;
import io.github.asyncio4j.sync.AsyncEvent;
import io.github.asyncio4j.sync.AsyncSemaphore;
import io.github.asyncio4j.sync.KeyedLocks;
import io.github.asyncio4j.sync.TooManyWaitersException;
import io.github.asyncio4j.task.Tasks;
import io.github.asyncio4j.testing.NaiveTwin;
import io.github.asyncio4j.testing.Recipe;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import reactor.blockhound.BlockingOperationError;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.publisher.PublisherProbe;
import reactor.test.publisher.TestPublisher;

/** How many at once, how many per second, one at a time for each key, not before it is warm. */
class SharedLimitsTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger peak = new AtomicInteger();

    private <T> Mono<T> gauged(Mono<T> work) {
        return Mono.defer(() -> {
            peak.accumulateAndGet(running.incrementAndGet(), Math::max);
            return work.doOnTerminate(running::decrementAndGet).doOnCancel(running::decrementAndGet);
        });
    }

    private Mono<Integer> call(int n) {
        return gauged(Tasks.sleep(ofMillis(100)).thenReturn(n));
    }

    private static List<Integer> numbers(int n) {
        return IntStream.range(0, n).boxed().toList();
    }

    @Test
    @Recipe(row = "32", value = "A worker pool: a hundred URLs, exactly ten under way, results in order.")
    void tenWorkersForAHundred() {
        StepVerifier.withVirtualTime(() -> Tasks.map(numbers(100), 10, this::call))
                .expectSubscription()
                .expectNoEvent(ofMillis(999))
                .thenAwait(ofMillis(1))
                .expectNext(numbers(100))
                .verifyComplete();
        assertThat(peak).hasValue(10);
    }

    @Test
    @NaiveTwin(row = "32", value = "`flatMap` without a number: all hundred at once (256 is its default).")
    void bareFlatMapStartsAll() {
        StepVerifier.withVirtualTime(() ->
                        Flux.fromIterable(numbers(100)).flatMap(this::call).count())
                .thenAwait(ofMillis(100))
                .expectNext(100L)
                .verifyComplete();
        assertThat(peak).hasValue(100);
    }

    @Test
    @Recipe(
            row = "33",
            value = "A semaphore around a fetch: the peak is its permits, and all are back after failures and"
                    + " cancels.")
    void semaphoreAroundAFetch() {
        AsyncSemaphore three = AsyncSemaphore.create(3);
        StepVerifier.withVirtualTime(() -> {
                    Disposable leaves = three.withPermit(call(-1)).subscribe();
                    return Tasks.gatherSettled(numbers(12).stream()
                                    .map(n -> three.withPermit(
                                            n % 4 == 3 ? gauged(Mono.<Integer>error(new IOException("no"))) : call(n)))
                                    .toList())
                            .doOnSubscribe(
                                    s -> Schedulers.parallel().schedule(leaves::dispose, 50, TimeUnit.MILLISECONDS));
                })
                .thenAwait(ofSeconds(2))
                .expectNextCount(1)
                .verifyComplete();
        assertThat(peak).hasValue(3);
        assertThat(three.available()).isEqualTo(3);
        assertThat(three.waiting()).isZero();
    }

    @Test
    @Recipe(
            row = "B4",
            value = "A thousand calls, ten under way, results in order, sources made when there is a place.")
    void aThousandCallsTenUnderWay() {
        AtomicInteger made = new AtomicInteger();
        StepVerifier.withVirtualTime(() -> Tasks.map(numbers(1_000), 10, n -> {
                    made.incrementAndGet();
                    return call(n).delayElement(ofMillis(n % 7));
                }))
                .then(() -> assertThat(made).hasValue(10))
                .thenAwait(ofSeconds(30))
                .expectNext(numbers(1_000))
                .verifyComplete();
        assertThat(peak).hasValue(10);
    }

    @Test
    @NaiveTwin(row = "B4", value = "Bare `flatMap`: 256 under way and the results shuffled.")
    void aThousandCallsByFlatMap() {
        StepVerifier.withVirtualTime(() -> Flux.fromIterable(numbers(1_000))
                        .flatMap(n -> call(n).delayElement(ofMillis(n % 7)))
                        .collectList())
                .thenAwait(ofSeconds(30))
                .assertNext(all -> assertThat(all).hasSize(1_000).isNotEqualTo(numbers(1_000)))
                .verifyComplete();
        assertThat(peak).hasValue(256);
    }

    @Test
    @Recipe(
            row = "B5",
            value = "One cap for the whole application: three pipelines, at most five calls; a full line says so.")
    void oneCapForThreePipelines() {
        AsyncSemaphore five = AsyncSemaphore.builder()
                .permits(5)
                .maxWaiters(40)
                .name("backend")
                .build();
        Supplier<Flux<Integer>> pipeline = () -> Flux.range(0, 10).flatMap(n -> five.withPermit(call(n)), 5);
        StepVerifier.withVirtualTime(() -> Flux.merge(pipeline.get(), pipeline.get(), pipeline.get()))
                .thenAwait(ofSeconds(10))
                .expectNextCount(30)
                .verifyComplete();
        assertThat(peak).hasValue(5);
        StepVerifier.withVirtualTime(() -> Flux.range(0, 50).flatMap(n -> five.withPermit(call(n))))
                .verifyErrorSatisfies(error -> assertThat(error)
                        .isInstanceOf(TooManyWaitersException.class)
                        .hasMessageContaining("backend"));
        assertThat(five.available()).isEqualTo(5);
    }

    @Test
    @NaiveTwin(row = "B5", value = "`flatMap(f, 5)` in each of three pipelines: fifteen.")
    void aLimitForEachPipelineIsNoneForAll() {
        Supplier<Flux<Integer>> pipeline = () -> Flux.range(0, 10).flatMap(this::call, 5);
        StepVerifier.withVirtualTime(() -> Flux.merge(pipeline.get(), pipeline.get(), pipeline.get()))
                .thenAwait(ofSeconds(10))
                .expectNextCount(30)
                .verifyComplete();
        assertThat(peak).hasValue(15);
    }

    @Test
    @Recipe(
            row = "B6",
            value = "Wait at most 200 ms for a permit: the limit belongs to the semaphore, and no permit is lost.")
    void atMostSoLongForAPermit() {
        AsyncSemaphore one = AsyncSemaphore.create(1);
        StepVerifier.withVirtualTime(() -> {
                    one.withPermit(Tasks.sleep(ofSeconds(1))).subscribe();
                    return one.acquire(1, ofMillis(200));
                })
                .expectSubscription()
                .expectNoEvent(ofMillis(199))
                .thenAwait(ofMillis(1))
                .expectError(AcquireTimeoutException.class)
                .verify(LIMIT);
        StepVerifier.withVirtualTime(() -> one.withPermit(Mono.just("later")))
                .thenAwait(ofSeconds(1))
                .expectNextCount(0)
                .thenCancel()
                .verify(LIMIT);
    }

    @Test
    @NaiveTwin(
            row = "B6",
            value = "`acquire.timeout(200 ms)` drops a permit that is granted in that instant; `doOnDiscard`"
                    + " is not told.")
    void timeoutDropsAPermitThatIsOnItsWay() {
        TestPublisher<String> grant = TestPublisher.createNoncompliant(TestPublisher.Violation.DEFER_CANCELLATION);
        List<String> givenBack = new ArrayList<>();
        StepVerifier.withVirtualTime(
                        () -> grant.mono().timeout(ofMillis(200)).doOnDiscard(String.class, givenBack::add))
                .thenAwait(ofMillis(200))
                .then(() -> grant.next("permit"))
                .expectErrorSatisfies(error -> assertThat(givenBack).isEmpty())
                .verifyThenAssertThat()
                .hasDropped("permit");
        assertThat(givenBack).isEmpty();
    }

    @Test
    @Recipe(row = "B7", value = "One at a time for each key, different keys together; idle keys cost nothing.")
    void oneAtATimeForEachKey() {
        KeyedLocks<Integer> users = KeyedLocks.create();
        List<String> ends = Collections.synchronizedList(new ArrayList<>());
        StepVerifier.withVirtualTime(() -> Tasks.join(numbers(3_000).stream()
                        .map(n -> users.withLock(
                                n % 1_000, call(n).doOnNext(end -> ends.add(n % 1_000 + ":" + n / 1_000))))
                        .toList()))
                .expectSubscription()
                .expectNoEvent(ofMillis(299))
                .thenAwait(ofMillis(1))
                .verifyComplete();
        assertThat(peak).hasValue(1_000);
        assertThat(ends.stream().filter(end -> end.startsWith("7:"))).containsExactly("7:0", "7:1", "7:2");
        assertThat(users.size()).isZero();
    }

    @Test
    @NaiveTwin(row = "B7", value = "`groupBy(key).concatMap(…)` hangs when the other groups are full.")
    void groupByHangs() {
        AtomicBoolean ended = new AtomicBoolean();
        Disposable stuck = Flux.range(0, 2_000)
                .groupBy(n -> n % 4)
                .concatMap(group -> group.concatMap(Mono::just))
                .doFinally(end -> ended.set(true))
                .subscribe();
        // Nothing here leaves this thread: what has not ended by now never will.
        assertThat(ended).isFalse();
        stuck.dispose();
    }

    @Test
    @Recipe(
            row = "B8",
            value = "A hundred per second for all callers together, with a burst; who leaves the line takes no"
                    + " turn.")
    void aHundredPerSecond() {
        List<Long> starts = new ArrayList<>();
        PublisherProbe<Integer> left = PublisherProbe.of(Mono.just(-1));
        StepVerifier.withVirtualTime(() -> {
                    RateLimiter limiter = RateLimiter.tokenBucket(100, 100);
                    Mono<Void> calls = Tasks.join(numbers(250).stream()
                            .map(n -> limiter.limit(Mono.fromRunnable(
                                    () -> starts.add(Schedulers.parallel().now(TimeUnit.MILLISECONDS)))))
                            .toList());
                    return calls.doOnSubscribe(s -> {
                        limiter.limit(Mono.empty()).subscribe();
                        Disposable leaver = limiter.limit(left.mono()).subscribe();
                        Schedulers.parallel().schedule(leaver::dispose, 1, TimeUnit.MILLISECONDS);
                    });
                })
                .thenAwait(ofSeconds(3))
                .verifyComplete();
        assertThat(starts.stream().filter(at -> at == 0).count()).isBetween(98L, 100L);
        assertThat(starts.stream().filter(at -> at <= 1_000).count()).isBetween(198L, 200L);
        assertThat(starts.get(249)).isBetween(1_490L, 1_530L);
    }

    @Test
    @NaiveTwin(
            row = "B8",
            value = "`limitRate(10)` is about prefetch and limits nothing; `delayElements` limits each stream"
                    + " for itself.")
    void limitRateIsNoLimit() {
        StepVerifier.withVirtualTime(() -> Flux.range(0, 1_000).limitRate(10))
                .expectNextCount(1_000)
                .verifyComplete();
        Supplier<Flux<Long>> paced = () -> Flux.range(0, 10).map(n -> 1L).delayElements(ofMillis(100));
        StepVerifier.withVirtualTime(() -> Flux.merge(paced.get(), paced.get()))
                .thenAwait(ofMillis(100))
                .expectNextCount(2)
                .thenCancel()
                .verify(LIMIT);
    }

    @Test
    @Recipe(row = "B19", value = "Traffic is held until the warm-up is done; afterwards an event costs nothing.")
    void heldUntilWarm() {
        AsyncEvent warm = AsyncEvent.create();
        StepVerifier.withVirtualTime(() -> {
                    Mono<String> request = warm.await().thenReturn("answer");
                    Schedulers.parallel().schedule(warm::set, 300, TimeUnit.MILLISECONDS);
                    Mono<String> impatient = request.timeout(ofMillis(100)).onErrorReturn("not ready");
                    return Tasks.gather(List.of(request, request, impatient, request));
                })
                .expectSubscription()
                .expectNoEvent(ofMillis(299))
                .thenAwait(ofMillis(1))
                .expectNext(List.of("answer", "answer", "not ready", "answer"))
                .verifyComplete();
        assertThat(warm.statistics().waiting()).isZero();
        StepVerifier.create(warm.await()).verifyComplete();
    }

    @Test
    @NaiveTwin(row = "B19", value = "A `CountDownLatch` blocks the event loop; polling comes late.")
    void latchBlocksAndPollingIsLate() {
        CountDownLatch warm = new CountDownLatch(1);
        StepVerifier.create(
                        Mono.fromCallable(() -> warm.await(1, TimeUnit.SECONDS)).subscribeOn(Schedulers.parallel()))
                .expectError(BlockingOperationError.class)
                .verify(LIMIT);
        StepVerifier.withVirtualTime(() -> {
                    AtomicBoolean ready = new AtomicBoolean();
                    Schedulers.parallel().schedule(() -> ready.set(true), 101, TimeUnit.MILLISECONDS);
                    return Mono.defer(() -> ready.get() ? Mono.just("answer") : Mono.empty())
                            .repeatWhenEmpty(again -> again.delayElements(ofMillis(100)));
                })
                .expectSubscription()
                .expectNoEvent(ofMillis(199))
                .thenAwait(ofMillis(1))
                .expectNext("answer")
                .verifyComplete();
    }
}
