package io.github.asyncio4j.http;

import java.nio.ByteBuffer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * An open WebSocket (RFC 6455), valid inside the {@code use} that gave it: aiohttp's {@code ClientWebSocketResponse}.
 *
 * <pre>{@code
 * Mono<String> echo = session.webSocket("wss://example.com/chat")
 *         .use(socket -> socket.send("hello").then(socket.receiveText().next()));
 * }</pre>
 *
 * <p>All methods may be called from any thread. What is sent goes out in the order of the subscriptions. Cancelling a
 * send that has begun does not take it back: a message is sent whole or not at all.
 */
public interface WebSocket {

    /** Sends a message of text; completes when it is written to the socket. */
    Mono<Void> send(String text);

    /** Sends a message of bytes; completes when it is written to the socket, and the buffer may be used again. */
    Mono<Void> send(ByteBuffer data);

    /** Sends {@code value} as JSON. aiohttp's {@code send_json}. */
    Mono<Void> sendJson(Object value);

    /**
     * Sends a ping; completes when it is written. Its answer is taken care of, see {@link WebSocketRequest#autoPing}.
     *
     * @param payload at most 125 bytes
     */
    Mono<Void> ping(ByteBuffer payload);

    /**
     * Sends a pong, which is needed only where {@link WebSocketRequest#autoPing} is switched off.
     *
     * @param payload at most 125 bytes
     */
    Mono<Void> pong(ByteBuffer payload);

    /**
     * The messages that arrive. Completes when the peer has closed, fails with a {@link WebSocketException} when the
     * connection was cut, broke the protocol or did not answer the heartbeat.
     *
     * <p>One subscriber at a time; what comes between two of them is kept, so {@code receive().next()} again and again
     * misses nothing. While 64 KiB of messages wait, the network is not read.
     */
    Flux<WebSocketMessage> receive();

    /** {@link #receive} where all messages are text; another one is a {@link WebSocketException}. */
    Flux<String> receiveText();

    /** {@link #receive} where all messages are bytes; another one is a {@link WebSocketException}. */
    Flux<ByteBuffer> receiveBinary();

    /** {@link #receiveText} read as JSON. aiohttp's {@code receive_json}. */
    <T> Flux<T> receiveJson(Class<T> type);

    /**
     * Sends a close frame and waits for the peer's, no longer than {@link WebSocketRequest#closeTimeout}, then closes the
     * connection. Emits false when the WebSocket was closed or closing already.
     *
     * @param code 1000 for a normal end; one of those that may be sent (1000–1003, 1007–1014, 3000–4999)
     * @param reason at most 123 bytes of UTF-8
     */
    Mono<Boolean> close(int code, String reason);

    /** {@link #close(int, String)} with 1000 and no reason. */
    default Mono<Boolean> close() {
        return close(1000, "");
    }

    /**
     * The code that the peer has closed with, or that we had to close with; 1005 when the peer gave none, 1006 when the
     * connection ended without one. -1 while open.
     */
    int closeCode();

    /** The peer's words to its {@link #closeCode}; empty when there were none. */
    String closeReason();

    /** The agreed subprotocol; empty when none was agreed on. */
    String protocol();
}
