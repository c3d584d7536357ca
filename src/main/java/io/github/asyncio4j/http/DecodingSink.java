package io.github.asyncio4j.http;

import io.github.asyncio4j.http.Decoder.BadCoding;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.List;

/**
 * Undoes content codings in front of another sink. Nothing is unfolded before that one wants it, and one piece at a
 * time, so a bomb is stopped while it is still small: by the sink's own limit, or by the ratio between what came and what
 * it became.
 */
final class DecodingSink implements BodySink {

    private static final int PIECE = 16 * 1024;
    private static final long RATIO_FROM = 1 << 20;

    private final BodySink to;
    private final List<Decoder> decoders;
    private final DefaultClientResponse response;
    private final byte[][] pieces;
    private byte[] encoded = new byte[0];
    private int encodedSize;
    private boolean drained = true;
    private long received;
    private long unfolded;

    DecodingSink(BodySink to, List<Decoder> decoders, DefaultClientResponse response) {
        this.to = to;
        this.decoders = decoders;
        this.response = response;
        this.pieces = new byte[decoders.size()][PIECE];
    }

    @Override
    public boolean wantsMore() {
        return to.wantsMore();
    }

    @Override
    public boolean isDrained() {
        return drained;
    }

    @Override
    public void take(ByteBuf from, int length) {
        if (encodedSize + length > encoded.length) {
            encoded = Arrays.copyOf(encoded, encodedSize + Math.max(length, from.readableBytes()));
        }
        from.readBytes(encoded, encodedSize, length);
        encodedSize += length;
        received += length;
        drained = false;
    }

    @Override
    public void pump() throws ClientException {
        int last = decoders.size() - 1;
        while (!drained && to.wantsMore()) {
            int length = unfold(last);
            if (length == 0) {
                drained = true;
                return;
            }
            unfolded += length;
            if (unfolded > RATIO_FROM && unfolded / response.maxInflateRatio() > received) {
                throw response.bomb();
            }
            ByteBuf piece = Unpooled.wrappedBuffer(pieces[last], 0, length);
            try {
                to.take(piece, length);
            } finally {
                piece.release();
            }
            to.pump();
        }
    }

    /** Fills the piece of that decoder from those before it; 0 when all that has come is used up. */
    private int unfold(int index) throws ClientException {
        Decoder decoder = decoders.get(index);
        try {
            while (true) {
                int length = decoder.output(pieces[index], 0, PIECE);
                if (length > 0 || !decoder.needsInput()) {
                    return length;
                }
                if (index > 0) {
                    int more = unfold(index - 1);
                    if (more == 0) {
                        return 0;
                    }
                    decoder.input(pieces[index - 1], 0, more);
                } else if (encodedSize > 0) {
                    decoder.input(encoded, 0, encodedSize);
                    encoded = new byte[0];
                    encodedSize = 0;
                } else {
                    return 0;
                }
            }
        } catch (BadCoding e) {
            throw response.badCoding(e, received);
        }
    }

    @Override
    public void ended() {
        try {
            for (Decoder decoder : decoders) {
                decoder.end();
            }
        } catch (BadCoding e) {
            failed(response.badCoding(e, received));
            return;
        }
        close();
        to.ended();
    }

    @Override
    public void failed(Throwable error) {
        close();
        to.failed(error);
    }

    private void close() {
        decoders.forEach(Decoder::close);
    }
}
