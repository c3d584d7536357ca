package io.github.asyncio4j.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2LocalFlowController;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 connection (RFC 9113) and the streams that are open on it. All of it happens on the socket's event loop.
 *
 * <p>Frames are read as they come; what a stream may hold unread is limited by its window, and the window of the connection
 * is so large that streams nobody reads do not stop the others.
 */
final class H2Connection extends ChannelInboundHandlerAdapter implements Pool.Member {

    private static final int STREAM_WINDOW = 256 * 1024;
    private static final int CONNECTION_WINDOW = 64 * 1024 * 1024;
    private static final long FAREWELL_MILLIS = 500;

    private final H2Connections all;
    private final Pool pool;
    private final Route route;
    private final Channel channel;
    private final EventLoop loop;
    private final Watch watch;
    private final long keepAlive;

    private final Set<H2Stream> streams = new LinkedHashSet<>();
    private long opened;
    private long idleSince = System.nanoTime();
    private long readAt = idleSince;
    private boolean retired;

    H2Connection(H2Connections all, Pool pool, Route route, Channel channel) {
        this.all = all;
        this.pool = pool;
        this.route = route;
        this.channel = channel;
        this.loop = channel.eventLoop();
        this.watch = new Watch(loop, this::look);
        this.keepAlive = Instants.nanos(pool.limits().keepAlive());
    }

    /** Takes the channel over, its TLS handshake done. */
    void begin() {
        Http2FrameCodec codec = Http2FrameCodecBuilder.forClient()
                .initialSettings(Http2Settings.defaultSettings()
                        .pushEnabled(false)
                        .initialWindowSize(STREAM_WINDOW)
                        .maxHeaderListSize(ResponseHead.MAX_BYTES))
                .encoderEnforceMaxConcurrentStreams(true)
                .headerSensitivityDetector((name, value) -> HeaderBlock.isSecret(name.toString()))
                .gracefulShutdownTimeoutMillis(FAREWELL_MILLIS)
                .build();
        channel.pipeline().addLast(codec, new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()), this);
        widen(codec);
        channel.config().setAutoRead(true);
        channel.flush();
        channel.read();
        watch.by(idleSince + keepAlive);
    }

    private static void widen(Http2FrameCodec codec) {
        Http2LocalFlowController flow = codec.connection().local().flowController();
        try {
            flow.incrementWindowSize(
                    codec.connection().connectionStream(), CONNECTION_WINDOW - Http2CodecUtil.DEFAULT_WINDOW_SIZE);
        } catch (Http2Exception e) {
            throw new IllegalStateException(e);
        }
    }

    Route route() {
        return route;
    }

    Channel channel() {
        return channel;
    }

    Pool pool() {
        return pool;
    }

    EventLoop loop() {
        return loop;
    }

    H2Stream newStream() {
        return new H2Stream(this);
    }

    // ---------------------------------------------------------------- streams

    /** False when it takes no more. */
    boolean open(H2Stream stream) {
        if (retired || !channel.isActive()) {
            return false;
        }
        streams.add(stream);
        opened++;
        return true;
    }

    /** True when an earlier stream has shown that the server answers. */
    boolean isReused() {
        return opened > 1;
    }

    void closed(H2Stream stream) {
        streams.remove(stream);
        if (!streams.isEmpty()) {
            return;
        }
        idleSince = System.nanoTime();
        if (retired || keepAlive <= 0) {
            close();
        } else {
            watch.by(idleSince + keepAlive);
        }
    }

    /** True when nothing has come from the server since then. */
    boolean isSilentSince(long instant) {
        return readAt - instant < 0;
    }

    /** Opens no more streams; ends with the last one. */
    void retire() {
        retired = true;
        all.leave(this);
        if (streams.isEmpty()) {
            channel.close();
        }
    }

    private void close() {
        retired = true;
        all.leave(this);
        channel.close();
    }

    @Override
    public void shutdown(ClientException reason) {
        if (loop.inEventLoop()) {
            end(reason);
        } else {
            loop.execute(() -> end(reason));
        }
    }

    private void end(@Nullable ClientException reason) {
        retired = true;
        all.leave(this);
        for (H2Stream stream : new ArrayList<>(streams)) {
            stream.shutdown(reason);
        }
        channel.close();
    }

    private void look() {
        long until = idleSince + keepAlive;
        if (!streams.isEmpty()) {
            return;
        }
        if (System.nanoTime() - until < 0) {
            watch.by(until);
        } else {
            close();
        }
    }

    // ---------------------------------------------------------------- the channel

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof Http2GoAwayFrame) {
            retire();
        }
        ReferenceCountUtil.release(message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        readAt = System.nanoTime();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        watch.stop();
        end(null);
        pool.leave(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        for (H2Stream stream : new ArrayList<>(streams)) {
            stream.broken(cause);
        }
        close();
    }

    @Override
    public String toString() {
        return "HTTP/2 connection to " + route;
    }
}
