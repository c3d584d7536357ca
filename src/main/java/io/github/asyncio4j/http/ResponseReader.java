package io.github.asyncio4j.http;

import io.netty.buffer.ByteBuf;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the bytes of one response after the other out of what the network brings (RFC 9112). It holds no bytes itself: what
 * is incomplete stays in the caller's buffer.
 *
 * <pre>
 *   HEAD ─► NONE | FIXED | UNTIL_CLOSE | CHUNK_SIZE ⇄ CHUNK_DATA ─► CHUNK_END … ─► TRAILERS ─► DONE
 * </pre>
 */
final class ResponseReader {

    private static final int MAX_CHUNK_LINE = 4096;

    // RFC 9110, section 6.5.1: what decides on framing, routing or state must not come late.
    private static final Set<String> NOT_IN_TRAILERS = Set.of(
            "content-length",
            "transfer-encoding",
            "host",
            "set-cookie",
            "content-encoding",
            "content-type",
            "connection");

    private enum State {
        HEAD,
        FIXED,
        UNTIL_CLOSE,
        CHUNK_SIZE,
        CHUNK_DATA,
        CHUNK_END,
        TRAILERS,
        DONE
    }

    private State state = State.DONE;
    private boolean headRequest;
    private boolean keepAlive;
    private int scanned;
    private long remaining;
    private long expected;
    private long received;
    private HeaderBlock trailers = HeaderBlock.EMPTY;

    /** A request was sent; its response comes next. */
    void expect(boolean headRequest) {
        this.headRequest = headRequest;
        state = State.HEAD;
        scanned = 0;
        received = 0;
        expected = -1;
        trailers = HeaderBlock.EMPTY;
    }

    boolean isDone() {
        return state == State.DONE;
    }

    /** True when the response allows another one after it. */
    boolean keepsAlive() {
        return keepAlive;
    }

    /** Bytes of the body that came so far, as they are on the wire but without the framing. */
    long received() {
        return received;
    }

    /** The declared length of the body, -1 when none is declared. */
    long expected() {
        return expected;
    }

    HeaderBlock trailers() {
        return trailers;
    }

    /** Takes the next head off {@code in}, an informational one as well; null when it is not complete yet. */
    @Nullable
    ResponseHead head(ByteBuf in) throws InvalidResponseException {
        byte[] block = block(in, "head");
        if (block == null) {
            return null;
        }
        ResponseHead head = ResponseHead.parse(block);
        if (head.status == 101) {
            keepAlive = false;
            state = State.UNTIL_CLOSE;
        } else if (!head.isInformational()) {
            frame(head);
        }
        return head;
    }

    /** Everything up to and with the first empty line. */
    private byte @Nullable [] block(ByteBuf in, String what) throws InvalidResponseException {
        int start = in.readerIndex();
        int end = in.writerIndex();
        int from = start + scanned;
        while (true) {
            int lf = in.indexOf(from, end, (byte) '\n');
            int length = (lf < 0 ? end : lf + 1) - start;
            if (length > ResponseHead.MAX_BYTES || (lf < 0 ? end : lf) - from > ResponseHead.MAX_LINE) {
                throw new InvalidResponseException("the " + what + " of the response is larger than allowed ("
                        + ResponseHead.MAX_BYTES + " bytes, " + ResponseHead.MAX_LINE + " for a line)");
            }
            if (lf < 0) {
                scanned = from - start;
                return null;
            }
            boolean empty = lf == from || lf == from + 1 && in.getByte(from) == '\r';
            if (empty) {
                byte[] block = new byte[length];
                in.readBytes(block);
                scanned = 0;
                return block;
            }
            from = lf + 1;
        }
    }

    /** RFC 9112, section 6.3: how long is the body? Whatever is ambiguous is refused. */
    private void frame(ResponseHead head) throws InvalidResponseException {
        keepAlive = head.keepsAlive();
        expected = declaredLength(head.headers);
        boolean chunked = isChunked(head);
        if (headRequest || head.status == 204 || head.status == 304) {
            state = State.DONE;
        } else if (head.status == 205) {
            keepAlive &= expected == 0; // a body is coming that is none
            state = State.DONE;
        } else if (chunked) {
            state = State.CHUNK_SIZE;
        } else if (expected >= 0) {
            remaining = expected;
            state = expected == 0 ? State.DONE : State.FIXED;
        } else {
            keepAlive = false;
            state = State.UNTIL_CLOSE;
        }
    }

    private static boolean isChunked(ResponseHead head) throws InvalidResponseException {
        int index = head.headers.find("transfer-encoding", 0);
        if (index < 0) {
            return false;
        }
        boolean plain = head.headers.value(index).toLowerCase(Locale.ROOT).equals("chunked")
                && head.headers.find("transfer-encoding", index + 1) < 0;
        if (!plain || head.minorVersion == 0) {
            throw new InvalidResponseException("the response has a Transfer-Encoding other than chunked");
        }
        if (head.headers.find("content-length", 0) >= 0) {
            throw new InvalidResponseException("the response has both Transfer-Encoding and Content-Length");
        }
        return true;
    }

    private static long declaredLength(HeaderBlock headers) throws InvalidResponseException {
        long length = -1;
        for (int i = headers.find("content-length", 0); i >= 0; i = headers.find("content-length", i + 1)) {
            for (String part : headers.value(i).split(",", -1)) {
                long value = digits(part.trim());
                if (value < 0 || length >= 0 && length != value) {
                    throw new InvalidResponseException("the response has a Content-Length that is no length");
                }
                length = value;
            }
        }
        return length;
    }

    private static long digits(String text) {
        long value = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9' || value > (Long.MAX_VALUE - 9) / 10) {
                return -1;
            }
            value = value * 10 + (c - '0');
        }
        return text.isEmpty() ? -1 : value;
    }

    /** Hands the body bytes of {@code in} to {@code sink}, as many as there are, and stops at the end of the response. */
    void body(ByteBuf in, BodySink sink) throws ClientException {
        while (state != State.DONE && in.isReadable()) {
            switch (state) {
                case FIXED -> {
                    take(in, sink);
                    state = remaining == 0 ? State.DONE : State.FIXED;
                }
                case UNTIL_CLOSE -> {
                    remaining = Long.MAX_VALUE;
                    take(in, sink);
                }
                case CHUNK_DATA -> {
                    take(in, sink);
                    state = remaining == 0 ? State.CHUNK_END : State.CHUNK_DATA;
                }
                case CHUNK_SIZE -> {
                    if (!chunkSize(in)) {
                        return;
                    }
                }
                case CHUNK_END -> {
                    if (!chunkEnd(in)) {
                        return;
                    }
                }
                case TRAILERS -> {
                    if (!trailers(in)) {
                        return;
                    }
                }
                case HEAD, DONE -> throw new IllegalStateException("no body to read");
            }
        }
    }

    private void take(ByteBuf in, BodySink sink) throws ClientException {
        int length = (int) Math.min(remaining, in.readableBytes());
        remaining -= length;
        received += length;
        sink.take(in, length);
    }

    private boolean chunkSize(ByteBuf in) throws InvalidResponseException {
        int start = in.readerIndex();
        int lf = in.indexOf(start, in.writerIndex(), (byte) '\n');
        int length = (lf < 0 ? in.writerIndex() : lf) - start;
        if (length > MAX_CHUNK_LINE) {
            throw new InvalidResponseException(
                    "the response has a chunk line of more than " + MAX_CHUNK_LINE + " bytes");
        }
        if (lf < 0) {
            return false;
        }
        if (length == 0 || in.getByte(lf - 1) != '\r') {
            throw new InvalidResponseException("the response has a chunk line that does not end in CRLF");
        }
        remaining = hexadecimal(in, start, lf - 1);
        in.readerIndex(lf + 1);
        state = remaining == 0 ? State.TRAILERS : State.CHUNK_DATA;
        return true;
    }

    private static long hexadecimal(ByteBuf in, int start, int end) throws InvalidResponseException {
        long size = 0;
        int i = start;
        int digit = 0;
        while (i < end && (digit = Character.digit(in.getByte(i), 16)) >= 0) {
            if (size > Long.MAX_VALUE >> 4) {
                throw new InvalidResponseException("the response has a chunk that is too large");
            }
            size = size << 4 | digit;
            i++;
        }
        boolean digits = i > start;
        while (i < end && (in.getByte(i) == ' ' || in.getByte(i) == '\t')) {
            i++;
        }
        boolean rest = i == end || in.getByte(i) == ';';
        for (; i < end; i++) {
            byte c = in.getByte(i);
            rest &= c < 0 || c >= ' ' && c != 0x7f || c == '\t';
        }
        if (!digits || !rest) {
            throw new InvalidResponseException("the response has a chunk size that is no hexadecimal number");
        }
        return size;
    }

    private boolean chunkEnd(ByteBuf in) throws InvalidResponseException {
        if (in.readableBytes() < 2) {
            return false;
        }
        if (in.readByte() != '\r' || in.readByte() != '\n') {
            throw new InvalidResponseException("the response has a chunk that is longer than it says");
        }
        state = State.CHUNK_SIZE;
        return true;
    }

    private boolean trailers(ByteBuf in) throws InvalidResponseException {
        byte[] block = block(in, "trailer");
        if (block == null) {
            return false;
        }
        if (block.length > 2) {
            HeaderBlock fields = new HeaderBlock(block);
            ResponseHead.parseFields(block, 0, fields);
            trailers = fields.without(NOT_IN_TRAILERS);
        }
        state = State.DONE;
        return true;
    }

    /** The peer closed; true when that completes the response. */
    boolean closed() {
        if (state == State.UNTIL_CLOSE) {
            state = State.DONE;
        }
        return state == State.DONE;
    }
}
