package io.github.asyncio4j.http;

import io.netty.buffer.ByteBuf;

/** Who consumes a body. Everything is called on the connection's event loop; no call keeps the buffer. */
interface BodySink {

    /** True when it wants more bytes now. Nothing is read from the network while it does not. */
    boolean wantsMore();

    /** Takes {@code length} bytes off {@code from}. */
    void take(ByteBuf from, int length) throws ClientException;

    /** All that one read brought has been handed over. */
    void batchEnded() throws ClientException;

    /** The body is complete. */
    void ended() throws ClientException;

    /** There will be no more: cut, timed out, released. */
    void failed(Throwable error);
}
