package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.testing.ForeignServer;
import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** permessage-deflate, and a WebSocket server that others wrote. */
@ExtendWith(NoLeaks.class)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class WebSocketCompressionTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static byte[] folded(byte[] content) {
        Deflater deflater = new Deflater(9, true);
        deflater.setInput(content);
        byte[] out = new byte[content.length + 100];
        int size = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
        deflater.end();
        return Arrays.copyOf(out, size - 4);
    }

    private static RawOrigin sending(String extension, int first, byte[] payload) {
        return FramePeer.origin("Sec-WebSocket-Extensions: " + extension + "\r\n", peer -> {
            peer.send(first, payload);
            peer.read();
            peer.close(1000);
        });
    }

    private static WebSocketRequest to(Closing closing, RawOrigin origin) {
        return closing.session.webSocket(origin.url("/")).compress(true);
    }

    private static Closing session() {
        return new Closing(ClientSession.create());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "permessage-deflate",
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
                "permessage-deflate; server_max_window_bits=10",
                "permessage-deflate; server_max_window_bits=\"15\""
            })
    void messagesAreUnfolded(String extension) {
        try (RawOrigin origin = sending(extension, 0xc2, folded(new byte[100_000]));
                Closing closing = session()) {
            assertThat(to(closing, origin)
                            .use(socket -> socket.receiveBinary().next())
                            .block(PATIENCE)
                            .remaining())
                    .isEqualTo(100_000);
            assertThat(origin.requests().get(0)).contains("Sec-WebSocket-Extensions: permessage-deflate\r\n");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "permessage-deflate; client_max_window_bits=10",
                "permessage-deflate; server_max_window_bits=16",
                "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
                "permessage-deflate, permessage-deflate",
                "x-webkit-deflate-frame"
            })
    void whatWasNotOfferedIsRefused(String extension) {
        try (RawOrigin origin = sending(extension, 0x81, new byte[0]);
                Closing closing = session()) {
            StepVerifier.create(to(closing, origin).use(socket -> Mono.just("open")))
                    .expectError(WebSocketHandshakeException.class)
                    .verify(PATIENCE);
        }
    }

    @Test
    void aBombGoesOffNowhere() {
        try (RawOrigin origin = sending("permessage-deflate", 0xc2, folded(new byte[5 * 1024 * 1024]));
                Closing closing = session()) {
            StepVerifier.create(to(closing, origin).useMany(WebSocket::receive))
                    .expectErrorSatisfies(e -> assertThat(e)
                            .isInstanceOfSatisfying(
                                    WebSocketException.class,
                                    large -> assertThat(large.closeCode()).isEqualTo(1009)))
                    .verify(PATIENCE);
        }
    }

    @Test
    void brokenCompressionIsRefused() {
        try (RawOrigin origin = sending("permessage-deflate", 0xc2, FramePeer.filled(40, '\u00ff'));
                Closing closing = session()) {
            StepVerifier.create(to(closing, origin).useMany(WebSocket::receive))
                    .expectErrorSatisfies(e -> assertThat(e).hasMessageContaining("compression is broken"))
                    .verify(PATIENCE);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aiohttpEchoesMessagesOfAllSizes(boolean compress) {
        ForeignServer.require(
                "Python's aiohttp is not installed here (python3-aiohttp): its tests are left out",
                "/usr/bin/python3",
                "-c",
                "import aiohttp");
        try (ForeignServer server =
                        ForeignServer.printingItsPort("/usr/bin/python3", ForeignServer.resource("/peers/server.py"));
                Closing closing = session()) {
            Random random = new Random(7);
            WebSocketRequest request = closing.session
                    .webSocket(server.url("/ws"))
                    .protocols("a", "b")
                    .compress(compress)
                    .heartbeat(Duration.ofSeconds(5));
            StepVerifier.create(request.useMany(socket -> Flux.just(0, 1, 63, 64, 125, 126, 5_000, 70_000, 1_000_000)
                            .concatMap(size -> {
                                byte[] half = new byte[size / 2];
                                random.nextBytes(half);
                                byte[] content = Arrays.copyOf(half, size);
                                String text = "ä".repeat(size);
                                return socket.send(ByteBuffer.wrap(content))
                                        .then(socket.receiveBinary().next())
                                        .map(back -> back.equals(ByteBuffer.wrap(content)))
                                        .concatWith(socket.send(text)
                                                .then(socket.receiveText().next())
                                                .map(text::equals));
                            })
                            .concatWith(Mono.just(socket.protocol().equals("b")))
                            .all(same -> same)
                            .flux()
                            .concatWith(socket.send("close")
                                    .thenMany(socket.receive())
                                    .then(Mono.fromSupplier(() -> socket.closeCode() == 4001
                                            && socket.closeReason().equals("as you wish"))))))
                    .expectNext(true, true)
                    .expectComplete()
                    .verify(PATIENCE);
        }
    }
}
