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
 * @param login {@code user:password}, or null when it asks for none
 * @param headers what else goes out with CONNECT
 */
record Proxy(Kind kind, String host, int port, @Nullable String login, List<Map.Entry<String, String>> headers) {

    private static final Set<String> RESERVED = Set.of("host", "content-length", "transfer-encoding");

    /** How it is spoken to. */
    enum Kind {
        HTTP(80),
        /** HTTP inside TLS. */
        HTTPS(443),
        /** RFC 1928. */
        SOCKS5(1080);

        private final int port;

        Kind(int port) {
            this.port = port;
        }

        static Kind of(String scheme) {
            return switch (scheme) {
                case "http" -> HTTP;
                case "https" -> HTTPS;
                case "socks5", "socks5h" -> SOCKS5;
                default ->
                    throw new IllegalArgumentException("proxy must be an http, https or socks5 URL, but its scheme is "
                            + (scheme.isEmpty() ? "missing" : HeaderList.visible(scheme)));
            };
        }
    }

    /** @throws IllegalArgumentException when it is no URL of a proxy */
    static Proxy parse(String url) {
        int end = Checks.notNull(url, "url").indexOf("://");
        Kind kind = Kind.of(end < 0 ? "" : url.substring(0, end).toLowerCase(Locale.ROOT));
        try {
            Url parsed = Url.parse("http" + url.substring(end));
            boolean portGiven = url.substring(url.lastIndexOf('@') + 1).matches("(?:[^/]*//)?[^/]*:\\d+/?");
            int port = portGiven ? parsed.origin.port() : kind.port;
            return new Proxy(kind, parsed.origin.host(), port, parsed.login, List.of());
        } catch (InvalidUrlException e) {
            throw new IllegalArgumentException("proxy cannot be used: " + e.getMessage(), e);
        }
    }

    Proxy with(HeaderList more) {
        return new Proxy(kind, host, port, login, List.copyOf(more.fields()));
    }

    boolean socks() {
        return kind == Kind.SOCKS5;
    }

    /** Whom it has to be by its certificate, or null where it shows none. */
    @Nullable
    Origin tlsPeer() {
        return kind == Kind.HTTPS ? new Origin(true, host, port) : null;
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
        return kind.name().toLowerCase(Locale.ROOT) + "://" + host + ":" + port;
    }
}
