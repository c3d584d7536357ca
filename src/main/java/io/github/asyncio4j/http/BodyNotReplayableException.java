package io.github.asyncio4j.http;

import java.io.Serial;

/**
 * A redirect or a retry needs the request body again, but the body could be read only once.
 *
 * <p>aiohttp raises a {@code ClientPayloadError}, httpx {@code StreamConsumed}.
 */
public class BodyNotReplayableException extends ClientException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** An exception with that message. */
    public BodyNotReplayableException(String message) {
        super(message);
    }
}
