package io.github.asyncio4j.http;

import java.io.Serial;

/** The server did not agree to a WebSocket. aiohttp's {@code WSServerHandshakeError}. */
public class WebSocketHandshakeException extends ClientResponseException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** An exception about a response. */
    public WebSocketHandshakeException(String message, int status, Headers headers, String body) {
        super(message, status, headers, body);
    }
}
