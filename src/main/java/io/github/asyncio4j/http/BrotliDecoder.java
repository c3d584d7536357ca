package io.github.asyncio4j.http;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.decoder.DecoderJNI;
import java.io.IOException;
import java.nio.ByteBuffer;

/** RFC 7932 by brotli4j, an optional dependency: loading this class without it is a LinkageError. */
final class BrotliDecoder extends Decoder {

    private static final int INPUT = 8 * 1024;

    private final DecoderJNI.Wrapper decoder;
    private byte[] bytes = new byte[0];
    private int offset;
    private int limit;
    private boolean any;

    BrotliDecoder() throws IOException {
        Brotli4jLoader.ensureAvailability();
        decoder = new DecoderJNI.Wrapper(INPUT);
    }

    @Override
    void input(byte[] more, int from, int count) {
        any |= count > 0;
        bytes = more;
        offset = from;
        limit = from + count;
    }

    @Override
    boolean needsInput() {
        return offset == limit && !decoder.hasOutput();
    }

    @Override
    int output(byte[] out, int from, int count) throws BadCoding {
        while (true) {
            if (decoder.hasOutput()) {
                ByteBuffer piece = decoder.pull(count);
                int length = piece.remaining();
                piece.get(out, from, length);
                return length;
            }
            switch (decoder.getStatus()) {
                case OK, NEEDS_MORE_OUTPUT -> decoder.push(0);
                case NEEDS_MORE_INPUT -> {
                    if (offset == limit) {
                        return 0;
                    }
                    push();
                }
                case DONE -> {
                    if (offset < limit) {
                        throw new BadCoding("there is something behind the end of the br stream");
                    }
                    return 0;
                }
                case ERROR -> throw new BadCoding("the body is not what its Content-Encoding says: no br stream");
            }
        }
    }

    private void push() {
        ByteBuffer in = decoder.getInputBuffer();
        in.clear();
        int length = Math.min(in.remaining(), limit - offset);
        in.put(bytes, offset, length);
        offset += length;
        decoder.push(length);
    }

    @Override
    void end() throws BadCoding {
        if (any && decoder.getStatus() != DecoderJNI.Status.DONE) {
            throw new BadCoding("the br stream ends too early");
        }
    }

    @Override
    public void close() {
        decoder.destroy();
    }
}
