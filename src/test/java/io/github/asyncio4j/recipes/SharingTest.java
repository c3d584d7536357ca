package io.github.asyncio4j.recipes;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.task.BackgroundTasks;
import io.github.asyncio4j.task.Outcome;
import io.github.asyncio4j.task.Tasks;
import io.github.asyncio4j.testing.NaiveTwin;
import io.github.asyncio4j.testing.Recipe;
import io.github.asyncio4j.thread.Threads;
import io.micrometer.context.ContextRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.util.context.Context;

/** What several callers share: one load, one queue, and what a thread knows of its user. */
class SharingTest {

    private static final Duration LIMIT = ofSeconds(20);
    private static final String KEY = "recipe-user";
    private static final ThreadLocal<String> USER = new ThreadLocal<>();

    private final BackgroundTasks owner =
            BackgroundTasks.builder().name("loads").build();
    private final AtomicInteger loads = new AtomicInteger();

    @AfterEach
    void nothingRuns() {
        owner.dispose();
        Hooks.disableAutomaticContextPropagation();
        ContextRegistry.getInstance().removeThreadLocalAccessor(KEY);
        USER.remove();
        assertThat(Tasks.all()).isEmpty();
    }

    private Mono<String> load(String key) {
        return Mono.defer(() -> {
            int nth = loads.incrementAndGet();
            return Tasks.sleep(ofMillis(100))
                    .then(nth == 1 ? Mono.error(new IOException("cold")) : Mono.just(key + nth));
        });
    }

    @Test
    @Recipe(
            row = "B17",
            value = "One load for a hundred callers; a failure is not kept, one who leaves harms nobody, the"
                    + " last one cancels.")
    void oneLoadForAHundredCallers() {
        SingleFlight<String, String> flights = new SingleFlight<>(owner, ofSeconds(10), this::load);
        Mono<List<Outcome<String>>> hundred = Tasks.gatherSettled(Collections.nCopies(100, flights.get("k")));
        StepVerifier.withVirtualTime(() -> hundred)
                .thenAwait(ofMillis(100))
                .assertNext(all -> assertThat(all).allMatch(Outcome::isFailure))
                .verifyComplete();
        assertThat(loads).hasValue(1);
        assertThat(flights.size()).isZero();
        StepVerifier.withVirtualTime(() -> {
                    Disposable leaves = flights.get("k").subscribe();
                    return Tasks.sleep(ofMillis(50))
                            .doOnSuccess(half -> leaves.dispose())
                            .then(hundred)
                            .doOnSubscribe(s -> flights.get("k").subscribe());
                })
                .thenAwait(ofMillis(100))
                .assertNext(all -> assertThat(all).allMatch(one -> one.value().equals(Optional.of("k2"))))
                .verifyComplete();
        assertThat(loads).hasValue(2);
        StepVerifier.withVirtualTime(() -> flights.get("other"))
                .then(() -> assertThat(owner.active()).isEqualTo(1))
                .thenCancel()
                .verify(LIMIT);
        assertThat(owner.active()).isZero();
    }

    @Test
    @Recipe(row = "B17", value = "What was loaded is good for its time, then it is loaded again.")
    void loadedAgainWhenItsTimeIsOver() {
        loads.set(1);
        SingleFlight<String, String> flights = new SingleFlight<>(owner, ofSeconds(10), this::load);
        StepVerifier.withVirtualTime(() -> flights.get("k")
                        .then(Tasks.sleep(ofSeconds(9)))
                        .then(flights.get("k"))
                        .concatWith(Tasks.sleep(ofSeconds(2)).then(flights.get("k"))))
                .thenAwait(ofSeconds(12))
                .expectNext("k2", "k3")
                .verifyComplete();
    }

    @Test
    @NaiveTwin(
            row = "B17",
            value = "A map of `cache()`d Monos keeps a failure for ever; a shared future dies with one"
                    + " caller's timeout.")
    void cachedFailureAndSharedFuture() {
        ConcurrentMap<String, Mono<String>> cache = new ConcurrentHashMap<>();
        Mono<String> cached =
                Mono.defer(() -> cache.computeIfAbsent("k", key -> load(key).cache()));
        for (int i = 0; i < 2; i++) {
            StepVerifier.withVirtualTime(() -> cached).thenAwait(ofMillis(100)).verifyErrorMessage("cold");
        }
        assertThat(loads).hasValue(1);
        CompletableFuture<String> shared = new CompletableFuture<>();
        StepVerifier.withVirtualTime(() -> Mono.fromFuture(shared).timeout(ofMillis(100)))
                .thenAwait(ofMillis(100))
                .verifyError(TimeoutException.class);
        StepVerifier.create(Mono.fromFuture(shared)).verifyError(CancellationException.class);
    }

    @Test
    @NaiveTwin(
            row = "B18",
            value = "`Sinks.many()`: what one thread emits while another does is refused, mostly unnoticed.")
    void sinkRefusesASecondProducer() throws Exception {
        Sinks.Many<Integer> sink = Sinks.many().unicast().onBackpressureBuffer();
        AtomicReference<Sinks.EmitResult> second = new AtomicReference<>();
        sink.asFlux()
                .subscribe(item -> second.set(
                        CompletableFuture.supplyAsync(() -> sink.tryEmitNext(2)).join()));
        assertThat(sink.tryEmitNext(1)).isEqualTo(Sinks.EmitResult.OK);
        assertThat(second).hasValue(Sinks.EmitResult.FAIL_NON_SERIALIZED);
    }

    private static String user() {
        return Objects.requireNonNullElse(USER.get(), "nobody");
    }

    private Mono<List<String>> everywhere() {
        Mono<String> elsewhere = Mono.delay(ofMillis(1)).map(tick -> user());
        return Tasks.gather(List.of(
                elsewhere,
                Threads.toThread(SharingTest::user),
                owner.submit(elsewhere).flatMap(task -> task.await())));
    }

    @Test
    @Recipe(
            row = "B22",
            value = "The trace id in gather, in `toThread` and in background tasks, and nowhere afterwards.")
    void traceIdEverywhere() {
        ContextRegistry.getInstance().registerThreadLocalAccessor(KEY, USER);
        Hooks.enableAutomaticContextPropagation();
        StepVerifier.create(everywhere().contextWrite(Context.of(KEY, "ann")))
                .expectNext(List.of("ann", "ann", "ann"))
                .expectComplete()
                .verify(LIMIT);
        assertThat(user()).isEqualTo("nobody");
        StepVerifier.create(Tasks.gather(IntStream.range(0, 20)
                        .mapToObj(i -> Threads.toThread(SharingTest::user))
                        .toList()))
                .assertNext(seen -> assertThat(seen).containsOnly("nobody"))
                .expectComplete()
                .verify(LIMIT);
    }

    @Test
    @NaiveTwin(row = "B22", value = "`subscribeOn(boundedElastic())` alone: the ThreadLocal stays behind.")
    void threadLocalStaysBehind() {
        USER.set("ann");
        StepVerifier.create(Mono.fromCallable(SharingTest::user).subscribeOn(Schedulers.boundedElastic()))
                .expectNext("nobody")
                .expectComplete()
                .verify(LIMIT);
    }
}
