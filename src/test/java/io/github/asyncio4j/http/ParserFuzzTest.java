package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.testing.NoLeaks;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Parsers against random input, from a fixed seed: they answer or refuse, and never depend on how bytes are cut. */
@ExtendWith(NoLeaks.class)
class ParserFuzzTest {

    private static final int ROUNDS = 20_000;

    private static final List<String> RESPONSES = List.of(
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0a\r\n0123456789\r\n0\r\nT: r\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.0 404 Not Found\r\nConnection: keep-alive\r\n\r\nto the end");
    private static final List<String> URLS = List.of(
            "http://user:pw@example.com:8080/a/../b?q=1#f",
            "https://[::1%25eth0]:443/",
            "http://b\u00fccher.example/\u00e4 %41%",
            "../x?y#z");
    private static final List<String> COOKIES = List.of(
            "a=b; Path=/x; Domain=.example.com; Max-Age=10; Secure; HttpOnly",
            "__Host-a=\"x\"; Path=/; Expires=Sun, 06 Nov 2094 08:49:37 GMT");

    private final Random random = new Random(20261121);

    private byte[] mutated(byte[] original) {
        byte[] bytes = original.clone();
        for (int i = random.nextInt(4); i > 0 && bytes.length > 0; i--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(3)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes = java.util.Arrays.copyOf(bytes, at);
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
    void responsesAreReadTheSameHoweverTheyAreCut() {
        for (int round = 0; round < ROUNDS; round++) {
            String seed = RESPONSES.get(random.nextInt(RESPONSES.size()));
            byte[] bytes = mutated(seed.getBytes(StandardCharsets.ISO_8859_1));
            String whole = read(bytes, bytes.length);
            assertThat(read(bytes, 1))
                    .as("%s cut into bytes", HeaderList.visible(new String(bytes, StandardCharsets.ISO_8859_1)))
                    .isEqualTo(whole);
            assertThat(read(bytes, 1 + random.nextInt(20))).isEqualTo(whole);
        }
    }

    /** What a reader makes of the bytes when they come in pieces of that size. */
    private static String read(byte[] bytes, int piece) {
        ResponseReader reader = new ResponseReader();
        reader.expect(false);
        Recorder body = new Recorder();
        ByteBuf in = Unpooled.buffer();
        StringBuilder seen = new StringBuilder();
        boolean headRead = false;
        try {
            for (int at = 0; at < bytes.length; at += piece) {
                in.writeBytes(bytes, at, Math.min(piece, bytes.length - at));
                while (!headRead && in.isReadable()) {
                    ResponseHead head = reader.head(in);
                    if (head == null) {
                        break;
                    }
                    headRead = !head.isInformational();
                    seen.append(head.status).append(head.reason()).append(head.headers);
                }
                if (headRead) {
                    reader.body(in, body);
                }
            }
            return seen + "|" + body.content.toString(StandardCharsets.ISO_8859_1) + "|" + reader.closed() + "|"
                    + reader.trailers();
        } catch (ClientException e) {
            return seen + "|refused";
        } finally {
            in.release();
        }
    }

    @Test
    void urlsAreTakenOrRefused() throws Exception {
        Url base = Url.parse("http://base/a/b?c");
        for (int round = 0; round < ROUNDS; round++) {
            String text = new String(
                    mutated(URLS.get(random.nextInt(URLS.size())).getBytes(StandardCharsets.UTF_8)),
                    StandardCharsets.UTF_8);
            try {
                Url url = base.resolve(text);
                String target = url.target();
                assertThat(target).startsWith("/").matches("[!-~]+");
                assertThat(url.origin.hostHeader()).matches("[!-~]+");
                assertThat(Url.parse(url.toString()).toString()).isEqualTo(url.toString());
            } catch (InvalidUrlException e) {
                assertThat(e.getMessage()).doesNotContain("\r", "\n");
            }
        }
    }

    @Test
    void cookiesAreKeptOrDropped() throws Exception {
        Url url = Url.parse("https://www.example.com/x/y");
        for (int round = 0; round < ROUNDS; round++) {
            String field = new String(
                    mutated(COOKIES.get(random.nextInt(COOKIES.size())).getBytes(StandardCharsets.ISO_8859_1)),
                    StandardCharsets.ISO_8859_1);
            StoredCookie cookie = StoredCookie.parse(field, url, 0, false);
            if (cookie != null) {
                assertThat(cookie.pair()).doesNotContain("\r", "\n", ";", "\0");
                assertThat("www.example.com").endsWith(cookie.domain());
            }
        }
    }

    private static final class Recorder implements BodySink {
        final ByteArrayOutputStream content = new ByteArrayOutputStream();

        @Override
        public boolean wantsMore() {
            return true;
        }

        @Override
        public void take(ByteBuf from, int length) {
            byte[] bytes = new byte[length];
            from.readBytes(bytes);
            content.writeBytes(bytes);
        }

        @Override
        public void pump() {}

        @Override
        public void ended() {}

        @Override
        public void failed(Throwable error) {}
    }
}
