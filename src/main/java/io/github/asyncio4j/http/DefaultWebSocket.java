package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Checks;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * A WebSocket over a {@link Connection}: to it, what arrives is the body of a response that ends when the socket does, so
 * lease, cancel and the session's end are those of any request. On the event loop unless said otherwise.
 *
 * <pre>
 *   open ──we close──► closing ──the peer's close frame, or time is up──► hang up ─► over
 *     ├───the peer closes───► echo ──────────────────────────────────────────┘        ▲
 *     ├───a bad frame───► close frame, a moment of patience ─────────────────┘        │
 *     └───cut off, cancelled, session closed───────────────────────────────────────────┘
 * </pre>
 */
final class DefaultWebSocket implements WebSocket, BodySink, FrameReader.Listener {

    private static final long PATIENCE_NANOS = 1_000_000_000L;

    private final Connection connection;
    private final Exchange exchange;
    private final WebSocketOptions options;
    private final WebSocketHandshake.Agreement agreement;
    private final FrameOutlet out;
    private final FrameReader reader;
    private final WebSocketInbox inbox;
    private final @Nullable MessageDeflater deflater;
    private final @Nullable Heartbeat heartbeat;

    private volatile int closeCode = -1;
    private volatile String closeReason = "";
    private volatile boolean closing;
    private volatile boolean bodyFailed;
    private volatile boolean peerClosed;
    private boolean weClose;
    private boolean refusing;
    private boolean over;
    private @Nullable ScheduledFuture<?> hangUp;

    DefaultWebSocket(
            Connection connection,
            Exchange exchange,
            WebSocketOptions options,
            WebSocketHandshake.Agreement agreement) {
        this.connection = connection;
        this.exchange = exchange;
        this.options = options;
        this.agreement = agreement;
        this.out = new FrameOutlet(connection.channel());
        this.inbox = new WebSocketInbox(connection::onLoop, () -> connection.wanted(exchange));
        this.reader = new FrameReader(
                options.maxMessageSize(),
                agreement.compressed() ? new MessageInflater(agreement.serverForgets()) : null,
                this);
        this.deflater = agreement.compressed() ? new MessageDeflater(agreement.clientForgets()) : null;
        this.heartbeat = options.heartbeat() == null ? null : new Heartbeat(connection, this, options.heartbeat());
    }

    /** Begins to read. */
    void open() {
        connection.consume(exchange, this);
        if (heartbeat != null) {
            connection.onLoop(heartbeat::start);
        }
    }

    // ---------------------------------------------------------------- sending, from any thread

    @Override
    public Mono<Void> send(String text) {
        Checks.notNull(text, "text");
        return message(FrameWriter.TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    private Mono<Void> message(int kind, byte[] content) {
        return write(kind, ByteBuffer.wrap(content));
    }

    @Override
    public Mono<Void> send(ByteBuffer data) {
        return write(FrameWriter.BINARY, Checks.notNull(data, "data"));
    }

    @Override
    public Mono<Void> sendJson(Object value) {
        return message(FrameWriter.TEXT, Json.write(value));
    }

    @Override
    public Mono<Void> ping(ByteBuffer payload) {
        return write(FrameWriter.PING, checkControl(payload));
    }

    @Override
    public Mono<Void> pong(ByteBuffer payload) {
        return write(FrameWriter.PONG, checkControl(payload));
    }

    private static ByteBuffer checkControl(ByteBuffer payload) {
        int length = Checks.notNull(payload, "payload").remaining();
        if (length > 125) {
            throw new IllegalArgumentException("payload must have at most 125 bytes, but has " + length);
        }
        return payload;
    }

    private Mono<Void> write(int kind, ByteBuffer content) {
        return Mono.create(sink -> {
            AtomicBoolean cancelled = new AtomicBoolean();
            sink.onCancel(() -> cancelled.set(true));
            connection.onLoop(() -> {
                if (!cancelled.get()) {
                    writeNow(kind, content, sink);
                }
            });
        });
    }

    private void writeNow(int kind, ByteBuffer content, MonoSink<Void> sink) {
        if (closing) {
            sink.error(new WebSocketException(exchange.describe() + ": the WebSocket is closed", closeCode, null));
            return;
        }
        out.send(frame(kind, content), error -> {
            if (error == null) {
                sink.success();
            } else {
                sink.error(new WebSocketException(
                        exchange.describe() + ": not sent, the connection broke", CloseFrame.ABNORMAL, error));
            }
        });
    }

    private ByteBuf frame(int kind, ByteBuffer content) {
        boolean worthwhile = kind <= FrameWriter.BINARY && content.remaining() >= MessageDeflater.WORTHWHILE;
        return worthwhile && deflater != null
                ? FrameWriter.frame(kind, true, deflater.deflate(content), out.allocator())
                : FrameWriter.frame(kind, false, content, out.allocator());
    }

    // ---------------------------------------------------------------- receiving, from any thread

    @Override
    public Flux<WebSocketMessage> receive() {
        return FluxMessages.of(inbox);
    }

    @Override
    public Flux<String> receiveText() {
        return only(WebSocketMessage.Text.class, WebSocketMessage.Text::text);
    }

    @Override
    public Flux<ByteBuffer> receiveBinary() {
        return only(WebSocketMessage.Binary.class, WebSocketMessage.Binary::data);
    }

    @Override
    public <T> Flux<T> receiveJson(Class<T> type) {
        Json.prepare(Checks.notNull(type, "type"));
        return receiveText().handle((text, sink) -> {
            try {
                T value = Json.read(text.getBytes(StandardCharsets.UTF_8), type);
                if (value != null) {
                    sink.next(value);
                }
            } catch (IOException e) {
                sink.error(new WebSocketException(
                        exchange.describe() + ": a message cannot be read as " + type.getTypeName(), closeCode, e));
            }
        });
    }

    private <M, T> Flux<T> only(Class<M> kind, Function<M, T> content) {
        return receive().handle((message, sink) -> {
            if (kind.isInstance(message)) {
                sink.next(content.apply(kind.cast(message)));
            } else {
                sink.error(new WebSocketException(
                        exchange.describe() + ": a message is "
                                + message.getClass().getSimpleName() + " where only " + kind.getSimpleName()
                                + " was expected",
                        closeCode,
                        null));
            }
        });
    }

    // ---------------------------------------------------------------- closing, from any thread

    @Override
    public Mono<Boolean> close(int code, String reason) {
        byte[] payload = CloseFrame.payload(code, reason);
        return Mono.create(sink -> connection.onLoop(() -> {
            if (closing) {
                sink.success(false);
            } else {
                exchange.whenEnded(() -> sink.success(true));
                weClose = true;
                beginClosing(payload, Instants.nanos(options.closeTimeout()), () -> {});
                connection.wanted(exchange);
            }
        }));
    }

    /** The body of the scope has failed, which the peer will be told. */
    void bodyFailed() {
        bodyFailed = true;
    }

    /** The scope has ended. */
    void leave() {
        connection.onLoop(() -> {
            if (!closing) {
                weClose = true;
                int code = bodyFailed ? CloseFrame.INTERNAL_ERROR : CloseFrame.NORMAL;
                beginClosing(CloseFrame.payload(code, ""), Instants.nanos(options.closeTimeout()), () -> {});
            }
            connection.wanted(exchange);
        });
    }

    @Override
    public int closeCode() {
        return closeCode;
    }

    @Override
    public String closeReason() {
        return closeReason;
    }

    @Override
    public String protocol() {
        return agreement.protocol();
    }

    /** Why {@link #receive} completed, if that was because the peer has closed; null otherwise. */
    @Nullable
    WebSocketException endedByPeer() {
        return peerClosed && inbox.isEndTold()
                ? new WebSocketException(
                        exchange.describe() + ": the server closed the WebSocket with " + closeCode
                                + (closeReason.isEmpty() ? "" : ", \"" + HeaderList.visible(closeReason) + "\""),
                        closeCode,
                        null)
                : null;
    }

    private void beginClosing(byte[] payload, long patience, Runnable afterwards) {
        closing = true;
        stopHeartbeat();
        out.send(control(FrameWriter.CLOSE, payload), error -> afterwards.run());
        hangUp = connection.schedule(this::timedOut, patience);
    }

    private void timedOut() {
        if (closeCode < 0) {
            closeCode = CloseFrame.ABNORMAL;
        }
        inbox.end(null);
        connection.abort(exchange);
    }

    private ByteBuf control(int kind, byte[] payload) {
        return FrameWriter.frame(kind, false, ByteBuffer.wrap(payload), out.allocator());
    }

    // ---------------------------------------------------------------- frames

    @Override
    public void message(WebSocketMessage message, int size) {
        if (!closing || inbox.isWaitedFor()) {
            inbox.add(message, size);
        }
    }

    @Override
    public void ping(byte[] payload) {
        if (!options.autoPing()) {
            message(new WebSocketMessage.Ping(ByteBuffer.wrap(payload)), payload.length);
        } else if (!closing) {
            out.send(control(FrameWriter.PONG, payload));
        }
    }

    @Override
    public void pong(byte[] payload) {
        if (!options.autoPing()) {
            message(new WebSocketMessage.Pong(ByteBuffer.wrap(payload)), payload.length);
        }
    }

    @Override
    public void closed(int code, String reason) {
        closeReason = reason;
        closeCode = code;
        peerClosed = !closing;
        inbox.end(null);
        if (closing) {
            hangUpSoon();
        } else {
            byte[] echo = code == CloseFrame.NONE ? new byte[0] : CloseFrame.payload(code, "");
            beginClosing(echo, PATIENCE_NANOS, this::hangUpSoon);
        }
    }

    // Not at once: the frame that says so may still be in the hands of the reader.
    private void hangUpSoon() {
        connection.later(() -> connection.abort(exchange));
    }

    private void refuse(FrameViolation violation) {
        refusing = true;
        stopHeartbeat();
        fail(
                violation.closeCode,
                new WebSocketException(
                        exchange.describe() + ": the server sent " + violation.getMessage(),
                        violation.closeCode,
                        null));
        if (!closing) {
            // The peer reads why only if its bytes are read meanwhile: unread ones would make the end of this
            // connection a
            // reset, which overtakes what was sent.
            beginClosing(CloseFrame.payload(violation.closeCode, ""), PATIENCE_NANOS, () -> {});
        }
    }

    private void fail(int code, @Nullable Throwable error) {
        if (closeCode < 0) {
            closeCode = code;
        }
        inbox.end(error);
    }

    /** Nothing has come for too long. */
    void unanswered() {
        fail(
                CloseFrame.ABNORMAL,
                new WebSocketException(
                        exchange.describe() + ": the server did not answer the heartbeat", CloseFrame.ABNORMAL, null));
        closing = true;
        inbox.deliver();
        connection.abort(exchange);
    }

    boolean isClosing() {
        return closing;
    }

    void sendPing() {
        out.send(control(FrameWriter.PING, new byte[0]));
    }

    private void stopHeartbeat() {
        if (heartbeat != null) {
            heartbeat.stop();
        }
    }

    // ---------------------------------------------------------------- the connection

    @Override
    public boolean wantsMore() {
        return closing || inbox.hasRoom();
    }

    @Override
    public void take(ByteBuf from, int length) {
        if (heartbeat != null) {
            heartbeat.heard();
        }
        if (refusing) {
            from.skipBytes(length);
            return;
        }
        try {
            reader.read(from);
        } catch (FrameViolation e) {
            from.skipBytes(from.readableBytes());
            refuse(e);
        }
    }

    @Override
    public void pump() {
        inbox.deliver();
    }

    @Override
    public void leaving() {
        if (!closing && out.isOpen()) {
            closing = true;
            closeCode = CloseFrame.GOING_AWAY;
            out.sendNow(control(FrameWriter.CLOSE, CloseFrame.payload(CloseFrame.GOING_AWAY, "")));
        } else if (closeCode < 0) {
            closeCode = CloseFrame.ABNORMAL;
        }
    }

    @Override
    public void ended() {
        failed(new WebSocketException(
                exchange.describe() + ": the server closed the connection without a close frame",
                CloseFrame.ABNORMAL,
                null));
    }

    @Override
    public void failed(Throwable error) {
        if (over) {
            return;
        }
        over = true;
        closing = true;
        stopHeartbeat();
        if (hangUp != null) {
            hangUp.cancel(false);
        }
        reader.end();
        if (deflater != null) {
            deflater.end();
        }
        fail(CloseFrame.ABNORMAL, weClose ? null : explained(error));
        inbox.deliver();
    }

    private Throwable explained(Throwable error) {
        if (error instanceof ClientPayloadException) {
            return new WebSocketException(
                    exchange.describe() + ": the connection broke without a close frame",
                    CloseFrame.ABNORMAL,
                    error.getCause());
        }
        return error instanceof IllegalStateException
                ? new IllegalStateException("the WebSocket is closed, as its use(…) has ended")
                : error;
    }

    @Override
    public String toString() {
        return "WebSocket(" + exchange.describe() + (closeCode < 0 ? ")" : ", closed with " + closeCode + ")");
    }
}
