package io.github.asyncio4j.http;

import java.io.Serial;
import java.util.List;

/** A chain of redirects is longer than allowed, or runs in a circle. aiohttp's {@code TooManyRedirects}. */
public class TooManyRedirectsException extends ClientException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final transient List<ClientResponse.Hop> history;

    /** An exception about a chain of redirects. */
    public TooManyRedirectsException(String message, List<ClientResponse.Hop> history) {
        super(message);
        this.history = List.copyOf(history);
    }

    /** The redirects that were followed, first one first. */
    public List<ClientResponse.Hop> history() {
        return history;
    }
}
