package io.github.asyncio4j.http;

import java.io.Serial;

/** A response whose status was to be raised. aiohttp's {@code ClientResponseError}. */
public class ClientResponseException extends ClientException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final int status;
    private final transient Headers headers;
    private final String body;

    /** An exception about a response. */
    public ClientResponseException(String message, int status, Headers headers, String body) {
        super(message);
        this.status = status;
        this.headers = headers;
        this.body = body;
    }

    /** The status of the response. */
    public int status() {
        return status;
    }

    /** Its headers. */
    public Headers headers() {
        return headers;
    }

    /** The first 2 KiB of its body. */
    public String body() {
        return body;
    }
}
