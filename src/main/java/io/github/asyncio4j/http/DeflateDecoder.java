package io.github.asyncio4j.http;

import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** RFC 1950, or RFC 1951 from servers that took "deflate" by its word. */
final class DeflateDecoder extends Decoder {
    private Inflater inflater = new Inflater();
    private byte[] bytes = new byte[0];
    private int offset;
    private int length;
    private boolean started;
    private boolean any;

    @Override
    void input(byte[] more, int from, int count) {
        any |= count > 0;
        if (started) {
            inflater.setInput(more, from, count);
            return;
        }
        byte[] joined = new byte[length + count];
        System.arraycopy(bytes, offset, joined, 0, length);
        System.arraycopy(more, from, joined, length, count);
        bytes = joined;
        offset = 0;
        length = joined.length;
        if (length >= 2) {
            start();
        }
    }

    private void start() {
        boolean zlib = (bytes[0] & 15) == 8 && ((bytes[0] & 255) << 8 | bytes[1] & 255) % 31 == 0;
        if (!zlib) {
            inflater.end();
            inflater = new Inflater(true);
        }
        started = true;
        inflater.setInput(bytes, offset, length);
    }

    @Override
    int output(byte[] out, int from, int count) throws BadCoding {
        return started ? inflate(inflater, out, from, count) : 0;
    }

    @Override
    boolean needsInput() {
        return !started || inflater.needsInput() && !inflater.finished();
    }

    @Override
    void end() throws BadCoding {
        if (any && !inflater.finished()) {
            throw new BadCoding("the deflate stream ends too early");
        }
    }

    @Override
    public void close() {
        inflater.end();
    }

    static int inflate(Inflater inflater, byte[] out, int offset, int length) throws BadCoding {
        try {
            int count = inflater.inflate(out, offset, length);
            if (count == 0 && inflater.needsDictionary()) {
                throw new BadCoding("the deflate stream needs a dictionary");
            }
            return count;
        } catch (DataFormatException e) {
            throw new BadCoding("the body is not what its Content-Encoding says: " + e.getMessage());
        }
    }
}
