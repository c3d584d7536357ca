package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

@ExtendWith(NoLeaks.class)
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class ReconnectTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Reconnect SOON = Reconnect.backOff(Duration.ofMillis(1), Duration.ofMillis(5));

    private final Closing closing = new Closing(ClientSession.create());
    private final AtomicInteger connections = new AtomicInteger();

    @AfterEach
    void close() {
        closing.close();
    }

    /** Connection n, from 1, is handled by script n, the last one by all further ones. */
    private RawOrigin origin(FramePeer.Script... scripts) {
        return FramePeer.origin(peer -> scripts[Math.min(connections.getAndIncrement(), scripts.length - 1)].run(peer));
    }

    private static FramePeer.Script saying(String text, int closeCode) {
        return peer -> {
            peer.send(text);
            peer.close(closeCode);
            peer.read();
        };
    }

    private static void cut(FramePeer peer) throws IOException {
        peer.send("then cut");
    }

    private WebSocketRequest to(RawOrigin origin) {
        return closing.session.webSocket(origin.url("/feed")).reconnect(SOON);
    }

    private static Flux<String> feed(WebSocketRequest request) {
        return request.useMany(WebSocket::receiveText);
    }

    @Nested
    class GoesOn {

        @ParameterizedTest
        @ValueSource(ints = {1001, 1011, 1012, 1013, 1014})
        void afterACloseThatIsNotMeantForUs(int code) {
            try (RawOrigin origin = origin(saying("a", code), saying("b", code), saying("c", 1000))) {
                StepVerifier.create(feed(to(origin)))
                        .expectNext("a", "b", "c")
                        .expectComplete()
                        .verify(PATIENCE);
            }
        }

        @Test
        void afterACut() {
            try (RawOrigin origin = origin(ReconnectTest::cut, ReconnectTest::cut, saying("end", 1000))) {
                StepVerifier.create(feed(to(origin)))
                        .expectNext("then cut", "then cut", "end")
                        .expectComplete()
                        .verify(PATIENCE);
            }
        }

        @Test
        void afterAHeartbeatThatNobodyAnswered() {
            try (RawOrigin origin = origin(peer -> peer.peer.awaitClose(), saying("end", 1000))) {
                StepVerifier.create(feed(to(origin).heartbeat(Duration.ofMillis(50))))
                        .expectNext("end")
                        .expectComplete()
                        .verify(PATIENCE);
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"408 Slow", "429 Too Many", "500 Oops", "503 Later"})
        void afterARefusalThatWillPass(String status) {
            AtomicInteger asked = new AtomicInteger();
            try (RawOrigin end = FramePeer.origin(saying("end", 1000));
                    RawOrigin origin = RawOrigin.start(peer -> {
                        peer.readRequest();
                        peer.send(
                                asked.getAndIncrement() < 3
                                        ? "HTTP/1.1 " + status + "\r\nContent-Length: 0\r\n\r\n"
                                        : "HTTP/1.1 307 x\r\nLocation: " + end.url("/")
                                                + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                    })) {
                StepVerifier.create(feed(to(origin)))
                        .expectNext("end")
                        .expectComplete()
                        .verify(PATIENCE);
                assertThat(asked).hasValue(4);
            }
        }

        @Test
        void afterCodesOfTheUsersChoice() {
            Reconnect onOurs = SOON.closeCodes(code -> code == 4000);
            try (RawOrigin origin = origin(saying("a", 4000), saying("b", 1012))) {
                StepVerifier.create(feed(to(origin).reconnect(onOurs)))
                        .expectNext("a", "b")
                        .expectComplete()
                        .verify(PATIENCE);
            }
        }

        @Test
        void afterASendThatMetTheEnd() {
            try (RawOrigin origin = origin(saying("a", 1012), peer -> {
                peer.send(peer.read().text());
                peer.close(1000);
                peer.read();
            })) {
                AtomicInteger runs = new AtomicInteger();
                StepVerifier.create(to(origin).useMany(socket -> {
                            Mono<Void> end = runs.getAndIncrement() == 0
                                    ? socket.receiveText().then()
                                    : Mono.empty();
                            return end.then(socket.send("once more")).thenMany(socket.receiveText());
                        }))
                        .expectNext("once more")
                        .expectComplete()
                        .verify(PATIENCE);
            }
        }

        @Test
        void untilABodyOfUseHasAValue() {
            try (RawOrigin origin = origin(
                    peer -> {
                        peer.close(1001);
                        peer.read();
                    },
                    ReconnectTest::cut)) {
                StepVerifier.create(
                                to(origin).use(socket -> socket.receiveText().next()))
                        .expectNext("then cut")
                        .expectComplete()
                        .verify(PATIENCE);
                assertThat(connections).hasValue(2);
            }
        }
    }

    @Nested
    class Ends {

        @ParameterizedTest
        @ValueSource(ints = {1000, 1002, 1003, 1008, 3000, 4000})
        void afterACloseThatIsMeant(int code) {
            try (RawOrigin origin = origin(saying("a", code))) {
                StepVerifier.create(feed(to(origin)))
                        .expectNext("a")
                        .expectComplete()
                        .verify(PATIENCE);
                assertThat(connections).hasValue(1);
            }
        }

        @Test
        void afterABodyThatIsDoneThoughTheServerIsLeaving() {
            try (RawOrigin origin = origin(saying("enough", 1001))) {
                StepVerifier.create(to(origin)
                                .useMany(socket -> socket.receiveText().take(1)))
                        .expectNext("enough")
                        .expectComplete()
                        .verify(PATIENCE);
                assertThat(connections).hasValue(1);
            }
        }

        @Test
        void afterOurOwnClose() {
            try (RawOrigin origin = origin(peer -> {
                peer.read();
                peer.close(1001);
            })) {
                StepVerifier.create(to(origin).useMany(socket -> socket.close().thenMany(socket.receive())))
                        .expectComplete()
                        .verify(PATIENCE);
                assertThat(connections).hasValue(1);
            }
        }

        @Test
        void afterAnErrorOfTheBodyEvenIfItCameFromANetwork() {
            try (RawOrigin origin = origin(saying("a", 1012))) {
                StepVerifier.create(to(origin)
                                .use(socket -> Mono.error(new ClientConnectException("elsewhere", "h", 1, null))))
                        .expectErrorMessage("elsewhere")
                        .verify(PATIENCE);
                StepVerifier.create(to(origin).useMany(socket -> {
                            throw new IllegalStateException("thrown");
                        }))
                        .expectErrorMessage("thrown")
                        .verify(PATIENCE);
                assertThat(connections).hasValue(2);
            }
        }

        @Test
        void afterFramesAgainstTheProtocolAndMessagesOfTheWrongKind() {
            FramePeer.Script text = peer -> {
                peer.send("text");
                peer.read();
            };
            try (RawOrigin origin = origin(peer -> peer.send(0x83, new byte[0]).read(), text)) {
                StepVerifier.create(feed(to(origin)))
                        .expectError(WebSocketException.class)
                        .verify(PATIENCE);
                StepVerifier.create(to(origin)
                                .reconnect(SOON.closeCodes(code -> true))
                                .useMany(WebSocket::receiveBinary))
                        .expectErrorSatisfies(e -> assertThat(e).hasMessageContaining("only Binary"))
                        .verify(PATIENCE);
                assertThat(connections).hasValue(2);
            }
        }

        @Test
        void afterARefusalThatWillStay() {
            try (RawOrigin origin = RawOrigin.answering("HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n")) {
                StepVerifier.create(feed(to(origin)))
                        .expectError(WebSocketHandshakeException.class)
                        .verify(PATIENCE);
                assertThat(origin.requests()).hasSize(1);
            }
        }

        @Test
        void whenTheSessionIsClosed() {
            ClientSession own = ClientSession.create();
            CountDownLatch open = new CountDownLatch(1);
            try (RawOrigin origin = origin(peer -> peer.read())) {
                StepVerifier.create(
                                own.webSocket(origin.url("/")).reconnect(SOON).useMany(socket -> {
                                    open.countDown();
                                    return socket.receive();
                                }))
                        .then(() -> {
                            closing.await(open);
                            own.close().block(PATIENCE);
                        })
                        .expectError(SessionClosedException.class)
                        .verify(PATIENCE);
                assertThat(origin.accepted()).isEqualTo(1);
            }
        }

        @Test
        void afterSoManyAttemptsWithTheLastReason() {
            try (RawOrigin origin = origin(peer -> {
                peer.send(
                        0x88,
                        ByteBuffer.allocate(6)
                                .putShort((short) 1012)
                                .put(new byte[] {'s', 'o', 'o', 'n'})
                                .array());
                peer.read();
            })) {
                StepVerifier.create(feed(to(origin)
                                .reconnect(Reconnect.backOff(Duration.ofMillis(1), PATIENCE)
                                        .attempts(3)
                                        .random(() -> 0))))
                        .expectErrorSatisfies(e -> assertThat(e)
                                .isInstanceOfSatisfying(
                                        WebSocketException.class,
                                        gone -> assertThat(gone.closeCode()).isEqualTo(1012))
                                .hasMessageContaining("closed the WebSocket with 1012, \"soon\""))
                        .verify(PATIENCE);
                assertThat(connections).hasValue(4);
            }
        }

        @Test
        void withACancelInTheWait() {
            CountDownLatch lost = new CountDownLatch(1);
            try (RawOrigin origin = origin(ReconnectTest::cut)) {
                Disposable feed = closing.session
                        .webSocket(origin.url("/"))
                        .reconnect(Reconnect.backOff(Duration.ofHours(1), Duration.ofHours(1))
                                .random(() -> {
                                    lost.countDown();
                                    return 1;
                                }))
                        .useMany(WebSocket::receive)
                        .subscribe();
                closing.await(lost);
                feed.dispose();
                assertThat(connections).hasValue(1);
                closing.awaitRest();
            }
        }
    }

    @Nested
    class Waits {

        private final List<Long> attemptsAt = new ArrayList<>();

        private Flux<Integer> failing(Reconnect policy, Duration openFor) {
            return Flux.defer(() -> {
                long start = Schedulers.parallel().now(TimeUnit.MILLISECONDS);
                Reconnect.Run run = policy.newRun();
                return Mono.<Integer>defer(() -> {
                            attemptsAt.add(Schedulers.parallel().now(TimeUnit.MILLISECONDS) - start);
                            if (openFor.isZero()) {
                                return Mono.error(new ClientConnectException("refused", "h", 1, null));
                            }
                            run.opened();
                            return Mono.delay(openFor)
                                    .then(Mono.error(new WebSocketException("cut", CloseFrame.ABNORMAL, null)));
                        })
                        .retryWhen(run)
                        .flux();
            });
        }

        @Test
        void doubleUpToTheLongest() {
            Reconnect policy = Reconnect.backOff(Duration.ofSeconds(1), Duration.ofSeconds(6))
                    .random(() -> 1)
                    .attempts(6);
            StepVerifier.withVirtualTime(() -> failing(policy, Duration.ZERO))
                    .thenAwait(Duration.ofMinutes(1))
                    .expectErrorMessage("refused")
                    .verify(PATIENCE);
            assertThat(attemptsAt).containsExactly(0L, 1_000L, 3_000L, 7_000L, 13_000L, 19_000L, 25_000L);
        }

        @Test
        void areRandomUpToTheirLimit() {
            AtomicLong number = new AtomicLong();
            Reconnect policy = Reconnect.backOff(Duration.ofSeconds(1), Duration.ofSeconds(6))
                    .random(() -> number.incrementAndGet() / 4.0)
                    .attempts(3);
            StepVerifier.withVirtualTime(() -> failing(policy, Duration.ZERO))
                    .thenAwait(Duration.ofMinutes(1))
                    .expectErrorMessage("refused")
                    .verify(PATIENCE);
            assertThat(attemptsAt).containsExactly(0L, 250L, 1_250L, 4_250L);
        }

        @Test
        void beginAnewAfterAConnectionThatLasted() {
            Reconnect policy = Reconnect.backOff(Duration.ofSeconds(1), Duration.ofSeconds(6))
                    .random(() -> 1)
                    .attempts(1);
            StepVerifier.withVirtualTime(() -> failing(policy, Duration.ofSeconds(7)))
                    .thenAwait(Duration.ofSeconds(20))
                    .thenCancel()
                    .verify(PATIENCE);
            assertThat(attemptsAt).containsExactly(0L, 8_000L, 16_000L);
        }

        @Test
        void goOnGrowingAfterOneThatDidNot() {
            Reconnect policy = Reconnect.backOff(Duration.ofSeconds(1), Duration.ofSeconds(6))
                    .random(() -> 1)
                    .attempts(3);
            StepVerifier.withVirtualTime(() -> failing(policy, Duration.ofSeconds(5)))
                    .thenAwait(Duration.ofMinutes(1))
                    .expectErrorMessage("cut")
                    .verify(PATIENCE);
            assertThat(attemptsAt).containsExactly(0L, 6_000L, 13_000L, 22_000L);
        }

        @Test
        void areOfASubscription() {
            Reconnect policy = Reconnect.backOff(Duration.ofSeconds(1), Duration.ofSeconds(6))
                    .random(() -> 1)
                    .attempts(1);
            StepVerifier.withVirtualTime(
                            () -> failing(policy, Duration.ZERO).onErrorResume(e -> failing(policy, Duration.ZERO)))
                    .thenAwait(Duration.ofMinutes(1))
                    .expectErrorMessage("refused")
                    .verify(PATIENCE);
            assertThat(attemptsAt).containsExactly(0L, 1_000L, 0L, 1_000L);
        }
    }

    @Test
    void complainsAboutBadSettings() {
        assertThatIllegalArgumentException().isThrownBy(() -> Reconnect.backOff(Duration.ZERO, PATIENCE));
        assertThatIllegalArgumentException().isThrownBy(() -> Reconnect.backOff(PATIENCE, Duration.ZERO));
        assertThatIllegalArgumentException().isThrownBy(() -> SOON.attempts(0));
        assertThatNullPointerException().isThrownBy(() -> SOON.closeCodes(null)).withMessage("closeCodes");
        assertThatNullPointerException()
                .isThrownBy(() -> closing.session.webSocket("ws://h/").reconnect(null))
                .withMessage("policy");
        assertThat(SOON).hasToString("Reconnect(PT0.001S to PT0.005S)");
    }
}
