package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** Rows W01 to W14. */
@ExtendWith(NoLeaks.class)
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class WebSocketTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Closing closing = new Closing(ClientSession.builder()
            .limits(ConnectionLimits.defaults().withTotal(2))
            .build());
    private final ClientSession session = closing.session;
    private final BlockingQueue<FramePeer.Frame> received = new LinkedBlockingQueue<>();

    @AfterEach
    void close() {
        closing.close();
    }

    private WebSocketRequest to(RawOrigin origin) {
        return session.webSocket("ws://127.0.0.1:" + origin.port() + "/chat");
    }

    private FramePeer.Frame nextReceived() throws InterruptedException {
        FramePeer.Frame frame = received.poll(10, TimeUnit.SECONDS);
        assertThat(frame).isNotNull();
        return frame;
    }

    /** Puts aside what comes, up to and with a close frame. */
    private void drain(FramePeer peer) throws IOException {
        FramePeer.Frame frame;
        do {
            frame = peer.read();
            received.add(frame);
        } while (frame.opcode() != FramePeer.CLOSE);
    }

    private static <T> T get(Mono<T> mono) {
        return mono.block(PATIENCE);
    }

    @Nested
    class TheHandshake {

        @Test
        void asksForAnUpgradeWithAKeyOfItsOwn() {
            try (RawOrigin origin = FramePeer.echo()) {
                Mono<String> twice = to(origin)
                        .header("Origin", "https://example.com")
                        .use(socket ->
                                socket.send("x").then(socket.receiveText().next()));
                assertThat(twice.block(PATIENCE)).isEqualTo("x");
                assertThat(twice.block(PATIENCE)).isEqualTo("x");
                assertThat(origin.requests())
                        .hasSize(2)
                        .allSatisfy(request -> assertThat(request)
                                .startsWith("GET /chat HTTP/1.1\r\nHost: 127.0.0.1:" + origin.port() + "\r\n")
                                .contains(
                                        "Upgrade: websocket\r\n",
                                        "Connection: Upgrade\r\n",
                                        "Sec-WebSocket-Version: 13\r\n")
                                .contains("Origin: https://example.com\r\n"));
                List<String> keys = origin.requests().stream()
                        .map(request -> request.replaceAll("(?s).*Sec-WebSocket-Key: (\\S+).*", "$1"))
                        .distinct()
                        .toList();
                assertThat(keys).hasSize(2).allSatisfy(key -> assertThat(key).hasSize(24));
            }
        }

        static Stream<Arguments> answersThatAreNone() {
            return Stream.of(
                    Arguments.of(
                            "HTTP/1.1 200 OK\r\nX-Why: a\r\nContent-Length: 2\r\n\r\nno", 200, "answered with 200"),
                    Arguments.of("HTTP/1.1 403 Forbidden\r\nX-Why: a\r\n\r\nno", 403, "answered with 403"),
                    Arguments.of(
                            "HTTP/1.1 401 Unauthorized\r\nX-Why: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n",
                            401,
                            "answered with 401"),
                    Arguments.of(granted("Connection: Upgrade\r\nSec-WebSocket-Accept: {accept}"), 101, "no Upgrade"),
                    Arguments.of(
                            granted("Upgrade: xwebsocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}"),
                            101,
                            "no Upgrade"),
                    Arguments.of(granted("Upgrade: websocket\r\nSec-WebSocket-Accept: {accept}"), 101, "no Connection"),
                    Arguments.of(
                            granted("Upgrade: websocket\r\nConnection: Upgraded\r\nSec-WebSocket-Accept: {accept}"),
                            101,
                            "no Connection"),
                    Arguments.of(granted("Upgrade: websocket\r\nConnection: Upgrade"), 101, "Sec-WebSocket-Accept"),
                    Arguments.of(
                            granted("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x"),
                            101,
                            "Sec-WebSocket-Accept"),
                    Arguments.of(
                            granted(
                                    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: c"),
                            101,
                            "not offered: c"),
                    Arguments.of(
                            granted(
                                    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: a, b"),
                            101,
                            "not offered: a, b"),
                    Arguments.of(
                            granted(
                                    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Extensions: permessage-deflate"),
                            101,
                            "extension that was not offered"));
        }

        private static String granted(String headers) {
            return "HTTP/1.1 101 Switching Protocols\r\nX-Why: a\r\n" + headers + "\r\n\r\n";
        }

        @ParameterizedTest
        @MethodSource("answersThatAreNone")
        void isRefusedUnlessEveryPartOfTheAnswerIsRight(String answer, int status, String why) {
            try (RawOrigin origin = RawOrigin.start(peer -> {
                peer.readRequest();
                String key = peer.lastRequest().replaceAll("(?s).*Sec-WebSocket-Key: (\\S+).*", "$1");
                peer.send(answer.replace("{accept}", WebSocketHandshake.answerTo(key)));
                if (status == 101) {
                    peer.awaitClose();
                }
            })) {
                StepVerifier.create(to(origin).protocols("a", "b").use(socket -> Mono.just("open")))
                        .expectErrorSatisfies(e -> assertThat(e)
                                .isInstanceOfSatisfying(WebSocketHandshakeException.class, refused -> {
                                    assertThat(refused.status()).isEqualTo(status);
                                    assertThat(refused.headers().first("X-Why")).hasValue("a");
                                    assertThat(refused.body()).isEqualTo(status == 101 ? "" : "no");
                                })
                                .hasMessageContaining(why))
                        .verify(PATIENCE);
                assertThat(session.statistics().inUse()).isZero();
            }
        }

        @Test
        void agreesOnOneOfTheSubprotocols() {
            try (RawOrigin origin = FramePeer.origin("Sec-WebSocket-Protocol: b\r\n", peer -> drain(peer))) {
                assertThat(to(origin)
                                .protocols("a", "b")
                                .closeTimeout(Duration.ofMillis(50))
                                .use(socket -> Mono.just(socket.protocol()))
                                .block(PATIENCE))
                        .isEqualTo("b");
                assertThat(origin.requests().get(0)).contains("Sec-WebSocket-Protocol: a, b\r\n");
            }
        }

        @Test
        void followsRedirects() {
            try (RawOrigin target = FramePeer.echo();
                    RawOrigin origin = RawOrigin.answering("HTTP/1.1 302 Found\r\nLocation: " + target.url("/there")
                            + "\r\nContent-Length: 0\r\n\r\n")) {
                assertThat(to(origin)
                                .use(socket -> Mono.just(socket.protocol()))
                                .block(PATIENCE))
                        .isEmpty();
                assertThat(target.requests().get(0)).startsWith("GET /there HTTP/1.1\r\n");
            }
        }

        @Test
        void takesTheSessionsHeadersAndCookies() {
            try (RawOrigin origin = FramePeer.echo();
                    ClientSessions own = new ClientSessions(ClientSession.builder()
                            .baseUrl(origin.url("/api/"))
                            .bearerAuth("token")
                            .cookie("a", "b")
                            .build())) {
                assertThat(own.session
                                .webSocket("live?x=1")
                                .use(socket -> Mono.just(1))
                                .block(PATIENCE))
                        .isEqualTo(1);
                assertThat(origin.requests().get(0))
                        .startsWith("GET /api/live?x=1 HTTP/1.1\r\n")
                        .contains("Authorization: Bearer token\r\n", "Cookie: a=b\r\n");
            }
        }

        @Test
        void isAllThatTheTotalTimeoutCovers() {
            try (RawOrigin origin = FramePeer.echo()) {
                Mono<String> late = to(origin)
                        .timeout(ClientTimeout.total(Duration.ofMillis(300)).withSockRead(Duration.ofMillis(100)))
                        .use(socket -> Mono.delay(Duration.ofMillis(600))
                                .then(socket.send("late"))
                                .then(socket.receiveText().next()));
                assertThat(late.block(PATIENCE)).isEqualTo("late");
            }
        }

        @Test
        void timesOut() {
            try (RawOrigin origin = RawOrigin.start(RawOrigin.Peer::awaitClose)) {
                StepVerifier.create(to(origin)
                                .timeout(ClientTimeout.total(Duration.ofMillis(100)))
                                .use(socket -> Mono.just("open")))
                        .expectError(ClientTimeoutException.class)
                        .verify(PATIENCE);
            }
        }

        @Test
        void complainsAboutWhatItSetsItself() {
            WebSocketRequest request = session.webSocket("ws://h/");
            for (String name :
                    List.of("Host", "upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Extensions")) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> request.header(name, "x"))
                        .withMessageContaining(name);
            }
            assertThatIllegalArgumentException().isThrownBy(() -> request.protocols("a b"));
            assertThatIllegalArgumentException().isThrownBy(() -> request.maxMessageSize(-1));
            assertThatIllegalArgumentException().isThrownBy(() -> request.heartbeat(Duration.ZERO));
            assertThatIllegalArgumentException().isThrownBy(() -> request.closeTimeout(Duration.ofMillis(-1)));
            assertThat(request).hasToString("WebSocket http://h/ {}");
        }

        @Test
        void aBadUrlIsAnErrorOfTheSubscription() {
            for (String url : List.of("ftp://h/", "nowhere", "ws://")) {
                StepVerifier.create(session.webSocket(url).useMany(socket -> Flux.just(1)))
                        .expectError(InvalidUrlException.class)
                        .verify(PATIENCE);
            }
            assertThat(session.webSocket("nowhere")).hasToString("WebSocket (invalid URL) {}");
            StepVerifier.create(session.webSocket("ws://a:b@h/")
                            .header("Authorization", "c")
                            .use(socket -> Mono.just(1)))
                    .expectError(InvalidUrlException.class)
                    .verify(PATIENCE);
        }

        @Test
        void credentialsOfTheUrlAreSent() {
            try (RawOrigin origin = FramePeer.echo()) {
                get(session.webSocket("ws://a:b@127.0.0.1:" + origin.port() + "/")
                        .use(socket -> Mono.just(1)));
                assertThat(origin.requests().get(0)).contains("Authorization: Basic YTpi\r\n");
            }
        }

        @Test
        void aClosedSessionOpensNothing() {
            ClientSession closed = ClientSession.create();
            WebSocketRequest before = closed.webSocket("ws://h/");
            get(closed.close());
            assertThatIllegalStateException().isThrownBy(() -> closed.webSocket("ws://h/"));
            StepVerifier.create(before.use(socket -> Mono.just(1)))
                    .expectError(IllegalStateException.class)
                    .verify(PATIENCE);
        }
    }

    @Nested
    class Messages {

        @ParameterizedTest
        @ValueSource(ints = {0, 1, 7, 8, 9, 125, 126, 127, 65_535, 65_536, 1_000_001})
        void ofAnySizeGoBothWays(int size) {
            try (RawOrigin origin = FramePeer.echo()) {
                String text = "é".repeat(size / 2) + "x".repeat(size % 2);
                byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                StepVerifier.create(to(origin)
                                .useMany(socket -> socket.send(text)
                                        .then(socket.send(ByteBuffer.wrap(bytes)))
                                        .thenMany(socket.receive().take(2))))
                        .expectNext(new WebSocketMessage.Text(text))
                        .expectNext(new WebSocketMessage.Binary(ByteBuffer.wrap(bytes)))
                        .expectComplete()
                        .verify(PATIENCE);
            }
        }

        @Test
        void areMasked() throws Exception {
            try (RawOrigin origin = FramePeer.origin(peer -> {
                drain(peer);
                peer.close(1000);
            })) {
                get(to(origin).use(socket -> socket.send("abc").then(socket.ping(ByteBuffer.wrap(new byte[3])))));
                for (int opcode : new int[] {FramePeer.TEXT, FramePeer.PING, FramePeer.CLOSE}) {
                    FramePeer.Frame frame = nextReceived();
                    assertThat(frame.opcode()).isEqualTo(opcode);
                    assertThat(frame.masked()).isTrue();
                    assertThat(frame.first() & 0x80).isNotZero();
                }
            }
        }

        @Test
        void ofBytesLeaveTheCallersBufferAsItIs() {
            try (RawOrigin origin = FramePeer.echo()) {
                ByteBuffer data = ByteBuffer.allocateDirect(40);
                data.position(3);
                ByteBuffer back = get(to(origin).use(socket -> {
                    Mono<Void> send = socket.send(data.asReadOnlyBuffer());
                    return send.then(send).then(socket.receiveBinary().next());
                }));
                assertThat(back.remaining()).isEqualTo(37);
                assertThat(data.position()).isEqualTo(3);
            }
        }

        @Test
        void asJson() {
            try (RawOrigin origin = FramePeer.echo()) {
                StepVerifier.create(to(origin)
                                .useMany(socket -> socket.sendJson(Map.of("a", 1))
                                        .then(socket.sendJson(List.of()))
                                        .thenMany(socket.receiveJson(Map.class))))
                        .expectNext(Map.of("a", 1))
                        .expectErrorSatisfies(e -> assertThat(e)
                                .isInstanceOf(WebSocketException.class)
                                .hasMessageContaining("cannot be read as java.util.Map"))
                        .verify(PATIENCE);
            }
        }

        @Test
        void ofTheWrongKindAreAnError() {
            try (RawOrigin origin = FramePeer.echo()) {
                StepVerifier.create(to(origin)
                                .use(socket -> socket.send("x")
                                        .then(socket.receiveBinary().next())))
                        .expectErrorSatisfies(e -> assertThat(e)
                                .isInstanceOf(WebSocketException.class)
                                .hasMessageContaining("a message is Text where only Binary was expected"))
                        .verify(PATIENCE);
            }
        }

        @Test
        void inFragmentsWithAPingInBetween() throws Exception {
            try (RawOrigin origin = FramePeer.origin(peer -> {
                byte[] euro = "€".getBytes(StandardCharsets.UTF_8);
                peer.send(FramePeer.TEXT, new byte[] {euro[0]});
                peer.send(0x80 | FramePeer.PING, "p".getBytes(StandardCharsets.UTF_8));
                peer.send(0, new byte[0]);
                peer.send(0x80, new byte[] {euro[1], euro[2]});
                drain(peer);
                peer.close(1000);
            })) {
                assertThat(to(origin).use(socket -> socket.receiveText().next()).block(PATIENCE))
                        .isEqualTo("€");
                assertThat(nextReceived()).satisfies(pong -> {
                    assertThat(pong.opcode()).isEqualTo(FramePeer.PONG);
                    assertThat(pong.text()).isEqualTo("p");
                });
            }
        }

        @Test
        void arriveByteByByte() {
            try (RawOrigin origin = FramePeer.origin(peer -> {
                for (byte b : FramePeer.frame(0x81, FramePeer.filled(300, 'a'))) {
                    peer.peer.send(new byte[] {b});
                }
                drain(peer);
                peer.close(1000);
            })) {
                assertThat(to(origin).use(socket -> socket.receiveText().next()).block(PATIENCE))
                        .hasSize(300);
            }
        }

        @Test
        void thatCameWithTheHandshakesAnswerAreThere() {
            try (RawOrigin origin = RawOrigin.start(peer -> {
                peer.readRequest();
                String key = peer.lastRequest().replaceAll("(?s).*Sec-WebSocket-Key: (\\S+).*", "$1");
                peer.send("HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: "
                        + WebSocketHandshake.answerTo(key) + "\r\n\r\n\u0081\u0002hi\u0088\u0000");
                peer.awaitClose();
            })) {
                StepVerifier.create(to(origin).useMany(WebSocket::receiveText))
                        .expectNext("hi")
                        .expectComplete()
                        .verify(PATIENCE);
            }
        }

        @Test
        void areNotLostBetweenReceivers() {
            try (RawOrigin origin = FramePeer.origin(peer -> {
                for (int i = 0; i < 1000; i++) {
                    peer.send("" + i);
                }
                peer.close(1000);
                drain(peer);
            })) {
                StepVerifier.create(to(origin)
                                .useMany(socket ->
                                        socket.receiveText().next().repeat(999).map(Integer::valueOf)))
                        .expectNextSequence(
                                Stream.iterate(0, i -> i + 1).limit(1000).toList())
                        .expectComplete()
                        .verify(PATIENCE);
            }
        }

        @Test
        void haveOneReceiverAtATime() {
            try (RawOrigin origin = FramePeer.echo()) {
                StepVerifier.create(to(origin).use(socket -> {
                            Disposable first = socket.receive().subscribe();
                            return socket.receive().next().doFinally(end -> first.dispose());
                        }))
                        .expectErrorSatisfies(e -> assertThat(e)
                                .isInstanceOf(IllegalStateException.class)
                                .hasMessageContaining("one at a time"))
                        .verify(PATIENCE);
            }
        }

        @Test
        void areNotReadWhileNobodyWantsThem() throws Exception {
            AtomicReference<Long> sent = new AtomicReference<>(0L);
            CountDownLatch go = new CountDownLatch(1);
            byte[] large = FramePeer.frame(0x82, new byte[64 * 1024]);
            int count = 800;
            try (RawOrigin origin = FramePeer.origin(peer -> {
                for (int i = 0; i < count; i++) {
                    peer.peer.send(large);
                    sent.updateAndGet(n -> n + 1);
                }
                drain(peer);
                peer.close(1000);
            })) {
                Mono<Long> all = to(origin)
                        .use(socket -> Mono.fromRunnable(() -> closing.await(go))
                                .subscribeOn(Schedulers.boundedElastic())
                                .then(socket.receive().take(count).count()));
                Mono<Long> running = all.cache();
                Disposable subscribed = running.subscribe();
                long before;
                do {
                    before = sent.get();
                    closing.pause(300);
                } while (sent.get() != before || before == 0);
                assertThat(before).isLessThan(count);
                go.countDown();
                assertThat(running.block(PATIENCE)).isEqualTo(count);
                subscribed.dispose();
            }
        }

        @Test
        void ofManySendersKeepTogether() {
            try (RawOrigin origin = FramePeer.echo()) {
                int senders = 8;
                int each = 200;
                StepVerifier.create(to(origin)
                                .useMany(socket -> Flux.range(0, senders)
                                        .flatMap(sender -> Flux.range(0, each)
                                                .concatMap(i -> socket.send((sender + ":").repeat(50) + i))
                                                .subscribeOn(Schedulers.parallel()))
                                        .thenMany(socket.receiveText().take(senders * each))
                                        .groupBy(text -> text.charAt(0))
                                        .flatMap(of -> of.map(text -> Integer.valueOf(text.substring(100)))
                                                .collectList())))
                        .recordWith(java.util.ArrayList::new)
                        .expectNextCount(senders)
                        .consumeRecordedWith(lists -> assertThat(lists)
                                .allSatisfy(
                                        list -> assertThat(list).hasSize(each).isSorted()))
                        .expectComplete()
                        .verify(PATIENCE);
            }
        }

        @Test
        void cannotBeSentAfterTheEnd() {
            try (RawOrigin origin = FramePeer.echo()) {
                AtomicReference<WebSocket> kept = new AtomicReference<>();
                get(to(origin).use(socket -> {
                    kept.set(socket);
                    return Mono.just(1);
                }));
                StepVerifier.create(kept.get().send("late"))
                        .expectErrorSatisfies(e -> assertThat(e)
                                .isInstanceOf(WebSocketException.class)
                                .hasMessageContaining("the WebSocket is closed"))
                        .verify(PATIENCE);
                StepVerifier.create(kept.get().receive()).expectComplete().verify(PATIENCE);
            }
        }
    }

    @Nested
    class Pings {

        @Test
        void areAnsweredWithTheirPayload() throws Exception {
            try (RawOrigin origin = FramePeer.origin(peer -> {
                peer.send(0x80 | FramePeer.PING, "you there?".getBytes(StandardCharsets.UTF_8));
                received.add(peer.read());
                peer.send("done");
                drain(peer);
                peer.close(1000);
            })) {
                assertThat(to(origin).use(socket -> socket.receiveText().next()).block(PATIENCE))
                        .isEqualTo("done");
                assertThat(nextReceived()).satisfies(pong -> {
                    assertThat(pong.opcode()).isEqualTo(FramePeer.PONG);
                    assertThat(pong.text()).isEqualTo("you there?");
                });
            }
        }

        @Test
        void areMessagesInManualMode() throws Exception {
            try (RawOrigin origin = FramePeer.origin(peer -> {
                peer.send(0x80 | FramePeer.PING, "a".getBytes(StandardCharsets.UTF_8));
                peer.send(0x80 | FramePeer.PONG, "b".getBytes(StandardCharsets.UTF_8));
                drain(peer);
                peer.close(1000);
            })) {
                List<WebSocketMessage> both = get(to(origin)
                        .autoPing(false)
                        .use(socket -> socket.receive()
                                .take(2)
                                .collectList()
                                .delayUntil(list -> socket.pong(((WebSocketMessage.Ping) list.get(0)).payload()))));
                assertThat(both.get(1)).isInstanceOf(WebSocketMessage.Pong.class);
                assertThat(nextReceived().text()).isEqualTo("a");
            }
        }

        @Test
        void ofMoreThanAControlFrameHoldsAreRefused() {
            try (RawOrigin origin = FramePeer.echo()) {
                StepVerifier.create(to(origin).use(socket -> socket.ping(ByteBuffer.allocate(126))))
                        .expectError(IllegalArgumentException.class)
                        .verify(PATIENCE);
            }
        }

        @Test
        void ofTheHeartbeatThatNobodyAnswersEndTheConnection() {
            AtomicReference<WebSocket> kept = new AtomicReference<>();
            try (RawOrigin origin = FramePeer.origin(this::drain)) {
                StepVerifier.create(to(origin).heartbeat(Duration.ofMillis(50)).useMany(socket -> {
                            kept.set(socket);
                            return socket.receive();
                        }))
                        .expectErrorSatisfies(e -> assertThat(e)
                                .isInstanceOfSatisfying(
                                        WebSocketException.class,
                                        silent -> assertThat(silent.closeCode()).isEqualTo(1006))
                                .hasMessageContaining("did not answer the heartbeat"))
                        .verify(PATIENCE);
                assertThat(kept.get().closeCode()).isEqualTo(1006);
                assertThat(received)
                        .anySatisfy(ping -> assertThat(ping.opcode()).isEqualTo(FramePeer.PING));
                assertThat(session.statistics().inUse()).isZero();
            }
        }

        private void drain(FramePeer peer) throws IOException {
            WebSocketTest.this.drain(peer);
        }

        /** A peer that answers no ping would be given up after a second and a half if what it says did not count. */
        @Test
        void ofTheHeartbeatNeedNoAnswerFromAPeerThatTalks() {
            try (RawOrigin origin = FramePeer.origin(peer -> {
                for (int i = 0; i < 200; i++) {
                    peer.send("" + i);
                    closing.pause(10);
                }
                drain(peer);
                peer.close(1000);
            })) {
                assertThat(to(origin)
                                .heartbeat(Duration.ofSeconds(1))
                                .use(socket -> socket.receive().take(200).count())
                                .block(PATIENCE))
                        .isEqualTo(200);
            }
        }

        @Test
        void ofTheHeartbeatKeepAnAnsweringPeer() throws Exception {
            CountDownLatch five = new CountDownLatch(5);
            try (RawOrigin origin = FramePeer.origin(peer -> {
                FramePeer.Frame frame;
                do {
                    frame = peer.read();
                    peer.send(
                            0x80 | (frame.opcode() == FramePeer.PING ? FramePeer.PONG : frame.opcode()),
                            frame.payload());
                    five.countDown();
                } while (frame.opcode() != FramePeer.CLOSE);
            })) {
                assertThat(to(origin)
                                .heartbeat(Duration.ofMillis(400))
                                .use(socket -> Mono.fromRunnable(() -> closing.await(five))
                                        .subscribeOn(Schedulers.boundedElastic())
                                        .thenReturn(socket)
                                        .map(WebSocket::closeCode))
                                .block(PATIENCE))
                        .isEqualTo(-1);
            }
        }
    }

    @Nested
    class Ends {

        @Test
        void byUsWithCodeAndReason() throws Exception {
            try (RawOrigin origin = FramePeer.origin(peer -> {
                drain(peer);
                peer.close(3001);
            })) {
                StepVerifier.create(to(origin)
                                .useMany(socket -> Flux.concat(
                                        socket.close(4000, "bye"),
                                        Mono.fromSupplier(socket::closeCode),
                                        socket.close())))
                        .expectNext(true, 3001, false)
                        .expectComplete()
                        .verify(PATIENCE);
                FramePeer.Frame close = nextReceived();
                assertThat(close.code()).isEqualTo(4000);
                assertThat(close.text()).endsWith("bye");
            }
        }

        @Test
        void byUsWithoutAnAnswerTakeTheTimeoutAndAreAbnormal() {
            try (RawOrigin origin = FramePeer.origin(peer -> peer.peer.awaitClose())) {
                assertThat(to(origin)
                                .closeTimeout(Duration.ofMillis(100))
                                .use(socket ->
                                        socket.close().filter(first -> first).map(first -> socket.closeCode()))
                                .block(PATIENCE))
                        .isEqualTo(1006);
            }
        }

        @Test
        void byUsAgainstAServerThatJustHangsUp() {
            try (RawOrigin origin = FramePeer.origin(this::drain)) {
                StepVerifier.create(to(origin)
                                .useMany(socket -> socket.close()
                                        .thenMany(socket.receive().thenMany(Mono.fromSupplier(socket::closeCode)))))
                        .expectNext(1006)
                        .expectComplete()
                        .verify(PATIENCE);
            }
        }

        private void drain(FramePeer peer) throws IOException {
            WebSocketTest.this.drain(peer);
        }

        @Test
        void byTheServerAreEchoedAndCompleteTheStream() throws Exception {
            AtomicReference<WebSocket> kept = new AtomicReference<>();
            try (RawOrigin origin = FramePeer.origin(peer -> {
                peer.send("last words");
                peer.send(0x88, "\u0003\u00e9so long".getBytes(StandardCharsets.ISO_8859_1));
                drain(peer);
            })) {
                StepVerifier.create(to(origin).useMany(socket -> {
                            kept.set(socket);
                            return socket.receiveText();
                        }))
                        .expectNext("last words")
                        .expectComplete()
                        .verify(PATIENCE);
                assertThat(kept.get().closeCode()).isEqualTo(1001);
                assertThat(kept.get().closeReason()).isEqualTo("so long");
                assertThat(kept.get())
                        .hasToString("WebSocket(GET http://127.0.0.1:" + origin.port() + "/chat, closed with 1001)");
                assertThat(nextReceived().code()).isEqualTo(1001);
            }
        }

        @Test
        void byTheServerWithoutACodeAre1005() throws Exception {
            try (RawOrigin origin = FramePeer.origin(peer -> {
                peer.send(0x88, new byte[0]);
                drain(peer);
            })) {
                assertThat(to(origin)
                                .use(socket -> socket.receive().then(Mono.fromSupplier(socket::closeCode)))
                                .block(PATIENCE))
                        .isEqualTo(1005);
                assertThat(nextReceived().payload()).isEmpty();
            }
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void byACutAre1006AndAnError(boolean reset) {
            AtomicReference<WebSocket> kept = new AtomicReference<>();
            try (RawOrigin origin = FramePeer.origin(peer -> {
                peer.send("whole");
                peer.peer.send(new byte[] {(byte) 0x81, 10, 'h'});
                if (reset) {
                    peer.read();
                    peer.peer.reset();
                }
            })) {
                StepVerifier.create(to(origin).useMany(socket -> {
                            kept.set(socket);
                            return socket.receiveText()
                                    .flatMap(text -> reset ? socket.send("go").thenReturn(text) : Mono.just(text));
                        }))
                        .expectNext("whole")
                        .expectErrorSatisfies(e -> assertThat(e)
                                .isInstanceOf(WebSocketException.class)
                                .hasMessageContaining("without a close frame"))
                        .verify(PATIENCE);
                assertThat(kept.get().closeCode()).isEqualTo(1006);
            }
        }

        @Test
        void ofABodyThatSucceedsAreNormal() throws Exception {
            try (RawOrigin origin = FramePeer.origin(peer -> {
                drain(peer);
                peer.close(1000);
            })) {
                assertThat(to(origin).use(socket -> Mono.just("done")).block(PATIENCE))
                        .isEqualTo("done");
                assertThat(nextReceived().code()).isEqualTo(1000);
                assertThat(session.statistics().idle()).isZero();
            }
        }

        @Test
        void ofABodyThatFailsAre1011() throws Exception {
            try (RawOrigin origin = FramePeer.origin(peer -> {
                drain(peer);
                peer.close(1011);
            })) {
                StepVerifier.create(to(origin).use(socket -> Mono.error(new IOException("mine"))))
                        .expectErrorMessage("mine")
                        .verify(PATIENCE);
                assertThat(nextReceived().code()).isEqualTo(1011);
                StepVerifier.create(to(origin).useMany(socket -> {
                            throw new IllegalStateException("thrown");
                        }))
                        .expectErrorMessage("thrown")
                        .verify(PATIENCE);
                assertThat(nextReceived().code()).isEqualTo(1011);
            }
        }

        @Test
        void byACancelAre1001AndAwaited() throws Exception {
            CountDownLatch open = new CountDownLatch(1);
            try (RawOrigin origin = FramePeer.origin(this::drain)) {
                Disposable running = to(origin)
                        .useMany(socket -> {
                            open.countDown();
                            return socket.receive();
                        })
                        .subscribe();
                closing.await(open);
                running.dispose();
                assertThat(nextReceived().code()).isEqualTo(1001);
                closing.awaitRest();
            }
        }

        @Test
        void byTheSessionsEndFailTheReceiver() throws Exception {
            ClientSession own = ClientSession.create();
            CountDownLatch open = new CountDownLatch(1);
            try (RawOrigin origin = FramePeer.origin(this::drain)) {
                Flux<WebSocketMessage> running = own.webSocket(origin.url("/")).useMany(socket -> {
                    open.countDown();
                    return socket.receive();
                });
                StepVerifier.create(running)
                        .then(() -> {
                            closing.await(open);
                            get(own.close());
                        })
                        .expectError(SessionClosedException.class)
                        .verify(PATIENCE);
                assertThat(nextReceived().code()).isEqualTo(1001);
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 70_000})
        void withACodeThatMustNotBeSentAreRefused(int code) {
            try (RawOrigin origin = FramePeer.echo()) {
                StepVerifier.create(to(origin).use(socket -> socket.close(code, "")))
                        .expectError(IllegalArgumentException.class)
                        .verify(PATIENCE);
            }
        }

        @Test
        void withTooLongAReasonAreRefused() {
            try (RawOrigin origin = FramePeer.echo()) {
                StepVerifier.create(to(origin).use(socket -> socket.close(1000, "é".repeat(62))))
                        .expectError(IllegalArgumentException.class)
                        .verify(PATIENCE);
            }
        }
    }

    @Nested
    class BadFrames {

        static Stream<Arguments> hostile() {
            byte[] ping = FramePeer.frame(0x89, new byte[0]);
            return Stream.of(
                    bad(1002, "masked", 0x81, 0x80, 0, 0, 0, 0),
                    bad(1002, "reserved bits", 0xa1, 0),
                    bad(1002, "reserved bits", 0x91, 0),
                    bad(1002, "not agreed on", 0xc1, 0),
                    bad(1002, "reserved opcode 3", 0x83, 0),
                    bad(1002, "reserved opcode 7", 0x87, 0),
                    bad(1002, "reserved opcode 11", 0x8b, 0),
                    bad(1002, "reserved opcode 15", 0x8f, 0),
                    bad(1002, "control frame in fragments", 0x09, 0),
                    bad(1002, "control frame of 126", 0x89, 126, 0, 126),
                    bad(1002, "compressed control", 0xc9, 0),
                    bad(1002, "continuation of nothing", 0x80, 0),
                    bad(1002, "continuation of nothing", 0x00, 1, 'a'),
                    bad(1002, "within another", 0x01, 1, 'a', 0x81, 1, 'b'),
                    bad(1002, "marked as compressed", 0x01, 1, 'a', 0xc0, 1, 'b'),
                    bad(1002, "more bytes than it needs", 0x82, 126, 0, 125),
                    bad(1002, "more bytes than it needs", 0x82, 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff),
                    bad(1002, "negative", 0x82, 127, 0xff, 0, 0, 0, 0, 0, 0, 0),
                    bad(1002, "half a code", 0x88, 1, 3),
                    bad(1002, "code 999", 0x88, 2, 0x03, 0xe7),
                    bad(1002, "code 1005", 0x88, 2, 0x03, 0xed),
                    bad(1002, "code 1006", 0x88, 2, 0x03, 0xee),
                    bad(1002, "code 1015", 0x88, 2, 0x03, 0xf7),
                    bad(1002, "code 2999", 0x88, 2, 0x0b, 0xb7),
                    bad(1007, "no UTF-8", 0x88, 3, 0x03, 0xe8, 0xff),
                    bad(1007, "no UTF-8", 0x81, 1, 0xff),
                    bad(1007, "no UTF-8", 0x81, 2, 0xc0, 0xaf),
                    bad(1007, "no UTF-8", 0x81, 3, 0xed, 0xa0, 0x80),
                    bad(1007, "no UTF-8", 0x81, 2, 0xe2, 0x82),
                    bad(1009, "maxMessageSize", 0x82, 126, 0x04, 0x01),
                    bad(1009, "maxMessageSize", 0x82, 127, 0x7f, 0, 0, 0, 0, 0, 0, 0),
                    Arguments.of(1009, "maxMessageSize", fragments(9, 128)),
                    Arguments.of(1002, "masked", concat(ping, FramePeer.bytes(0x81, 0x80))));
        }

        private static Arguments bad(int code, String why, int... bytes) {
            return Arguments.of(code, why, FramePeer.bytes(bytes));
        }

        private static byte[] fragments(int count, int size) {
            byte[] all = FramePeer.frame(0x01, new byte[size]);
            for (int i = 1; i < count; i++) {
                all = concat(all, FramePeer.frame(0, new byte[size]));
            }
            return all;
        }

        private static byte[] concat(byte[] one, byte[] other) {
            return ByteBuffer.allocate(one.length + other.length)
                    .put(one)
                    .put(other)
                    .array();
        }

        @ParameterizedTest
        @MethodSource("hostile")
        void areRefusedWithTheirCode(int code, String why, byte[] bytes) throws Exception {
            AtomicReference<WebSocket> kept = new AtomicReference<>();
            try (RawOrigin origin = FramePeer.origin(peer -> {
                peer.send("good");
                peer.peer.send(bytes);
                peer.send("never seen");
                drain(peer);
            })) {
                StepVerifier.create(to(origin).maxMessageSize(1024).useMany(socket -> {
                            kept.set(socket);
                            return socket.receiveText();
                        }))
                        .expectNext("good")
                        .expectErrorSatisfies(e -> assertThat(e)
                                .isInstanceOfSatisfying(
                                        WebSocketException.class,
                                        refused ->
                                                assertThat(refused.closeCode()).isEqualTo(code))
                                .hasMessageContaining(why))
                        .verify(PATIENCE);
                assertThat(kept.get().closeCode()).isEqualTo(code);
                FramePeer.Frame last;
                do {
                    last = nextReceived();
                } while (last.opcode() != FramePeer.CLOSE);
                assertThat(last.code()).isEqualTo(code);
            }
        }

        @Test
        void afterACloseFrameAreNobodysBusiness() {
            try (RawOrigin origin = FramePeer.origin(peer -> {
                peer.close(1000);
                peer.peer.send(FramePeer.bytes(0xff, 0xff, 0xff));
                drain(peer);
            })) {
                StepVerifier.create(to(origin).useMany(WebSocket::receive))
                        .expectComplete()
                        .verify(PATIENCE);
            }
        }

        @Test
        void aMessageOfExactlyTheLimitIsWelcome() {
            try (RawOrigin origin = FramePeer.origin(peer -> {
                peer.send(0x82, new byte[1024]);
                drain(peer);
                peer.close(1000);
            })) {
                assertThat(to(origin)
                                .maxMessageSize(1024)
                                .use(socket -> socket.receiveBinary().next())
                                .block(PATIENCE)
                                .remaining())
                        .isEqualTo(1024);
            }
        }
    }

    /** A session with its own settings. */
    private static final class ClientSessions implements AutoCloseable {
        final ClientSession session;

        ClientSessions(ClientSession session) {
            this.session = session;
        }

        @Override
        public void close() {
            session.close().block(PATIENCE);
        }
    }
}
