package io.github.asyncio4j.http;

import org.jspecify.annotations.Nullable;

/**
 * One request as it goes onto the wire, all decided.
 *
 * @param headers without the ones that the {@link RequestWriter} adds
 * @param isComplete whether the cookies of the session are among them
 */
record Outgoing(
        String method,
        Url url,
        HeaderList headers,
        @Nullable RequestBody body,
        boolean isComplete) {

    Outgoing(String method, Url url, HeaderList headers, @Nullable RequestBody body) {
        this(method, url, headers, body, false);
    }

    /** The same, and no cookies are to be added. */
    Outgoing completed() {
        return isComplete ? this : new Outgoing(method, url, headers, body, true);
    }

    Outgoing withBody(RequestBody prepared) {
        return new Outgoing(method, url, headers, prepared, isComplete);
    }

    Outgoing withHeaders(HeaderList changed) {
        return new Outgoing(method, url, changed, body, isComplete);
    }

    /** RFC 9110, section 10.1.1: the body waits until the server asks for it. */
    boolean expectsContinue() {
        return body != null && "100-continue".equalsIgnoreCase(headers.get("expect"));
    }

    /** True when what follows a 101 is no HTTP any more, and that is what was asked for. */
    boolean isUpgrade() {
        return headers.contains("Sec-WebSocket-Key");
    }

    boolean isHead() {
        return method.equals("HEAD");
    }

    /** RFC 9110, section 9.2.2. */
    boolean isIdempotent() {
        return switch (method) {
            case "GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE" -> true;
            default -> false;
        };
    }

    /** False when the body can be read only once. */
    boolean isReplayable() {
        return body == null || body.isReplayable();
    }

    /** False when the request itself says that the connection ends with it. */
    boolean keepsAlive() {
        String connection = headers.get("connection");
        return connection == null || !connection.equalsIgnoreCase("close");
    }

    /** For messages. */
    String describe() {
        return method + " " + url.redacted();
    }
}
