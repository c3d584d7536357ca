package io.github.asyncio4j.http;

import java.time.Duration;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A WebSocket to be opened: aiohttp's {@code session.ws_connect(url, …)}. Immutable, as {@link ClientRequest} is; each
 * subscription to a {@code use} opens a connection of its own.
 *
 * <pre>{@code
 * Flux<String> news = session.webSocket("wss://example.com/news")
 *         .heartbeat(Duration.ofSeconds(20))
 *         .useMany(WebSocket::receiveText);
 * }</pre>
 *
 * <p>The request follows redirects and takes the headers and cookies of the session. A response that does not agree to
 * the WebSocket is a {@link WebSocketHandshakeException}. The connection counts towards the limits of the session while
 * it is open, and is never used for anything else afterwards.
 */
public interface WebSocketRequest {

    /**
     * A header of the handshake.
     *
     * @throws IllegalArgumentException when it is one that the handshake itself sets
     */
    WebSocketRequest header(String name, String value);

    /** The subprotocols that we understand, the best first. */
    WebSocketRequest protocols(String... names);

    /** Goes through this proxy, whatever the session says; as {@link ClientRequest#proxy(String)}. */
    WebSocketRequest proxy(String url);

    /** Goes straight to the origin, whatever the session says. */
    WebSocketRequest withoutProxy();

    /** Limits the handshake; {@code total} too ends with it. The session's timeout if nothing is said. */
    WebSocketRequest timeout(ClientTimeout timeout);

    /** How large a message may be, unfolded if it is compressed; 4 MiB if nothing is said. A larger one closes with 1009. */
    WebSocketRequest maxMessageSize(int bytes);

    /**
     * Sends a ping whenever nothing has come for {@code period}, and gives the connection up when half a period later
     * still nothing has. Nothing of the kind if nothing is said.
     */
    WebSocketRequest heartbeat(Duration period);

    /** How long {@link WebSocket#close} waits for the peer; ten seconds if nothing is said. */
    WebSocketRequest closeTimeout(Duration limit);

    /**
     * Whether pings are answered with a pong, and pongs swallowed; they are if nothing is said. Otherwise both are received
     * as messages.
     */
    WebSocketRequest autoPing(boolean on);

    /** Whether to offer permessage-deflate (RFC 7692); it is not if nothing is said. */
    WebSocketRequest compress(boolean on);

    /**
     * Opens the WebSocket again when it is lost, and runs the body on the new one; not if nothing is said. A body of
     * {@link #use} that has emitted is done, and is not run again.
     */
    WebSocketRequest reconnect(Reconnect policy);

    /**
     * Opens the WebSocket, runs {@code body} with it, closes it, and only then emits what the body emitted. It is closed
     * with 1000 after a body that succeeded, 1011 after one that failed, and with 1001 but without waiting for the peer
     * after a cancel; the surrounding scope waits until the connection is closed.
     */
    <R> Mono<R> use(Function<? super WebSocket, ? extends Mono<? extends R>> body);

    /** {@link #use} for many values, which pass through as they come. */
    <R> Flux<R> useMany(Function<? super WebSocket, ? extends Flux<? extends R>> body);
}
