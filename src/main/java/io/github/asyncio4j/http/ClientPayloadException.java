package io.github.asyncio4j.http;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** The body ended before it was complete, or could not be decoded. Parts that were streamed before stay delivered.
 * aiohttp's {@code ClientPayloadError}. */
public class ClientPayloadException extends ClientException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final long received;
    private final long expected;

    /** An exception about a body of which only {@code received} bytes came; {@code expected} is -1 when unknown. */
    public ClientPayloadException(String message, long received, long expected) {
        this(message, received, expected, null);
    }

    /** The same with a cause. */
    public ClientPayloadException(String message, long received, long expected, @Nullable Throwable cause) {
        super(message, cause);
        this.received = received;
        this.expected = expected;
    }

    /** How many bytes came, as they were on the wire. */
    public long received() {
        return received;
    }

    /** How many were announced, -1 when unknown. */
    public long expected() {
        return expected;
    }
}
