package io.github.asyncio4j.http;

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

    private final Way connection;
    private final Exchange exchange;
    private final RequestBody body;
    private final Channel channel;
    private final Framing framing;
    private volatile boolean stopped;

    // On the event loop.
    private boolean started;
    private @Nullable Subscription source;
    private long sent;
    private boolean waitsForRoom;

    /** Who it is told how far it has come. */
    interface Way {
        void onLoop(Runnable work);

        /** The whole body has been handed to the network. */
        void uploaded(Exchange exchange);

        /** The body cannot be sent to its end; what was sent cannot be taken back. */
        void uploadFailed(Exchange exchange, Throwable error);

        /** The server has to take what waits to be sent within the time for a read. */
        void limitSilence();
    }

    /** How pieces go over the wire. */
    interface Framing {
        Object piece(ByteBuffer content);

        /** What says that there are no more; null when that is known by then. */
        @Nullable
        Object end();
    }

    Upload(Way connection, Exchange exchange, RequestBody body, Channel channel, Framing framing) {
        this.framing = framing;
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
            channel.writeAndFlush(framing.piece(ByteBuffer.wrap(bytes)), channel.voidPromise());
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
            channel.writeAndFlush(framing.piece(piece), channel.voidPromise());
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
        done();
    }

    private void done() {
        Object end = framing.end();
        if (end != null) {
            channel.writeAndFlush(end, channel.voidPromise());
        }
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
