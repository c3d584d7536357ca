package io.github.asyncio4j.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.test.publisher.PublisherProbe;
import reactor.test.scheduler.VirtualTimeScheduler;

/** What an asyncio user does with gather and its kin, and what comes out here, in virtual time. */
class GatherLikeAsyncioTest {

    private VirtualTimeScheduler clock;
    private final List<String> printed = new ArrayList<>();

    @BeforeEach
    void virtualTime() {
        clock = VirtualTimeScheduler.getOrSet();
    }

    @AfterEach
    void nothingIsLeftRunning() {
        VirtualTimeScheduler.reset();
        assertThat(Tasks.all()).isEmpty();
    }

    private void print(String text) {
        printed.add(clock.now(java.util.concurrent.TimeUnit.MILLISECONDS) + " " + text);
    }

    private Mono<String> say(String what, int millis) {
        return Tasks.sleep(Duration.ofMillis(millis)).then(Mono.fromSupplier(() -> {
            print(what);
            return what;
        }));
    }

    private static <T> Mono<T> failing(int millis, Throwable error) {
        return Tasks.sleep(Duration.ofMillis(millis)).then(Mono.error(error));
    }

    /** Runs to the end, jumping the clock by tenths of a second. */
    private <T> Outcome<T> run(Mono<T> main) {
        Task<T> task = Tasks.create(main);
        for (int i = 0; i < 1_000 && !task.isDone(); i++) {
            clock.advanceTimeBy(Duration.ofMillis(100));
        }
        return task.outcome();
    }

    @Nested
    class Differences {

        @Test
        void theSameMonoTwiceRunsTwiceTheSameTaskOnce() {
            Mono<String> mono = say("ran", 100);
            run(Tasks.gather(mono, mono));
            assertThat(printed).hasSize(2);
            printed.clear();
            Task<String> task = Tasks.create(mono);
            assertThat(run(Tasks.gather(List.of(task.await(), task.await()))).orElseThrow())
                    .containsExactly("ran", "ran");
            assertThat(printed).hasSize(1);
        }

        @Test
        void siblingsOfAFailureAreCancelledUnlessTheyAreTasks() {
            Task<String> task = Tasks.create(say("task", 2000));
            Outcome<List<String>> outcome =
                    run(Tasks.gather(List.of(say("mono", 2000), task.await(), failing(1000, new IOException("x")))));
            assertThat(outcome.isFailure()).isTrue();
            assertThat(task.isDone()).isFalse();
            clock.advanceTimeBy(Duration.ofSeconds(5));
            assertThat(task.outcome()).isEqualTo(Outcome.success("task"));
            assertThat(printed).containsExactly("2000 task");
        }

        @Test
        void aTaskCancelledBySomebodyElseFailsGatherAndIsAnOutcomeOfGatherSettled() {
            Task<String> task = Tasks.create("victim", Mono.never(), reactor.util.context.Context.empty());
            Task<List<String>> gather = Tasks.create(Tasks.gather(List.of(task.await(), say("sibling", 1000))));
            Task<List<Outcome<String>>> settled =
                    Tasks.create(Tasks.gatherSettled(List.of(task.await(), say("sibling", 1000))));
            task.cancel("no longer wanted");
            assertThat(gather.outcome().error())
                    .get()
                    .isInstanceOfSatisfying(
                            TaskCancelledException.class,
                            e -> assertThat(e.task()).isEqualTo("victim"));
            clock.advanceTimeBy(Duration.ofSeconds(1));
            assertThat(settled.outcome().orElseThrow().get(0).isCancelled()).isTrue();
            assertThat(settled.outcome().orElseThrow().get(1)).isEqualTo(Outcome.success("sibling"));
        }

        @Test
        void cancelWaitsForTheCleanupOfAllNotOfTheFirst() {
            Task<List<Object>> gather = Tasks.create(
                    Tasks.gather(List.of(Cleaning.in(Duration.ofSeconds(1)), Cleaning.in(Duration.ofSeconds(4)))));
            List<Task<List<Object>>> ended = new ArrayList<>();
            gather.cancelAndJoin("enough").subscribe(null, null, () -> ended.add(gather));
            clock.advanceTimeBy(Duration.ofMillis(3_999));
            assertThat(ended).isEmpty();
            clock.advanceTimeBy(Duration.ofMillis(1));
            assertThat(ended).hasSize(1);
        }

        @Test
        void leavingAsCompletedEarlyCancelsTheRestUnlessTheyAreTasks() {
            Task<String> task = Tasks.create(say("task", 2000));
            PublisherProbe<String> mono = PublisherProbe.of(say("mono", 2000));
            run(Tasks.asCompleted(List.of(say("first", 100), task.await(), mono.mono()))
                    .next());
            mono.assertWasCancelled();
            clock.advanceTimeBy(Duration.ofSeconds(5));
            assertThat(printed).containsExactly("100 first", "2000 task");
        }

        @Test
        void asCompletedWithATimeLimitTellsItOnceAndCancelsTheRest() {
            PublisherProbe<String> slow = PublisherProbe.of(say("slow", 9000));
            List<String> seen = new ArrayList<>();
            Outcome<Void> outcome = run(Tasks.asCompleted(List.of(say("fast", 500), slow.mono()))
                    .doOnNext(completion -> seen.add(completion.outcome().orElseThrow()))
                    .then()
                    .timeout(Duration.ofSeconds(1)));
            assertThat(outcome.error()).get().isInstanceOf(TimeoutException.class);
            assertThat(seen).containsExactly("fast");
            slow.assertWasCancelled();
        }

        @Test
        void cancellingWhatIsDoneDoesNothing() {
            Task<List<String>> gather = Tasks.create(Tasks.gather(List.of(Mono.just("a"))));
            assertThat(gather.cancel()).isFalse();
            assertThat(gather.outcome().orElseThrow()).containsExactly("a");
        }

        @Test
        void valueAndFailureOfTheSameInstantFail() {
            Outcome<List<String>> outcome =
                    run(Tasks.gather(List.of(say("value", 1000), failing(1000, new IOException("x")))));
            assertThat(outcome.isFailure()).isTrue();
        }
    }

    @Nested
    class Hedging {

        @Test
        void staggeredRaceStartsTheNextWhenThePreviousFailsOrTheDelayIsOver() {
            List<Mono<String>> attempts = List.of(
                    Mono.defer(() -> {
                        print("start 1");
                        return failing(300, new IOException("1"));
                    }),
                    Mono.defer(() -> {
                        print("start 2");
                        return say("2", 5000);
                    }),
                    Mono.defer(() -> {
                        print("start 3");
                        return say("3", 500);
                    }));
            Outcome<String> winner = run(Tasks.hedge(Duration.ofSeconds(1), attempts));
            assertThat(winner).isEqualTo(Outcome.success("3"));
            assertThat(printed).containsExactly("0 start 1", "300 start 2", "1300 start 3", "1800 3");
        }

        @Test
        void theSameRequestThreeTimes() {
            AtomicInteger requests = new AtomicInteger();
            Mono<String> request = Mono.defer(() -> say("answer", requests.incrementAndGet() == 3 ? 100 : 10_000));
            Outcome<String> answer = run(Tasks.hedge(Duration.ofMillis(500), Collections.nCopies(3, request)));
            assertThat(answer).isEqualTo(Outcome.success("answer"));
            assertThat(printed).containsExactly("1100 answer");
        }
    }

    @Test
    void bodiesThatStartAtOnceMayEndTheWholeThing() {
        Sinks.One<String> stop = Sinks.one();
        List<Disposable> self = new ArrayList<>();
        PublisherProbe<String> third = PublisherProbe.of(Mono.never());
        Mono<List<String>> gather = Tasks.gather(List.of(
                Mono.never(), stop.asMono().doOnSubscribe(s -> self.forEach(Disposable::dispose)), third.mono()));
        reactor.core.publisher.BaseSubscriber<List<String>> subscriber =
                new reactor.core.publisher.BaseSubscriber<>() {};
        self.add(subscriber);
        gather.subscribe(subscriber);
        third.assertWasNotSubscribed();
        StepVerifier.create(Mono.just(subscriber.isDisposed())).expectNext(true).verifyComplete();
    }
}
