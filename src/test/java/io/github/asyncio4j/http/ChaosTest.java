package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.testing.ChaosProxy;
import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A server and a network that cut, resets, doubles, stalls and lies at random: every request ends, and none gets another's body. */
@ExtendWith(NoLeaks.class)
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ChaosTest {

    private static final Pattern NAMED = Pattern.compile("request-(\\d+)-");

    private final AtomicInteger right = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();

    @Test
    void everyRequestToALyingServerEndsAndNoneGetsAnothersBody() {
        AtomicLong seed = new AtomicLong(20261121);
        try (RawOrigin origin = RawOrigin.start(peer -> serve(peer, new Random(seed.incrementAndGet())))) {
            send(5_000, origin::url);
        }
    }

    @Test
    void everyRequestThroughAFailingNetworkEndsAndNoneGetsAnothersBody() {
        throughProxy(5_000);
    }

    @Test
    @Tag("slow")
    @Timeout(value = 30, unit = TimeUnit.MINUTES)
    void aHundredThousandRequestsThroughAFailingNetwork() {
        throughProxy(100_000);
    }

    private void throughProxy(int requests) {
        long seed = Long.getLong("chaos.seed", System.nanoTime());
        System.out.println("chaos: repeat with -Dchaos.seed=" + seed);
        try (RawOrigin origin = RawOrigin.start(peer -> serveWell(peer, new Random(1)));
                ChaosProxy proxy = ChaosProxy.to(origin.port(), seed, 40)) {
            send(requests, proxy::url);
            assertThat(proxy.faults()).isPositive();
        }
    }

    private void send(int requests, Function<String, String> urls) {
        try (Closing closing = new Closing(ClientSession.builder()
                .limits(ConnectionLimits.defaults().withTotal(16))
                .timeout(ClientTimeout.total(Duration.ofSeconds(60)).withSockRead(Duration.ofMillis(200)))
                .build())) {
            Flux.range(0, requests)
                    .flatMap(i -> request(closing.session, i, urls), 64)
                    .blockLast(Duration.ofMinutes(25));
            assertThat(right.get() + failed.get()).isEqualTo(requests);
            assertThat(right).hasValueGreaterThan(requests / 2);
            closing.awaitRest();
        }
    }

    /** Every third one sends a body and gets it back, every seventh has little time. */
    private Mono<Void> request(ClientSession session, int i, Function<String, String> urls) {
        String name = "/request-" + i + "-";
        ClientRequest request =
                i % 3 == 0 ? session.post(urls.apply(name)).body(name.repeat(10)) : session.get(urls.apply(name));
        Mono<String> text = i % 7 == 0 ? request.text().timeout(Duration.ofMillis(1 + i % 13)) : request.text();
        return text.switchIfEmpty(Mono.error(() -> new ClientException("no body at all")))
                .doOnNext(body -> {
                    Matcher names = NAMED.matcher(body);
                    while (names.find()) {
                        assertThat(names.group(1)).as("whose body that is").isEqualTo("" + i);
                    }
                    right.incrementAndGet();
                })
                .onErrorResume(ClientException.class, e -> Mono.fromRunnable(failed::incrementAndGet))
                .onErrorResume(TimeoutException.class, e -> Mono.fromRunnable(failed::incrementAndGet))
                .then();
    }

    private static void serveWell(RawOrigin.Peer peer, Random random) throws Exception {
        while (peer.readRequest()) {
            String path = peer.lastRequest().split(" ")[1];
            String body = path.repeat(1 + random.nextInt(200));
            peer.send(
                    random.nextBoolean()
                            ? "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body
                            : "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                    + Integer.toHexString(body.length()) + "\r\n" + body + "\r\n0\r\n\r\n");
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
