package io.github.asyncio4j.recipes;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.task.BackgroundTasks;
import io.github.asyncio4j.task.TaskGroup;
import io.github.asyncio4j.task.Tasks;
import io.github.asyncio4j.testing.NaiveTwin;
import io.github.asyncio4j.testing.Recipe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.test.publisher.PublisherProbe;
import reactor.util.context.Context;

/** Who owns work that is not part of the answer, and what becomes of it when the client leaves. */
class OwnershipTest {

    private static final Duration LIMIT = ofSeconds(20);

    private final List<String> log = new ArrayList<>();

    @AfterEach
    void nothingRuns() {
        assertThat(Tasks.all()).isEmpty();
    }

    private Mono<Void> save(String what) {
        return Mono.deferContextual(context -> Tasks.sleep(ofMillis(100))
                .then(Mono.fromRunnable(() -> log.add(what + " by " + context.getOrDefault("user", "nobody")))));
    }

    @Test
    @Recipe(
            row = "B14",
            value = "An audit record after the answer: it has the Context, a bound, and is drained at shutdown.")
    void auditAfterTheAnswer() {
        BackgroundTasks audits =
                BackgroundTasks.builder().name("audit").capacity(1).build();
        StepVerifier.withVirtualTime(() -> Mono.just("order")
                        .flatMap(order -> audits.submit(save(order)).thenReturn(order))
                        .doOnNext(order -> log.add("answered"))
                        .flatMap(order -> audits.submit(save("one too many"))
                                .onErrorResume(RejectedExecutionException.class, full -> Mono.empty())
                                .thenReturn(order))
                        .contextWrite(Context.of("user", "ann")))
                .expectNext("order")
                .verifyComplete();
        assertThat(log).containsExactly("answered");
        assertThat(audits.active()).isEqualTo(1);
        audits.dispose();
    }

    @Test
    @Recipe(row = "B14", value = "`close()` refuses new work and completes when the last record is saved.")
    void shutdownDrains() {
        BackgroundTasks audits = BackgroundTasks.builder().name("audit").build();
        StepVerifier.withVirtualTime(() -> audits.submit(save("order"))
                        .contextWrite(Context.of("user", "ann"))
                        .then(audits.close()))
                .expectSubscription()
                .expectNoEvent(ofMillis(99))
                .thenAwait(ofMillis(1))
                .verifyComplete();
        assertThat(log).containsExactly("order by ann");
    }

    @Test
    @NaiveTwin(row = "B14", value = "A nested `subscribe()`: no Context, no bound, and nobody can wait for it.")
    void nestedSubscribe() {
        StepVerifier.withVirtualTime(() -> Mono.just("order")
                        .doOnNext(order -> save(order).subscribe())
                        .contextWrite(Context.of("user", "ann"))
                        .doOnSuccess(order -> log.add("shut down")))
                .expectNext("order")
                .expectComplete()
                .verify(LIMIT);
        // All there was to wait for has ended, and the record is not there.
        assertThat(log).containsExactly("shut down");
    }

    @Test
    @NaiveTwin(row = "B14", value = "And when it is saved after all, it does not know for whom.")
    void nestedSubscribeHasNoContext() {
        StepVerifier.withVirtualTime(() -> Mono.just("order")
                        .doOnNext(order -> save(order).subscribe())
                        .then(Tasks.sleep(ofSeconds(1)))
                        .contextWrite(Context.of("user", "ann")))
                .thenAwait(ofSeconds(1))
                .verifyComplete();
        assertThat(log).containsExactly("order by nobody");
    }

    @Test
    @Recipe(row = "B15", value = "Children die with the request, or with a sibling; a late child never runs.")
    void childrenDieWithTheRequest() {
        PublisherProbe<String> first = PublisherProbe.of(Mono.never());
        PublisherProbe<String> second = PublisherProbe.of(Mono.never());
        AtomicReference<TaskGroup> kept = new AtomicReference<>();
        StepVerifier.create(TaskGroup.using(group -> {
                    kept.set(group);
                    group.createTask(first.mono());
                    return group.createTask(second.mono()).await();
                }))
                .then(second::assertWasSubscribed)
                .thenCancel()
                .verify(LIMIT);
        first.assertWasCancelled();
        second.assertWasCancelled();
        PublisherProbe<String> late = PublisherProbe.of(Mono.just("late"));
        assertThat(kept.get().createTask(late.mono()).isCancelled()).isTrue();
        late.assertWasNotSubscribed();
    }

    @Test
    @NaiveTwin(row = "B15", value = "Children that were subscribed by hand run on when the client has gone.")
    void childrenSubscribedByHandLiveOn() {
        Sinks.One<String> answer = Sinks.one();
        PublisherProbe<String> child = PublisherProbe.of(answer.asMono());
        StepVerifier.create(Mono.just("request")
                        .doOnNext(request -> child.mono().subscribe())
                        .then(Mono.never()))
                .then(child::assertWasSubscribed)
                .thenCancel()
                .verify(LIMIT);
        child.assertWasNotCancelled();
        assertThat(answer.currentSubscriberCount()).isEqualTo(1);
    }

    @Test
    @Recipe(row = "B16", value = "The payment goes on when the client leaves; it is owned, and shutdown waits for it.")
    void paymentGoesOnWithoutTheClient() {
        BackgroundTasks payments = BackgroundTasks.builder().name("payments").build();
        Sinks.One<String> bank = Sinks.one();
        PublisherProbe<String> payment = PublisherProbe.of(bank.asMono());
        StepVerifier.create(payments.submit(payment.mono()).flatMap(paid -> paid.await()))
                .then(payment::assertWasSubscribed)
                .thenCancel()
                .verify(LIMIT);
        payment.assertWasNotCancelled();
        assertThat(payments.active()).isEqualTo(1);
        StepVerifier.create(payments.close())
                .expectSubscription()
                .then(() -> assertThat(payments.active()).isEqualTo(1))
                .then(() -> bank.tryEmitValue("paid"))
                .expectComplete()
                .verify(LIMIT);
        assertThat(payments.active()).isZero();
    }

    @Test
    @NaiveTwin(row = "B16", value = "A plain chain is cancelled half-way: charged, but not booked.")
    void plainChainIsCutInTwo() {
        PublisherProbe<Void> booked = PublisherProbe.empty();
        Mono<Void> pay = Mono.fromRunnable(() -> log.add("charged"))
                .then(Mono.<Void>never())
                .then(booked.mono());
        StepVerifier.create(pay)
                .then(() -> assertThat(log).containsExactly("charged"))
                .thenCancel()
                .verify(LIMIT);
        booked.assertWasNotSubscribed();
    }
}
