package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import reactor.core.publisher.Flux;

/**
 * What comes from strangers, for Jazzer to play with: {@code JAZZER_FUZZ=1 mvn test -Dtest='ParserFuzzTargets#url'}
 * searches for a minute. What it has found is kept beside the tests, and {@link ParserCorpusTest} replays that.
 */
class ParserFuzzTargets {

    @FuzzTest(maxDuration = "1m")
    void url(byte[] data) throws Exception {
        Url base = Url.parse("http://base/a/b?c");
        String text = new String(data, StandardCharsets.UTF_8);
        for (boolean encoded : new boolean[] {false, true}) {
            try {
                Url url = base.resolve(text, encoded);
                assertThat(url.target()).startsWith("/").matches("[!-~]+");
                assertThat(url.origin.hostHeader()).matches("[!-~]+");
                assertThat(Url.parse(url.toString(), encoded).toString()).isEqualTo(url.toString());
            } catch (InvalidUrlException e) {
                assertThat(e.getMessage()).doesNotContain("\r", "\n");
            }
        }
    }

    @FuzzTest(maxDuration = "1m")
    void cookie(byte[] data) throws Exception {
        Url url = Url.parse("https://www.example.com/x/y");
        StoredCookie cookie = StoredCookie.parse(latin1(data), url, 0, false);
        if (cookie != null) {
            assertThat(cookie.pair()).doesNotContain("\r", "\n", ";", "\0");
            assertThat("www.example.com").endsWith(cookie.domain());
            assertThat(cookie.path()).startsWith("/");
            assertThat(cookie.name().toLowerCase(java.util.Locale.ROOT).startsWith("__secure-") && !cookie.secure())
                    .isFalse();
        }
    }

    @FuzzTest(maxDuration = "1m")
    void requestHeader(byte[] data) {
        String text = latin1(data);
        int colon = Math.max(0, text.indexOf(':'));
        try {
            HeaderList list = HeaderList.EMPTY.set(text.substring(0, colon), text.substring(colon));
            list.fields()
                    .forEach(field ->
                            assertThat(field.getKey() + field.getValue()).doesNotContain("\r", "\n", "\0"));
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).doesNotContain("\r", "\n");
        }
    }

    @FuzzTest(maxDuration = "1m")
    void responseHead(byte[] data) {
        read(data);
    }

    @FuzzTest(maxDuration = "1m")
    void chunks(byte[] data) {
        byte[] head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        byte[] all = java.util.Arrays.copyOf(head, head.length + data.length);
        System.arraycopy(data, 0, all, head.length, data.length);
        read(all);
    }

    @FuzzTest(maxDuration = "1m")
    void codings(byte[] data) throws Exception {
        for (Decoder decoder : new Decoder[] {new GzipDecoder(), new DeflateDecoder()}) {
            try (decoder) {
                byte[] out = new byte[256];
                decoder.input(data, 0, data.length);
                for (int i = 0; i < 1000 && decoder.output(out, 0, out.length) > 0; i++) {}
                decoder.end();
            } catch (Decoder.BadCoding e) {
                assertThat(e.getMessage()).isNotEmpty();
            }
        }
    }

    @FuzzTest(maxDuration = "1m")
    void links(byte[] data) {
        Links.of(List.of(latin1(data)), "http://base/a/b?c").forEach((relation, url) -> {
            assertThat(relation).isNotBlank();
            assertThat(url).matches("https?://[!-~]+");
        });
    }

    @FuzzTest(maxDuration = "1m")
    void events(byte[] data) {
        String whole = events(data, Math.max(1, data.length));
        assertThat(events(data, 1)).isEqualTo(whole);
        assertThat(events(data, 7)).isEqualTo(whole);
    }

    private static String events(byte[] data, int piece) {
        List<ByteBuffer> pieces = new ArrayList<>();
        for (int at = 0; at < data.length; at += piece) {
            pieces.add(
                    ByteBuffer.wrap(data, at, Math.min(piece, data.length - at)).slice());
        }
        return EventParser.events(Lines.of(Flux.fromIterable(pieces), StandardCharsets.UTF_8))
                .doOnNext(event -> assertThat(EventSource.sendable(event.id().orElse(null)))
                        .satisfiesAnyOf(id -> assertThat(id).isNull(), id -> HeaderList.EMPTY.set("Last-Event-ID", id)))
                .map(ServerSentEvent::toString)
                .onErrorResume(InvalidResponseException.class, error -> Flux.just("refused"))
                .collectList()
                .map(List::toString)
                .block();
    }

    @FuzzTest(maxDuration = "1m")
    void frames(byte[] data) {
        String whole = frames(data, Math.max(1, data.length));
        assertThat(frames(data, 1)).isEqualTo(whole);
        assertThat(frames(data, 7)).isEqualTo(whole);
    }

    private static String frames(byte[] data, int piece) {
        Frames seen = new Frames();
        FrameReader reader = new FrameReader(256, null, seen);
        ByteBuf in = Unpooled.buffer();
        try {
            for (int at = 0; at < data.length; at += piece) {
                reader.read(in.writeBytes(data, at, Math.min(piece, data.length - at)));
            }
            return seen.all.toString();
        } catch (FrameViolation e) {
            return seen.all + "refused " + e.getMessage();
        } finally {
            reader.end();
            in.release();
        }
    }

    private static String latin1(byte[] data) {
        return new String(data, StandardCharsets.ISO_8859_1);
    }

    /** However the bytes are cut, the same comes of them. */
    private static void read(byte[] data) {
        String whole = read(data, Math.max(1, data.length));
        assertThat(read(data, 1)).isEqualTo(whole);
        assertThat(read(data, 7)).isEqualTo(whole);
    }

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

    private static final class Frames implements FrameReader.Listener {
        final StringBuilder all = new StringBuilder();

        @Override
        public void message(WebSocketMessage message, int size) {
            assertThat(size).isLessThanOrEqualTo(256);
            all.append(message).append(size).append('|');
        }

        @Override
        public void ping(byte[] payload) {
            all.append("ping").append(payload.length).append('|');
        }

        @Override
        public void pong(byte[] payload) {
            all.append("pong").append(payload.length).append('|');
        }

        @Override
        public void closed(int code, String reason) {
            all.append("closed").append(code).append(reason);
        }
    }
}
