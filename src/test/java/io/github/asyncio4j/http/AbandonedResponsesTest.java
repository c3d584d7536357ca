package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Thousands of responses that nobody reads to their end: no connection, no slot and no buffer is lost. */
@ExtendWith(NoLeaks.class)
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class AbandonedResponsesTest {

    private static final int ROUNDS = 10_000;
    private static final int LIMIT = 8;
    private static final Duration PATIENCE = Duration.ofSeconds(100);

    private static RawOrigin origin() {
        String small = answer(100);
        String large = answer(100_000);
        return RawOrigin.start(peer -> {
            while (peer.readRequest()) {
                peer.send(peer.lastRequest().contains("/large") ? large : small);
            }
        });
    }

    private static String answer(int length) {
        return "HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n" + "x".repeat(length);
    }

    private static void each(int rounds, Function<ClientRequest, Mono<?>> abandon) {
        try (RawOrigin origin = origin();
                Closing closing = new Closing(ClientSession.builder()
                        .limits(ConnectionLimits.defaults().withTotal(LIMIT))
                        .build())) {
            Flux.range(0, rounds)
                    .flatMap(
                            i -> abandon.apply(closing.session.get(origin.url(i % 10 == 0 ? "/large" : "/small"))),
                            2 * LIMIT)
                    .blockLast(PATIENCE);
            closing.awaitRest();
            SessionStatistics after = closing.session.statistics();
            assertThat(after.idle()).isLessThanOrEqualTo(LIMIT);
            assertThat(after.waiting()).isZero();
            Integer status = closing.session.get(origin.url("/small")).status().block(PATIENCE);
            assertThat(status).isEqualTo(200);
        }
    }

    @Test
    void unreadOnesGoBackOrAreClosed() {
        each(ROUNDS, request -> request.use(response -> Mono.just(response.status())));
    }

    @Test
    void cancelledOnesAreClosed() {
        each(ROUNDS, request -> request.chunks().next());
    }

    @Test
    void droppedOnesAreClosed() {
        each(
                ROUNDS,
                request -> request.use(response -> Mono.<String>error(new IllegalStateException("dropped")))
                        .onErrorResume(IllegalStateException.class, e -> Mono.empty()));
    }

    @Test
    void cancelledAtAnyMomentTheyLeaveNothing() {
        each(
                ROUNDS / 4,
                request -> request.text()
                        .timeout(Duration.ofNanos(System.nanoTime() % 2_000_000))
                        .onErrorComplete());
    }
}
