package io.github.asyncio4j.http;

import io.github.asyncio4j.testing.RawOrigin;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The server's side of a WebSocket, frame by frame, with no opinion on what is allowed. */
final class FramePeer {

    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    final RawOrigin.Peer peer;
    final Map<String, String> request = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

    /** What a connection does once its WebSocket is open. */
    @FunctionalInterface
    interface Script {
        void run(FramePeer peer) throws Exception;
    }

    record Frame(int first, boolean masked, byte[] payload) {
        int opcode() {
            return first & 0x0f;
        }

        String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }

        int code() {
            return payload.length < 2 ? 1005 : ByteBuffer.wrap(payload).getShort();
        }
    }

    private FramePeer(RawOrigin.Peer peer) {
        this.peer = peer;
    }

    static RawOrigin origin(Script script) {
        return origin("", script);
    }

    /** @param more headers of the response, each ended by CRLF */
    static RawOrigin origin(String more, Script script) {
        return RawOrigin.start(peer -> {
            FramePeer frames = new FramePeer(peer);
            if (frames.readHandshake()) {
                peer.send(
                        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
                                + "Sec-WebSocket-Accept: " + frames.accept() + "\r\n" + more + "\r\n");
                script.run(frames);
            }
        });
    }

    /** Sends back what it gets, closes when asked to. */
    static RawOrigin echo() {
        return origin(peer -> {
            Frame frame;
            do {
                frame = peer.read();
                peer.send(0x80 | frame.opcode(), frame.payload());
            } while (frame.opcode() != CLOSE);
        });
    }

    private boolean readHandshake() throws IOException {
        if (!peer.readRequest()) {
            return false;
        }
        for (String line : peer.lastRequest().split("\r\n")) {
            int colon = line.indexOf(": ");
            if (colon > 0) {
                request.put(line.substring(0, colon), line.substring(colon + 2));
            }
        }
        return true;
    }

    String accept() {
        return WebSocketHandshake.answerTo(request.getOrDefault("Sec-WebSocket-Key", ""));
    }

    FramePeer send(int first, byte[] payload) throws IOException {
        peer.send(frame(first, payload));
        return this;
    }

    FramePeer send(String text) throws IOException {
        return send(0x80 | TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    FramePeer close(int code) throws IOException {
        return send(0x80 | CLOSE, ByteBuffer.allocate(2).putShort((short) code).array());
    }

    static byte[] frame(int first, byte[] payload) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(first);
        if (payload.length <= 125) {
            out.write(payload.length);
        } else if (payload.length <= 0xffff) {
            out.write(126);
            out.write(payload.length >> 8);
            out.write(payload.length);
        } else {
            out.write(127);
            out.writeBytes(ByteBuffer.allocate(8).putLong(payload.length).array());
        }
        out.writeBytes(payload);
        return out.toByteArray();
    }

    Frame read() throws IOException {
        int first = peer.read();
        int second = peer.read();
        if (second < 0) {
            throw new IOException("the client has gone");
        }
        int length = second & 0x7f;
        if (length == 126) {
            length = ByteBuffer.wrap(peer.readNBytes(2)).getShort() & 0xffff;
        } else if (length == 127) {
            length = (int) ByteBuffer.wrap(peer.readNBytes(8)).getLong();
        }
        byte[] key = (second & 0x80) == 0 ? new byte[4] : peer.readNBytes(4);
        byte[] payload = peer.readNBytes(length);
        for (int i = 0; i < payload.length; i++) {
            payload[i] ^= key[i & 3];
        }
        return new Frame(first, (second & 0x80) != 0, payload);
    }

    static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    static byte[] zeros(int length) {
        return new byte[length];
    }

    static byte[] filled(int length, char with) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) with);
        return bytes;
    }

    static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}
