package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Checks;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who connects for us.
 *
 * @param socks by SOCKS5 (RFC 1928), otherwise by HTTP
 * @param login {@code user:password}, or null when it asks for none
 * @param headers what else goes out with CONNECT
 */
record Proxy(boolean socks, String host, int port, @Nullable String login, List<Map.Entry<String, String>> headers) {

    private static final int SOCKS_PORT = 1080;
    private static final Set<String> RESERVED = Set.of("host", "content-length", "transfer-encoding");

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
            return new Proxy(socks, parsed.origin.host(), port, parsed.login, List.of());
        } catch (InvalidUrlException e) {
            throw new IllegalArgumentException("proxy cannot be used: " + e.getMessage(), e);
        }
    }

    Proxy with(HeaderList more) {
        return new Proxy(socks, host, port, login, List.copyOf(more.fields()));
    }

    /** What belongs to CONNECT itself is not for users. */
    static String checkName(String name) {
        if (RESERVED.contains(HeaderList.checkName(name).toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException(name + " cannot be set for a proxy");
        }
        return name;
    }

    boolean sends(String name) {
        return headers.stream().anyMatch(field -> field.getKey().equalsIgnoreCase(name));
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
