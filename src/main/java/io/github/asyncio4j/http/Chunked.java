package io.github.asyncio4j.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A body in HTTP/1.1: as it is where its length was declared, else in chunks (RFC 9112, section 7.1). */
final class Chunked implements Upload.Framing {

    private static final byte[] END = {'0', '\r', '\n', '\r', '\n'};

    private final ByteBufAllocator allocator;
    private final boolean chunks;

    Chunked(ByteBufAllocator allocator, RequestBody body) {
        this.allocator = allocator;
        this.chunks = body.length() < 0;
    }

    @Override
    public Object piece(ByteBuffer content) {
        if (!chunks) {
            return Unpooled.wrappedBuffer(content);
        }
        int length = content.remaining();
        ByteBuf out = allocator.buffer(length + 16);
        ByteBufUtil.writeAscii(out, Integer.toHexString(length));
        ByteBufUtil.writeAscii(out, "\r\n");
        out.writeBytes(content);
        ByteBufUtil.writeAscii(out, "\r\n");
        return out;
    }

    @Override
    public @Nullable Object end() {
        return chunks ? Unpooled.wrappedBuffer(END) : null;
    }
}
