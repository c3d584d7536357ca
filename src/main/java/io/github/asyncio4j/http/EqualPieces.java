package io.github.asyncio4j.http;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import reactor.core.publisher.Flux;

/** Cuts pieces of any size into pieces of one size. */
final class EqualPieces {

    private final int size;
    private ByteBuffer open;

    private EqualPieces(int size) {
        this.size = size;
        this.open = ByteBuffer.allocate(size);
    }

    static Flux<ByteBuffer> of(Flux<ByteBuffer> pieces, int size) {
        return Flux.defer(() -> {
            EqualPieces equal = new EqualPieces(size);
            return pieces.concatMapIterable(equal::cut, 1).concatWith(Flux.defer(equal::rest));
        });
    }

    private List<ByteBuffer> cut(ByteBuffer piece) {
        List<ByteBuffer> full = new ArrayList<>();
        while (piece.hasRemaining()) {
            int length = Math.min(piece.remaining(), open.remaining());
            open.put(piece.slice().limit(length));
            piece.position(piece.position() + length);
            if (!open.hasRemaining()) {
                full.add(open.flip());
                open = ByteBuffer.allocate(size);
            }
        }
        return full;
    }

    private Flux<ByteBuffer> rest() {
        return open.position() == 0 ? Flux.empty() : Flux.just(open.flip());
    }
}
