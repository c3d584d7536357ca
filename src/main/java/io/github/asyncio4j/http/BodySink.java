package io.github.asyncio4j.http;

import io.netty.buffer.ByteBuf;

/** Who consumes a body. Everything is called on the connection's event loop; no call keeps the buffer. */
interface BodySink {

    /** True when it wants more bytes now. Nothing is read from the network while it does not. */
    boolean wantsMore();

    /** Takes {@code length} bytes off {@code from}. */
    void take(ByteBuf from, int length) throws ClientException;

    /** Passes on what it has, as far as that is asked for: all that one read brought is here, or there is new demand. */
    void pump() throws ClientException;

    /** False while it holds something that is still to be passed on. */
    default boolean isDrained() {
        return true;
    }

    /** The connection is about to be closed, or is closed already. */
    default void leaving() {}

    /** The body is complete. */
    void ended();

    /** There will be no more: cut, timed out, released. */
    void failed(Throwable error);
}
