package io.github.asyncio4j.http;

import java.util.List;

/**
 * The cookies of a session (RFC 6265bis): what servers set is sent back to them, and to nobody else. Each session has a
 * jar of its own unless it is given one. aiohttp's {@code CookieJar}.
 */
public sealed interface CookieJar permits CookieStore, NoCookies {

    /** A jar that keeps cookies until they expire or the session ends. Safe for any number of threads. */
    static CookieJar create() {
        return new CookieStore(false);
    }

    /** A jar that keeps nothing. */
    static CookieJar disabled() {
        return NoCookies.INSTANCE;
    }

    /** A jar that also keeps cookies of hosts that are IP addresses. */
    static CookieJar unsafe() {
        return new CookieStore(true);
    }

    /** The cookies that have not expired, oldest first. */
    List<Cookie> all();

    /** Forgets all of them. */
    void clear();

    /**
     * One stored cookie.
     *
     * @param domain the host it belongs to
     * @param path the path it belongs to
     */
    record Cookie(String name, String value, String domain, String path) {

        /** Without the value, which may be a secret. */
        @Override
        public String toString() {
            return name + "=***; Domain=" + domain + "; Path=" + path;
        }
    }
}
