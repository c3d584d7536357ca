package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.encoder.Encoder;
import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.test.StepVerifier;

/** Row R15: br and zstd, as their own libraries make them. */
@ExtendWith(NoLeaks.class)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class CodingsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private final byte[] plain =
            "what is said again and again packs well. ".repeat(3000).getBytes(StandardCharsets.US_ASCII);

    @BeforeAll
    static void load() {
        Brotli4jLoader.ensureAvailability();
    }

    private static byte[] packed(String coding, byte[] bytes) throws Exception {
        return coding.equals("br") ? Encoder.compress(bytes) : Zstd.compress(bytes);
    }

    private static Decoder decoder(String coding) throws Exception {
        return coding.equals("br") ? new BrotliDecoder() : new ZstdDecoder();
    }

    /** What comes out when it goes in by pieces of that size. */
    private static byte[] unpacked(String coding, byte[] packed, int piece) throws Exception {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] out = new byte[1000];
        try (Decoder decoder = decoder(coding)) {
            for (int at = 0; at < packed.length; at += piece) {
                decoder.input(packed, at, Math.min(piece, packed.length - at));
                int length;
                while ((length = decoder.output(out, 0, out.length)) > 0) {
                    all.write(out, 0, length);
                }
                assertThat(decoder.needsInput()).isTrue();
            }
            decoder.end();
        }
        return all.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "zstd"})
    void streamIsUnpackedHoweverItIsCut(String coding) throws Exception {
        byte[] noise = new byte[100_000];
        new Random(1).nextBytes(noise);
        for (byte[] content : List.of(plain, noise, new byte[0], new byte[] {1})) {
            byte[] packed = packed(coding, content);
            for (int piece : new int[] {1, 7, 1000, 100_000}) {
                assertThat(unpacked(coding, packed, piece)).isEqualTo(content);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "zstd"})
    void nothingAtAllIsFine(String coding) throws Exception {
        assertThat(unpacked(coding, new byte[0], 1)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "zstd"})
    void cutOrWrongStreamIsRefused(String coding) throws Exception {
        byte[] packed = packed(coding, plain);
        for (int length : new int[] {1, packed.length / 2, packed.length - 1}) {
            assertThatThrownBy(() -> unpacked(coding, Arrays.copyOf(packed, length), 16))
                    .isInstanceOf(Decoder.BadCoding.class);
        }
        assertThatThrownBy(() ->
                        unpacked(coding, "no such stream at all".repeat(10).getBytes(StandardCharsets.US_ASCII), 16))
                .isInstanceOf(Decoder.BadCoding.class);
    }

    @Test
    void bytesBehindABrotliStreamAreRefused() throws Exception {
        byte[] packed = packed("br", plain);
        assertThatThrownBy(() -> unpacked("br", Arrays.copyOf(packed, packed.length + 3), 100_000))
                .isInstanceOf(Decoder.BadCoding.class);
    }

    @Test
    void framesOfZstdFollowEachOther() throws Exception {
        byte[] packed = packed("zstd", plain);
        byte[] both = Arrays.copyOf(packed, 2 * packed.length);
        System.arraycopy(packed, 0, both, packed.length, packed.length);
        for (int piece : new int[] {1, 13, 100_000}) {
            assertThat(unpacked("zstd", both, piece)).hasSize(2 * plain.length);
        }
    }

    @Test
    void windowOfZstdBeyondEightMebibytesIsRefused() throws Exception {
        byte[] packed;
        try (ZstdCompressCtx encoder = new ZstdCompressCtx()) {
            encoder.setLong(26).setContentSize(false);
            java.nio.ByteBuffer in = java.nio.ByteBuffer.allocateDirect(64);
            java.nio.ByteBuffer out = java.nio.ByteBuffer.allocateDirect(1024);
            encoder.compressDirectByteBufferStream(out, in, com.github.luben.zstd.EndDirective.FLUSH);
            in.clear();
            encoder.compressDirectByteBufferStream(out, in, com.github.luben.zstd.EndDirective.END);
            packed = new byte[out.flip().remaining()];
            out.get(packed);
        }
        assertThatThrownBy(() -> unpacked("zstd", packed, 1000)).isInstanceOf(Decoder.BadCoding.class);
    }

    private static String response(String coding, byte[] body) {
        return "HTTP/1.1 200 OK\r\nContent-Encoding: " + coding + "\r\nContent-Length: " + body.length + "\r\n\r\n"
                + new String(body, StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "zstd"})
    void bodyIsUndoneOnItsWay(String coding) throws Exception {
        try (RawOrigin origin = RawOrigin.answering(response(coding, packed(coding, plain)));
                Closing closing = new Closing(ClientSession.create())) {
            for (int i = 0; i < 3; i++) {
                assertThat(closing.session.get(origin.url("/")).bytes().block(PATIENCE))
                        .isEqualTo(plain);
            }
            assertThat(origin.requests().get(0)).contains("Accept-Encoding: gzip, deflate, br, zstd\r\n");
            assertThat(closing.session.statistics().created()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "zstd"})
    void bombIsStoppedByItsRatio(String coding) throws Exception {
        byte[] bomb = packed(coding, new byte[64 << 20]);
        try (RawOrigin origin = RawOrigin.answeringOnce(response(coding, bomb));
                Closing closing = new Closing(ClientSession.create())) {
            StepVerifier.create(closing.session.get(origin.url("/")).chunks().then())
                    .expectErrorSatisfies(e -> assertThat(e)
                            .isInstanceOf(BodyTooLargeException.class)
                            .hasMessageContaining("maxInflateRatio"))
                    .verify(PATIENCE);
        }
    }
}
