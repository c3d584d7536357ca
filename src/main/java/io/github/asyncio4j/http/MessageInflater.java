package io.github.asyncio4j.http;

import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * Unfolds messages (RFC 7692, section 7.2.2), never beyond the size that a message may have. Holds memory between two of
 * them only where the next one builds on this one. On the event loop only.
 */
final class MessageInflater {

    // What the sender has cut off the end of each message.
    private static final byte[] TAIL = {0, 0, (byte) 0xff, (byte) 0xff};
    private static final int SMALLEST = 512;

    private final boolean forgets;
    private @Nullable Inflater remembering;
    private byte[] out = {};
    private int size;

    /** @param forgets true when each message is folded for itself */
    MessageInflater(boolean forgets) {
        this.forgets = forgets;
    }

    byte[] inflate(byte[] folded, int length, int limit) throws FrameViolation {
        out = new byte[Math.min(limit, Math.max(SMALLEST, length * 2))];
        size = 0;
        Inflater inflater = remembering == null ? new Inflater(true) : remembering;
        remembering = inflater;
        try {
            feed(inflater, folded, length, limit);
            feed(inflater, TAIL, TAIL.length, limit);
        } catch (DataFormatException e) {
            throw new FrameViolation(CloseFrame.NOT_TEXT, "a message whose compression is broken");
        }
        if (forgets || inflater.finished()) {
            end();
        }
        byte[] unfolded = Arrays.copyOf(out, size);
        out = new byte[0];
        return unfolded;
    }

    private void feed(Inflater inflater, byte[] bytes, int length, int limit)
            throws DataFormatException, FrameViolation {
        if (inflater.finished()) {
            return;
        }
        inflater.setInput(bytes, 0, length);
        while (!inflater.finished()) {
            if (size == out.length) {
                // One byte beyond the limit shows that there is more.
                out = Arrays.copyOf(out, Math.min(limit + 1, Math.max(SMALLEST, size * 2)));
            }
            int more = inflater.inflate(out, size, out.length - size);
            size += more;
            if (size > limit) {
                throw FrameReader.tooLarge(limit);
            }
            if (more == 0) {
                if (inflater.needsDictionary()) {
                    throw new DataFormatException("a dictionary is asked for");
                }
                return;
            }
        }
    }

    void end() {
        Inflater last = remembering;
        if (last != null) {
            remembering = null;
            last.end();
        }
    }
}
