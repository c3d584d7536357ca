package io.github.asyncio4j.http;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import reactor.core.publisher.Mono;

/**
 * The cookies of a session (RFC 6265bis): what servers set is sent back to them, and to nobody else. Each session has a
 * jar of its own unless it is given one. aiohttp's {@code CookieJar}.
 *
 * <pre>{@code
 * ClientSession forgetful =
 *         ClientSession.builder().cookieJar(CookieJar.disabled()).build();
 * }</pre>
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

    /** Forgets those that {@code which} holds for. */
    void clear(Predicate<? super Cookie> which);

    /**
     * Writes the cookies that have not expired to a file, those without an expiry as well: as {@code cookies.txt}, which
     * curl and wget read too. The file appears as a whole, and only its owner may read it. A cancel leaves what was there
     * before, or all of the new. Error: an {@link java.io.IOException}.
     */
    Mono<Void> save(Path file);

    /**
     * Puts what {@link #save} has written in the place of what is in the jar. Error: an {@link java.io.IOException} that
     * names the line which is no cookie, or {@link java.nio.file.NoSuchFileException}; then the jar is as before.
     */
    Mono<Void> load(Path file);

    /**
     * One stored cookie.
     *
     * <pre>{@code
     * Predicate<CookieJar.Cookie> ours = cookie -> cookie.domain().endsWith("example.com");
     * session.cookies().clear(ours);
     * }</pre>
     *
     * <p>What aiohttp keeps as a {@code Morsel} of Python's {@code http.cookies}.
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
