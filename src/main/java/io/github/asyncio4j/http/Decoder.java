package io.github.asyncio4j.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Undoes one content coding, step by step: bytes go in, and come out as they are asked for. */
abstract class Decoder implements AutoCloseable {

    private static final int MAX_CODINGS = 5;

    /** Gives it more; only when {@link #needsInput}. The array is not copied. */
    abstract void input(byte[] bytes, int offset, int length);

    /** Fills what it can of {@code out}; 0 when more input is needed, or when there is nothing more. */
    abstract int output(byte[] out, int offset, int length) throws BadCoding;

    abstract boolean needsInput();

    /** The input is over: was that the end of what was encoded? Nothing at all is fine, too. */
    abstract void end() throws BadCoding;

    /** Gives the native memory back; nothing can be done afterwards. */
    @Override
    public abstract void close();

    /** What was received is not what the header says. */
    static final class BadCoding extends Exception {
        @java.io.Serial
        private static final long serialVersionUID = 1L;

        BadCoding(String message) {
            super(message);
        }
    }

    /** Decoders for a Content-Encoding, to be applied in order; empty for the identity. */
    static List<Decoder> of(List<String> fields) throws InvalidResponseException {
        List<Decoder> decoders = new ArrayList<>(1);
        try {
            add(fields, decoders);
            return decoders;
        } catch (InvalidResponseException e) {
            decoders.forEach(Decoder::close);
            throw e;
        }
    }

    private static void add(List<String> fields, List<Decoder> decoders) throws InvalidResponseException {
        for (String field : fields) {
            for (String part : field.split(",")) {
                String coding = part.trim().toLowerCase(Locale.ROOT);
                switch (coding) {
                    case "", "identity" -> {}
                    case "gzip", "x-gzip" -> decoders.add(0, new GzipDecoder());
                    case "deflate" -> decoders.add(0, new DeflateDecoder());
                    case "br" -> decoders.add(0, Codings.brotli());
                    case "zstd" -> decoders.add(0, Codings.zstd());
                    default -> throw new InvalidResponseException("unsupported Content-Encoding: " + coding);
                }
            }
        }
        if (decoders.size() > MAX_CODINGS) {
            throw new InvalidResponseException("more than " + MAX_CODINGS + " content codings");
        }
    }
}
