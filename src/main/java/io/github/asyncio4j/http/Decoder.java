package io.github.asyncio4j.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

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
        for (String field : fields) {
            for (String part : field.split(",")) {
                String coding = part.trim().toLowerCase(Locale.ROOT);
                switch (coding) {
                    case "", "identity" -> {}
                    case "gzip", "x-gzip" -> decoders.add(0, new Gzip());
                    case "deflate" -> decoders.add(0, new Deflate());
                    default -> throw new InvalidResponseException("unsupported Content-Encoding: " + coding);
                }
            }
        }
        if (decoders.size() > MAX_CODINGS) {
            decoders.forEach(Decoder::close);
            throw new InvalidResponseException("more than " + MAX_CODINGS + " content codings");
        }
        return decoders;
    }

    /** RFC 1950, or RFC 1951 from servers that took "deflate" by its word. */
    private static final class Deflate extends Decoder {
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

    /** RFC 1952: any number of members, each with its checksum and length; zeros may follow the last one. */
    private static final class Gzip extends Decoder {
        private enum State {
            HEADER,
            EXTRA_LENGTH,
            EXTRA,
            NAME,
            COMMENT,
            HEADER_CHECK,
            DATA,
            TRAILER,
            PADDING
        }

        private static final int EXTRA_FLAG = 4;
        private static final int NAME_FLAG = 8;
        private static final int COMMENT_FLAG = 16;
        private static final int CHECK_FLAG = 2;

        private final Inflater inflater = new Inflater(true);
        private final CRC32 checksum = new CRC32();
        private final byte[] field = new byte[10];
        private State state = State.HEADER;
        private int collected;
        private int flags;
        private int skip;
        private long members;
        private byte[] bytes = new byte[0];
        private int offset;
        private int limit;

        @Override
        void input(byte[] more, int from, int count) {
            bytes = more;
            offset = from;
            limit = from + count;
        }

        @Override
        boolean needsInput() {
            return offset == limit && (state != State.DATA || inflater.needsInput());
        }

        @Override
        int output(byte[] out, int from, int count) throws BadCoding {
            while (true) {
                if (state == State.DATA) {
                    int written = data(out, from, count);
                    if (written > 0 || state == State.DATA) {
                        return written;
                    }
                } else if (offset == limit) {
                    return 0;
                } else {
                    frame();
                }
            }
        }

        private int data(byte[] out, int from, int count) throws BadCoding {
            if (inflater.needsInput() && offset < limit) {
                inflater.setInput(bytes, offset, limit - offset);
                offset = limit;
            }
            int written = inflate(inflater, out, from, count);
            checksum.update(out, from, written);
            if (inflater.finished()) {
                offset = limit - inflater.getRemaining();
                state = State.TRAILER;
                collected = 0;
            }
            return written;
        }

        private void frame() throws BadCoding {
            byte next = bytes[offset++];
            switch (state) {
                case HEADER -> header(next);
                case EXTRA_LENGTH -> {
                    field[collected++] = next;
                    if (collected == 2) {
                        skip = field[0] & 255 | (field[1] & 255) << 8;
                        state = State.EXTRA;
                        skipped(0);
                    }
                }
                case EXTRA -> skipped(1);
                case NAME -> {
                    if (next == 0) {
                        afterName();
                    }
                }
                case COMMENT -> {
                    if (next == 0) {
                        afterComment();
                    }
                }
                case HEADER_CHECK -> {
                    if (++collected == 2) {
                        startData();
                    }
                }
                case TRAILER -> trailer(next);
                case PADDING -> {
                    if (next != 0) {
                        throw new BadCoding("there is something behind the end of the gzip stream");
                    }
                }
                case DATA -> throw new IllegalStateException();
            }
        }

        private void header(byte next) throws BadCoding {
            if (members > 0 && collected == 0 && next == 0) {
                state = State.PADDING;
                return;
            }
            field[collected++] = next;
            boolean wrong = collected == 1 && next != 0x1f
                    || collected == 2 && next != (byte) 0x8b
                    || collected == 3 && next != 8
                    || collected == 4 && (next & 0xe0) != 0;
            if (wrong) {
                throw new BadCoding("the body is not what its Content-Encoding says: no gzip header");
            }
            if (collected == 10) {
                flags = field[3];
                collected = 0;
                if ((flags & EXTRA_FLAG) != 0) {
                    state = State.EXTRA_LENGTH;
                } else {
                    afterExtra();
                }
            }
        }

        private void skipped(int count) {
            skip -= count;
            if (skip == 0) {
                afterExtra();
            }
        }

        private void afterExtra() {
            if ((flags & NAME_FLAG) != 0) {
                state = State.NAME;
            } else {
                afterName();
            }
        }

        private void afterName() {
            if ((flags & COMMENT_FLAG) != 0) {
                state = State.COMMENT;
            } else {
                afterComment();
            }
        }

        private void afterComment() {
            collected = 0;
            if ((flags & CHECK_FLAG) != 0) {
                state = State.HEADER_CHECK;
            } else {
                startData();
            }
        }

        private void startData() {
            state = State.DATA;
            inflater.reset();
            checksum.reset();
        }

        private void trailer(byte next) throws BadCoding {
            field[collected++] = next;
            if (collected < 8) {
                return;
            }
            if (number(0) != checksum.getValue() || number(4) != (inflater.getBytesWritten() & 0xffffffffL)) {
                throw new BadCoding("the gzip stream has a wrong checksum");
            }
            members++;
            collected = 0;
            state = State.HEADER;
        }

        private long number(int at) {
            return field[at] & 255L
                    | (field[at + 1] & 255L) << 8
                    | (field[at + 2] & 255L) << 16
                    | (field[at + 3] & 255L) << 24;
        }

        @Override
        void end() throws BadCoding {
            boolean nothing = members == 0 && state == State.HEADER && collected == 0;
            boolean whole = members > 0 && collected == 0 && (state == State.HEADER || state == State.PADDING);
            if (!nothing && !whole) {
                throw new BadCoding("the gzip stream ends too early");
            }
        }

        @Override
        public void close() {
            inflater.end();
        }
    }
}
