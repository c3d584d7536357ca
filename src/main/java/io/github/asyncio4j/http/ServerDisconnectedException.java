package io.github.asyncio4j.http;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** The peer closed or reset the connection before its response began. aiohttp's {@code ServerDisconnectedError}. */
public class ServerDisconnectedException extends ClientException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** An exception with that message; the cause is that of the socket, if it had one. */
    public ServerDisconnectedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
