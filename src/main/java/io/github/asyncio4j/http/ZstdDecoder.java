package io.github.asyncio4j.http;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.IOException;
import java.io.InputStream;

/** RFC 8878 by zstd-jni, an optional dependency: loading this class without it is a LinkageError. */
final class ZstdDecoder extends Decoder {

    // RFC 9659: no more than 8 MiB for a content coding, or a few bytes could claim memory without end.
    private static final int MAX_WINDOW_LOG = 23;

    private final Bytes bytes = new Bytes();
    private final ZstdInputStreamNoFinalizer decoder;
    private boolean any;

    ZstdDecoder() throws IOException {
        decoder = new ZstdInputStreamNoFinalizer(bytes);
        decoder.setContinuous(true);
        decoder.setLongMax(MAX_WINDOW_LOG);
    }

    @Override
    void input(byte[] more, int from, int count) {
        any |= count > 0;
        bytes.content = more;
        bytes.offset = from;
        bytes.limit = from + count;
    }

    @Override
    boolean needsInput() {
        return bytes.available() == 0;
    }

    @Override
    int output(byte[] out, int from, int count) throws BadCoding {
        try {
            return Math.max(0, decoder.read(out, from, count));
        } catch (IOException e) {
            throw new BadCoding("the body is not what its Content-Encoding says: " + e.getMessage());
        }
    }

    @Override
    void end() throws BadCoding {
        if (!any) {
            return;
        }
        try {
            decoder.setContinuous(false); // what is not finished now is an error
            decoder.read(new byte[1], 0, 1);
        } catch (IOException e) {
            throw new BadCoding("the zstd stream ends too early");
        }
    }

    @Override
    public void close() {
        try {
            decoder.close();
        } catch (IOException e) {
            throw new IllegalStateException(e); // there is no file behind it
        }
    }

    /** What has come and is not decoded yet; its end is only the end for now. */
    private static final class Bytes extends InputStream {
        private byte[] content = new byte[0];
        private int offset;
        private int limit;

        @Override
        public int read() {
            return offset == limit ? -1 : content[offset++] & 255;
        }

        @Override
        public int read(byte[] out, int from, int count) {
            int length = Math.min(count, limit - offset);
            System.arraycopy(content, offset, out, from, length);
            offset += length;
            return length == 0 ? -1 : length;
        }

        @Override
        public int available() {
            return limit - offset;
        }
    }
}
