package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/**
 * The families of cases that the Autobahn test suite puts to a client that sends back what it gets: a server says
 * something, and what the client answers is compared, down to the code that it closes with.
 */
@ExtendWith(NoLeaks.class)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class WebSocketCasesTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int LIMIT = 20 << 20;

    private final Closing closing = new Closing(ClientSession.create());
    private final BlockingQueue<List<String>> answers = new LinkedBlockingQueue<>();

    @AfterEach
    void close() {
        closing.close();
    }

    // ---------------------------------------------------------------- a server, and a client that is an echo

    /** What the server sends, in pieces of {@code chop} bytes if that is not 0. */
    private static final class Said {
        private final List<ByteArrayOutputStream> parts = new ArrayList<>(List.of(new ByteArrayOutputStream()));
        private int chop;

        Said frame(int first, byte[] payload) {
            parts.get(parts.size() - 1).writeBytes(FramePeer.frame(first, payload));
            return this;
        }

        Said frame(int first, String payload) {
            return frame(first, utf8(payload));
        }

        /** What follows is said after an answer to what was said so far. */
        Said answered() {
            parts.add(new ByteArrayOutputStream());
            return this;
        }

        Said chopped(int size) {
            chop = size;
            return this;
        }

        void to(FramePeer peer, List<String> came) throws IOException {
            for (int part = 0; part < parts.size(); part++) {
                if (part > 0) {
                    came.add(described(peer.read()));
                }
                byte[] all = parts.get(part).toByteArray();
                int size = chop == 0 ? Math.max(1, all.length) : chop;
                for (int at = 0; at < all.length; at += size) {
                    peer.peer.send(Arrays.copyOfRange(all, at, Math.min(all.length, at + size)));
                }
            }
        }
    }

    private static Said said() {
        return new Said();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Says it, and compares what comes back. When the client has nothing to close for, which is when {@code expected} ends
     * with {@code close 1000}, the server closes.
     */
    private void check(Said said, String... expected) throws InterruptedException {
        try (RawOrigin origin = FramePeer.origin(peer -> {
            List<String> came = new ArrayList<>();
            try {
                said.to(peer, came);
                while (came.size() < expected.length) {
                    if (came.size() == expected.length - 1 && expected[came.size()].equals("close 1000")) {
                        peer.close(1000);
                    }
                    came.add(described(peer.read()));
                }
            } finally {
                answers.add(came);
            }
        })) {
            echo(closing.session.webSocket(origin.url("/")).maxMessageSize(LIMIT));
            assertThat(answers.poll(10, TimeUnit.SECONDS)).containsExactly(expected);
        }
    }

    private static void echo(WebSocketRequest request) {
        request.useMany(socket -> socket.receive()
                        .concatMap(message -> message instanceof WebSocketMessage.Text text
                                ? socket.send(text.text())
                                : socket.send(((WebSocketMessage.Binary) message).data())))
                .onErrorResume(WebSocketException.class, refused -> Mono.empty())
                .blockLast(PATIENCE);
    }

    private static String described(FramePeer.Frame frame) {
        assertThat(frame.masked()).isTrue();
        assertThat(frame.first() & 0xf0).as("final, and no reserved bit").isEqualTo(0x80);
        return switch (frame.opcode()) {
            case FramePeer.TEXT -> text(frame.text());
            case FramePeer.BINARY -> binary(frame.payload());
            case FramePeer.PONG -> "pong " + HexFormat.of().formatHex(frame.payload());
            case FramePeer.CLOSE -> "close " + frame.code();
            default -> "opcode " + frame.opcode();
        };
    }

    // Long ones as a checksum, so that a failure can be read.
    private static String text(String text) {
        return "text " + (text.length() < 300 ? text : text.length() + " characters, " + text.hashCode());
    }

    private static String binary(byte[] bytes) {
        return "binary " + bytes.length + " bytes, " + Arrays.hashCode(bytes);
    }

    private static String pong(String payload) {
        return "pong " + HexFormat.of().formatHex(utf8(payload));
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    // ---------------------------------------------------------------- the families

    @Nested
    class Framing {

        @ParameterizedTest
        @ValueSource(ints = {0, 125, 126, 127, 128, 65_535, 65_536})
        void messagesComeBack(int size) throws Exception {
            byte[] bytes = random(size);
            check(
                    said().frame(0x81, "*".repeat(size)).frame(0x82, bytes),
                    text("*".repeat(size)),
                    binary(bytes),
                    "close 1000");
        }

        @ParameterizedTest
        @ValueSource(ints = {1, 2, 3, 997})
        void messagesInManyWritesComeBack(int chop) throws Exception {
            int size = chop == 997 ? 65_536 : 300;
            check(
                    said().frame(0x81, "*".repeat(size))
                            .frame(0x82, random(size))
                            .chopped(chop),
                    text("*".repeat(size)),
                    binary(random(size)),
                    "close 1000");
        }
    }

    @Nested
    class Pings {

        @ParameterizedTest
        @ValueSource(ints = {0, 1, 125})
        void areAnswered(int size) throws Exception {
            check(said().frame(0x89, "p".repeat(size)), pong("p".repeat(size)), "close 1000");
        }

        @Test
        void withBytesThatAreNoTextAreAnswered() throws Exception {
            byte[] payload = FramePeer.bytes(0, 0xff, 0xfe, 0xfd, 0xc0, 0);
            check(said().frame(0x89, payload), "pong 00fffefdc000", "close 1000");
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 1})
        void tenInARowAreAnsweredInTheirOrder(int chop) throws Exception {
            Said ten = said().chopped(chop);
            IntStream.range(0, 10).forEach(i -> ten.frame(0x89, "ping " + i));
            check(
                    ten,
                    Stream.concat(IntStream.range(0, 10).mapToObj(i -> pong("ping " + i)), Stream.of("close 1000"))
                            .toArray(String[]::new));
        }

        @Test
        void pongsNobodyAskedForAreIgnored() throws Exception {
            check(said().frame(0x8a, "").frame(0x8a, "unasked").frame(0x89, "p"), pong("p"), "close 1000");
        }

        @Test
        void ofMoreThan125BytesAreRefused() throws Exception {
            check(said().frame(0x89, "p".repeat(126)), "close 1002");
        }
    }

    @Nested
    class ReservedBitsAndOpcodes {

        @ParameterizedTest
        @ValueSource(ints = {0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70})
        void reservedBitsAreRefusedWhereverTheyStand(int bits) throws Exception {
            check(said().frame(0x81 | bits, "x"), "close 1002");
            check(said().frame(0x82 | bits, "x"), "close 1002");
            check(said().frame(0x89 | bits, "x"), "close 1002");
            check(said().frame(0x88 | bits, new byte[] {3, (byte) 0xe8}), "close 1002");
            check(
                    said().frame(0x81, "first")
                            .answered()
                            .frame(0x81 | bits, "x")
                            .frame(0x89, "")
                            .chopped(1),
                    "text first",
                    "close 1002");
        }

        @ParameterizedTest
        @ValueSource(ints = {3, 4, 5, 6, 7, 11, 12, 13, 14, 15})
        void reservedOpcodesAreRefused(int opcode) throws Exception {
            check(said().frame(0x80 | opcode, ""), "close 1002");
            check(
                    said().frame(0x81, "first")
                            .answered()
                            .frame(0x80 | opcode, "x")
                            .frame(0x89, ""),
                    "text first",
                    "close 1002");
        }
    }

    @Nested
    class Fragments {

        @ParameterizedTest
        @ValueSource(ints = {0, 1})
        void areJoined(int chop) throws Exception {
            check(
                    said().frame(1, "frag")
                            .frame(0, "")
                            .frame(0, "men")
                            .frame(0x80, "ts")
                            .chopped(chop),
                    "text fragments",
                    "close 1000");
            check(
                    said().frame(2, new byte[0]).frame(0x80, new byte[0]).chopped(chop),
                    binary(new byte[0]),
                    "close 1000");
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 1})
        void letControlFramesThrough(int chop) throws Exception {
            check(
                    said().frame(1, "a")
                            .frame(0x89, "one")
                            .frame(0, "b")
                            .frame(0x8a, "")
                            .frame(0x89, "two")
                            .frame(0x80, "c")
                            .chopped(chop),
                    pong("one"),
                    pong("two"),
                    "text abc",
                    "close 1000");
        }

        @Test
        void ofControlFramesAreRefused() throws Exception {
            check(said().frame(0x09, "a").frame(0x80, "b"), "close 1002");
            check(said().frame(0x0a, "a").frame(0x80, "b"), "close 1002");
            check(said().frame(0x08, new byte[] {3, (byte) 0xe8}), "close 1002");
        }

        @ParameterizedTest
        @ValueSource(ints = {0x00, 0x80})
        void ofNothingAreRefused(int first) throws Exception {
            check(said().frame(first, "x").frame(0x81, "y"), "close 1002");
            check(said().frame(1, "a").frame(0x80, "b").answered().frame(first, "x"), "text ab", "close 1002");
        }

        @ParameterizedTest
        @ValueSource(ints = {0x01, 0x02, 0x81, 0x82})
        void thatAreInterruptedByAnotherMessageAreRefused(int first) throws Exception {
            check(said().frame(1, "a").frame(first, "b"), "close 1002");
            check(said().frame(2, "a").frame(0, "b").frame(first, "c").chopped(1), "close 1002");
        }
    }

    @Nested
    class Utf8 {

        static Stream<Arguments> wellFormed() {
            return Stream.of(
                            "",
                            "Hello-µ@ßöäüàá-UTF-8!!",
                            "κόσμε",
                            "\u0000",
                            "\u007f\u0080\u07ff\u0800\uffff",
                            "\ud800\udc00\udbff\udfff",
                            "\ud7ff\ue000\ufffd\ufffe",
                            "\ufeffa",
                            "\ufdd0\ufdef\ud83f\udffe\ud83f\udfff")
                    .map(text -> Arguments.of(text));
        }

        @ParameterizedTest
        @MethodSource("wellFormed")
        void isReceivedHoweverItIsCut(String text) throws Exception {
            check(said().frame(0x81, text), text(text), "close 1000");
            check(said().frame(0x81, text).chopped(1), text(text), "close 1000");
            check(each(utf8(text)), text(text), "close 1000");
            byte[] close = ByteBuffer.allocate(2 + utf8(text).length)
                    .putShort((short) 1000)
                    .put(utf8(text))
                    .array();
            check(said().frame(0x88, close), "close 1000");
        }

        /** Each byte in a fragment of its own. */
        private static Said each(byte[] bytes) {
            Said said = said().frame(1, "");
            for (byte b : bytes) {
                said.frame(0, new byte[] {b});
            }
            return said.frame(0x80, "");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    // the middle of a text that was fine so far
                    "cebae1bdb9cf83cebceda080656469746564",
                    // alone where others must follow, and the others without it
                    "80",
                    "bf",
                    "8080",
                    "c2",
                    "df20",
                    "e0a0",
                    "efbf20",
                    "f09080",
                    "f48fbf20",
                    "f88080808080",
                    // of five and six bytes
                    "f888808080",
                    "fbbfbfbfbf",
                    "fc8480808080",
                    "fdbfbfbfbfbf",
                    "fe",
                    "ff",
                    "fefeffff",
                    // longer than they have to be
                    "c0af",
                    "c080",
                    "c1bf",
                    "e080af",
                    "e09fbf",
                    "f08080af",
                    "f08fbfbf",
                    // surrogates, alone and in pairs
                    "eda080",
                    "edadbf",
                    "edae80",
                    "edafbf",
                    "edb080",
                    "edbfbf",
                    "eda080edb080",
                    "edafbfedbfbf",
                    // beyond the last code point
                    "f4908080",
                    "f7bfbfbf"
                })
        void thatIsNoneClosesWith1007(String hex) throws Exception {
            byte[] bytes = HexFormat.of().parseHex(hex);
            check(
                    said().frame(0x81, "good").answered().frame(0x81, bytes).frame(0x81, "late"),
                    "text good",
                    "close 1007");
            check(said().frame(0x81, bytes).chopped(1), "close 1007");
            check(each(bytes), "close 1007");
            byte[] close = ByteBuffer.allocate(2 + bytes.length)
                    .putShort((short) 1000)
                    .put(bytes)
                    .array();
            check(said().frame(0x88, close), "close 1007");
        }

        @Test
        void doesNotMatterInBytes() throws Exception {
            byte[] none = FramePeer.bytes(0xed, 0xa0, 0x80, 0xff);
            check(said().frame(0x82, none), binary(none), "close 1000");
        }

        /** The grammar of RFC 3629, section 4; a byte is a character here. */
        private static final Pattern GRAMMAR = Pattern.compile(
                "([\\x00-\\x7f]|[\\xc2-\\xdf][\\x80-\\xbf]"
                        + "|\\xe0[\\xa0-\\xbf][\\x80-\\xbf]|[\\xe1-\\xec\\xee\\xef][\\x80-\\xbf]{2}|\\xed[\\x80-\\x9f][\\x80-\\xbf]"
                        + "|\\xf0[\\x90-\\xbf][\\x80-\\xbf]{2}|[\\xf1-\\xf3][\\x80-\\xbf]{3}|\\xf4[\\x80-\\x8f][\\x80-\\xbf]{2})*");

        private static final int[] SECOND = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff};
        private static final int[] LATER = {0x7f, 0x80, 0xbf, 0xc0};

        /** All leads with all edges of what may follow them, and the end of the text after each byte. */
        @Test
        void isWhatTheGrammarSays() {
            int valid = 0;
            for (int lead = 0; lead < 256; lead++) {
                valid += agrees(lead);
                for (int second : SECOND) {
                    valid += agrees(lead, second);
                    for (int third : LATER) {
                        valid += agrees(lead, second, third);
                        for (int fourth : LATER) {
                            valid += agrees(lead, second, third, fourth);
                        }
                    }
                }
            }
            assertThat(valid).isBetween(1_000, 20_000);
        }

        private int agrees(int... values) {
            byte[] bytes = FramePeer.bytes(values);
            boolean expected = GRAMMAR.matcher(new String(bytes, StandardCharsets.ISO_8859_1))
                    .matches();
            String read = read(FramePeer.frame(0x81, bytes));
            if (!(expected ? new String(bytes, StandardCharsets.UTF_8) : "1007").equals(read)) {
                throw new AssertionError(HexFormat.of().formatHex(bytes) + " was read as " + read);
            }
            return expected ? 1 : 0;
        }

        private String read(byte[] frame) {
            List<String> got = new ArrayList<>();
            FrameReader reader = new FrameReader(100, null, new FrameReader.Listener() {
                @Override
                public void message(WebSocketMessage message, int size) {
                    got.add(((WebSocketMessage.Text) message).text());
                }

                @Override
                public void ping(byte[] payload) {
                    got.add("ping");
                }

                @Override
                public void pong(byte[] payload) {
                    got.add("pong");
                }

                @Override
                public void closed(int code, String reason) {
                    got.add("closed");
                }
            });
            try {
                reader.read(Unpooled.wrappedBuffer(frame));
            } catch (FrameViolation e) {
                return "" + e.closeCode;
            }
            return got.get(0);
        }
    }

    @Nested
    class Closes {

        @ParameterizedTest
        @ValueSource(
                ints = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999})
        void areAnsweredWithTheirCode(int code) throws Exception {
            check(said().frame(0x88, code(code)), "close " + code);
            check(
                    said().frame(
                                    0x88,
                                    ByteBuffer.allocate(125)
                                            .putShort((short) code)
                                            .array()),
                    "close " + code);
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535})
        void withACodeThatNobodyMaySendAreRefused(int code) throws Exception {
            check(said().frame(0x88, code(code)), "close 1002");
        }

        @Test
        void withoutACodeAreAnsweredWithoutOne() throws Exception {
            check(said().frame(0x88, ""), "close 1005");
        }

        @Test
        void withHalfACodeOrTooLongAReasonAreRefused() throws Exception {
            check(said().frame(0x88, new byte[1]), "close 1002");
            check(said().frame(0x88, new byte[126]), "close 1002");
        }

        @Test
        void areTheEndOfWhatIsRead() throws Exception {
            check(said().frame(0x88, code(3000)).frame(0x89, "late").frame(0x81, "late"), "close 3000");
            check(
                    said().frame(0x81, "a")
                            .answered()
                            .frame(0x01, "b")
                            .frame(0x88, code(3000))
                            .chopped(1),
                    "text a",
                    "close 3000");
            check(said().frame(0x88, code(3000)).frame(0x88, code(4000)), "close 3000");
        }

        private static byte[] code(int code) {
            return ByteBuffer.allocate(2).putShort((short) code).array();
        }
    }

    @Nested
    class Limits {

        @ParameterizedTest
        @ValueSource(ints = {64 << 10, 256 << 10, 1 << 20, 4 << 20, 16 << 20})
        void largeMessagesComeBack(int size) throws Exception {
            byte[] bytes = random(size);
            check(said().frame(0x82, bytes), binary(bytes), "close 1000");
            String text = "ab€𝄞".repeat(size / 9);
            check(said().frame(0x81, text), text(text), "close 1000");
        }

        @ParameterizedTest
        @CsvSource({"65536, 1300", "4194304, 64", "4194304, 4096", "4194304, 1048576"})
        void largeMessagesInFragmentsComeBack(int size, int fragment) throws Exception {
            byte[] bytes = random(size);
            Said said = said();
            for (int at = 0; at < size; at += fragment) {
                int last = at + fragment >= size ? 0x80 : 0;
                said.frame((at == 0 ? 2 : 0) | last, Arrays.copyOfRange(bytes, at, Math.min(size, at + fragment)));
            }
            check(said, binary(bytes), "close 1000");
        }

        @Test
        void aMessageInManySmallWritesComesBack() throws Exception {
            byte[] bytes = random(256 << 10);
            check(said().frame(0x82, bytes).chopped(64), binary(bytes), "close 1000");
        }

        @Test
        void manySmallMessagesComeBack() throws Exception {
            Said said = said();
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < 10_000; i++) {
                said.frame(0x81, "message " + i);
                expected.add("text message " + i);
            }
            expected.add("close 1000");
            // What comes back has to be read meanwhile, or both sides wait for each other.
            try (RawOrigin origin = FramePeer.origin(peer -> {
                Thread sender = new Thread(() -> {
                    try {
                        said.to(peer, new ArrayList<>());
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                });
                sender.start();
                List<String> came = new ArrayList<>();
                for (int i = 0; i < 10_000; i++) {
                    came.add(described(peer.read()));
                }
                sender.join();
                peer.close(1000);
                came.add(described(peer.read()));
                answers.add(came);
            })) {
                echo(closing.session.webSocket(origin.url("/")));
                assertThat(answers.poll(10, TimeUnit.SECONDS)).isEqualTo(expected);
            }
        }
    }

    @Nested
    class Compression {

        /** As the server folds messages: with what it remembers, and in as many frames. */
        private final class Folder {
            private final Deflater deflater = new Deflater(9, true);
            private final Inflater inflater = new Inflater(true);
            private final boolean forgets;

            Folder(boolean forgets) {
                this.forgets = forgets;
            }

            byte[] fold(byte[] content) {
                deflater.setInput(content);
                byte[] out = new byte[content.length + 100];
                int size = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
                if (forgets) {
                    deflater.reset();
                }
                return Arrays.copyOf(out, size - 4);
            }

            byte[] unfold(FramePeer.Frame frame) throws DataFormatException {
                if ((frame.first() & 0x40) == 0) {
                    return frame.payload();
                }
                ByteArrayOutputStream all = new ByteArrayOutputStream();
                byte[] out = new byte[1 << 16];
                inflater.setInput(ByteBuffer.allocate(frame.payload().length + 4)
                        .put(frame.payload())
                        .put(FramePeer.bytes(0, 0, 0xff, 0xff))
                        .array());
                int more;
                while ((more = inflater.inflate(out)) > 0) {
                    all.write(out, 0, more);
                }
                if (forgets) {
                    inflater.reset();
                }
                return all.toByteArray();
            }
        }

        @ParameterizedTest
        @CsvSource({"false, 0", "true, 0", "false, 128", "true, 128"})
        void messagesOfAllSizesComeBack(boolean forgets, int fragment) throws Exception {
            String extension =
                    "permessage-deflate" + (forgets ? "; server_no_context_takeover; client_no_context_takeover" : "");
            List<byte[]> messages = IntStream.range(0, 60)
                    .mapToObj(i -> {
                        int size = 1 << i % 17;
                        return i % 2 == 0 ? random(size) : utf8(("{\"number\":" + i + "}").repeat(1 + size / 13));
                    })
                    .toList();
            BlockingQueue<String> outcome = new LinkedBlockingQueue<>();
            try (RawOrigin origin = FramePeer.origin("Sec-WebSocket-Extensions: " + extension + "\r\n", peer -> {
                Folder folder = new Folder(forgets);
                for (byte[] message : messages) {
                    send(peer, folder.fold(message), fragment);
                    byte[] back = folder.unfold(peer.read());
                    if (!Arrays.equals(back, message)) {
                        outcome.add(message.length + " bytes came back as " + back.length);
                    }
                }
                peer.close(1000);
                outcome.add(described(peer.read()));
            })) {
                echo(closing.session.webSocket(origin.url("/")).compress(true));
                assertThat(outcome.poll(10, TimeUnit.SECONDS)).isEqualTo("close 1000");
            }
        }

        private void send(FramePeer peer, byte[] folded, int fragment) throws IOException {
            int size = fragment == 0 ? Math.max(1, folded.length) : fragment;
            int at = 0;
            for (; at + size < folded.length; at += size) {
                peer.send(at == 0 ? 0x42 : 0, Arrays.copyOfRange(folded, at, at + size));
                peer.send(0x8a, new byte[0]);
            }
            peer.send((at == 0 ? 0x42 : 0) | 0x80, Arrays.copyOfRange(folded, at, folded.length));
        }

        @Test
        void aMessageWhoseStreamEndsItselfIsRead() throws Exception {
            Deflater deflater = new Deflater(9, true);
            deflater.setInput(utf8("over".repeat(50)));
            deflater.finish();
            byte[] out = new byte[1000];
            byte[] folded = Arrays.copyOf(out, deflater.deflate(out));
            BlockingQueue<String> came = new LinkedBlockingQueue<>();
            try (RawOrigin origin = FramePeer.origin("Sec-WebSocket-Extensions: permessage-deflate\r\n", peer -> {
                Folder folder = new Folder(false);
                for (byte[] message : List.of(folded, folded)) {
                    peer.send(0xc1, message);
                    came.add(new String(folder.unfold(peer.read()), StandardCharsets.UTF_8));
                }
                peer.close(1000);
                peer.read();
            })) {
                echo(closing.session.webSocket(origin.url("/")).compress(true));
            }
            assertThat(came).containsExactly("over".repeat(50), "over".repeat(50));
        }
    }
}
