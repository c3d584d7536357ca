package io.github.asyncio4j.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * Sends a body from its source, piece by piece: the next one is asked for when the last one has left for the network or
 * fits into the socket's buffer, so a server that does not read slows the source down.
 *
 * <p>A declared length is a promise: a source that gives more or less ends the exchange, and nothing beyond it is sent.
 */
final class Upload implements CoreSubscriber<ByteBuffer> {

    private static final byte[] END = {'0', '\r', '\n', '\r', '\n'};

    private final Connection connection;
    private final Exchange exchange;
    private final RequestBody body;
    private final Channel channel;
    private volatile boolean stopped;

    // On the event loop.
    private boolean started;
    private @Nullable Subscription source;
    private long sent;
    private boolean waitsForRoom;

    Upload(Connection connection, Exchange exchange, RequestBody body, Channel channel) {
        this.connection = connection;
        this.exchange = exchange;
        this.body = body;
        this.channel = channel;
    }

    /** Sends, if that has not begun yet. On the event loop. */
    void start() {
        if (!started) {
            started = true;
            send();
        }
    }

    boolean isStarted() {
        return started;
    }

    private void send() {
        byte[] bytes = body.bytes();
        if (bytes != null) {
            sent = bytes.length;
            traceSent(sent);
            channel.writeAndFlush(Unpooled.wrappedBuffer(bytes), channel.voidPromise());
            done();
            return;
        }
        Publisher<? extends ByteBuffer> content;
        try {
            content = body.source() == null ? Flux.empty() : body.source().get();
        } catch (Throwable t) {
            reactor.core.Exceptions.throwIfFatal(t);
            content = Flux.error(t);
        }
        Flux.<ByteBuffer>from(content).subscribe(this);
    }

    /** Nobody wants the rest. On the event loop. */
    void stop() {
        stopped = true;
        if (source != null) {
            source.cancel();
        }
    }

    /** The socket takes bytes again. On the event loop. */
    void writable() {
        if (waitsForRoom && source != null && !stopped) {
            waitsForRoom = false;
            source.request(1);
        }
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        connection.onLoop(() -> subscribed(subscription));
    }

    private void subscribed(Subscription subscription) {
        source = subscription;
        if (stopped) {
            subscription.cancel();
        } else {
            subscription.request(1);
        }
    }

    @Override
    public void onNext(ByteBuffer piece) {
        if (stopped) {
            Operators.onNextDropped(piece, currentContext());
        } else {
            connection.onLoop(() -> write(piece));
        }
    }

    private void write(ByteBuffer piece) {
        if (stopped) {
            return;
        }
        int length = piece.remaining();
        if (body.length() >= 0 && sent + length > body.length()) {
            stop();
            connection.uploadFailed(exchange, wrongLength("more than"));
            return;
        }
        sent += length;
        if (length > 0) {
            traceSent(length);
            channel.writeAndFlush(framed(piece, length), channel.voidPromise());
        }
        if (channel.isWritable()) {
            if (source != null) {
                source.request(1);
            }
        } else {
            waitsForRoom = true;
            connection.limitSilence();
        }
    }

    private void traceSent(long bytes) {
        ExchangeTrace trace = exchange.trace;
        if (trace != null) {
            trace.sent(bytes);
        }
    }

    boolean isStalled() {
        return waitsForRoom;
    }

    private ByteBuf framed(ByteBuffer piece, int length) {
        ByteBuf content = Unpooled.wrappedBuffer(piece);
        if (body.length() >= 0) {
            return content;
        }
        ByteBuf out = channel.alloc().buffer(length + 16);
        ByteBufUtil.writeAscii(out, Integer.toHexString(length));
        ByteBufUtil.writeAscii(out, "\r\n");
        out.writeBytes(content);
        content.release();
        ByteBufUtil.writeAscii(out, "\r\n");
        return out;
    }

    @Override
    public void onError(Throwable error) {
        if (stopped) {
            Operators.onErrorDropped(error, currentContext());
            return;
        }
        connection.onLoop(() -> {
            stopped = true;
            connection.uploadFailed(exchange, error);
        });
    }

    @Override
    public void onComplete() {
        connection.onLoop(this::completed);
    }

    private void completed() {
        if (stopped) {
            return;
        }
        if (body.length() > sent) {
            stopped = true;
            connection.uploadFailed(exchange, wrongLength("only"));
            return;
        }
        if (body.length() < 0) {
            channel.writeAndFlush(Unpooled.wrappedBuffer(END), channel.voidPromise());
        }
        done();
    }

    private void done() {
        stopped = true;
        connection.uploaded(exchange);
    }

    private ClientException wrongLength(String how) {
        return new ClientException(exchange.describe() + ": the request body has " + how + " " + sent + " bytes, but "
                + body.length() + " were declared");
    }

    @Override
    public Context currentContext() {
        return exchange.context();
    }
}
