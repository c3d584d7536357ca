package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A server that cuts, resets, doubles, stalls and lies at random: every request ends, and none gets another's body. */
@ExtendWith(NoLeaks.class)
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ChaosTest {

    private static final int REQUESTS = 5_000;

    @Test
    void everyRequestEndsAndNoneGetsAnothersBody() {
        AtomicLong seed = new AtomicLong(20261121);
        AtomicInteger right = new AtomicInteger();
        AtomicInteger failed = new AtomicInteger();
        AtomicInteger empty = new AtomicInteger();
        try (RawOrigin origin = RawOrigin.start(peer -> serve(peer, new Random(seed.incrementAndGet())));
                Closing closing = new Closing(ClientSession.builder()
                        .limits(ConnectionLimits.defaults().withTotal(16))
                        .timeout(ClientTimeout.total(Duration.ofSeconds(60)).withSockRead(Duration.ofMillis(200)))
                        .build())) {
            Flux.range(0, REQUESTS)
                    .flatMap(
                            i -> {
                                String path = "/request-" + i;
                                Mono<String> text =
                                        closing.session.get(origin.url(path)).text();
                                return (i % 7 == 0 ? text.timeout(Duration.ofMillis(1 + i % 13)) : text)
                                        .doOnNext(body -> {
                                            assertThat(body).isEqualTo(path.repeat(10));
                                            right.incrementAndGet();
                                        })
                                        .onErrorResume(
                                                ClientException.class, e -> Mono.fromRunnable(failed::incrementAndGet))
                                        .onErrorResume(
                                                java.util.concurrent.TimeoutException.class,
                                                e -> Mono.fromRunnable(failed::incrementAndGet))
                                        .switchIfEmpty(Mono.fromRunnable(empty::incrementAndGet));
                            },
                            64)
                    .blockLast(Duration.ofSeconds(100));
            assertThat(right.get() + failed.get()).isEqualTo(REQUESTS);
            assertThat(right).hasValueGreaterThan(REQUESTS / 2);
            closing.awaitRest();
        }
    }

    private static void serve(RawOrigin.Peer peer, Random random) throws Exception {
        while (peer.readRequest()) {
            String body = peer.lastRequest().split(" ")[1].repeat(10);
            String head = "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n";
            String chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + Integer.toHexString(body.length()) + "\r\n" + body + "\r\n0\r\n\r\n";
            switch (random.nextInt(60)) {
                case 0 -> {
                    peer.send(head + body.substring(random.nextInt(body.length())));
                    return;
                }
                case 1 -> {
                    peer.reset();
                    return;
                }
                case 2 -> {
                    peer.send(head + body + head + "evil".repeat(100));
                    return;
                }
                case 3 -> {
                    peer.send(head.substring(0, random.nextInt(head.length())));
                    return;
                }
                case 4 -> {
                    peer.awaitClose();
                    return;
                }
                case 5 -> peer.send("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n" + body);
                case 6 -> {
                    peer.send(head + body);
                    return;
                }
                case 7, 8, 9, 10 -> {
                    String all = random.nextBoolean() ? head + body : chunked;
                    int cut = random.nextInt(all.length());
                    peer.send(all.substring(0, cut));
                    Thread.sleep(random.nextInt(5));
                    peer.send(all.substring(cut));
                }
                default -> peer.send(random.nextBoolean() ? head + body : chunked);
            }
        }
    }
}
