package io.github.asyncio4j.http;

import io.netty.channel.Channel;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What goes out on a connection: the head of a request, and its body if that takes longer. On the event loop only. */
final class Outlet {

    private static final int CONTINUE_MILLIS = 1000;

    private final Connection connection;
    private final Channel channel;
    private final @Nullable Proxy forward;
    private @Nullable Upload upload;
    private boolean answeredEarly;

    Outlet(Connection connection, Channel channel, @Nullable Proxy forward) {
        this.forward = forward;
        this.connection = connection;
        this.channel = channel;
    }

    void send(Exchange next) {
        answeredEarly = false;
        Outgoing request = next.request;
        CookieStore jar = request.isComplete() ? null : next.call.session.cookieStore();
        String cookies = jar == null ? null : jar.header(request.url());
        boolean decompress = next.options().decompress();
        RequestBody body = request.body();
        boolean atOnce = body != null && body.bytes() != null && !request.expectsContinue();
        ExchangeTrace trace = next.trace;
        if (trace != null) {
            trace.sent();
            trace.sent(body != null && atOnce ? body.length() : 0);
        }
        channel.writeAndFlush(
                RequestWriter.write(request, forward, cookies, decompress, channel.alloc()), channel.voidPromise());
        if (body != null && !atOnce) {
            begin(
                    new Upload(connection, next, body, channel, new Chunked(channel.alloc(), body)),
                    request.expectsContinue());
        }
    }

    private void begin(Upload sending, boolean whenAsked) {
        upload = sending;
        if (whenAsked) {
            channel.eventLoop().schedule(() -> startIfCurrent(sending), CONTINUE_MILLIS, TimeUnit.MILLISECONDS);
        } else {
            sending.start();
        }
    }

    private void startIfCurrent(Upload sending) {
        if (upload == sending) {
            sending.start();
        }
    }

    /** The server has seen the head and wants the body. */
    void continued() {
        if (upload != null) {
            upload.start();
        }
    }

    void writable() {
        if (upload != null) {
            upload.writable();
        }
    }

    /** The server has made up its mind: what it refused, or never asked for, is not sent any more. */
    void answered(int status) {
        Upload sending = upload;
        if (sending != null) {
            answeredEarly = true;
            if (status >= 300 || !sending.isStarted()) {
                stop();
            }
        }
    }

    /** The peer takes nothing any more. */
    void refused() {
        answeredEarly = true;
        stop();
    }

    /** The whole body has been handed to the network. */
    void done() {
        upload = null;
    }

    void stop() {
        Upload sending = upload;
        if (sending != null) {
            upload = null;
            sending.stop();
        }
    }

    boolean isForwarded() {
        return forward != null;
    }

    boolean isBusy() {
        return upload != null;
    }

    /** True while the server does not take what is sent. */
    boolean isStalled() {
        return upload != null && upload.isStalled();
    }

    /** True when the response came before the whole request was sent: no other one can follow it. */
    boolean wasAnsweredEarly() {
        return answeredEarly;
    }
}
