package io.github.asyncio4j.http;

import java.nio.ByteBuffer;

/**
 * What {@link WebSocket#receive} gives. aiohttp's {@code WSMessage}.
 *
 * <p>{@link Ping} and {@link Pong} come only where {@link WebSocketRequest#autoPing} is switched off.
 *
 * <pre>{@code
 * Flux<String> texts = session.webSocket(url)
 *         .useMany(socket -> socket.receive().ofType(WebSocketMessage.Text.class).map(WebSocketMessage.Text::text));
 * }</pre>
 */
public sealed interface WebSocketMessage {

    /** A message of text. */
    record Text(String text) implements WebSocketMessage {}

    /** A message of bytes; the buffer belongs to who receives it. */
    record Binary(ByteBuffer data) implements WebSocketMessage {}

    /** The peer asks for a {@link WebSocket#pong} with these bytes. */
    record Ping(ByteBuffer payload) implements WebSocketMessage {}

    /** The peer answers a {@link WebSocket#ping}, or just says that it is there. */
    record Pong(ByteBuffer payload) implements WebSocketMessage {}
}
