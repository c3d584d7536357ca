package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** Rows P01 to P20. */
@ExtendWith(NoLeaks.class)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class PoolTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private static Closing limited(int total, int perHost) {
        return new Closing(ClientSession.builder()
                .limits(ConnectionLimits.defaults().withTotal(total).withPerHost(perHost))
                .build());
    }

    @Nested
    class Limits {

        @Test
        void oneAfterTheOtherUsesOneConnection() {
            try (RawOrigin origin = RawOrigin.answering(OK);
                    Closing closing = new Closing(ClientSession.create())) {
                Mono<String> get = closing.session.get(origin.url("/")).text();
                get.flatMap(first -> get).repeat(50).blockLast(PATIENCE);
                assertThat(origin.accepted()).isEqualTo(1);
                assertThat(closing.session.statistics()).isEqualTo(new SessionStatistics(0, 1, 0, 1, 101));
            }
        }

        @Test
        void waitersAreServedInOrder() {
            try (RawOrigin origin = RawOrigin.answering(OK);
                    Closing closing = limited(1, 0)) {
                Flux.range(0, 50)
                        .flatMap(i -> closing.session.get(origin.url("/" + i)).text(), 50)
                        .blockLast(PATIENCE);
                for (int i = 0; i < 50; i++) {
                    assertThat(origin.requests().get(i)).startsWith("GET /" + i + " ");
                }
                assertThat(origin.accepted()).isEqualTo(1);
            }
        }

        @Test
        void totalHoldsOverAllHostsAndNoneStarves() {
            AtomicInteger inside = new AtomicInteger();
            AtomicInteger peak = new AtomicInteger();
            RawOrigin.Script script = peer -> {
                while (peer.readRequest()) {
                    peak.accumulateAndGet(inside.incrementAndGet(), Math::max);
                    Thread.sleep(1);
                    inside.decrementAndGet();
                    peer.send(OK);
                }
            };
            try (RawOrigin a = RawOrigin.start(script);
                    RawOrigin b = RawOrigin.start(script);
                    RawOrigin c = RawOrigin.start(script);
                    Closing closing = limited(2, 0)) {
                List<Integer> order = new ArrayList<>();
                List<RawOrigin> origins = List.of(a, b, c);
                Flux.range(0, 150)
                        .flatMap(
                                i -> closing.session
                                        .get(origins.get(i / 50).url("/"))
                                        .text()
                                        .doOnNext(t -> {
                                            synchronized (order) {
                                                order.add(i / 50);
                                            }
                                        }),
                                150)
                        .blockLast(PATIENCE);
                assertThat(peak).hasValueLessThanOrEqualTo(2);
                // All of the first host were queued first; the others take turns with it nevertheless.
                assertThat(order.subList(0, 30)).contains(0, 1, 2);
                SessionStatistics statistics = closing.session.statistics();
                assertThat(statistics.idle()).isLessThanOrEqualTo(2);
            }
        }

        @Test
        void hostAtItsLimitHoldsUpNobodyElse() {
            try (RawOrigin stuck = RawOrigin.start(RawOrigin.Peer::awaitClose);
                    RawOrigin free = RawOrigin.answering(OK);
                    Closing closing = limited(10, 1)) {
                Disposable first = closing.session.get(stuck.url("/")).text().subscribe();
                Disposable second = closing.session.get(stuck.url("/")).text().subscribe();
                assertThat(closing.session.statistics().waiting()).isEqualTo(1);
                assertThat(closing.session.get(free.url("/")).text().block(PATIENCE))
                        .isEqualTo("ok");
                second.dispose();
                first.dispose();
            }
        }

        @Test
        void zeroMeansNoLimit() {
            CountDownLatch all = new CountDownLatch(150);
            try (RawOrigin origin = RawOrigin.start(peer -> {
                        peer.readRequest();
                        all.countDown();
                        all.await();
                        peer.send(OK);
                    });
                    Closing closing = limited(0, 0)) {
                assertThat(Flux.range(0, 150)
                                .flatMap(
                                        i -> closing.session
                                                .get(origin.url("/"))
                                                .text(),
                                        150)
                                .count()
                                .block(PATIENCE))
                        .isEqualTo(150);
            }
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ConnectionLimits.defaults().withTotal(-1));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ConnectionLimits.defaults().withPerHost(-1));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ConnectionLimits.defaults().withKeepAlive(Duration.ofMillis(-1)));
        }

        @Test
        void hostsThatAreNotUsedAnyMoreAreForgotten() {
            try (RawOrigin origin = RawOrigin.answeringOnce(
                            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
                    Closing closing = new Closing(ClientSession.builder()
                            .resolver(host -> Mono.just(List.of(InetAddress.getLoopbackAddress())))
                            .build())) {
                Flux.range(0, 300)
                        .flatMap(
                                i -> closing.session
                                        .get("http://host" + i + ":" + origin.port() + "/")
                                        .status(),
                                50)
                        .blockLast(PATIENCE);
                assertThat(closing.session.pool().hosts()).isZero();
            }
        }

        @Test
        void idleConnectionToAnotherHostMakesRoom() {
            try (RawOrigin a = RawOrigin.answering(OK);
                    RawOrigin b = RawOrigin.answering(OK);
                    Closing closing = limited(1, 0)) {
                closing.session.get(a.url("/")).text().block(PATIENCE);
                closing.session.get(b.url("/")).text().block(PATIENCE);
                a.awaitOpen(0);
                assertThat(closing.session.statistics().idle()).isEqualTo(1);
            }
        }
    }

    @Nested
    class KeepingAlive {

        @Test
        void connectionAtRestIsClosedInTheBackground() {
            try (RawOrigin origin = RawOrigin.answering(OK);
                    Closing closing = new Closing(ClientSession.builder()
                            .limits(ConnectionLimits.defaults().withKeepAlive(Duration.ofMillis(100)))
                            .build())) {
                closing.session.get(origin.url("/")).text().block(PATIENCE);
                assertThat(closing.session.statistics().idle()).isEqualTo(1);
                origin.awaitOpen(0);
                assertThat(closing.session.statistics().idle()).isZero();
                assertThat(closing.session.pool().hosts()).isZero();
            }
        }

        @Test
        void serverMayShortenIt() {
            try (RawOrigin origin = RawOrigin.answering(
                            "HTTP/1.1 200 OK\r\nKeep-Alive: max=5, timeout=0\r\nContent-Length: 0\r\n\r\n");
                    Closing closing = new Closing(ClientSession.create())) {
                closing.session.get(origin.url("/")).status().block(PATIENCE);
                closing.session.get(origin.url("/")).status().block(PATIENCE);
                assertThat(origin.accepted()).isEqualTo(2);
            }
            try (RawOrigin origin = RawOrigin.answering(
                            "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 0\r\n\r\n");
                    Closing closing = new Closing(ClientSession.create())) {
                closing.session.get(origin.url("/")).status().block(PATIENCE);
                origin.awaitOpen(0);
            }
            try (RawOrigin origin = RawOrigin.answering(
                            "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=x, foo\r\nContent-Length: 0\r\n\r\n");
                    Closing closing = new Closing(ClientSession.create())) {
                closing.session.get(origin.url("/")).status().block(PATIENCE);
                assertThat(closing.session.statistics().idle()).isEqualTo(1);
            }
        }

        @Test
        void zeroClosesAfterEachRequest() {
            try (RawOrigin origin = RawOrigin.answering(OK);
                    Closing closing = new Closing(ClientSession.builder()
                            .limits(ConnectionLimits.defaults().withKeepAlive(Duration.ZERO))
                            .build())) {
                closing.session.get(origin.url("/")).text().repeat(2).blockLast(PATIENCE);
                assertThat(origin.accepted()).isEqualTo(3);
            }
        }

        @Test
        void requestMaySayThatItIsTheLast() {
            try (RawOrigin origin = RawOrigin.answering(OK);
                    Closing closing = new Closing(ClientSession.create())) {
                closing.session
                        .get(origin.url("/"))
                        .header("Connection", "close")
                        .text()
                        .block(PATIENCE);
                assertThat(closing.session.statistics().idle()).isZero();
            }
        }

        @Test
        void connectionThatTheServerHasClosedIsReplacedSilently() {
            try (RawOrigin origin = RawOrigin.answeringOnce(OK);
                    Closing closing = new Closing(ClientSession.create())) {
                for (int i = 0; i < 30; i++) {
                    assertThat(closing.session.get(origin.url("/")).text().block(PATIENCE))
                            .isEqualTo("ok");
                }
            }
        }

        @Test
        void closeThatMeetsTheRequestIsRetriedOnceWhenThatIsSafe() {
            for (boolean reset : new boolean[] {true, false}) {
                AtomicInteger connections = new AtomicInteger();
                try (RawOrigin origin = RawOrigin.start(peer -> {
                            boolean first = connections.incrementAndGet() % 2 == 1;
                            while (peer.readRequest()) {
                                if (first && peer.lastRequest().contains(" /second")) {
                                    if (reset) {
                                        peer.reset();
                                    }
                                    return;
                                }
                                peer.send(OK);
                            }
                        });
                        Closing closing = new Closing(ClientSession.create())) {
                    for (String method : List.of("GET", "PUT", "DELETE", "OPTIONS")) {
                        closing.session.get(origin.url("/first")).text().block(PATIENCE);
                        assertThat(closing.session
                                        .request(method, origin.url("/second"))
                                        .text()
                                        .block(PATIENCE))
                                .isEqualTo("ok");
                        closing.session
                                .get(origin.url("/end"))
                                .header("Connection", "close")
                                .text()
                                .block(PATIENCE);
                    }
                    closing.session.get(origin.url("/first")).text().block(PATIENCE);
                    StepVerifier.create(
                                    closing.session.post(origin.url("/second")).text())
                            .expectErrorSatisfies(e -> assertThat(e)
                                    .isInstanceOf(ServerDisconnectedException.class)
                                    .hasMessageContaining("POST http"))
                            .verify(PATIENCE);
                }
            }
        }

        @Test
        void freshConnectionIsNotRetriedAndNeitherIsASecondTry() {
            try (RawOrigin origin = RawOrigin.start(RawOrigin.Peer::readRequest);
                    Closing closing = new Closing(ClientSession.create())) {
                StepVerifier.create(closing.session.get(origin.url("/")).text())
                        .expectError(ServerDisconnectedException.class)
                        .verify(PATIENCE);
                assertThat(origin.accepted()).isEqualTo(1);
            }
            AtomicInteger connections = new AtomicInteger();
            try (RawOrigin origin = RawOrigin.start(peer -> {
                        if (connections.incrementAndGet() == 1) {
                            peer.readRequest();
                            peer.send(OK);
                        }
                        peer.readRequest();
                    });
                    Closing closing = new Closing(ClientSession.create())) {
                closing.session.get(origin.url("/")).text().block(PATIENCE);
                StepVerifier.create(closing.session.get(origin.url("/")).text())
                        .expectError(ServerDisconnectedException.class)
                        .verify(PATIENCE);
                assertThat(origin.accepted()).isEqualTo(2);
            }
        }

        @Test
        void neitherAPartOfAResponseNorAUsedUpBodyIsRetried() {
            try (RawOrigin origin = RawOrigin.start(peer -> {
                        peer.readRequest();
                        peer.send(OK);
                        peer.readHead();
                        peer.send("HTTP/1.1 2");
                    });
                    Closing closing = new Closing(ClientSession.create())) {
                closing.session.get(origin.url("/")).text().block(PATIENCE);
                StepVerifier.create(closing.session.get(origin.url("/")).text())
                        .expectError(ServerDisconnectedException.class)
                        .verify(PATIENCE);
                assertThat(origin.accepted()).isEqualTo(1);
            }
            try (RawOrigin origin = RawOrigin.start(peer -> {
                        peer.readRequest();
                        peer.send(OK);
                        peer.readHead();
                    });
                    Closing closing = new Closing(ClientSession.create())) {
                closing.session.get(origin.url("/")).text().block(PATIENCE);
                Flux<ByteBuffer> once = Flux.just(ByteBuffer.wrap(new byte[1]));
                StepVerifier.create(
                                closing.session.put(origin.url("/")).body(once).text())
                        .expectError(ClientException.class)
                        .verify(PATIENCE);
                assertThat(origin.accepted()).isEqualTo(1);
            }
        }
    }

    @Nested
    class Connecting {

        @Test
        void oneLookupServesAllWhoAskAtTheSameTime() {
            AtomicInteger lookups = new AtomicInteger();
            Sinks.One<List<InetAddress>> answer = Sinks.one();
            try (RawOrigin origin = RawOrigin.answering(OK);
                    Closing closing = new Closing(ClientSession.builder()
                            .resolver(host -> {
                                lookups.incrementAndGet();
                                return answer.asMono();
                            })
                            .build())) {
                Disposable impatient = closing.session
                        .get("http://host:" + origin.port() + "/")
                        .text()
                        .subscribe();
                Mono<Long> all = Flux.range(0, 50)
                        .flatMap(
                                i -> closing.session
                                        .get("http://host:" + origin.port() + "/")
                                        .text(),
                                50)
                        .count()
                        .cache();
                all.subscribe();
                impatient.dispose();
                answer.tryEmitValue(List.of(InetAddress.getLoopbackAddress()));
                assertThat(all.block(PATIENCE)).isEqualTo(50);
                assertThat(lookups).hasValue(1);
                closing.session
                        .get("http://127.0.0.1:" + origin.port() + "/")
                        .text()
                        .block(PATIENCE);
                assertThat(lookups).hasValue(1);
            }
        }

        @Test
        void lookupIsRememberedForTenSeconds() {
            AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5); // an instant of System.nanoTime may be any number
            AtomicInteger lookups = new AtomicInteger();
            Addresses addresses = new Addresses(
                    host -> {
                        lookups.incrementAndGet();
                        return Mono.just(List.of(InetAddress.getLoopbackAddress()));
                    },
                    now::get);
            for (int second = 0; second <= 10; second++) {
                assertThat(addresses.of("host", null).block(PATIENCE)).hasSize(1);
                now.addAndGet(1_000_000_000);
            }
            assertThat(lookups).hasValue(1);
            addresses.of("host", null).block(PATIENCE);
            assertThat(lookups).hasValue(2);
        }

        @Test
        void failedLookupIsNotRemembered() {
            AtomicInteger lookups = new AtomicInteger();
            try (Closing closing = new Closing(ClientSession.builder()
                    .resolver(host -> switch (lookups.incrementAndGet()) {
                        case 1 -> Mono.error(new UnknownHostException(host));
                        case 2 -> Mono.just(List.of());
                        case 3 -> Mono.empty();
                        default -> throw new IllegalStateException("broken resolver");
                    })
                    .build())) {
                for (int i = 0; i < 4; i++) {
                    StepVerifier.create(
                                    closing.session.get("http://nowhere:81/").text())
                            .expectErrorSatisfies(e -> assertThat(e)
                                    .isInstanceOfSatisfying(HostNotFoundException.class, none -> {
                                        assertThat(none.host()).isEqualTo("nowhere");
                                        assertThat(none.port()).isEqualTo(81);
                                    }))
                            .verify(PATIENCE);
                }
                assertThat(lookups).hasValue(4);
            }
        }

        @Test
        void systemResolverKnowsThisMachine() {
            try (RawOrigin origin = RawOrigin.answering(OK);
                    Closing closing = new Closing(ClientSession.create())) {
                assertThat(closing.session
                                .get("http://localhost:" + origin.port() + "/")
                                .text()
                                .block(PATIENCE))
                        .isEqualTo("ok");
                StepVerifier.create(closing.session
                                .get("http://does-not-exist.invalid/")
                                .text())
                        .expectError(HostNotFoundException.class)
                        .verify(PATIENCE);
            }
        }

        @Test
        void lookupsAreBounded() {
            Addresses addresses =
                    new Addresses(host -> Mono.just(List.of(InetAddress.getLoopbackAddress())), System::nanoTime);
            for (int i = 0; i < 1500; i++) {
                addresses.of("h" + i, null).block(PATIENCE);
            }
            assertThat(addresses.size()).isEqualTo(1000);
        }

        @Test
        void nextAddressIsTriedWhenOneFails() throws Exception {
            InetAddress good = InetAddress.getLoopbackAddress();
            InetAddress bad = InetAddress.getByName("127.0.0.2");
            try (RawOrigin origin = RawOrigin.answering(OK);
                    Closing closing = new Closing(ClientSession.builder()
                            .resolver(host -> Mono.just(List.of(bad, good)))
                            .build())) {
                assertThat(closing.session
                                .get("http://host:" + origin.port() + "/")
                                .text()
                                .block(PATIENCE))
                        .isEqualTo("ok");
            }
        }

        @Test
        void failureOfAllAddressesListsThem() throws Exception {
            List<InetAddress> bad = List.of(InetAddress.getByName("127.0.0.2"), InetAddress.getByName("127.0.0.3"));
            int port;
            try (RawOrigin origin = RawOrigin.answering(OK)) {
                port = origin.port();
            }
            try (Closing closing = new Closing(
                    ClientSession.builder().resolver(host -> Mono.just(bad)).build())) {
                StepVerifier.create(
                                closing.session.get("http://host:" + port + "/").text())
                        .expectErrorSatisfies(e -> assertThat(e)
                                .isInstanceOf(ClientConnectException.class)
                                .hasMessageContainingAll("127.0.0.2:" + port, "127.0.0.3:" + port, "efused"))
                        .verify(PATIENCE);
            }
        }

        @Test
        void addressThatDoesNotAnswerIsOvertaken() throws Exception {
            try (FullBacklog hole = new FullBacklog();
                    RawOrigin origin = RawOrigin.on(
                            "127.0.0.2", Integer.parseInt(hole.url().replaceAll(".*:(\\d+)/", "$1")), OK);
                    Closing closing = new Closing(ClientSession.builder()
                            .resolver(host -> Mono.fromCallable(() ->
                                    List.of(InetAddress.getByName("127.0.0.1"), InetAddress.getByName("127.0.0.2"))))
                            .build())) {
                long before = System.nanoTime();
                assertThat(closing.session
                                .get("http://host:" + origin.port() + "/")
                                .text()
                                .block(PATIENCE))
                        .isEqualTo("ok");
                assertThat(Duration.ofNanos(System.nanoTime() - before))
                        .isBetween(Duration.ofMillis(200), Duration.ofSeconds(3));
            }
        }

        @Test
        void plainAnswerToAHandshakeIsATlsFailure() {
            try (RawOrigin origin = RawOrigin.start(peer -> peer.send(OK));
                    Closing closing = new Closing(ClientSession.create())) {
                StepVerifier.create(closing.session
                                .get("https://127.0.0.1:" + origin.port() + "/")
                                .text())
                        .expectErrorSatisfies(e -> assertThat(e)
                                .isInstanceOf(ClientTlsException.class)
                                .hasMessageContaining("TLS"))
                        .verify(PATIENCE);
            }
        }
    }

    @Nested
    class Storms {

        @Test
        void randomCancelsLoseNoConnection() {
            Random random = new Random(42);
            try (RawOrigin origin = RawOrigin.answering(OK);
                    Closing closing = limited(5, 3)) {
                for (int round = 0; round < 40; round++) {
                    List<Disposable> running = new ArrayList<>();
                    for (int i = 0; i < 50; i++) {
                        running.add(closing.session.get(origin.url("/")).text().subscribe());
                    }
                    for (Disposable each : running) {
                        if (random.nextBoolean()) {
                            Schedulers.parallel().schedule(each::dispose);
                        }
                    }
                    assertThat(closing.session.get(origin.url("/")).text().block(PATIENCE))
                            .isEqualTo("ok");
                }
                closing.awaitRest();
            }
        }

        @Test
        void responsesNeverMeetTheWrongRequest() {
            try (RawOrigin origin = RawOrigin.start(peer -> {
                        while (peer.readRequest()) {
                            String path = peer.lastRequest().split(" ")[1];
                            peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + path.length() + "\r\n\r\n" + path);
                        }
                    });
                    Closing closing = limited(8, 0)) {
                Long right = Flux.range(0, 5000)
                        .flatMap(
                                i -> closing.session
                                        .get(origin.url("/" + i))
                                        .text()
                                        .filter(("/" + i)::equals),
                                64)
                        .count()
                        .block(PATIENCE);
                assertThat(right).isEqualTo(5000);
            }
        }
    }
}
