package io.github.asyncio4j.http;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.util.ArrayList;
import java.util.List;
import reactor.core.publisher.Flux;

/** Cuts pieces of bytes into lines of text; a character or a line may be spread over any number of pieces. */
final class Lines {

    static final int MAX_LENGTH = 128 * 1024;

    private final CharsetDecoder decoder;
    private final StringBuilder line = new StringBuilder();
    private ByteBuffer rest = ByteBuffer.allocate(0);
    private boolean afterReturn;
    private boolean first = true;

    private Lines(Charset charset) {
        decoder = charset.newDecoder()
                .onMalformedInput(CodingErrorAction.REPLACE)
                .onUnmappableCharacter(CodingErrorAction.REPLACE);
    }

    static Flux<String> of(Flux<ByteBuffer> pieces, Charset charset) {
        return Flux.defer(() -> {
            Lines lines = new Lines(charset);
            return pieces.concatMapIterable(lines::feed, 1)
                    .concatWith(Flux.defer(() -> Flux.fromIterable(lines.end())));
        });
    }

    private List<String> feed(ByteBuffer piece) {
        ByteBuffer bytes = piece;
        if (rest.hasRemaining()) {
            bytes = ByteBuffer.allocate(rest.remaining() + piece.remaining())
                    .put(rest)
                    .put(piece)
                    .flip();
        }
        List<String> lines = decode(bytes, false);
        rest = bytes;
        return lines;
    }

    private List<String> end() {
        List<String> lines = decode(rest, true);
        if (line.length() > 0) {
            lines.add(line.toString());
        }
        return lines;
    }

    private List<String> decode(ByteBuffer bytes, boolean last) {
        CharBuffer text = CharBuffer.allocate((int) (bytes.remaining() * (double) decoder.maxCharsPerByte()) + 8);
        decoder.decode(bytes, text, last);
        if (last) {
            decoder.flush(text);
        }
        List<String> lines = new ArrayList<>();
        text.flip();
        while (text.hasRemaining()) {
            next(text.get(), lines);
        }
        return lines;
    }

    private void next(char c, List<String> lines) {
        boolean skipped = afterReturn && c == '\n' || first && c == '\ufeff';
        first = false;
        afterReturn = c == '\r';
        if (skipped) {
            return;
        }
        if (c == '\n' || c == '\r') {
            lines.add(line.toString());
            line.setLength(0);
        } else if (line.length() == MAX_LENGTH) {
            throw reactor.core.Exceptions.propagate(
                    new InvalidResponseException("the body has a line of more than " + MAX_LENGTH + " characters"));
        } else {
            line.append(c);
        }
    }
}
