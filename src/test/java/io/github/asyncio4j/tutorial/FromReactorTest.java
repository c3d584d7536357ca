package io.github.asyncio4j.tutorial;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.resource.AsyncResource;
import io.github.asyncio4j.sync.AsyncSemaphore;
import io.github.asyncio4j.sync.KeyedLocks;
import io.github.asyncio4j.task.BackgroundTasks;
import io.github.asyncio4j.task.Outcome;
import io.github.asyncio4j.task.Task;
import io.github.asyncio4j.task.TaskGroup;
import io.github.asyncio4j.task.Tasks;
import io.github.asyncio4j.thread.Threads;
import io.github.asyncio4j.time.DeadlineExceededException;
import io.github.asyncio4j.time.Timeouts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.util.context.Context;
import reactor.util.function.Tuple2;
import reactor.util.retry.Retry;

/** The code of docs/tutorial-reactor.md. */
class FromReactorTest {

    private final List<String> log = new ArrayList<>();

    private Mono<String> user() {
        return Mono.just("ann");
    }

    private Mono<String> avatar() {
        return Mono.empty();
    }

    private Mono<String> fetch(String item) {
        return Tasks.sleep(Duration.ofMillis(100)).thenReturn(item);
    }

    @Test
    void zipBecomesGather() {
        // region gather
        Mono<Tuple2<String, Optional<String>>> page = Tasks.gather(user(), avatar().singleOptional());
        Mono<List<Outcome<String>>> whatCame = Tasks.gatherSettled(List.of(user(), avatar()));
        // endregion
        StepVerifier.create(page)
                .assertNext(both -> assertThat(both.getT2()).isEmpty())
                .verifyComplete();
        StepVerifier.create(whatCame)
                .assertNext(outcomes -> assertThat(outcomes.get(1).isEmpty()).isTrue())
                .verifyComplete();
    }

    @Test
    void oneLimitForAll() {
        StepVerifier.withVirtualTime(() -> {
                    // region limit
                    AsyncSemaphore backend = AsyncSemaphore.create(2);
                    Flux<String> orders = Flux.just("a", "b", "c").flatMap(id -> backend.withPermit(fetch(id)));
                    Flux<String> bills = Flux.just("d", "e", "f").flatMap(id -> backend.withPermit(fetch(id)));
                    // endregion
                    return Flux.merge(orders, bills);
                })
                .expectSubscription()
                .expectNoEvent(Duration.ofMillis(99))
                .thenAwait(Duration.ofMillis(1))
                .expectNextCount(2)
                .expectNoEvent(Duration.ofMillis(99))
                .thenAwait(Duration.ofMillis(101))
                .expectNextCount(4)
                .verifyComplete();
    }

    private Mono<Void> audit(String order) {
        return Mono.deferContextual(context -> Mono.fromRunnable(() -> log.add(order + " by " + context.get("user"))));
    }

    @Test
    void fireAndForgetHasAnOwner() {
        // region background
        BackgroundTasks audits = BackgroundTasks.builder()
                .name("audits")
                .capacity(100)
                .onError((task, error) -> log.add(task.name() + " failed"))
                .build();
        Mono<String> answer = Mono.just("order 1")
                .flatMap(order -> audits.submit(audit(order)).thenReturn("accepted"));
        // endregion
        StepVerifier.create(answer.contextWrite(Context.of("user", "ann")))
                .expectNext("accepted")
                .verifyComplete();
        // region shutdown
        Mono<Void> shutdown = audits.close(Duration.ofSeconds(10));
        // endregion
        StepVerifier.create(shutdown).verifyComplete();
        assertThat(log).containsExactly("order 1 by ann");
    }

    @Test
    void childrenOfARequest() {
        StepVerifier.withVirtualTime(() -> {
                    // region group
                    Mono<String> page = TaskGroup.using(group -> {
                        Task<String> books = group.createTask("books", fetch("books"));
                        return user().flatMap(user -> books.await().map(found -> user + ": " + found));
                    });
                    // endregion
                    return page;
                })
                .thenAwait(Duration.ofMillis(100))
                .expectNext("ann: books")
                .verifyComplete();
    }

    @Test
    void oneDeadline() {
        StepVerifier.withVirtualTime(() -> {
                    Mono<String> call =
                            Tasks.sleep(Duration.ofMillis(400)).then(Mono.error(new IllegalStateException()));
                    // region deadline
                    Mono<String> withinASecond = Timeouts.timeout(
                            call.retryWhen(Retry.fixedDelay(5, Duration.ofMillis(300))), Duration.ofSeconds(1), "call");
                    // endregion
                    return withinASecond;
                })
                .thenAwait(Duration.ofSeconds(1))
                .verifyError(DeadlineExceededException.class);
    }

    @Test
    void closedBeforeTheErrorIsSeen() {
        Mono<String> connect = Mono.just("connection");
        StepVerifier.withVirtualTime(() -> {
                    // region resource
                    AsyncResource<String> connection = AsyncResource.of(
                            connect,
                            open -> Tasks.sleep(Duration.ofMillis(300))
                                    .then(Mono.fromRunnable(() -> log.add("closed"))));
                    Mono<String> late = Timeouts.timeout(connection.use(open -> Mono.never()), Duration.ofMillis(100));
                    // endregion
                    return late;
                })
                .expectSubscription()
                .expectNoEvent(Duration.ofMillis(399))
                .thenAwait(Duration.ofMillis(1))
                .verifyErrorSatisfies(error -> assertThat(log).containsExactly("closed"));
    }

    @Test
    void blockingAndKeys() {
        // region keyed
        KeyedLocks<String> accounts = KeyedLocks.create();
        Mono<String> booking = accounts.withLock("account 7", Threads.toThread(() -> "booked"));
        // endregion
        StepVerifier.create(booking).expectNext("booked").expectComplete().verify(Duration.ofSeconds(20));
        assertThat(accounts.size()).isZero();
    }
}
