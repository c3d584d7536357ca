package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import io.github.asyncio4j.time.Timeouts;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.Http2SslContextSpec;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.server.HttpServer;
import reactor.test.StepVerifier;

/** Row P19 and what else changes with HTTP/2, against Reactor Netty's server. */
@ExtendWith(NoLeaks.class)
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class Http2Test {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final byte[] LARGE = new byte[4 << 20];
    private static final AtomicInteger CANCELLED = new AtomicInteger();

    private static KeyManagerFactory own;
    private static SSLContext serverContext;
    private static SSLContext trusting;
    private static DisposableServer server;

    @BeforeAll
    static void start() throws Exception {
        new java.util.Random(1).nextBytes(LARGE);
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Http2Test.class.getResourceAsStream("/tls/localhost.p12")) {
            keys.load(in, "asyncio4j".toCharArray());
        }
        own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, "asyncio4j".toCharArray());
        serverContext = SSLContext.getInstance("TLS");
        serverContext.init(own.getKeyManagers(), null, null);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("origin", keys.getCertificate("localhost"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        trusting = SSLContext.getInstance("TLS");
        trusting.init(null, trust.getTrustManagers(), null);
        byte[] packed = gzip(new byte[3 << 20]);
        server = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .protocol(HttpProtocol.H2, HttpProtocol.HTTP11)
                .secure(spec -> spec.sslContext(
                        (reactor.netty.tcp.SslProvider.GenericSslContextSpec<?>) Http2SslContextSpec.forServer(own)))
                .route(routes -> routes.get(
                                "/hello",
                                (request, response) -> response.header(
                                                "X-Version", request.version().text())
                                        .header(
                                                "X-Agent",
                                                request.requestHeaders().get("user-agent", "none"))
                                        .header(
                                                "X-Cookie",
                                                request.requestHeaders().get("cookie", "none"))
                                        .sendString(Mono.just("hello")))
                        .post(
                                "/echo",
                                (request, response) ->
                                        response.send(request.receive().retain()))
                        .post(
                                "/sum",
                                (request, response) -> response.sendString(
                                        request.receive().aggregate().asString()))
                        .get(
                                "/large",
                                (request, response) -> response.header("Content-Length", LARGE.length + "")
                                        .send(Mono.fromSupplier(() -> Unpooled.wrappedBuffer(LARGE))))
                        .get(
                                "/streamed",
                                (request, response) -> response.send(
                                        Flux.range(0, 64).map(i -> Unpooled.wrappedBuffer(LARGE, i * 65536, 65536))))
                        .get(
                                "/redirect",
                                (request, response) -> response.status(302)
                                        .header("Location", "/hello")
                                        .header("Set-Cookie", "a=1")
                                        .send())
                        .get(
                                "/gzip",
                                (request, response) -> response.header("Content-Encoding", "gzip")
                                        .send(Mono.fromSupplier(() -> Unpooled.wrappedBuffer(packed))))
                        .get(
                                "/missing",
                                (request, response) -> response.status(404).sendString(Mono.just("no such page")))
                        .get(
                                "/silent",
                                (request, response) -> Mono.<Void>never().doOnCancel(CANCELLED::incrementAndGet))
                        .get(
                                "/stalls",
                                (request, response) -> response.header("Content-Length", "100")
                                        .send(
                                                Flux.concat(
                                                        Mono.<ByteBuf>fromSupplier(
                                                                () -> Unpooled.wrappedBuffer(new byte[10])),
                                                        Mono.never()),
                                                piece -> true)))
                .bindNow();
    }

    @AfterAll
    static void stop() {
        server.disposeNow(PATIENCE);
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream packer = new GZIPOutputStream(out)) {
            packer.write(bytes);
        }
        return out.toByteArray();
    }

    private static ClientSession.Builder builder() {
        return ClientSession.builder()
                .http2(true)
                .sslContext(trusting)
                .resolver(host -> Mono.just(List.of(InetAddress.getLoopbackAddress())));
    }

    private static Closing session() {
        return new Closing(builder().build());
    }

    private static String url(String path) {
        return "https://localhost:" + server.port() + path;
    }

    private static String header(ClientResponse response, String name) {
        return response.headers().first(name).orElse("");
    }

    /** A slot is free before the line behind it is told. */
    private static void awaitNoRoutes(Closing closing) {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (closing.session.h2().size() > 0) {
            assertThat(System.nanoTime()).as("nanoTime, with a route left").isLessThan(until);
            Thread.yield();
        }
    }

    @Nested
    class Exchanges {

        @Test
        void helloOverOneConnectionAgainAndAgain() {
            try (Closing closing = session()) {
                for (int i = 0; i < 3; i++) {
                    String seen = closing.session
                            .get(url("/hello"))
                            .use(response -> response.text()
                                    .map(text -> text
                                            + header(response, "x-version")
                                            + response.status()
                                            + header(response, "X-Agent")
                                            + response.reason()))
                            .block(PATIENCE);
                    assertThat(seen).isEqualTo("helloHTTP/2.0200asyncio4j/0.1");
                }
                assertThat(closing.session.statistics().created()).isOne();
            }
        }

        @Test
        void aHundredAtOnceOverOneConnection() {
            try (Closing closing = session()) {
                List<String> all = Flux.range(0, 100)
                        .flatMap(i -> closing.session.get(url("/hello")).text(), 100)
                        .collectList()
                        .block(PATIENCE);
                assertThat(all).hasSize(100).containsOnly("hello");
                assertThat(closing.session.statistics().created()).isOne();
            }
        }

        @Test
        void moreThanTheLimitWaitInLine() {
            try (Closing closing = new Closing(
                    builder().limits(ConnectionLimits.defaults().withTotal(2)).build())) {
                assertThat(Flux.range(0, 20)
                                .flatMap(i -> closing.session.get(url("/hello")).text(), 20)
                                .count()
                                .block(PATIENCE))
                        .isEqualTo(20);
                assertThat(closing.session.statistics().created()).isOne();
            }
        }

        @Test
        void bodiesGoUp() {
            try (Closing closing = session()) {
                ClientSession session = closing.session;
                assertThat(session.post(url("/echo")).body("small").text().block(PATIENCE))
                        .isEqualTo("small");
                assertThat(session.post(url("/echo")).body("").text().block(PATIENCE))
                        .isEmpty();
                assertThat(session.post(url("/echo")).text().block(PATIENCE)).isEmpty();
                assertThat(session.post(url("/echo"))
                                .header("Content-Length", "3")
                                .body(Flux.just(ByteBuffer.wrap("abc".getBytes())))
                                .text()
                                .block(PATIENCE))
                        .isEqualTo("abc");
            }
        }

        @Test
        void largeBodiesGoUpWhileTheyComeBack() {
            try (Closing closing = session()) {
                ClientSession session = closing.session;
                assertThat(session.post(url("/echo")).body(LARGE).bytes().block(PATIENCE))
                        .isEqualTo(LARGE);
                Flux<ByteBuffer> pieces = Flux.range(0, 64).map(i -> ByteBuffer.wrap(LARGE, i * 65536, 65536));
                assertThat(session.post(url("/echo")).body(pieces).bytes().block(PATIENCE))
                        .isEqualTo(LARGE);
            }
        }

        @Test
        void aBodyWaitsUntilItIsAskedFor() {
            try (Closing closing = session()) {
                assertThat(closing.session
                                .post(url("/sum"))
                                .header("Expect", "100-continue")
                                .body("asked for")
                                .text()
                                .block(PATIENCE))
                        .isEqualTo("asked for");
            }
        }

        @Test
        void aBodyThatFailsOrHasAnotherLengthEndsTheStream() {
            try (Closing closing = session()) {
                IOException broken = new IOException("broken");
                StepVerifier.create(closing.session
                                .post(url("/echo"))
                                .body(Flux.concat(Mono.just(ByteBuffer.wrap(new byte[3])), Mono.error(broken)))
                                .text())
                        .expectErrorSatisfies(e -> assertThat(e).isSameAs(broken))
                        .verify(PATIENCE);
                StepVerifier.create(closing.session
                                .post(url("/echo"))
                                .header("Content-Length", "2")
                                .body(Flux.just(ByteBuffer.wrap(new byte[3])))
                                .text())
                        .expectErrorMessage("POST " + url("/echo")
                                + ": the request body has more than 0 bytes, but 2 were declared")
                        .verify(PATIENCE);
                assertThat(closing.session.get(url("/hello")).text().block(PATIENCE))
                        .isEqualTo("hello");
                assertThat(closing.session.statistics().created()).isOne();
            }
        }

        @Test
        void headHasNoBody() {
            try (Closing closing = session()) {
                assertThat(closing.session.head(url("/large")).status().block(PATIENCE))
                        .isIn(200, 404);
                assertThat(closing.session.get(url("/hello")).text().block(PATIENCE))
                        .isEqualTo("hello");
            }
        }

        @Test
        void redirectsCookiesAndStatusAreOurs() {
            try (Closing closing = new Closing(builder()
                    .networkMiddleware((request, next) -> next.proceed(request))
                    .build())) {
                String seen = closing.session
                        .get(url("/redirect"))
                        .use(response -> response.text()
                                .map(text -> text + response.history().get(0).status() + header(response, "X-Cookie")))
                        .block(PATIENCE);
                assertThat(seen).isEqualTo("hello302a=1");
                StepVerifier.create(closing.session
                                .get(url("/missing"))
                                .raiseForStatus(true)
                                .text())
                        .expectErrorSatisfies(e -> assertThat(e)
                                .hasMessage("GET " + url("/missing") + ": 404")
                                .isInstanceOfSatisfying(
                                        ClientResponseException.class,
                                        raised -> assertThat(raised.body()).isEqualTo("no such page")))
                        .verify(PATIENCE);
            }
            try (Closing closing = session()) {
                assertThat(closing.session
                                .get(url("/redirect"))
                                .use(response -> Mono.just(header(response, "X-Cookie")))
                                .block(PATIENCE))
                        .isEqualTo("a=1");
            }
        }

        @Test
        void limitsOfBodiesHold() {
            try (Closing closing = session()) {
                ClientSession session = closing.session;
                StepVerifier.create(session.get(url("/large")).maxBodySize(1000).bytes())
                        .expectError(BodyTooLargeException.class)
                        .verify(PATIENCE);
                StepVerifier.create(
                                session.get(url("/streamed")).maxBodySize(1000).bytes())
                        .expectError(BodyTooLargeException.class)
                        .verify(PATIENCE);
                StepVerifier.create(session.get(url("/gzip")).bytes())
                        .expectError(BodyTooLargeException.class)
                        .verify(PATIENCE);
                assertThat(session.get(url("/gzip")).decompress(false).bytes().block(PATIENCE))
                        .startsWith(0x1f, 0x8b);
                assertThat(session.get(url("/hello")).text().block(PATIENCE)).isEqualTo("hello");
                assertThat(session.statistics().created()).isOne();
            }
        }
    }

    @Nested
    class Demand {

        @Test
        void largeBodiesArriveWhole() {
            try (Closing closing = session()) {
                assertThat(closing.session.get(url("/large")).bytes().block(PATIENCE))
                        .isEqualTo(LARGE);
                assertThat(closing.session.get(url("/streamed")).bytes().block(PATIENCE))
                        .isEqualTo(LARGE);
                Long slowly = closing.session
                        .get(url("/streamed"))
                        .chunks()
                        .limitRate(1)
                        .concatMap(piece -> Mono.just(piece).subscribeOn(reactor.core.scheduler.Schedulers.parallel()))
                        .reduce(0L, (sum, piece) -> sum + piece.remaining())
                        .block(PATIENCE);
                assertThat(slowly).isEqualTo(LARGE.length);
            }
        }

        @Test
        void oneThatNobodyReadsStopsNobodyElse() {
            try (Closing closing = session()) {
                CountDownLatch first = new CountDownLatch(1);
                BaseSubscriber<ByteBuffer> stuck = new BaseSubscriber<>() {
                    @Override
                    protected void hookOnSubscribe(org.reactivestreams.Subscription subscription) {
                        subscription.request(1);
                    }

                    @Override
                    protected void hookOnNext(ByteBuffer piece) {
                        first.countDown();
                    }
                };
                closing.session.get(url("/large")).chunks().subscribe(stuck);
                closing.await(first);
                assertThat(closing.session.get(url("/large")).bytes().block(PATIENCE))
                        .isEqualTo(LARGE);
                assertThat(closing.session.statistics().inUse()).isOne();
                stuck.cancel();
                closing.awaitRest();
                assertThat(closing.session.statistics().created()).isOne();
            }
        }

        @Test
        void unreadBodiesAreGivenBack() {
            try (Closing closing = session()) {
                for (int i = 0; i < 20; i++) {
                    assertThat(closing.session.get(url("/large")).status().block(PATIENCE))
                            .isEqualTo(200);
                    assertThat(closing.session.get(url("/hello")).status().block(PATIENCE))
                            .isEqualTo(200);
                    assertThat(closing.session.statistics().inUse()).isZero();
                }
                assertThat(closing.session.statistics().created()).isOne();
            }
        }
    }

    @Nested
    class Ends {

        @Test
        void aCancelResetsTheStreamAndKeepsTheConnection() {
            int before = CANCELLED.get();
            try (Closing closing = session()) {
                assertThat(closing.session.get(url("/hello")).text().block(PATIENCE))
                        .isEqualTo("hello");
                StepVerifier.create(Timeouts.timeout(
                                closing.session.get(url("/silent")).text(), Duration.ofMillis(100), "mine"))
                        .expectErrorSatisfies(e ->
                                assertThat(closing.session.statistics().inUse()).isZero())
                        .verify(PATIENCE);
                assertThat(closing.session.get(url("/hello")).text().block(PATIENCE))
                        .isEqualTo("hello");
                assertThat(closing.session.statistics().created()).isOne();
                long until = System.nanoTime() + PATIENCE.toNanos();
                while (CANCELLED.get() == before && System.nanoTime() - until < 0) {
                    Thread.yield();
                }
                assertThat(CANCELLED.get()).isGreaterThan(before);
            }
        }

        @Test
        void timeoutsHaveTheirPhases() {
            try (Closing closing = session()) {
                assertThat(closing.session.get(url("/hello")).text().block(PATIENCE))
                        .isEqualTo("hello");
                ClientTimeout reading = ClientTimeout.none().withSockRead(Duration.ofSeconds(1));
                StepVerifier.create(closing.session
                                .get(url("/silent"))
                                .timeout(reading)
                                .text())
                        .expectErrorSatisfies(e -> phase(e, ClientTimeoutException.Phase.HEADERS))
                        .verify(PATIENCE);
                StepVerifier.create(closing.session
                                .get(url("/stalls"))
                                .timeout(reading)
                                .text())
                        .expectErrorSatisfies(e -> phase(e, ClientTimeoutException.Phase.BODY))
                        .verify(PATIENCE);
                StepVerifier.create(closing.session
                                .get(url("/stalls"))
                                .timeout(Duration.ofMillis(200))
                                .text())
                        .expectErrorSatisfies(e -> phase(e, ClientTimeoutException.Phase.TOTAL))
                        .verify(PATIENCE);
            }
        }

        private void phase(Throwable error, ClientTimeoutException.Phase phase) {
            assertThat(error)
                    .isInstanceOfSatisfying(
                            ClientTimeoutException.class,
                            late -> assertThat(late.phase()).isEqualTo(phase));
        }

        @Test
        void closingTheSessionEndsItsStreams() {
            ClientSession session = builder().build();
            CountDownLatch started = new CountDownLatch(1);
            Mono<Throwable> failure = session.get(url("/stalls"))
                    .useMany(response -> {
                        started.countDown();
                        return response.chunks();
                    })
                    .then(Mono.<Throwable>empty())
                    .onErrorResume(Mono::just)
                    .cache();
            Disposable running = failure.subscribe();
            try {
                assertThat(started.await(5, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            session.close().block(PATIENCE);
            assertThat(failure.block(PATIENCE)).isInstanceOf(SessionClosedException.class);
            assertThat(session.statistics().inUse()).isZero();
            running.dispose();
        }

        @Test
        void aConnectionAtRestIsClosedInTime() {
            ClientSession session = builder()
                    .limits(ConnectionLimits.defaults().withKeepAlive(Duration.ofMillis(50)))
                    .build();
            try (Closing closing = new Closing(session)) {
                assertThat(closing.session).isSameAs(session);
                assertThat(session.get(url("/hello")).text().block(PATIENCE)).isEqualTo("hello");
                long until = System.nanoTime() + PATIENCE.toNanos();
                while (session.h2().size() > 0 && System.nanoTime() - until < 0) {
                    Thread.yield();
                }
                assertThat(session.h2().size()).isZero();
                assertThat(session.get(url("/hello")).text().block(PATIENCE)).isEqualTo("hello");
                assertThat(session.statistics().created()).isEqualTo(2);
            }
        }
    }

    @Nested
    class WithoutIt {

        @Test
        void aServerWithoutItIsSpokenToAsEver() {
            List<String> seen = new CopyOnWriteArrayList<>();
            try (RawOrigin origin = RawOrigin.start(serverContext.getServerSocketFactory(), peer -> {
                        while (peer.readRequest()) {
                            seen.add(peer.lastRequest().split("\r\n", 2)[0]);
                            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                        }
                    });
                    Closing closing = session()) {
                String url = "https://localhost:" + origin.port() + "/";
                assertThat(Flux.range(0, 10)
                                .flatMap(i -> closing.session.get(url).text(), 10)
                                .collectList()
                                .block(PATIENCE))
                        .hasSize(10)
                        .containsOnly("ok");
                assertThat(closing.session.get(url).text().block(PATIENCE)).isEqualTo("ok");
                assertThat(seen).hasSize(11).containsOnly("GET / HTTP/1.1");
                awaitNoRoutes(closing);
            }
        }

        @Test
        void failuresOfConnectingReachAllWhoWait() throws Exception {
            int port;
            try (java.net.ServerSocket free = new java.net.ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                port = free.getLocalPort();
            }
            try (Closing closing = session()) {
                List<Class<?>> errors = Flux.range(0, 10)
                        .flatMap(
                                i -> closing.session
                                        .get("https://localhost:" + port + "/")
                                        .text()
                                        .<Class<?>>map(text -> String.class)
                                        .onErrorResume(e -> Mono.just(e.getClass())),
                                10)
                        .collectList()
                        .block(PATIENCE);
                assertThat(errors).hasSize(10).containsOnly(ClientConnectException.class);
                awaitNoRoutes(closing);
            }
        }

        @Test
        void whoWaitsForAnothersConnectionMayTimeOutOrLeave() {
            try (RawOrigin origin = RawOrigin.start(RawOrigin.Peer::awaitClose);
                    Closing closing = session()) {
                String url = "https://localhost:" + origin.port() + "/";
                Disposable first = closing.session.get(url).text().subscribe(text -> {}, e -> {});
                origin.awaitOpen(1);
                Disposable second = closing.session.get(url).text().subscribe(text -> {}, e -> {});
                StepVerifier.create(closing.session
                                .get(url)
                                .timeout(ClientTimeout.none().withConnect(Duration.ofMillis(100)))
                                .text())
                        .expectError(ClientTimeoutException.class)
                        .verify(PATIENCE);
                second.dispose();
                assertThat(closing.session.statistics().inUse()).isOne();
                first.dispose();
                closing.awaitRest();
                awaitNoRoutes(closing);
            }
        }

        @Test
        void theNextInLineConnectsWhenTheFirstLeaves() {
            try (RawOrigin origin = RawOrigin.start(RawOrigin.Peer::awaitClose);
                    Closing closing = session()) {
                String url = "https://localhost:" + origin.port() + "/";
                Disposable first = closing.session.get(url).text().subscribe(text -> {}, e -> {});
                origin.awaitOpen(1);
                Disposable second = closing.session.get(url).text().subscribe(text -> {}, e -> {});
                first.dispose();
                long until = System.nanoTime() + PATIENCE.toNanos();
                while (origin.accepted() < 2 && System.nanoTime() - until < 0) {
                    Thread.yield();
                }
                assertThat(origin.accepted()).isEqualTo(2);
                second.dispose();
                closing.awaitRest();
            }
        }
    }
}
