package io.github.asyncio4j.http;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Packs a body piece by piece (RFC 1952), so that what has been packed can go out at once. */
final class GzipEncoder implements AutoCloseable {

    private static final byte[] HEADER = {0x1f, (byte) 0x8b, Deflater.DEFLATED, 0, 0, 0, 0, 0, 0, (byte) 0xff};
    private static final int TRAILER_LENGTH = 8;

    private final Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    private final CRC32 checksum = new CRC32();
    private final byte[] piece = new byte[8 * 1024];
    private boolean begun;

    /** What can be sent for {@code content}; maybe nothing yet. */
    ByteBuffer pack(ByteBuffer content) {
        checksum.update(content.duplicate());
        deflater.setInput(content);
        return ByteBuffer.wrap(drained().toByteArray());
    }

    /** The rest. */
    ByteBuffer end() {
        deflater.finish();
        ByteArrayOutputStream out = drained();
        ByteBuffer trailer = ByteBuffer.allocate(TRAILER_LENGTH)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt((int) checksum.getValue())
                .putInt((int) deflater.getBytesRead());
        out.writeBytes(trailer.array());
        return ByteBuffer.wrap(out.toByteArray());
    }

    private ByteArrayOutputStream drained() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        if (!begun) {
            begun = true;
            out.writeBytes(HEADER);
        }
        int length;
        while ((length = deflater.deflate(piece)) > 0) {
            out.write(piece, 0, length);
        }
        return out;
    }

    @Override
    public void close() {
        deflater.end();
    }
}
