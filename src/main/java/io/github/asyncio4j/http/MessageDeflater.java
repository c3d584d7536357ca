package io.github.asyncio4j.http;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/**
 * Folds messages (RFC 7692, section 7.2.1). Its memory, a quarter of a megabyte, is taken when there is something to fold, and
 * kept from then on only where the next message builds on this one. On the event loop only.
 */
final class MessageDeflater {

    /** Shorter ones would hardly become shorter. */
    static final int WORTHWHILE = 64;

    private static final int TAIL = 4;

    private final boolean forgets;
    private @Nullable Deflater remembering;

    /** @param forgets true when each message is to be folded for itself */
    MessageDeflater(boolean forgets) {
        this.forgets = forgets;
    }

    ByteBuffer deflate(ByteBuffer message) {
        Deflater deflater = remembering == null ? new Deflater(Deflater.DEFAULT_COMPRESSION, true) : remembering;
        remembering = deflater;
        deflater.setInput(message.duplicate());
        byte[] out = new byte[Math.max(WORTHWHILE, message.remaining() / 2)];
        int size = 0;
        int more;
        do {
            if (size == out.length) {
                out = Arrays.copyOf(out, size * 2);
            }
            more = deflater.deflate(out, size, out.length - size, Deflater.SYNC_FLUSH);
            size += more;
        } while (more > 0 && size == out.length);
        if (forgets) {
            end();
        }
        return ByteBuffer.wrap(out, 0, size - TAIL);
    }

    void end() {
        Deflater last = remembering;
        if (last != null) {
            remembering = null;
            last.end();
        }
    }
}
