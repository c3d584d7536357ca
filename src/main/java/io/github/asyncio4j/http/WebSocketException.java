package io.github.asyncio4j.http;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A WebSocket that did not end as it should: cut off, against the protocol, too large. aiohttp's {@code WebSocketError}. */
public class WebSocketException extends ClientException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final int closeCode;

    /** An exception with that message and code. */
    public WebSocketException(String message, int closeCode, @Nullable Throwable cause) {
        super(message, cause);
        this.closeCode = closeCode;
    }

    /** As {@link WebSocket#closeCode} gives it. */
    public int closeCode() {
        return closeCode;
    }
}
