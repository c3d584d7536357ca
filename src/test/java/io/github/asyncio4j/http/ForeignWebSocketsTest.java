package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.testing.ForeignServer;
import io.github.asyncio4j.testing.NoLeaks;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** WebSocket servers that others wrote: ws for Node, and aiohttp. Where one is not installed its tests are left out. */
class ForeignWebSocketsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @Nested
    class Ws extends Conversations {
        @Override
        ForeignServer start() {
            String node = ForeignServer.find("node");
            ForeignServer.require(
                    "ws for Node is not installed here (node-ws): its tests are left out",
                    node,
                    "-e",
                    "try { require('ws') } catch { require('/usr/share/nodejs/ws') }");
            return ForeignServer.printingItsPort(node, ForeignServer.resource("/peers/websocket.js"));
        }

        /** All that the two sides may agree on: who forgets what came before, and how far the server looks back. */
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "&serverForgets",
                    "&clientForgets",
                    "&serverForgets&clientForgets",
                    "&window=9",
                    "&window=15&serverForgets",
                })
        void compressedMessagesOfAllSizes(String agreement) {
            echoesCompressed("/echo?deflate" + agreement);
        }

        @Test
        void compressedMessagesInFragments() {
            echoesCompressed("/fragments?deflate&size=1000");
        }

        @Test
        void refusesWhatIsTooLargeForIt() {
            StepVerifier.create(to("/echo?limit=1000")
                            .useMany(socket -> socket.send("x".repeat(1001))
                                    .thenMany(socket.receive())
                                    .then(Mono.fromSupplier(socket::closeCode))
                                    .flux()))
                    .expectNext(1009)
                    .expectComplete()
                    .verify(PATIENCE);
        }
    }

    @Nested
    class Aiohttp extends Conversations {
        @Override
        ForeignServer start() {
            ForeignServer.require(
                    "Python's aiohttp is not installed here (python3-aiohttp): its tests are left out",
                    "/usr/bin/python3",
                    "-c",
                    "import aiohttp");
            return ForeignServer.printingItsPort("/usr/bin/python3", ForeignServer.resource("/peers/websocket.py"));
        }

        @Override
        int answerTo(int code) {
            return 1000;
        }

        @Test
        void compressedMessagesOfAllSizes() {
            echoesCompressed("/echo?deflate");
        }

        @Test
        void itsHeartbeatIsAnswered() {
            StepVerifier.create(to("/heartbeat")
                            .useMany(socket -> Mono.delay(Duration.ofSeconds(1))
                                    .then(socket.send("still here"))
                                    .thenMany(socket.receiveText().take(1))))
                    .expectNext("still here")
                    .expectComplete()
                    .verify(PATIENCE);
        }
    }

    @ExtendWith(NoLeaks.class)
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    abstract static class Conversations {

        private final Random random = new Random(7);
        private ForeignServer server;
        private Closing closing;

        abstract ForeignServer start();

        /** With what it answers a close frame with that code. */
        int answerTo(int code) {
            return code;
        }

        @BeforeAll
        void startServer() {
            server = start();
        }

        @AfterAll
        void stopServer() {
            if (server != null) {
                server.close();
            }
        }

        @AfterEach
        void close() {
            if (closing != null) {
                closing.close();
                closing = null;
            }
        }

        private ClientSession session() {
            if (closing == null) {
                closing = new Closing(ClientSession.create());
            }
            return closing.session;
        }

        WebSocketRequest to(String path) {
            return session().webSocket(server.url(path));
        }

        private byte[] bytes(int size) {
            byte[] bytes = new byte[size];
            random.nextBytes(bytes);
            return bytes;
        }

        /** Text of that many bytes, with code points of one to four of them. */
        private static String text(int size) {
            String pattern = "aäЖ€𝄞";
            int length = pattern.getBytes(StandardCharsets.UTF_8).length;
            return pattern.repeat(size / length) + "x".repeat(size % length);
        }

        private static Mono<Boolean> returns(WebSocket socket, byte[] content) {
            return socket.send(ByteBuffer.wrap(content))
                    .then(socket.receiveBinary().next())
                    .map(back -> back.equals(ByteBuffer.wrap(content)));
        }

        private static Mono<Boolean> returns(WebSocket socket, String content) {
            return socket.send(content).then(socket.receiveText().next()).map(content::equals);
        }

        private void echoes(WebSocketRequest request, int... sizes) {
            StepVerifier.create(request.useMany(socket -> Flux.fromStream(
                                    IntStream.of(sizes).boxed())
                            .concatMap(size -> returns(socket, bytes(size))
                                    .concatWith(returns(socket, text(size)))
                                    .map(same -> size + (same ? "" : " is not what was sent")))))
                    .expectNextSequence(IntStream.of(sizes)
                            .boxed()
                            .flatMap(size -> java.util.stream.Stream.of("" + size, "" + size))
                            .toList())
                    .expectComplete()
                    .verify(PATIENCE);
        }

        void echoesCompressed(String path) {
            Flux<Boolean> all = to(path).compress(true)
                    .useMany(socket -> Flux.range(0, 60)
                            .concatMap(i -> {
                                int size = 1 << i % 18;
                                return returns(socket, text(size)).concatWith(returns(socket, bytes(size)));
                            })
                            .concatWith(returns(socket, text(2_000_000))));
            StepVerifier.create(all.all(same -> same))
                    .expectNext(true)
                    .expectComplete()
                    .verify(PATIENCE);
        }

        @Test
        void echoesWhereLengthsChangeTheirForm() {
            echoes(to("/echo"), 0, 1, 124, 125, 126, 127, 128, 65_534, 65_535, 65_536, 65_537);
        }

        @Test
        void echoesUpToTheLimit() {
            echoes(to("/echo"), 64 << 10, 256 << 10, 1 << 20, 4 << 20);
        }

        @Test
        void echoesMoreWhereMoreIsAllowed() {
            echoes(to("/echo").maxMessageSize(16 << 20), 8 << 20, 16 << 20);
        }

        @Test
        void aMessageBeyondTheLimitClosesWith1009() {
            AtomicReference<WebSocket> kept = new AtomicReference<>();
            StepVerifier.create(to("/echo?tell").useMany(socket -> {
                        kept.set(socket);
                        return socket.send(ByteBuffer.allocate((4 << 20) + 1)).thenMany(socket.receive());
                    }))
                    .expectErrorSatisfies(e -> assertThat(e)
                            .isInstanceOfSatisfying(
                                    WebSocketException.class,
                                    large -> assertThat(large.closeCode()).isEqualTo(1009)))
                    .verify(PATIENCE);
            assertThat(kept.get().closeCode()).isEqualTo(1009);
            assertThat(lastClose()).isEqualTo("1009 ");
        }

        @ParameterizedTest
        @ValueSource(ints = {1, 7, 125, 1300, 70_000})
        void joinsFragmentsWithPingsInBetween(int size) {
            echoes(to("/fragments?size=" + size), 0, 1, 2, 500, 10_000, size == 1 ? 3 : 300_000);
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 1, 124, 125})
        void answersPings(int size) {
            StepVerifier.create(to("/ping?size=" + size)
                            .useMany(socket -> socket.receiveText().take(1)))
                    .expectNext("the same")
                    .expectComplete()
                    .verify(PATIENCE);
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 1, 125})
        void itsPongsHaveOurPayload(int size) {
            ByteBuffer payload = ByteBuffer.wrap(bytes(size));
            StepVerifier.create(to("/echo")
                            .autoPing(false)
                            .useMany(socket -> Flux.range(0, 10)
                                    .concatMap(i -> socket.ping(payload)
                                            .then(socket.receive().next()))
                                    .distinct()))
                    .expectNext(new WebSocketMessage.Pong(payload))
                    .expectComplete()
                    .verify(PATIENCE);
        }

        @Test
        void aPongThatNobodyAskedForHurtsNobody() {
            StepVerifier.create(to("/echo")
                            .useMany(socket -> socket.pong(ByteBuffer.wrap(new byte[] {1}))
                                    .then(returns(socket, "after it"))
                                    .flux()))
                    .expectNext(true)
                    .expectComplete()
                    .verify(PATIENCE);
        }

        @Test
        void itsPongsKeepTheHeartbeatGoing() {
            StepVerifier.create(to("/echo")
                            .heartbeat(Duration.ofMillis(200))
                            .useMany(socket -> Mono.delay(Duration.ofSeconds(1))
                                    .then(returns(socket, "still here"))
                                    .flux()))
                    .expectNext(true)
                    .expectComplete()
                    .verify(PATIENCE);
        }

        @Test
        void agreesOnASubprotocol() {
            assertThat(to("/echo")
                            .protocols("a", "b")
                            .use(socket -> Mono.just(socket.protocol()))
                            .block(PATIENCE))
                    .isEqualTo("b");
            assertThat(to("/echo")
                            .protocols("a")
                            .use(socket -> Mono.just(socket.protocol()))
                            .block(PATIENCE))
                    .isEmpty();
        }

        @ParameterizedTest
        @CsvSource({
            "1000, ''",
            "1000, bye",
            "1001, going",
            "1002, ''",
            "1003, ''",
            "1007, ''",
            "1008, ''",
            "1009, ''",
            "1010, ''",
            "1011, ''",
            "3000, ''",
            "3999, ''",
            "4000, ''",
            "4999, 'ä€𝄞'"
        })
        void closesWithThatCode(int code, String reason) {
            assertThat(to("/echo?tell")
                            .use(socket -> socket.close(code, reason).map(first -> socket.closeCode()))
                            .block(PATIENCE))
                    .isEqualTo(answerTo(code));
            assertThat(lastClose()).isEqualTo(code + " " + reason);

            StepVerifier.create(to("/close?code=" + code + "&reason=" + UrlEncoding.encodeForm(reason))
                            .useMany(socket -> socket.send("go")
                                    .thenMany(socket.receive())
                                    .then(Mono.fromSupplier(() -> socket.closeCode() + " " + socket.closeReason()))
                                    .flux()))
                    .expectNext(code + " " + reason)
                    .expectComplete()
                    .verify(PATIENCE);
        }

        @Test
        void closesWithTheLongestReason() {
            String reason = "r".repeat(123);
            assertThat(to("/echo?tell")
                            .use(socket -> socket.close(4000, reason))
                            .block(PATIENCE))
                    .isTrue();
            assertThat(lastClose()).isEqualTo("4000 " + reason);
        }

        @Test
        void aCloseWithoutACodeIs1005() {
            assertThat(to("/close")
                            .use(socket ->
                                    socket.send("go").then(socket.receive().then(Mono.fromSupplier(socket::closeCode))))
                            .block(PATIENCE))
                    .isEqualTo(1005);
        }

        @Test
        void aConnectionThatIsDroppedIsAnError() {
            AtomicReference<WebSocket> kept = new AtomicReference<>();
            StepVerifier.create(to("/drop").useMany(socket -> {
                        kept.set(socket);
                        return socket.send("go").thenMany(socket.receive());
                    }))
                    .expectErrorSatisfies(e ->
                            assertThat(e).isInstanceOf(WebSocketException.class).hasMessageContaining("close frame"))
                    .verify(PATIENCE);
            assertThat(kept.get().closeCode()).isEqualTo(1006);
        }

        @Test
        void manyAtTheSameTimeDoNotMixUpTheirMessages() {
            Mono<Boolean> one = to("/echo")
                    .use(socket -> Flux.range(0, 50)
                            .concatMap(i -> returns(socket, bytes(100 + i)))
                            .all(same -> same));
            StepVerifier.create(Flux.range(0, 50).flatMap(i -> one, 50).all(same -> same))
                    .expectNext(true)
                    .expectComplete()
                    .verify(PATIENCE);
        }

        private String lastClose() {
            return session().get(server.url("/closed")).text().block(PATIENCE);
        }
    }
}
