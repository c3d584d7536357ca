package io.github.asyncio4j.http;

import java.io.Serial;

/**
 * The session was closed while the request was waiting or running.
 *
 * <p>aiohttp's {@code RuntimeError: Session is closed}.
 */
public class SessionClosedException extends ClientException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** An exception with that message. */
    public SessionClosedException(String message) {
        super(message);
    }
}
