package io.github.asyncio4j.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;
import reactor.test.util.RaceTestUtils;

class SleepTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    @AfterEach
    void realTime() {
        VirtualTimeScheduler.reset();
        Schedulers.resetFactory();
    }

    @Test
    void completesAfterTheDelay() {
        Mono<Void> madeOutside = Tasks.sleep(SECOND);
        StepVerifier.withVirtualTime(() -> madeOutside)
                .expectSubscription()
                .expectNoEvent(SECOND)
                .verifyComplete();
    }

    @Test
    void ofZeroEndsToo() {
        StepVerifier.create(Tasks.sleep(Duration.ZERO)).verifyComplete();
    }

    @Test
    void hasNoNegativeDelay() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tasks.sleep(Duration.ofMillis(-1)))
                .withMessageContaining("PT-0.001S");
        assertThatNullPointerException().isThrownBy(() -> Tasks.sleep(null)).withMessage("delay");
    }

    @Test
    void cancelStopsTheTimer() {
        VirtualTimeScheduler clock = VirtualTimeScheduler.getOrSet();
        AtomicInteger woken = new AtomicInteger();
        AtomicReference<Scannable> sleep = new AtomicReference<>();
        Disposable sleeping = Tasks.sleep(SECOND)
                .doOnSubscribe(s -> sleep.set(Scannable.from(s)))
                .doOnSuccess(v -> woken.incrementAndGet())
                .subscribe();
        assertThat(clock.getScheduledTaskCount()).isOne();
        sleeping.dispose();
        clock.advanceTimeBy(SECOND);
        assertThat(woken).hasValue(0);
        assertThat(sleep.get().scan(Scannable.Attr.CANCELLED)).isTrue();
        assertThat(sleep.get().scan(Scannable.Attr.TERMINATED)).isFalse();
    }

    @Test
    void isWhatATaskIsWaitingFor() {
        VirtualTimeScheduler clock = VirtualTimeScheduler.getOrSet();
        Task<Void> task = Tasks.create(Tasks.sleep(SECOND));
        assertThat(task.waitingFor()).containsExactly("sleep of PT1S");
        clock.advanceTimeBy(SECOND);
        assertThat(task.isDone()).isTrue();
        assertThat(task.waitingFor()).isEmpty();
    }

    @Test
    void failsWhenThereIsNoClock() {
        Scheduler clock = Schedulers.newSingle("clock");
        Schedulers.setFactory(new Schedulers.Factory() {
            @Override
            public Scheduler newParallel(int parallelism, ThreadFactory threads) {
                return clock;
            }
        });
        Schedulers.parallel();
        clock.dispose();
        StepVerifier.create(Tasks.sleep(SECOND)).verifyError(RejectedExecutionException.class);
    }

    @Test
    void endingAndCancelledAtTheSameInstantInterruptsNobody() {
        List<Throwable> interrupted = new ArrayList<>();
        for (int round = 0; round < 1_000; round++) {
            AtomicInteger woken = new AtomicInteger();
            Task<Boolean> task = Tasks.create(Tasks.sleep(Duration.ZERO).then(Mono.fromSupplier(() -> {
                woken.incrementAndGet();
                return Thread.currentThread().isInterrupted();
            })));
            RaceTestUtils.race(task::cancel, () -> {});
            task.settled().block();
            if (task.outcome().value().orElse(false)) {
                interrupted.add(new IllegalStateException("round " + round));
            }
            assertThat(task.waitingFor()).isEmpty();
        }
        assertThat(interrupted).isEmpty();
    }
}
