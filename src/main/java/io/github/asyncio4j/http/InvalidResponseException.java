package io.github.asyncio4j.http;

import java.io.Serial;

/**
 * The peer does not speak HTTP/1.1, or frames its response in a way that cannot be trusted. The connection is closed.
 *
 * <p>aiohttp makes a {@code ClientResponseError} of it.
 */
public class InvalidResponseException extends ClientException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** An exception with that message. */
    public InvalidResponseException(String message) {
        super(message);
    }
}
