package io.github.asyncio4j.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cuts bytes into lines, at \n, \r\n and \r. In UTF-8 no part of a longer character looks like one of these, so it cuts
 * bytes and decodes whole lines: a character that was split between two chunks is together again by then.
 */
final class LineSplitter {

    private final Path file;
    private byte[] chunk = new byte[0];
    private int position;
    private int limit;

    /** The beginning of a line whose end was not in the chunks so far. */
    private byte[] begun = new byte[256];

    private int begunLength;
    private boolean skipLineFeed;
    private long lines;

    LineSplitter(Path file) {
        this.file = file;
    }

    /** Takes the readable bytes of {@code bytes}, which must stay as they are until {@link #next} has returned null. */
    void feed(ByteBuffer bytes) {
        chunk = bytes.array();
        position = bytes.arrayOffset() + bytes.position();
        limit = bytes.arrayOffset() + bytes.limit();
    }

    /** The next whole line; null when more bytes are needed. */
    @Nullable
    String next() throws IOException {
        if (skipLineFeed && position < limit) {
            skipLineFeed = false;
            position += chunk[position] == '\n' ? 1 : 0;
        }
        for (int i = position; i < limit; i++) {
            if (chunk[i] == '\n' || chunk[i] == '\r') {
                skipLineFeed = chunk[i] == '\r';
                String line = lineUpTo(i);
                position = i + 1;
                return line;
            }
        }
        keep(limit);
        position = limit;
        return null;
    }

    /** The last line, if it has no end of its own. */
    @Nullable
    String end() throws IOException {
        String last = begunLength == 0 ? null : lineUpTo(position);
        forget();
        return last;
    }

    /** The file begins anew. */
    void forget() {
        begunLength = 0;
        position = limit;
        skipLineFeed = false;
        lines = 0;
    }

    private String lineUpTo(int end) throws IOException {
        lines++;
        if (begunLength == 0) {
            return decode(chunk, position, end - position);
        }
        keep(end);
        String line = decode(begun, 0, begunLength);
        begunLength = 0;
        return line;
    }

    private String decode(byte[] bytes, int from, int length) throws IOException {
        return Utf8.decode(bytes, from, length, new Object() {
            @Override
            public String toString() {
                return "line " + lines + " of " + file;
            }
        });
    }

    private void keep(int end) throws IOException {
        int more = end - position;
        long needed = (long) begunLength + more;
        if (needed > Integer.MAX_VALUE - 16) {
            throw new IOException("line " + (lines + 1) + " of " + file + " is too long for a String");
        }
        if (needed > begun.length) {
            begun = Arrays.copyOf(begun, (int) Math.min(Math.max(needed, 2L * begun.length), Integer.MAX_VALUE - 16));
        }
        System.arraycopy(chunk, position, begun, begunLength, more);
        begunLength += more;
    }
}
