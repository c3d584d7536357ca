package io.github.asyncio4j.http;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One cookie and where it may go. Reads a Set-Cookie field as RFC 6265bis, section 5.6, has it.
 *
 * @param expires seconds since 1970
 */
record StoredCookie(
        String name,
        String value,
        String domain,
        String path,
        boolean hostOnly,
        boolean secure,
        boolean httpOnly,
        long expires,
        long created) {

    private static final int MAX_NAME_AND_VALUE = 4096;
    private static final int MAX_ATTRIBUTE = 1024;
    private static final long MAX_AGE = 400L * 24 * 3600;

    /** The cookie that {@code field} sets for the host of {@code url}, or null when it may not, or says nonsense. */
    static @Nullable StoredCookie parse(String field, Url url, long now, boolean addressesAllowed) {
        if (!isHarmless(field)) {
            return null;
        }
        String[] parts = field.split(";", -1);
        int equals = parts[0].indexOf('=');
        String name = equals < 0 ? "" : parts[0].substring(0, equals).trim();
        String value = parts[0].substring(equals + 1).trim();
        if (name.isEmpty() && value.isEmpty() || name.length() + value.length() > MAX_NAME_AND_VALUE) {
            return null;
        }
        Attributes attributes = Attributes.parse(parts);
        String host = url.origin.host();
        boolean address = host.indexOf(':') >= 0 || Hosts.isIpv4(host);
        String domain = attributes.domain;
        boolean hostOnly = domain.isEmpty() || domain.equals(host);
        boolean explicit = !domain.isEmpty();
        boolean refused = !hostOnly && (address || !isWithin(host, domain) || PublicSuffixes.contains(domain))
                || address && !addressesAllowed
                || attributes.secure && !isTrustworthy(url)
                || !prefixAllows(name, value, attributes, explicit, url);
        if (refused) {
            return null;
        }
        boolean onlyHost = !explicit || address || hostOnly && PublicSuffixes.contains(domain);
        return new StoredCookie(
                name,
                value,
                hostOnly ? host : domain,
                attributes.path == null ? defaultPath(url.path) : attributes.path,
                onlyHost,
                attributes.secure,
                attributes.httpOnly,
                attributes.expires(now),
                now);
    }

    /** True without the control characters that could end a header field. */
    static boolean isHarmless(String field) {
        return field.chars().noneMatch(c -> c < ' ' && c != '\t' || c == 0x7f);
    }

    // What runs on this machine cannot be listened to on the way.
    static boolean isTrustworthy(Url url) {
        String host = url.origin.host();
        return url.origin.secure() || host.equals("localhost") || host.endsWith(".localhost");
    }

    private static boolean prefixAllows(
            String name, String value, Attributes attributes, boolean domainGiven, Url url) {
        // A cookie without a name is sent as its value, and must not look like one that keeps a promise.
        String lower = (name.isEmpty() ? value : name).toLowerCase(Locale.ROOT);
        boolean safe = attributes.secure && isTrustworthy(url);
        if (name.isEmpty()) {
            return !lower.startsWith("__host-") && !lower.startsWith("__secure-");
        }
        if (lower.startsWith("__host-")) {
            return safe && !domainGiven && "/".equals(attributes.path);
        }
        return !lower.startsWith("__secure-") || safe;
    }

    private static boolean isWithin(String host, String domain) {
        return host.endsWith(domain) && host.charAt(host.length() - domain.length() - 1) == '.';
    }

    private static String defaultPath(String path) {
        int slash = path.lastIndexOf('/');
        return slash <= 0 ? "/" : path.substring(0, slash);
    }

    boolean isExpired(long now) {
        return expires <= now;
    }

    boolean isFor(Url url) {
        String host = url.origin.host();
        boolean domainFits = host.equals(domain) || !hostOnly && isLonger(host) && isWithin(host, domain);
        return domainFits && pathFits(url.path) && (!secure || isTrustworthy(url));
    }

    private boolean isLonger(String host) {
        return host.length() > domain.length();
    }

    private boolean pathFits(String of) {
        return of.startsWith(path)
                && (of.length() == path.length() || path.endsWith("/") || of.charAt(path.length()) == '/');
    }

    boolean isSameAs(StoredCookie other) {
        return name.equals(other.name)
                && domain.equals(other.domain)
                && path.equals(other.path)
                && hostOnly == other.hostOnly;
    }

    StoredCookie createdAt(long instant) {
        return new StoredCookie(name, value, domain, path, hostOnly, secure, httpOnly, expires, instant);
    }

    String pair() {
        return name.isEmpty() ? value : name + "=" + value;
    }

    @Override
    public String toString() {
        return name + "=***; Domain=" + domain + "; Path=" + path;
    }

    /** What follows the pair. Of an attribute that comes twice, the last one counts. */
    private static final class Attributes {
        String domain = "";

        @Nullable
        String path;

        boolean secure;
        boolean httpOnly;

        @Nullable
        Long maxAge;

        @Nullable
        Long expiry;

        static Attributes parse(String[] parts) {
            Attributes attributes = new Attributes();
            for (int i = 1; i < parts.length; i++) {
                int equals = parts[i].indexOf('=');
                String key = (equals < 0 ? parts[i] : parts[i].substring(0, equals)).trim();
                String value = equals < 0 ? "" : parts[i].substring(equals + 1).trim();
                if (value.length() <= MAX_ATTRIBUTE) {
                    attributes.take(key.toLowerCase(Locale.ROOT), value);
                }
            }
            return attributes;
        }

        private void take(String key, String value) {
            switch (key) {
                case "domain" -> domain = domainOf(value);
                case "path" -> path = value.startsWith("/") ? value : null;
                case "secure" -> secure = true;
                case "httponly" -> httpOnly = true;
                case "max-age" -> {
                    if (value.matches("-?\\d+")) {
                        maxAge = age(value);
                    }
                }
                case "expires" -> {
                    Long parsed = CookieDate.parse(value);
                    expiry = parsed == null ? expiry : parsed;
                }
                default -> {}
            }
        }

        private static String domainOf(String value) {
            String domain = value.startsWith(".") ? value.substring(1) : value;
            return domain.endsWith(".") ? "" : domain.toLowerCase(Locale.ROOT);
        }

        private static long age(String digits) {
            return digits.length() > 12 ? digits.startsWith("-") ? -1 : MAX_AGE : Long.parseLong(digits);
        }

        long expires(long now) {
            if (maxAge != null) {
                return maxAge <= 0 ? Long.MIN_VALUE : now + Math.min(maxAge, MAX_AGE);
            }
            return expiry == null ? Long.MAX_VALUE : Math.min(expiry, now + MAX_AGE);
        }
    }
}
