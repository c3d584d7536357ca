package io.github.asyncio4j.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.time.DeadlineExceededException;
import io.github.asyncio4j.time.Timeouts;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Subscription;
import reactor.core.Scannable;
import reactor.core.Scannable.Attr;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

/** What a wait for a start owes to Reactor, whatever the limiter. */
class CitizenshipTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final VirtualTimeScheduler clock = VirtualTimeScheduler.create();

    private RateLimiter limiter(String kind) {
        RateLimiter.Builder builder = RateLimiter.builder().maxWaiters(1).scheduler(clock);
        return switch (kind) {
            case "window" -> builder.slidingWindow(1, SECOND).build();
            case "bucket" -> builder.tokenBucket(1, 1).build();
            default -> builder.smooth(1).build();
        };
    }

    private static final class Manual extends BaseSubscriber<Object> {
        boolean completed;

        @Override
        protected void hookOnSubscribe(Subscription subscription) {}

        @Override
        protected void hookOnComplete() {
            completed = true;
        }

        Subscription subscription() {
            return upstream();
        }

        Scannable scannable() {
            return Scannable.from(upstream());
        }
    }

    private static Manual acquire(RateLimiter limiter) {
        Manual manual = new Manual();
        limiter.acquire().subscribe(manual);
        return manual;
    }

    @ParameterizedTest
    @ValueSource(strings = {"window", "bucket", "smooth"})
    void toolsSeeTheLimiterWithItsNameAndItsLine(String kind) {
        RateLimiter limiter = limiter(kind);
        Scannable seen = Scannable.from(limiter);
        assertThat(limiter.toString()).startsWith(seen.name());
        assertThat(seen.scan(Attr.PREFETCH)).isZero();
        acquire(limiter).request(1);
        Manual waiting = acquire(limiter);
        waiting.request(1);
        assertThat(seen.scan(Attr.BUFFERED)).isEqualTo(1);
        waiting.cancel();
        assertThat(seen.scan(Attr.BUFFERED)).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"window", "bucket", "smooth"})
    void toolsSeeWhoWaitsAndWhoseTurnCame(String kind) {
        RateLimiter limiter = limiter(kind);
        Manual first = acquire(limiter);
        assertThat(first.scannable().scanUnsafe(Attr.ACTUAL)).isSameAs(first);
        assertThat(first.scannable().scan(Attr.RUN_STYLE)).isEqualTo(Attr.RunStyle.ASYNC);
        assertThat(first.scannable().scan(Attr.PREFETCH)).isZero();
        Scannable waiting = first.scannable();
        assertThat(waiting.scan(Attr.TERMINATED)).isFalse();
        first.subscription().request(1);
        first.subscription().request(1);
        assertThat(first.completed).isTrue();
        assertThat(waiting.scan(Attr.TERMINATED)).isTrue();
        assertThat(limiter.statistics().granted()).isEqualTo(1);
        assertThat(limiter.tryAcquire()).isFalse();
        clock.advanceTimeBy(SECOND);
        assertThat(limiter.tryAcquire()).isTrue();
        assertThat(limiter.statistics().granted()).isEqualTo(2);
        assertThat(Scannable.from(limiter.acquire()).scan(Attr.RUN_STYLE)).isEqualTo(Attr.RunStyle.ASYNC);
    }

    @ParameterizedTest
    @ValueSource(strings = {"window", "bucket", "smooth"})
    void tryAcquirePassesNobodyWhoWaits(String kind) {
        RateLimiter limiter = limiter(kind);
        limiter.acquire().subscribe();
        Manual waiting = acquire(limiter);
        waiting.subscription().request(1);
        assertThat(limiter.tryAcquire()).isFalse();
        StepVerifier.create(limiter.acquire()).verifyError(RejectedExecutionException.class);
        waiting.cancel();
        assertThat(limiter.statistics().waiting()).isZero();
        clock.advanceTimeBy(SECOND);
        assertThat(limiter.tryAcquire()).isTrue();
        assertThat(waiting.completed).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"window", "bucket", "smooth"})
    void aLimiterUnderADeadlineThatItCanKeepWaits(String kind) {
        VirtualTimeScheduler.set(clock);
        try {
            RateLimiter limiter = limiter(kind);
            limiter.acquire().subscribe();
            StepVerifier.create(Timeouts.timeout(limiter.acquire().thenReturn("in time"), SECOND.multipliedBy(2)))
                    .then(() -> clock.advanceTimeBy(SECOND))
                    .expectNext("in time")
                    .verifyComplete();
            StepVerifier.create(Timeouts.timeout(limiter.acquire().thenReturn("too late"), SECOND.dividedBy(2)))
                    .verifyError(DeadlineExceededException.class);
        } finally {
            VirtualTimeScheduler.reset();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"window", "bucket", "smooth"})
    void anIdleKeyIsForgottenWithAllItKnew(String kind) {
        RateLimiters<String> limiters = RateLimiters.create(() -> limiter(kind));
        limiters.limit("a", Mono.just(1)).block();
        assertThat(limiters.size()).isEqualTo(1);
        clock.advanceTimeBy(SECOND);
        assertThat(limiters.size()).isZero();
        RateLimiter paused = limiter(kind);
        paused.pause(Duration.ofSeconds(Long.MAX_VALUE / 1_000_000_000)).block();
        assertThat(paused.tryAcquire()).isFalse();
        assertThat(((DefaultRateLimiter) paused).isIdle()).isFalse();
        assertThat(((DefaultRateLimiter) limiter(kind)).isIdle()).isTrue();
    }
}
