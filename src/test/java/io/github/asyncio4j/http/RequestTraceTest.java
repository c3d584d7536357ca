package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Signals as they come. Rows M06 and M07. */
@ExtendWith(NoLeaks.class)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class RequestTraceTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String CLOSE = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok";

    private final List<TraceNotes> notes = new CopyOnWriteArrayList<>();

    private Closing session() {
        return session(builder -> builder);
    }

    private Closing session(UnaryOperator<ClientSession.Builder> settings) {
        return new Closing(settings.apply(ClientSession.builder()
                        .resolver(host -> Mono.just(List.of(InetAddress.getLoopbackAddress())))
                        .trace(context -> {
                            TraceNotes made = new TraceNotes();
                            notes.add(made);
                            return made;
                        }))
                .build());
    }

    private List<String> signals(int request) {
        return notes.get(request).atEnd();
    }

    private static String named(RawOrigin origin, String path) {
        return "http://origin.test:" + origin.port() + path;
    }

    @Nested
    class Success {

        @Test
        void firstRequestConnectsAndTheNextOneReuses() {
            try (RawOrigin origin = RawOrigin.answering(OK);
                    Closing closing = session()) {
                for (int i = 0; i < 2; i++) {
                    closing.session.get(named(origin, "/a?b=c")).text().block(PATIENCE);
                }
            }
            assertThat(signals(0))
                    .containsExactly(
                            "start GET /a?…",
                            "queued",
                            "unqueued",
                            "create",
                            "miss origin.test",
                            "resolve origin.test",
                            "resolved",
                            "tcp origin.test",
                            "connected",
                            "created",
                            "sent",
                            "answer 200",
                            "chunk in 2",
                            "end 200");
            assertThat(signals(1))
                    .containsExactly(
                            "start GET /a?…",
                            "queued",
                            "unqueued",
                            "reused",
                            "sent",
                            "answer 200",
                            "chunk in 2",
                            "end 200");
        }

        @Test
        void secondConnectionFindsTheAddressesKnown() {
            try (RawOrigin origin = RawOrigin.answering(CLOSE);
                    Closing closing = session()) {
                for (int i = 0; i < 2; i++) {
                    closing.session.get(named(origin, "/")).text().block(PATIENCE);
                }
            }
            assertThat(signals(1)).contains("hit origin.test", "connected").doesNotContain("resolved");
        }

        @Test
        void addressIsNotLookedUp() {
            try (RawOrigin origin = RawOrigin.answering(OK);
                    Closing closing = session()) {
                closing.session.get(origin.url("/")).text().block(PATIENCE);
            }
            assertThat(signals(0)).containsSubsequence("create", "tcp 127.0.0.1", "connected", "created");
            assertThat(signals(0)).noneMatch(signal -> signal.contains("hit") || signal.contains("miss"));
        }

        @Test
        void bodiesAreTracedPieceByPiece() {
            try (RawOrigin origin = RawOrigin.answering("HTTP/1.1 204 No Content\r\n\r\n");
                    Closing closing = session()) {
                closing.session.post(origin.url("/")).body("hello").status().block(PATIENCE);
                Flux<ByteBuffer> pieces = Flux.just("a", "bc").map(text -> ByteBuffer.wrap(text.getBytes()));
                closing.session.post(origin.url("/")).body(pieces).status().block(PATIENCE);
            }
            assertThat(signals(0)).containsSubsequence("sent", "chunk out 5", "answer 204", "end 204");
            assertThat(signals(1)).containsSubsequence("sent", "chunk out 1", "chunk out 2", "answer 204", "end 204");
        }

        @Test
        void bodyThatWaitsForTheServerIsTracedWhenItGoesOut() {
            try (RawOrigin origin = RawOrigin.start(peer -> {
                        peer.readHead();
                        peer.send("HTTP/1.1 100 Continue\r\n\r\n");
                        peer.readNBytes(5);
                        peer.send(OK);
                        peer.awaitClose();
                    });
                    Closing closing = session()) {
                closing.session
                        .post(origin.url("/"))
                        .header("Expect", "100-continue")
                        .body("hello")
                        .text()
                        .block(PATIENCE);
            }
            assertThat(signals(0)).containsSubsequence("sent", "chunk out 5", "answer 200", "end 200");
        }

        @Test
        void redirectBelongsToTheRequest() {
            try (RawOrigin origin = RawOrigin.start(peer -> {
                        while (peer.readRequest()) {
                            peer.send(
                                    peer.lastRequest().startsWith("GET /to")
                                            ? OK
                                            : "HTTP/1.1 302 Found\r\nLocation: /to?token=x\r\nContent-Length: 0\r\n\r\n");
                        }
                    });
                    Closing closing = session()) {
                closing.session.get(origin.url("/from")).text().block(PATIENCE);
            }
            assertThat(notes).hasSize(1);
            assertThat(signals(0))
                    .containsSubsequence(
                            "start GET /from",
                            "sent",
                            "answer 302",
                            "redirect 302 /to?…",
                            "queued",
                            "unqueued",
                            "reused",
                            "sent",
                            "answer 200",
                            "end 200")
                    .filteredOn(signal -> signal.startsWith("end"))
                    .hasSize(1);
        }

        @Test
        void responseGivenBackUnreadIsAnEnd() {
            try (RawOrigin origin = RawOrigin.start(peer -> {
                        peer.readRequest();
                        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
                        peer.awaitClose();
                    });
                    Closing closing = session()) {
                closing.session.get(origin.url("/")).status().block(PATIENCE);
            }
            assertThat(signals(0)).endsWith("answer 200", "end 200");
        }

        @Test
        void staleConnectionIsFollowedByAnotherOne() {
            try (RawOrigin origin = RawOrigin.start(peer -> {
                        boolean first = peer.readRequest();
                        peer.send(OK);
                        if (first && peer.readRequest() && !peer.lastRequest().startsWith("GET /again")) {
                            peer.send(OK);
                        }
                    });
                    Closing closing = session()) {
                closing.session.get(origin.url("/")).text().block(PATIENCE);
                closing.session.get(origin.url("/again")).text().block(PATIENCE);
            }
            assertThat(signals(1))
                    .containsExactly(
                            "start GET /again",
                            "queued",
                            "unqueued",
                            "reused",
                            "sent",
                            "stale",
                            "create",
                            "tcp 127.0.0.1",
                            "connected",
                            "created",
                            "sent",
                            "answer 200",
                            "chunk in 2",
                            "end 200");
        }

        @Test
        void handshakeOfAWebSocketEndsWithItsAnswer() {
            try (RawOrigin origin = FramePeer.echo();
                    Closing closing = session()) {
                closing.session
                        .webSocket(origin.url("/"))
                        .use(socket -> {
                            assertThat(signals(0)).endsWith("answer 101", "end 101");
                            return socket.send("x").then(socket.receive().next());
                        })
                        .block(PATIENCE);
            }
            assertThat(signals(0)).endsWith("sent", "answer 101", "end 101");
        }

        @Test
        void proxyIsWhatIsConnectedTo() {
            try (RawOrigin proxy = RawOrigin.answering(OK);
                    Closing closing = session(builder -> builder.proxy("http://127.0.0.1:" + proxy.port()))) {
                closing.session.get("http://origin.test/").text().block(PATIENCE);
            }
            assertThat(signals(0)).contains("tcp 127.0.0.1", "end 200").doesNotContain("hit origin.test");
        }
    }

    @Nested
    class Failure {

        @Test
        void unknownHostEndsTheLookupAndTheConnection() {
            try (Closing closing = session(builder -> builder.resolver(host -> Mono.error(new Exception("no"))))) {
                StepVerifier.create(closing.session.get("http://nowhere.test/").text())
                        .verifyError(HostNotFoundException.class);
            }
            assertThat(signals(0))
                    .endsWith(
                            "resolve nowhere.test",
                            "resolved HostNotFoundException",
                            "created HostNotFoundException",
                            "exception HostNotFoundException");
        }

        @Test
        void refusedConnectionEndsWhatHasBegun() {
            try (RawOrigin origin = RawOrigin.answering(OK);
                    Closing closing = session()) {
                origin.close();
                StepVerifier.create(closing.session.get(origin.url("/")).text())
                        .verifyError(ClientConnectException.class);
            }
            assertThat(signals(0))
                    .containsExactly(
                            "start GET /",
                            "queued",
                            "unqueued",
                            "create",
                            "tcp 127.0.0.1",
                            "connected ClientConnectException",
                            "created ClientConnectException",
                            "exception ClientConnectException");
        }

        @Test
        void certificateThatNobodyTrustsEndsTheHandshake() throws Exception {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            try (InputStream in = RequestTraceTest.class.getResourceAsStream("/tls/localhost.p12")) {
                keys.load(in, "asyncio4j".toCharArray());
            }
            KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            own.init(keys, "asyncio4j".toCharArray());
            SSLContext server = SSLContext.getInstance("TLS");
            server.init(own.getKeyManagers(), null, null);
            try (RawOrigin origin = RawOrigin.start(server.getServerSocketFactory(), peer -> {
                        peer.readRequest();
                        peer.send(OK);
                    });
                    Closing closing = session();
                    Closing trusting = session(ClientSession.Builder::insecure)) {
                String url = "https://localhost:" + origin.port() + "/";
                StepVerifier.create(closing.session.get(url).text()).verifyError(ClientTlsException.class);
                ConnectTimings spent = trusting.session
                        .get(url)
                        .use(response -> Mono.just(response.connectTimings()))
                        .block(PATIENCE);
                assertThat(spent.tls()).isPositive();
                assertThat(spent.tcp()).isPositive();
                assertThat(spent.dns()).isPositive();
                assertThat(spent.tunnel()).isZero();
            }
            assertThat(signals(0))
                    .endsWith(
                            "tls",
                            "secured ClientTlsException",
                            "created ClientTlsException",
                            "exception ClientTlsException");
            assertThat(signals(1)).containsSubsequence("connected", "tls", "secured", "created", "sent", "end 200");
        }

        @Test
        void answerThatNeverComes() {
            try (RawOrigin origin = RawOrigin.start(peer -> {
                        peer.readRequest();
                    });
                    Closing closing = session()) {
                StepVerifier.create(closing.session.get(origin.url("/")).text())
                        .verifyError(ServerDisconnectedException.class);
            }
            assertThat(signals(0)).endsWith("sent", "exception ServerDisconnectedException");
        }

        @Test
        void bodyThatBreaksOff() {
            try (RawOrigin origin = RawOrigin.start(peer -> {
                        peer.readRequest();
                        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok");
                    });
                    Closing closing = session()) {
                StepVerifier.create(closing.session.get(origin.url("/")).text())
                        .verifyError(ClientPayloadException.class);
            }
            assertThat(signals(0)).endsWith("answer 200", "chunk in 2", "exception ClientPayloadException");
        }

        @Test
        void timeoutInLine() {
            CountDownLatch go = new CountDownLatch(1);
            try (RawOrigin origin = RawOrigin.start(peer -> {
                        peer.readRequest();
                        go.await();
                        peer.send(OK);
                    });
                    Closing closing = session(builder ->
                            builder.limits(ConnectionLimits.defaults().withTotal(1)))) {
                Mono<String> first =
                        closing.session.get(origin.url("/first")).text().cache();
                first.subscribe();
                origin.awaitRequests(1);
                StepVerifier.create(closing.session
                                .get(origin.url("/second"))
                                .timeout(Duration.ofMillis(20))
                                .text())
                        .verifyError(ClientTimeoutException.class);
                go.countDown();
                first.block(PATIENCE);
            }
            assertThat(signals(1))
                    .containsExactly(
                            "start GET /second",
                            "queued",
                            "unqueued ClientTimeoutException",
                            "exception ClientTimeoutException");
        }

        @Test
        void timeoutWhileTheServerIsSilent() {
            try (RawOrigin origin = RawOrigin.start(RawOrigin.Peer::awaitClose);
                    Closing closing = session()) {
                StepVerifier.create(closing.session
                                .get(origin.url("/"))
                                .timeout(Duration.ofMillis(100))
                                .text())
                        .verifyError(ClientTimeoutException.class);
            }
            assertThat(signals(0)).endsWith("exception ClientTimeoutException");
        }

        @Test
        void bodyOfTheRequestThatFails() {
            try (RawOrigin origin = RawOrigin.start(RawOrigin.Peer::awaitClose);
                    Closing closing = session()) {
                StepVerifier.create(closing.session
                                .post(origin.url("/"))
                                .body(Flux.error(new IllegalStateException("no body")))
                                .text())
                        .verifyErrorMessage("no body");
            }
            assertThat(signals(0)).endsWith("sent", "exception IllegalStateException");
        }

        @Test
        void closedSessionEndsAll() {
            try (RawOrigin origin = RawOrigin.start(RawOrigin.Peer::awaitClose);
                    Closing closing = session()) {
                Disposable running = closing.session
                        .get(origin.url("/"))
                        .text()
                        .onErrorComplete()
                        .subscribe();
                notes.get(0).await("sent");
                closing.session.close().block(PATIENCE);
                assertThat(signals(0)).endsWith("sent", "exception SessionClosedException");
                running.dispose();
            }
        }
    }

    @Nested
    class Cancel {

        private void cancelAfter(String signal, String url, Closing closing) {
            Disposable running = closing.session.get(url).text().subscribe();
            notes.get(notes.size() - 1).await(signal);
            running.dispose();
            signals(notes.size() - 1);
        }

        @Test
        void inLine() {
            CountDownLatch go = new CountDownLatch(1);
            try (RawOrigin origin = RawOrigin.start(peer -> {
                        peer.readRequest();
                        go.await();
                        peer.send(OK);
                    });
                    Closing closing = session(builder ->
                            builder.limits(ConnectionLimits.defaults().withTotal(1)))) {
                Mono<String> first =
                        closing.session.get(origin.url("/first")).text().cache();
                first.subscribe();
                origin.awaitRequests(1);
                cancelAfter("queued", origin.url("/"), closing);
                go.countDown();
                first.block(PATIENCE);
            }
            assertThat(signals(1))
                    .containsExactly("start GET /", "queued", "unqueued CancellationException", "cancelled");
        }

        @Test
        void duringTheLookup() {
            try (Closing closing = session(builder -> builder.resolver(host -> Mono.never()))) {
                cancelAfter("resolve slow.test", "http://slow.test/", closing);
            }
            assertThat(signals(0))
                    .endsWith(
                            "resolve slow.test",
                            "resolved CancellationException",
                            "created CancellationException",
                            "cancelled");
        }

        @Test
        void whileItConnects() throws Exception {
            try (FullBacklog nobody = new FullBacklog();
                    Closing closing = session()) {
                cancelAfter("tcp 127.0.0.1", nobody.url(), closing);
            }
            assertThat(signals(0))
                    .endsWith("connected CancellationException", "created CancellationException", "cancelled");
        }

        @Test
        void duringTheHandshake() {
            try (RawOrigin origin = RawOrigin.start(RawOrigin.Peer::awaitClose);
                    Closing closing = session()) {
                cancelAfter("tls", "https://localhost:" + origin.port() + "/", closing);
            }
            assertThat(signals(0))
                    .endsWith("secured CancellationException", "created CancellationException", "cancelled");
        }

        @Test
        void beforeTheAnswer() {
            try (RawOrigin origin = RawOrigin.start(RawOrigin.Peer::awaitClose);
                    Closing closing = session()) {
                cancelAfter("sent", origin.url("/"), closing);
            }
            assertThat(signals(0)).endsWith("sent", "cancelled");
        }

        @Test
        void inTheBody() {
            try (RawOrigin origin = RawOrigin.start(peer -> {
                        peer.readRequest();
                        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok");
                        peer.awaitClose();
                    });
                    Closing closing = session()) {
                cancelAfter("chunk in 2", origin.url("/"), closing);
            }
            assertThat(signals(0)).endsWith("answer 200", "chunk in 2", "cancelled");
        }

        @Test
        void beforeItHasBegunTellsNothing() {
            try (Closing closing = session()) {
                StepVerifier.create(closing.session.get("http://h/").text(), 0)
                        .thenCancel()
                        .verify();
            }
            assertThat(notes).allSatisfy(made -> assertThat(made.signals).isEmpty());
        }
    }

    @Nested
    class Tracers {

        @Test
        void eachHasItsOwnObject() {
            List<String> order = new CopyOnWriteArrayList<>();
            try (RawOrigin origin = RawOrigin.answering(OK);
                    Closing closing = session(builder -> builder.trace(context -> ending(order, context.get("who"))))) {
                for (String who : List.of("a", "b")) {
                    closing.session
                            .get(origin.url("/"))
                            .text()
                            .contextWrite(context -> context.put("who", who))
                            .block(PATIENCE);
                }
            }
            assertThat(order).containsExactly("a 200", "b 200");
            assertThat(signals(1)).endsWith("end 200");
        }

        private static RequestTrace ending(List<String> order, String who) {
            return new RequestTrace() {
                @Override
                public void onRequestEnd(int status) {
                    order.add(who + " " + status);
                }
            };
        }

        @Test
        void oneThatThrowsDoesNoHarm() {
            List<Throwable> dropped = new ArrayList<>();
            Hooks.onErrorDropped(dropped::add);
            try (RawOrigin origin = RawOrigin.answering(OK);
                    Closing closing = new Closing(ClientSession.builder()
                            .trace(context -> (RequestTrace) java.lang.reflect.Proxy.newProxyInstance(
                                    RequestTrace.class.getClassLoader(),
                                    new Class<?>[] {RequestTrace.class},
                                    (proxy, method, args) -> {
                                        throw new IllegalStateException(method.getName());
                                    }))
                            .trace(context -> {
                                TraceNotes made = new TraceNotes();
                                notes.add(made);
                                return made;
                            })
                            .build())) {
                assertThat(closing.session.get(origin.url("/")).text().block(PATIENCE))
                        .isEqualTo("ok");
            } finally {
                Hooks.resetOnErrorDropped();
            }
            assertThat(signals(0)).endsWith("end 200");
            assertThat(dropped).hasSizeGreaterThan(5);
        }

        @Test
        void factoryThatThrowsOrReturnsNullDoesNoHarm() {
            List<String> dropped = new ArrayList<>();
            Hooks.onErrorDropped(error -> dropped.add(error.getMessage()));
            try (RawOrigin origin = RawOrigin.answering(OK);
                    Closing closing = session(builder -> builder.trace(context -> null)
                            .trace(context -> RequestTrace.none())
                            .trace(context -> {
                                throw new IllegalStateException("no trace");
                            }))) {
                closing.session.get(origin.url("/")).text().block(PATIENCE);
            } finally {
                Hooks.resetOnErrorDropped();
            }
            assertThat(dropped).containsExactly("the function given to trace(…) returned null", "no trace");
            assertThat(signals(0)).endsWith("end 200");
        }
    }
}
