package io.github.asyncio4j.http;

import java.io.Serial;

/**
 * The robots.txt of a site does not allow that request; it was not sent.
 *
 * <p>aiohttp has none; Scrapy raises {@code IgnoreRequest}.
 */
public final class RobotsDisallowedException extends ClientException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final String url;
    private final String agent;
    private final String source;

    /** An exception about a URL. */
    public RobotsDisallowedException(String message, String url, String agent, String source) {
        super(message);
        this.url = url;
        this.agent = agent;
        this.source = source;
    }

    /** What was asked for, with its query. */
    public String url() {
        return url;
    }

    /** Who must not have it. */
    public String agent() {
        return agent;
    }

    /** Where that is said: the URL of the robots.txt, and what happened to it if it could not be had. */
    public String source() {
        return source;
    }
}
