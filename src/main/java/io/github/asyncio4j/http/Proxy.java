package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Checks;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who connects for us.
 *
 * @param socks by SOCKS5 (RFC 1928), otherwise by HTTP
 * @param login {@code user:password}, or null when it asks for none
 */
record Proxy(boolean socks, String host, int port, @Nullable String login) {

    private static final int SOCKS_PORT = 1080;

    /** @throws IllegalArgumentException when it is no URL of a proxy */
    static Proxy parse(String url) {
        int end = Checks.notNull(url, "url").indexOf("://");
        String scheme = end < 0 ? "" : url.substring(0, end).toLowerCase(Locale.ROOT);
        boolean socks = scheme.equals("socks5") || scheme.equals("socks5h");
        if (!socks && !scheme.equals("http")) {
            throw new IllegalArgumentException("proxy must be an http or socks5 URL, but its scheme is "
                    + (scheme.isEmpty() ? "missing" : HeaderList.visible(scheme)));
        }
        try {
            Url parsed = Url.parse("http" + url.substring(end));
            boolean portGiven = url.substring(url.lastIndexOf('@') + 1).matches("(?:[^/]*//)?[^/]*:\\d+/?");
            int port = socks && !portGiven ? SOCKS_PORT : parsed.origin.port();
            return new Proxy(socks, parsed.origin.host(), port, parsed.login);
        } catch (InvalidUrlException e) {
            throw new IllegalArgumentException("proxy cannot be used: " + e.getMessage(), e);
        }
    }

    /** Value of Proxy-Authorization, or null. */
    @Nullable
    String authorization() {
        return login == null ? null : DefaultClientRequest.basic(login);
    }

    /** Without credentials. */
    @Override
    public String toString() {
        return (socks ? "socks5://" : "http://") + host + ":" + port;
    }
}
