package io.github.asyncio4j.http;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** The host name does not resolve to any address. aiohttp's {@code ClientConnectorDNSError}. */
public class HostNotFoundException extends ClientConnectException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** An exception about a connection to that host and port. */
    public HostNotFoundException(String message, String host, int port, @Nullable Throwable cause) {
        super(message, host, port, cause);
    }
}
