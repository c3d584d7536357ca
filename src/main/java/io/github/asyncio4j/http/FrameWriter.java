package io.github.asyncio4j.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.ThreadLocalRandom;

/** Writes a client's frames: each message in one, masked with a key of its own (RFC 6455, section 5.3). */
final class FrameWriter {

    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    private static final int FINAL = 0x80;
    private static final int COMPRESSED = 0x40;
    private static final int MASKED = 0x80;
    private static final int LONGEST_HEADER = 14;

    private FrameWriter() {}

    /** {@code payload} is read, its position stays where it is. */
    static ByteBuf frame(int opcode, boolean compressed, ByteBuffer payload, ByteBufAllocator allocator) {
        ByteBuffer content = payload.duplicate().order(ByteOrder.BIG_ENDIAN);
        int length = content.remaining();
        ByteBuf out = allocator.buffer(LONGEST_HEADER + length);
        out.writeByte(FINAL | (compressed ? COMPRESSED : 0) | opcode);
        if (length <= 125) {
            out.writeByte(MASKED | length);
        } else if (length <= 0xffff) {
            out.writeByte(MASKED | 126).writeShort(length);
        } else {
            out.writeByte(MASKED | 127).writeLong(length);
        }
        int key = ThreadLocalRandom.current().nextInt();
        out.writeInt(key);
        mask(content, key, out);
        return out;
    }

    private static void mask(ByteBuffer content, int key, ByteBuf out) {
        long twice = (long) key << 32 | key & 0xffffffffL;
        while (content.remaining() >= 8) {
            out.writeLong(content.getLong() ^ twice);
        }
        for (int shift = 56; content.hasRemaining(); shift -= 8) {
            out.writeByte(content.get() ^ (int) (twice >>> shift));
        }
    }
}
