package io.github.asyncio4j.http;

import io.github.asyncio4j.testing.NoLeaks;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The targets of {@link ParserFuzzTargets} against sound input with random errors, from a fixed seed. */
@ExtendWith(NoLeaks.class)
class ParserFuzzTest {

    private static final int ROUNDS = 20_000;

    private final Random random = new Random(20261121);
    private final ParserFuzzTargets targets = new ParserFuzzTargets();

    @FunctionalInterface
    private interface Target {
        void take(byte[] data) throws Exception;
    }

    private void fuzz(Target target, String... seeds) throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            byte[] data = mutated(seeds[random.nextInt(seeds.length)].getBytes(StandardCharsets.ISO_8859_1));
            try {
                target.take(data);
            } catch (Exception | AssertionError e) {
                throw new AssertionError("with " + Arrays.toString(data), e);
            }
        }
    }

    private byte[] mutated(byte[] original) {
        byte[] bytes = original.clone();
        for (int i = random.nextInt(4); i > 0 && bytes.length > 0; i--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(3)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes = Arrays.copyOf(bytes, at);
                default -> {
                    byte[] longer = new byte[bytes.length + 1];
                    System.arraycopy(bytes, 0, longer, 0, at);
                    longer[at] = (byte) ":;\r\n ,0f\0".charAt(random.nextInt(9));
                    System.arraycopy(bytes, at, longer, at + 1, bytes.length - at);
                    bytes = longer;
                }
            }
        }
        return bytes;
    }

    @Test
    void responsesAreReadTheSameHoweverTheyAreCut() throws Exception {
        fuzz(
                targets::responseHead,
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\nhello",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0a\r\n0123456789\r\n0\r\nT: r\r\n\r\n",
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.0 404 Not Found\r\nConnection: keep-alive\r\n\r\nto the end");
    }

    @Test
    void urlsAreTakenOrRefused() throws Exception {
        fuzz(
                targets::url,
                "http://user:pw@example.com:8080/a/../b?q=1#f",
                "https://[::1%25eth0]:443/",
                "http://b\u00c3\u00bccher.example/\u00c3\u00a4 %41%",
                "../x?y#z");
    }

    @Test
    void cookiesAreKeptOrDropped() throws Exception {
        fuzz(
                targets::cookie,
                "a=b; Path=/x; Domain=.example.com; Max-Age=10; Secure; HttpOnly",
                "__Host-a=\"x\"; Path=/; Expires=Sun, 06 Nov 2094 08:49:37 GMT");
    }

    @Test
    void linksAreReadOrPassedOver() throws Exception {
        fuzz(targets::links, "<?page=2>; rel=\"next prev\"; title=\"a, b\", </z> ; rel=last", "<//h/x>;REL=a;b=c");
    }

    @Test
    void eventsAreReadTheSameHoweverTheyAreCut() throws Exception {
        fuzz(
                targets::events,
                ": x\nid: 7\nevent: a\ndata: one\ndata:two\r\n\r\nretry: 10\rdata\r\r",
                "data: \u00c3\u00a4\n\n");
    }

    @Test
    void framesAreReadTheSameHoweverTheyAreCut() throws Exception {
        fuzz(
                targets::frames,
                "\u0081\u0003abc\u0001\u0001d\u0089\u0001p\u0080\u0001e",
                "\u0082\u007e\u0000\u0080" + "x".repeat(128) + "\u0088\u0004\u0003\u00e8ok",
                "\u0081\u007f\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0004four");
    }
}
