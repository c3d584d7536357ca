package io.github.asyncio4j.http;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a WebSocket is used, apart from its handshake's headers. */
record WebSocketOptions(
        List<String> protocols,
        int maxMessageSize,
        @Nullable Duration heartbeat,
        Duration closeTimeout,
        boolean autoPing,
        boolean compress) {

    static final WebSocketOptions DEFAULT =
            new WebSocketOptions(List.of(), 4 * 1024 * 1024, null, Duration.ofSeconds(10), true, false);

    WebSocketOptions withProtocols(List<String> value) {
        return new WebSocketOptions(value, maxMessageSize, heartbeat, closeTimeout, autoPing, compress);
    }

    WebSocketOptions withMaxMessageSize(int value) {
        return new WebSocketOptions(protocols, value, heartbeat, closeTimeout, autoPing, compress);
    }

    WebSocketOptions withHeartbeat(Duration value) {
        return new WebSocketOptions(protocols, maxMessageSize, value, closeTimeout, autoPing, compress);
    }

    WebSocketOptions withCloseTimeout(Duration value) {
        return new WebSocketOptions(protocols, maxMessageSize, heartbeat, value, autoPing, compress);
    }

    WebSocketOptions withAutoPing(boolean value) {
        return new WebSocketOptions(protocols, maxMessageSize, heartbeat, closeTimeout, value, compress);
    }

    WebSocketOptions withCompress(boolean value) {
        return new WebSocketOptions(protocols, maxMessageSize, heartbeat, closeTimeout, autoPing, value);
    }
}
