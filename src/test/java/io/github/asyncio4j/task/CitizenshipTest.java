package io.github.asyncio4j.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.Scannable.Attr;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.scheduler.VirtualTimeScheduler;

/** What all that can be waited for in this package owes to Reactor: demand, one end, and a state that tools can read. */
class CitizenshipTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private static final List<Task<?>> TASKS = new ArrayList<>();

    private VirtualTimeScheduler clock;

    @BeforeEach
    void stopTheClock() {
        clock = VirtualTimeScheduler.getOrSet();
    }

    @AfterEach
    void startTheClock() {
        TASKS.forEach(Task::cancel);
        TASKS.clear();
        VirtualTimeScheduler.reset();
    }

    private static Mono<Integer> later() {
        return Mono.delay(SECOND).thenReturn(7);
    }

    private static Mono<Integer> failing() {
        return Mono.delay(SECOND).then(Mono.error(new IllegalStateException("late")));
    }

    private static Task<Integer> task(Mono<Integer> work) {
        Task<Integer> created = Tasks.create(work);
        TASKS.add(created);
        return created;
    }

    private static Mono<Integer> started(Mono<Integer> ready) {
        return TaskGroup.using(
                group -> group.start(started -> ready.doOnNext(started).then()));
    }

    private static Named<Supplier<Mono<?>>> named(String name, Supplier<Mono<?>> mono) {
        return Named.of(name, mono);
    }

    /** Everything here that ends with a value after a second. */
    static Stream<Named<Supplier<Mono<?>>>> values() {
        return Stream.of(
                named("await", () -> task(later()).await()),
                named("settled", () -> task(later()).settled()),
                named("group", () -> TaskGroup.using(group -> later())),
                named("start", () -> started(later())),
                named("gather", () -> Tasks.gather(List.of(later(), later()))),
                named("race", () -> Tasks.race(List.of(later(), Mono.never()))),
                named("gatherSettled", () -> Tasks.gatherSettled(List.of(later()))));
    }

    /** Everything here that fails after a second. */
    static Stream<Named<Supplier<Mono<?>>>> failures() {
        return Stream.of(
                named("await", () -> task(failing()).await()),
                named("group", () -> TaskGroup.using(group -> failing())),
                named("start", () -> started(failing())),
                named("gather", () -> Tasks.gather(List.of(failing(), later()))),
                named("race", () -> Tasks.race(List.of(failing()))));
    }

    /** Asks when it is told to. */
    private static final class Manual implements CoreSubscriber<Object> {
        final List<Object> values = new ArrayList<>();
        int ends;

        @Nullable
        Throwable error;

        private Subscription subscription;

        static Manual of(Mono<?> mono) {
            Manual manual = new Manual();
            mono.subscribe(manual);
            return manual;
        }

        Scannable scannable() {
            return Scannable.from(subscription);
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            this.subscription = subscription;
        }

        @Override
        public void onNext(Object value) {
            values.add(value);
        }

        @Override
        public void onError(Throwable failure) {
            error = failure;
            ends++;
        }

        @Override
        public void onComplete() {
            ends++;
        }
    }

    @ParameterizedTest
    @MethodSource("values")
    void aValueWaitsForItsRequest(Supplier<Mono<?>> mono) {
        Manual manual = Manual.of(mono.get());
        clock.advanceTimeBy(SECOND);
        assertThat(manual.values).isEmpty();
        assertThat(manual.ends).isZero();
        manual.subscription.request(1);
        clock.advanceTimeBy(SECOND);
        manual.subscription.request(1);
        assertThat(manual.values).hasSize(1);
        assertThat(manual.ends).isEqualTo(1);
        assertThat(manual.error).isNull();
    }

    @ParameterizedTest
    @MethodSource("values")
    void aRequestThatComesFirstGetsTheValueAtOnce(Supplier<Mono<?>> mono) {
        Manual manual = Manual.of(mono.get());
        manual.subscription.request(1);
        manual.subscription.request(1);
        assertThat(manual.scannable().scanOrDefault(Attr.TERMINATED, false)).isFalse();
        assertThat(manual.scannable().scanOrDefault(Attr.CANCELLED, false)).isFalse();
        clock.advanceTimeBy(SECOND);
        assertThat(manual.values).hasSize(1);
        assertThat(manual.scannable().scanOrDefault(Attr.TERMINATED, true)).isTrue();
        manual.subscription.cancel();
        assertThat(manual.ends).isEqualTo(1);
        assertThat(manual.scannable().scanOrDefault(Attr.CANCELLED, false)).isFalse();
    }

    @ParameterizedTest
    @MethodSource("failures")
    void aFailureComesOnce(Supplier<Mono<?>> mono) {
        Manual manual = Manual.of(mono.get());
        manual.subscription.request(1);
        clock.advanceTimeBy(SECOND);
        clock.advanceTimeBy(SECOND);
        manual.subscription.request(1);
        manual.subscription.cancel();
        assertThat(manual.error).hasMessage("late");
        assertThat(manual.ends).isEqualTo(1);
        assertThat(manual.scannable().scanOrDefault(Attr.CANCELLED, false)).isFalse();
    }

    @ParameterizedTest
    @MethodSource("values")
    void aCancelIsFinal(Supplier<Mono<?>> mono) {
        Manual manual = Manual.of(mono.get());
        manual.subscription.request(1);
        manual.subscription.cancel();
        manual.subscription.cancel();
        clock.advanceTimeBy(SECOND);
        manual.subscription.request(1);
        assertThat(manual.values).isEmpty();
        assertThat(manual.ends).isZero();
        assertThat(manual.scannable().scanOrDefault(Attr.CANCELLED, true)).isTrue();
        assertThat(manual.scannable().scanOrDefault(Attr.TERMINATED, false)).isFalse();
    }

    @ParameterizedTest
    @MethodSource("values")
    void aValueThatNobodyAskedForIsDiscardedByTheCancel(Supplier<Mono<?>> mono) {
        Manual manual = Manual.of(mono.get());
        clock.advanceTimeBy(SECOND);
        manual.subscription.cancel();
        manual.subscription.request(1);
        assertThat(manual.values).isEmpty();
        assertThat(manual.ends).isZero();
    }

    @ParameterizedTest
    @MethodSource("values")
    void toolsFindTheirWayDown(Supplier<Mono<?>> mono) {
        Mono<?> assembled = mono.get();
        Manual manual = Manual.of(assembled);
        Scannable scannable = manual.scannable();
        assertThat(scannable.isScanAvailable()).isTrue();
        assertThat(scannable.actuals()).isEmpty(); // the next one down is the test's own subscriber
        assertThat(scannable.scanUnsafe(Attr.ACTUAL)).isSameAs(manual);
        assertThat(scannable.scan(Attr.PREFETCH)).isZero();
        assertThat(scannable.scan(Attr.RUN_STYLE)).isNotNull();
        assertThat(Scannable.from(assembled).isScanAvailable()).isTrue();
        assertThat(Scannable.from(assembled).scan(Attr.RUN_STYLE)).isNotNull();
        manual.subscription.cancel();
    }

    @Test
    void aSleepEndsOnceAndSaysHow() {
        Manual over = Manual.of(Tasks.sleep(SECOND));
        Manual left = Manual.of(Tasks.sleep(SECOND));
        assertThat(over.scannable().scanUnsafe(Attr.ACTUAL)).isSameAs(over);
        assertThat(over.scannable().scan(Attr.RUN_STYLE)).isEqualTo(Attr.RunStyle.ASYNC);
        left.subscription.cancel();
        clock.advanceTimeBy(SECOND);
        over.subscription.cancel();
        assertThat(over.ends).isEqualTo(1);
        assertThat(left.ends).isZero();
        assertThat(over.scannable().scan(Attr.TERMINATED)).isTrue();
        assertThat(over.scannable().scan(Attr.CANCELLED)).isFalse();
        assertThat(left.scannable().scan(Attr.CANCELLED)).isTrue();
        assertThat(left.scannable().scan(Attr.PREFETCH)).isZero();
    }

    @Test
    void aTaskTellsItsStateAsReactorKnowsIt() {
        Sinks.One<Integer> source = Sinks.one();
        Scannable running = Scannable.from(task(source.asMono()));
        assertThat(running.scan(Attr.TERMINATED)).isFalse();
        assertThat(running.scan(Attr.CANCELLED)).isFalse();
        assertThat(running.scan(Attr.RUN_STYLE)).isEqualTo(Attr.RunStyle.SYNC);
        assertThat(running.scanUnsafe(Attr.NAME)).isNotNull();
        source.tryEmitValue(1);
        assertThat(running.scan(Attr.TERMINATED)).isTrue();
        Task<Integer> cancelled = task(Mono.never());
        cancelled.cancel();
        assertThat(Scannable.from(cancelled).scan(Attr.CANCELLED)).isTrue();
        assertThat(Scannable.from(cancelled).scan(Attr.TERMINATED)).isFalse();
        Task<Integer> failed = task(Mono.error(new IllegalStateException("seen")));
        assertThat(Scannable.from(failed).scan(Attr.ERROR)).hasMessage("seen");
    }
}
