package io.github.asyncio4j.http;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** The proxy did not let us through. aiohttp's {@code ClientHttpProxyError}. */
public class ClientProxyException extends ClientConnectException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final int status;
    private final transient Headers headers;

    /** An exception about a proxy at that host and port. */
    public ClientProxyException(
            String message, String host, int port, int status, Headers headers, @Nullable Throwable cause) {
        super(message, host, port, cause);
        this.status = status;
        this.headers = headers;
    }

    /** What it answered to CONNECT, 407 for one; 0 when it gave no HTTP response. */
    public int status() {
        return status;
    }

    /** The headers of that answer. */
    public Headers headers() {
        return headers;
    }
}
