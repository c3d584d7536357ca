package io.github.asyncio4j.http;

import java.io.Serial;

/**
 * A response body is larger than {@code maxBodySize} allows. It counts decoded bytes, so a small compressed body that
 * unfolds into a huge one is stopped as well.
 *
 * <p>aiohttp has such a limit on its server only: {@code HTTPRequestEntityTooLarge}.
 */
public class BodyTooLargeException extends ClientException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final long limit;

    /** An exception about a body of more than {@code limit} bytes. */
    public BodyTooLargeException(String message, long limit) {
        super(message);
        this.limit = limit;
    }

    /** The limit in bytes. */
    public long limit() {
        return limit;
    }
}
