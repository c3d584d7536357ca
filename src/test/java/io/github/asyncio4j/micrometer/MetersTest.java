package io.github.asyncio4j.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.github.asyncio4j.http.ClientSession;
import io.github.asyncio4j.queue.AsyncQueue;
import io.github.asyncio4j.ratelimit.RateLimiter;
import io.github.asyncio4j.sync.AsyncLock;
import io.github.asyncio4j.sync.AsyncSemaphore;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

class MetersTest {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Meters meters = Meters.of(registry, Tag.of("service", "shop"));

    private double gauge(String meter) {
        return registry.get(meter)
                .tag("name", "x")
                .tag("service", "shop")
                .gauge()
                .value();
    }

    private double counter(String meter) {
        return registry.get(meter)
                .tag("name", "x")
                .tag("service", "shop")
                .functionCounter()
                .count();
    }

    @Test
    void sessionShowsItsConnections() {
        ClientSession session = ClientSession.create();
        meters.bind("x", session);
        assertThat(gauge("asyncio4j.session.in.use")).isZero();
        assertThat(gauge("asyncio4j.session.idle")).isZero();
        assertThat(gauge("asyncio4j.session.waiting")).isZero();
        assertThat(counter("asyncio4j.session.created")).isZero();
        assertThat(counter("asyncio4j.session.reused")).isZero();
    }

    @Test
    void semaphoreShowsWhoHoldsAndWhoWaits() {
        AsyncSemaphore semaphore = AsyncSemaphore.create(1);
        meters.bind("x", semaphore);
        Disposable holder = semaphore.withPermit(Mono.never()).subscribe();
        Disposable waiter = semaphore.withPermit(Mono.never()).subscribe();
        assertThat(gauge("asyncio4j.semaphore.held")).isOne();
        assertThat(gauge("asyncio4j.semaphore.waiting")).isOne();
        assertThat(gauge("asyncio4j.semaphore.peak")).isOne();
        waiter.dispose();
        holder.dispose();
        assertThat(gauge("asyncio4j.semaphore.waiting")).isZero();
        assertThat(counter("asyncio4j.semaphore.granted")).isOne();
        assertThat(counter("asyncio4j.semaphore.cancelled")).isOne();
    }

    @Test
    void lockIsHeldOrNot() {
        AsyncLock lock = AsyncLock.create();
        meters.bind("x", lock);
        Disposable holder = lock.withLock(Mono.never()).subscribe();
        assertThat(gauge("asyncio4j.lock.held")).isOne();
        holder.dispose();
        assertThat(gauge("asyncio4j.lock.held")).isZero();
    }

    @Test
    void limiterShowsItsLineAndItsPauseInSeconds() {
        RateLimiter limiter = RateLimiter.slidingWindow(1, Duration.ofDays(1));
        meters.bind("x", limiter);
        limiter.acquire().block();
        Disposable waiter = limiter.acquire().subscribe();
        assertThat(counter("asyncio4j.limiter.granted")).isOne();
        assertThat(gauge("asyncio4j.limiter.waiting")).isOne();
        assertThat(gauge("asyncio4j.limiter.paused")).isZero();
        waiter.dispose();
        limiter.pause(Duration.ofHours(1)).block();
        assertThat(counter("asyncio4j.limiter.cancelled")).isOne();
        assertThat(gauge("asyncio4j.limiter.paused")).isBetween(3000.0, 3600.0);
    }

    @Test
    void queueShowsBothEnds() {
        AsyncQueue<String> queue = AsyncQueue.bounded(2);
        meters.bind("x", queue);
        queue.put("a").then(queue.put("b")).then(queue.take()).block();
        assertThat(gauge("asyncio4j.queue.size")).isOne();
        assertThat(gauge("asyncio4j.queue.peak")).isEqualTo(2);
        assertThat(gauge("asyncio4j.queue.unfinished")).isEqualTo(2);
        assertThat(counter("asyncio4j.queue.put")).isEqualTo(2);
        assertThat(counter("asyncio4j.queue.taken")).isOne();
        queue.put("c").block();
        Disposable put = queue.put("d").subscribe();
        assertThat(gauge("asyncio4j.queue.waiting.to.put")).isOne();
        assertThat(gauge("asyncio4j.queue.waiting.to.take")).isZero();
        put.dispose();
        assertThat(counter("asyncio4j.queue.cancelled")).isOne();
    }

    @Test
    void nullIsRefused() {
        assertThatNullPointerException().isThrownBy(() -> Meters.of(null)).withMessageContaining("registry");
        assertThatNullPointerException()
                .isThrownBy(() -> meters.bind("x", (AsyncLock) null))
                .withMessageContaining("lock");
        assertThatNullPointerException()
                .isThrownBy(() -> meters.bind(null, AsyncLock.create()))
                .withMessageContaining("name");
    }
}
