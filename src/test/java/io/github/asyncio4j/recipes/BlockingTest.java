package io.github.asyncio4j.recipes;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.task.Tasks;
import io.github.asyncio4j.testing.NaiveTwin;
import io.github.asyncio4j.testing.Recipe;
import io.github.asyncio4j.thread.OnCancel;
import io.github.asyncio4j.thread.Threads;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.blockhound.BlockingOperationError;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.publisher.PublisherProbe;

/** The course on what must not happen on an event loop, and on threads for what must happen somewhere. */
class BlockingTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final ExecutorService loop = Executors.newSingleThreadExecutor(code -> new Thread(code, "loop"));
    private final CountDownLatch never = new CountDownLatch(1);

    @AfterEach
    void stop() {
        loop.shutdownNow();
    }

    /** What a driver without an asynchronous API does. */
    private String blocking(Duration takes) throws InterruptedException {
        never.await(takes.toMillis(), TimeUnit.MILLISECONDS);
        return Thread.currentThread().getName();
    }

    @Test
    @Recipe(row = "28", value = "Three workers that wait for a second share one event loop: one second.")
    void threeWorkersThatWait() {
        StepVerifier.withVirtualTime(() ->
                        Tasks.join(Tasks.sleep(ofSeconds(1)), Tasks.sleep(ofSeconds(1)), Tasks.sleep(ofSeconds(1))))
                .expectSubscription()
                .expectNoEvent(ofMillis(999))
                .thenAwait(ofMillis(1))
                .verifyComplete();
    }

    @Test
    @NaiveTwin(row = "28", value = "Three that block it take their turns: three times as long.")
    void threeWorkersThatBlockTheLoop() {
        Scheduler oneThread = Schedulers.fromExecutorService(loop);
        Mono<String> worker = Mono.fromCallable(() -> blocking(ofMillis(100))).subscribeOn(oneThread);
        long start = System.nanoTime();
        StepVerifier.create(Tasks.gather(List.of(worker, worker, worker)))
                .expectNext(List.of("loop", "loop", "loop"))
                .expectComplete()
                .verify(LIMIT);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(ofMillis(295));
    }

    @Test
    @NaiveTwin(row = "28", value = "On a thread that is marked as non-blocking, BlockHound names the call.")
    void blockHoundNamesTheCall() {
        StepVerifier.create(Mono.fromCallable(() -> blocking(ofSeconds(1))).subscribeOn(Schedulers.parallel()))
                .expectErrorSatisfies(error -> assertThat(error)
                        .isInstanceOf(BlockingOperationError.class)
                        .hasMessageContaining("Unsafe#park"))
                .verify(LIMIT);
    }

    @Test
    @Recipe(row = "29", value = "A pool of your own, the processors' pool, the default pool; a cancel in three ways.")
    void eachPoolHasItsThreads() {
        StepVerifier.create(Tasks.gather(
                        Threads.runInExecutor(loop, () -> blocking(ofMillis(1))),
                        Threads.onCpu(() -> Thread.currentThread().getName()),
                        Threads.toThread(() -> blocking(ofMillis(1)))))
                .assertNext(threads -> {
                    assertThat(threads.getT1()).isEqualTo("loop");
                    assertThat(threads.getT2()).startsWith("parallel");
                    assertThat(threads.getT3()).startsWith("boundedElastic");
                })
                .expectComplete()
                .verify(LIMIT);
        for (OnCancel mode : OnCancel.values()) {
            AtomicBoolean interrupted = new AtomicBoolean();
            CountDownLatch running = new CountDownLatch(1);
            CountDownLatch release = new CountDownLatch(1);
            CountDownLatch ended = new CountDownLatch(1);
            Mono<Object> call = Threads.toThread(
                    () -> {
                        running.countDown();
                        try {
                            release.await();
                        } catch (InterruptedException e) {
                            interrupted.set(true);
                            throw e;
                        } finally {
                            ended.countDown();
                        }
                        return "late";
                    },
                    mode);
            StepVerifier.create(call).then(() -> await(running)).thenCancel().verify(LIMIT);
            if (mode != OnCancel.INTERRUPT) {
                release.countDown();
            }
            await(ended);
            assertThat(interrupted.get()).isEqualTo(mode == OnCancel.INTERRUPT);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    @Recipe(
            row = "30",
            value = "Four bugs mended: sleep that waits, computing elsewhere, fetching together, a result that"
                    + " is used.")
    void fourBugsMended() {
        StepVerifier.withVirtualTime(() -> Tasks.sleep(ofSeconds(1)).thenReturn("waited"))
                .thenAwait(ofSeconds(1))
                .expectNext("waited")
                .verifyComplete();
        StepVerifier.create(Mono.defer(() -> Threads.runInExecutor(loop, this::sumUp))
                        .subscribeOn(Schedulers.single()))
                .expectNext("4950 on loop")
                .expectComplete()
                .verify(LIMIT);
        StepVerifier.withVirtualTime(() -> Tasks.map(List.of("a", "b", "c"), 10, this::fetch))
                .expectSubscription()
                .expectNoEvent(ofMillis(999))
                .thenAwait(ofMillis(1))
                .expectNext(List.of("a", "b", "c"))
                .verifyComplete();
        PublisherProbe<String> saved = PublisherProbe.of(Mono.just("saved"));
        StepVerifier.create(fetch("a").transform(page -> saved.mono()))
                .expectNext("saved")
                .verifyComplete();
        saved.assertWasSubscribed();
    }

    private String sumUp() {
        return IntStream.range(0, 100).sum() + " on " + Thread.currentThread().getName();
    }

    private Mono<String> fetch(String url) {
        return Tasks.sleep(ofSeconds(1)).thenReturn(url);
    }

    @Test
    @NaiveTwin(
            row = "30",
            value = "The bugs: a blocking sleep, a loop that computes on the event loop, `concatMap`, a `Mono`"
                    + " dropped.")
    void theFourBugs() {
        StepVerifier.create(Mono.fromCallable(() -> blocking(ofSeconds(1))).subscribeOn(Schedulers.parallel()))
                .expectError(BlockingOperationError.class)
                .verify(LIMIT);
        StepVerifier.create(Mono.fromCallable(this::sumUp).subscribeOn(Schedulers.single()))
                .assertNext(sum -> assertThat(sum).contains("on single"))
                .expectComplete()
                .verify(LIMIT);
        StepVerifier.withVirtualTime(
                        () -> Flux.just("a", "b", "c").concatMap(this::fetch).collectList())
                .expectSubscription()
                .expectNoEvent(ofMillis(2999))
                .thenAwait(ofMillis(1))
                .expectNextCount(1)
                .verifyComplete();
        PublisherProbe<String> saved = PublisherProbe.of(Mono.just("saved"));
        StepVerifier.create(Mono.just("page").doOnNext(page -> saved.mono()))
                .expectNext("page")
                .verifyComplete();
        saved.assertWasNotSubscribed();
    }
}
