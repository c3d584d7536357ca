package io.github.asyncio4j.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Writes the frames of a WebSocket; those that come together go out together. On the event loop only. */
final class FrameOutlet {

    private final Channel channel;
    private boolean flushDue;

    FrameOutlet(Channel channel) {
        this.channel = channel;
    }

    ByteBufAllocator allocator() {
        return channel.alloc();
    }

    boolean isOpen() {
        return channel.isActive();
    }

    /** {@code done} is given why it failed, or null when it is written. */
    void send(ByteBuf frame, Consumer<@Nullable Throwable> done) {
        channel.write(frame).addListener(written -> done.accept(written.cause()));
        flushSoon();
    }

    void send(ByteBuf frame) {
        channel.write(frame, channel.voidPromise());
        flushSoon();
    }

    void sendNow(ByteBuf frame) {
        channel.writeAndFlush(frame, channel.voidPromise());
    }

    private void flushSoon() {
        if (!flushDue) {
            flushDue = true;
            channel.eventLoop().execute(this::flush);
        }
    }

    private void flush() {
        flushDue = false;
        channel.flush();
    }
}
