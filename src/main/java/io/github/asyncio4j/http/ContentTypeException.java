package io.github.asyncio4j.http;

import java.io.Serial;

/** {@code json()} met a response that does not declare JSON. aiohttp's {@code ContentTypeError}. */
public class ContentTypeException extends ClientResponseException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** An exception about a response. */
    public ContentTypeException(String message, int status, Headers headers, String body) {
        super(message, status, headers, body);
    }
}
