package io.github.asyncio4j.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

class RateLimitersTest {

    private final VirtualTimeScheduler clock = VirtualTimeScheduler.create();
    private final RateLimiters<String> limiters = RateLimiters.create(() -> RateLimiter.builder()
            .slidingWindow(1, Duration.ofSeconds(1))
            .scheduler(clock)
            .build());

    @Test
    void eachKeyHasItsOwnLimit() {
        AtomicInteger a = new AtomicInteger();
        AtomicInteger b = new AtomicInteger();
        for (int i = 0; i < 2; i++) {
            limiters.acquire("a").subscribe(null, null, a::incrementAndGet);
            limiters.limit("b", Mono.fromRunnable(b::incrementAndGet)).subscribe();
        }
        assertThat(a).hasValue(1);
        assertThat(b).hasValue(1);
        clock.advanceTimeBy(Duration.ofSeconds(1));
        assertThat(a).hasValue(2);
        assertThat(b).hasValue(2);
    }

    @Test
    void idleKeysAreForgottenAndBusyOnesKept() {
        for (int i = 0; i < 10_000; i++) {
            limiters.acquire("key " + i).subscribe();
        }
        assertThat(limiters.size()).isEqualTo(10_000);
        limiters.acquire("key 7").subscribe();
        clock.advanceTimeBy(Duration.ofSeconds(1));
        assertThat(limiters.size()).isEqualTo(1);
        clock.advanceTimeBy(Duration.ofSeconds(1));
        assertThat(limiters.size()).isZero();
    }

    @Test
    void idleKeysGoWhileOthersAreUsed() {
        for (int i = 0; i < 1_000; i++) {
            limiters.acquire("old " + i).subscribe();
        }
        clock.advanceTimeBy(Duration.ofSeconds(1));
        for (int i = 0; i < 1_000; i++) {
            limiters.acquire("new " + i).subscribe();
        }
        assertThat(limiters.size()).isEqualTo(1_000);
    }

    @Test
    void aWaiterKeepsItsLimiterAndACancelledOneDoesNot() {
        limiters.acquire("a").subscribe();
        Disposable waiting = limiters.acquire("a").subscribe();
        waiting.dispose();
        clock.advanceTimeBy(Duration.ofSeconds(1));
        assertThat(limiters.size()).isZero();
    }

    @Test
    void aFactoryThatReturnsNullIsNamed() {
        StepVerifier.create(RateLimiters.create(() -> null).acquire("a")).verifyErrorMessage("the factory's limiter");
        assertThatNullPointerException()
                .isThrownBy(() -> limiters.acquire(null))
                .withMessage("key");
    }
}
