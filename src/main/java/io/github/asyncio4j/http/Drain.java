package io.github.asyncio4j.http;

import io.netty.buffer.ByteBuf;

/** Reads a short rest of a body that nobody wants, so that its connection can be used again. */
final class Drain implements BodySink {

    static final int LIMIT = 64 * 1024;

    private final DefaultClientResponse response;
    private int drained;

    Drain(DefaultClientResponse response) {
        this.response = response;
    }

    @Override
    public boolean wantsMore() {
        return true;
    }

    @Override
    public void take(ByteBuf from, int length) {
        from.skipBytes(length);
        drained += length;
    }

    @Override
    public void pump() {
        if (drained > LIMIT) {
            response.abort();
        }
    }

    @Override
    public void ended() {}

    @Override
    public void failed(Throwable error) {}
}
