package io.github.asyncio4j.http;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** The TLS handshake failed, or the certificate was not accepted. aiohttp's {@code ClientSSLError}. */
public class ClientTlsException extends ClientConnectException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** An exception about a connection to that host and port. */
    public ClientTlsException(String message, String host, int port, @Nullable Throwable cause) {
        super(message, host, port, cause);
    }
}
