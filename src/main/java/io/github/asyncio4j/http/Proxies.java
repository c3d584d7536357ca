package io.github.asyncio4j.http;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Which origin is reached through which proxy. */
final class Proxies {

    static final Proxies NONE = new Proxies(null, null, List.of());

    private final @Nullable Proxy plain;
    private final @Nullable Proxy secure;
    private final List<Rule> exceptions;

    /** One entry of NO_PROXY. */
    private interface Rule {
        boolean covers(Origin origin);
    }

    private Proxies(@Nullable Proxy plain, @Nullable Proxy secure, List<Rule> exceptions) {
        this.plain = plain;
        this.secure = secure;
        this.exceptions = exceptions;
    }

    /** One for all. */
    static Proxies all(Proxy proxy) {
        return new Proxies(proxy, proxy, List.of());
    }

    /** The same, and what else is said to them. */
    Proxies with(HeaderList headers) {
        return headers.fields().isEmpty() ? this : new Proxies(with(plain, headers), with(secure, headers), exceptions);
    }

    private static @Nullable Proxy with(@Nullable Proxy proxy, HeaderList headers) {
        return proxy == null ? null : proxy.with(headers);
    }

    /**
     * What curl and Python read as well: {@code http_proxy}, {@code https_proxy}, {@code all_proxy} and {@code no_proxy},
     * the small spelling first. HTTP_PROXY in capitals is not trusted where a CGI server may have set it from a header.
     */
    static Proxies of(Map<String, String> environment) {
        String http = environment.get("http_proxy");
        if (http == null && !environment.containsKey("REQUEST_METHOD")) {
            http = environment.get("HTTP_PROXY");
        }
        String all = either(environment, "all_proxy");
        String https = either(environment, "https_proxy");
        String none = either(environment, "no_proxy");
        return new Proxies(
                parse(isSet(http) ? http : all),
                parse(isSet(https) ? https : all),
                exceptions(none == null ? "" : none));
    }

    private static @Nullable String either(Map<String, String> environment, String name) {
        String small = environment.get(name);
        return small == null ? environment.get(name.toUpperCase(Locale.ROOT)) : small;
    }

    private static boolean isSet(@Nullable String value) {
        return value != null && !value.isBlank();
    }

    private static @Nullable Proxy parse(@Nullable String url) {
        if (url == null || url.isBlank()) {
            return null;
        }
        String trimmed = url.trim();
        return Proxy.parse(trimmed.contains("://") ? trimmed : "http://" + trimmed);
    }

    /** The proxy towards {@code origin}, or null. */
    @Nullable
    Proxy towards(Origin origin) {
        Proxy proxy = origin.secure() ? secure : plain;
        if (proxy == null) {
            return null;
        }
        for (Rule exception : exceptions) {
            if (exception.covers(origin)) {
                return null;
            }
        }
        return proxy;
    }

    // ---------------------------------------------------------------- NO_PROXY

    private static List<Rule> exceptions(String list) {
        List<Rule> exceptions = new ArrayList<>();
        exceptions.add(Proxies::isLocal);
        for (String part : list.split(",")) {
            String entry = part.trim().toLowerCase(Locale.ROOT);
            if (entry.equals("*")) {
                exceptions.add(origin -> true);
            } else if (!entry.isEmpty()) {
                exceptions.add(entry.indexOf('/') > 0 ? network(entry) : name(entry));
            }
        }
        return List.copyOf(exceptions);
    }

    private static boolean isLocal(Origin origin) {
        InetAddress literal = Addresses.literal(origin.host());
        return literal != null ? literal.isLoopbackAddress() : origin.host().equals("localhost");
    }

    private static Rule name(String entry) {
        int colon = entry.lastIndexOf(':');
        boolean hasPort =
                colon > 0 && entry.indexOf(':') == colon || entry.startsWith("[") && colon > entry.indexOf(']');
        String port = hasPort ? entry.substring(colon + 1) : "";
        String host = (hasPort ? entry.substring(0, colon) : entry).replaceAll("^\\[|]$|^\\*?\\.", "");
        InetAddress literal = Addresses.literal(host);
        return origin -> (port.isEmpty() || port.equals(Integer.toString(origin.port())))
                && (literal == null
                        ? origin.host().equals(host)
                                || origin.host().endsWith("." + host) && Addresses.literal(origin.host()) == null
                        : literal.equals(Addresses.literal(origin.host())));
    }

    private static Rule network(String entry) {
        Network network = Network.parse(entry);
        return origin -> {
            InetAddress literal = Addresses.literal(origin.host());
            return network != null && literal != null && network.contains(literal); // what is none covers nothing
        };
    }

    /** Requests that take the same way are the same for {@link SingleFlight}. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Proxies that
                && Objects.equals(plain, that.plain)
                && Objects.equals(secure, that.secure)
                && exceptions.equals(that.exceptions);
    }

    @Override
    public int hashCode() {
        return Objects.hash(plain, secure);
    }
}
