package io.github.asyncio4j.http;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** No connection could be made: refused, unreachable, or every address of the host failed. aiohttp's {@code
 * ClientConnectorError}. */
public class ClientConnectException extends ClientException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final String host;
    private final int port;

    /** An exception about a connection to that host and port. */
    public ClientConnectException(String message, String host, int port, @Nullable Throwable cause) {
        super(message, cause);
        this.host = host;
        this.port = port;
    }

    /** The host that was asked for. */
    public String host() {
        return host;
    }

    /** The port that was asked for. */
    public int port() {
        return port;
    }
}
