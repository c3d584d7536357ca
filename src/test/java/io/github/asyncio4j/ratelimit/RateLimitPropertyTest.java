package io.github.asyncio4j.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.scheduler.Schedulers;
import reactor.test.scheduler.VirtualTimeScheduler;

/** The promise itself: no window of the given length, anywhere on the time axis, holds more starts than allowed. */
class RateLimitPropertyTest {

    private static void assertNoWindowHoldsMoreThan(int permits, long window, List<Long> starts) {
        List<Long> sorted = new ArrayList<>(starts);
        Collections.sort(sorted);
        for (int i = permits; i < sorted.size(); i++) {
            assertThat(sorted.get(i) - sorted.get(i - permits))
                    .as("start %d against the one %d before it", i, permits)
                    .isGreaterThanOrEqualTo(window);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void holdsInVirtualTimeUnderRandomArrivalsCancelsAndPauses(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        VirtualTimeScheduler clock = VirtualTimeScheduler.create();
        AdjustableClock timers = new AdjustableClock(clock);
        int permits = 1 + random.nextInt(20);
        long window = TimeUnit.MILLISECONDS.toNanos(1 + random.nextInt(1000));
        RateLimiter limiter = RateLimiter.builder()
                .slidingWindow(permits, Duration.ofNanos(window))
                .scheduler(timers)
                .build();
        List<Long> starts = new ArrayList<>();
        List<Disposable> waiting = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            waiting.add(limiter.acquire().subscribe(null, null, () -> starts.add(clock.now(TimeUnit.NANOSECONDS))));
            if (random.nextInt(4) == 0) {
                waiting.remove(random.nextInt(waiting.size())).dispose();
            }
            if (random.nextInt(10_000) == 0) {
                limiter.pause(Duration.ofNanos(random.nextLong(window))).subscribe();
            }
            clock.advanceTimeBy(Duration.ofNanos(random.nextLong(2 * window / permits)));
        }
        clock.advanceTimeBy(Duration.ofNanos(window).multipliedBy(100_000));
        assertNoWindowHoldsMoreThan(permits, window, starts);
        RateLimiterStatistics end = limiter.statistics();
        assertThat(end.waiting()).isZero();
        assertThat(end.granted()).isEqualTo(starts.size());
        assertThat(end.granted() + end.cancelled()).isLessThanOrEqualTo(100_000);
        assertThat(timers.timers()).isZero();
    }

    @Test
    void keepsTheRateInVirtualTime() {
        VirtualTimeScheduler clock = VirtualTimeScheduler.create();
        for (RateLimiter limiter : List.of(
                RateLimiter.builder()
                        .slidingWindow(50, Duration.ofSeconds(1))
                        .scheduler(clock)
                        .build(),
                RateLimiter.builder().tokenBucket(50, 5).scheduler(clock).build(),
                RateLimiter.builder().smooth(50).scheduler(clock).build())) {
            AtomicInteger started = new AtomicInteger();
            for (int i = 0; i < 6_000; i++) {
                limiter.acquire().subscribe(null, null, started::incrementAndGet);
            }
            clock.advanceTimeBy(Duration.ofSeconds(100));
            assertThat(started.get()).as(limiter.toString()).isBetween(5_000, 5_051);
            clock.advanceTimeBy(Duration.ofSeconds(100));
            assertThat(started).hasValue(6_000);
        }
    }

    @Test
    void holdsInRealTimeUnderFourThreadsWithCancels() throws InterruptedException {
        AdjustableClock clock = new AdjustableClock(Schedulers.parallel());
        int permits = 200;
        long window = TimeUnit.MILLISECONDS.toNanos(5);
        RateLimiter limiter = RateLimiter.builder()
                .slidingWindow(permits, Duration.ofNanos(window))
                .scheduler(clock)
                .build();
        List<Long> starts = Collections.synchronizedList(new ArrayList<>());
        int perThread = 10_000;
        CountDownLatch ended = new CountDownLatch(4 * perThread);
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            SplittableRandom random = new SplittableRandom(t);
            threads.add(new Thread(() -> {
                for (int i = 0; i < perThread; i++) {
                    Disposable waiter = limiter.acquire()
                            .doOnSuccess(nothing -> starts.add(clock.lastTold())) // a disposed subscriber hears nothing
                            .doFinally(signal -> ended.countDown())
                            .subscribe();
                    if (random.nextInt(3) == 0) {
                        waiter.dispose();
                    }
                }
            }));
        }
        threads.forEach(Thread::start);
        assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
        for (Thread thread : threads) {
            thread.join();
        }
        assertNoWindowHoldsMoreThan(permits, window, starts);
        RateLimiterStatistics end = limiter.statistics();
        assertThat(end.waiting()).isZero();
        assertThat(end.granted()).isEqualTo(starts.size());
        assertThat(end.granted() + end.cancelled()).isEqualTo(4L * perThread);
    }
}
