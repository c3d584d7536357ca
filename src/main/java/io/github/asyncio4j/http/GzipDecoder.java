package io.github.asyncio4j.http;

import java.util.zip.CRC32;
import java.util.zip.Inflater;

/** RFC 1952: any number of members, each with its checksum and length; zeros may follow the last one. */
final class GzipDecoder extends Decoder {
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
        int written = DeflateDecoder.inflate(inflater, out, from, count);
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
