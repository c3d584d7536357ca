package io.github.asyncio4j.http;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a server's bytes into frames and joins these to messages (RFC 6455, section 5). Reads strictly; keeps no more than
 * one message, and no memory between two of them. On the event loop only.
 */
final class FrameReader {

    private static final int CONTINUATION = 0;
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;

    private static final int LONGEST_HEADER = 10;
    private static final int MAX_CONTROL = 125;
    private static final int FIRST_PIECE = 16 * 1024;
    private static final byte[] EMPTY = {};

    /** Who is told. */
    interface Listener {
        void message(WebSocketMessage message, int size);

        void ping(byte[] payload);

        void pong(byte[] payload);

        void closed(int code, String reason);
    }

    private final int maxMessage;
    private final @Nullable MessageInflater inflater;
    private final Listener listener;

    private final byte[] header = new byte[LONGEST_HEADER];
    private int headerSize;
    private boolean inPayload;
    private long missing;

    private byte[] control = EMPTY;
    private byte[] message = EMPTY;
    private int size;
    private int messageKind = CONTINUATION;
    private boolean compressed;
    private boolean closed;

    /** @param inflater null when frames must not be compressed */
    FrameReader(int maxMessage, @Nullable MessageInflater inflater, Listener listener) {
        this.maxMessage = maxMessage;
        this.inflater = inflater;
        this.listener = listener;
    }

    /** Reads all of {@code in}; what follows a close frame is nobody's business. */
    void read(ByteBuf in) throws FrameViolation {
        while (in.isReadable() && !closed) {
            if (!inPayload) {
                readHeader(in);
            } else {
                readPayload(in);
            }
        }
        in.skipBytes(in.readableBytes());
    }

    void end() {
        closed = true;
        message = EMPTY;
        if (inflater != null) {
            inflater.end();
        }
    }

    // ---------------------------------------------------------------- frames

    private void readHeader(ByteBuf in) throws FrameViolation {
        while (in.isReadable() && headerSize < headerLength()) {
            header[headerSize++] = in.readByte();
        }
        if (headerSize == headerLength()) {
            beginFrame();
        }
    }

    private int headerLength() {
        if (headerSize < 2) {
            return 2;
        }
        return switch (header[1] & 0x7f) {
            case 126 -> 4;
            case 127 -> LONGEST_HEADER;
            default -> 2;
        };
    }

    private void beginFrame() throws FrameViolation {
        long length = payloadLength();
        require((header[1] & 0x80) == 0, "a masked frame");
        require((header[0] & 0x30) == 0, "a frame with reserved bits");
        if (opcode() >= CLOSE) {
            beginControl(length);
        } else {
            beginData(length);
        }
        missing = length;
        inPayload = true;
        if (length == 0) {
            endFrame();
        }
    }

    private long payloadLength() throws FrameViolation {
        int given = header[1] & 0x7f;
        ByteBuffer extended = ByteBuffer.wrap(header, 2, 8);
        if (given == 126) {
            int length = extended.getShort() & 0xffff;
            require(length > MAX_CONTROL, "a length in more bytes than it needs");
            return length;
        }
        if (given == 127) {
            long length = extended.getLong();
            require(length > 0xffff, "a length in more bytes than it needs, or a negative one");
            return length;
        }
        return given;
    }

    private void beginControl(long length) throws FrameViolation {
        require(opcode() <= PONG, "a frame with the reserved opcode " + opcode());
        require(isFinal(), "a control frame in fragments");
        require(length <= MAX_CONTROL, "a control frame of " + length + " bytes");
        require((header[0] & 0x40) == 0, "a compressed control frame");
        control = length == 0 ? EMPTY : new byte[(int) length];
    }

    private void beginData(long length) throws FrameViolation {
        require(opcode() <= BINARY, "a frame with the reserved opcode " + opcode());
        boolean deflated = (header[0] & 0x40) != 0;
        if (opcode() == CONTINUATION) {
            require(messageKind != CONTINUATION, "a continuation of nothing");
            require(!deflated, "a continuation marked as compressed");
        } else {
            require(messageKind == CONTINUATION, "a new message within another one");
            require(!deflated || inflater != null, "a compressed frame, which was not agreed on");
            messageKind = opcode();
            compressed = deflated;
        }
        if (size + length > maxMessage) {
            throw tooLarge(maxMessage);
        }
        reserve((int) Math.min(length, FIRST_PIECE));
    }

    private void readPayload(ByteBuf in) throws FrameViolation {
        int length = (int) Math.min(missing, in.readableBytes());
        missing -= length;
        if (opcode() >= CLOSE) {
            in.readBytes(control, control.length - (int) missing - length, length);
        } else {
            reserve(length);
            in.readBytes(message, size, length);
            size += length;
        }
        if (missing == 0) {
            endFrame();
        }
    }

    private void reserve(int more) {
        if (message.length - size < more) {
            message = Arrays.copyOf(message, Math.max(size + more, Math.min(message.length * 2, maxMessage)));
        }
    }

    private void endFrame() throws FrameViolation {
        inPayload = false;
        headerSize = 0;
        switch (opcode()) {
            case PING -> listener.ping(control);
            case PONG -> listener.pong(control);
            case CLOSE -> endClose();
            default -> {
                if (isFinal()) {
                    endMessage();
                }
            }
        }
    }

    private int opcode() {
        return header[0] & 0x0f;
    }

    private boolean isFinal() {
        return (header[0] & 0x80) != 0;
    }

    // ---------------------------------------------------------------- messages

    private void endMessage() throws FrameViolation {
        int kind = messageKind;
        byte[] content = message;
        int length = size;
        message = EMPTY;
        size = 0;
        messageKind = CONTINUATION;
        if (compressed && inflater != null) {
            content = inflater.inflate(content, length, maxMessage);
            length = content.length;
        }
        WebSocketMessage complete = kind == TEXT
                ? new WebSocketMessage.Text(text(content, 0, length))
                : new WebSocketMessage.Binary(
                        ByteBuffer.wrap(content.length == length ? content : Arrays.copyOf(content, length)));
        listener.message(complete, length);
    }

    private void endClose() throws FrameViolation {
        closed = true;
        if (control.length == 0) {
            listener.closed(CloseFrame.NONE, "");
            return;
        }
        require(control.length >= 2, "a close frame with half a code");
        int code = ByteBuffer.wrap(control).getShort() & 0xffff;
        require(CloseFrame.isCode(code), "a close frame with the code " + code);
        listener.closed(code, text(control, 2, control.length - 2));
    }

    /** The decoder of String replaces what is wrong; only where that may have happened is it looked for. */
    private static String text(byte[] bytes, int from, int length) throws FrameViolation {
        String text = new String(bytes, from, length, StandardCharsets.UTF_8);
        if (text.indexOf('\ufffd') >= 0) {
            try {
                StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, from, length));
            } catch (CharacterCodingException e) {
                throw new FrameViolation(CloseFrame.NOT_TEXT, "text that is no UTF-8");
            }
        }
        return text;
    }

    static FrameViolation tooLarge(int limit) {
        return new FrameViolation(
                CloseFrame.TOO_LARGE, "a message larger than maxMessageSize allows (" + limit + " bytes)");
    }

    private static void require(boolean valid, String otherwise) throws FrameViolation {
        if (!valid) {
            throw new FrameViolation(CloseFrame.PROTOCOL_ERROR, otherwise);
        }
    }
}
