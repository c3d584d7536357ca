package io.github.asyncio4j.http;

import java.io.Serial;

/** A URL that cannot be used. It is found out before anything is connected. aiohttp's {@code InvalidURL}. */
public class InvalidUrlException extends ClientException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** An exception with that message. */
    public InvalidUrlException(String message) {
        super(message);
    }
}
