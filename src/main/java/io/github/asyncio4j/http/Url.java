package io.github.asyncio4j.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The one reading of a URL (RFC 3986): what is checked here is what is connected to, sent and shown. Everything in it is
 * already encoded for the wire; credentials and fragment are kept apart and are never part of {@link #toString}.
 */
final class Url {

    final Origin origin;
    /** Encoded, starts with a slash. */
    final String path;
    /** Encoded, without the question mark; null when there is none. */
    final @Nullable String query;
    /** As it was given, without the hash. */
    final @Nullable String fragment;
    /** Decoded {@code user:password}, to be sent as Basic credentials. */
    final @Nullable String login;

    private Url(Origin origin, String path, @Nullable String query, @Nullable String fragment, @Nullable String login) {
        this.origin = origin;
        this.path = path;
        this.query = query;
        this.fragment = fragment;
        this.login = login;
    }

    /** Reads an absolute http or https URL. */
    static Url parse(String text) throws InvalidUrlException {
        return parse(text, false);
    }

    /** @param encoded whether it goes out as it is, which is refused for what cannot */
    static Url parse(String text, boolean encoded) throws InvalidUrlException {
        UrlEncoding.checkCharacters(text);
        int colon = schemeEnd(text);
        if (colon < 0) {
            throw new InvalidUrlException("URL has no scheme (http or https): " + shown(text));
        }
        boolean secure = isSecure(text.substring(0, colon));
        if (!text.startsWith("//", colon + 1)) {
            throw new InvalidUrlException("URL has no host: " + shown(text));
        }
        return authorityAndRest(secure, text, colon + 3, encoded);
    }

    /** RFC 3986, section 5.2: {@code reference} as seen from this URL. Credentials of this URL are not carried over. */
    Url resolve(String reference) throws InvalidUrlException {
        return resolve(reference, false);
    }

    /** @param encoded whether the reference goes out as it is */
    Url resolve(String reference, boolean encoded) throws InvalidUrlException {
        UrlEncoding.checkCharacters(reference);
        int colon = schemeEnd(reference);
        if (colon >= 0) {
            return parse(reference, encoded);
        }
        if (reference.startsWith("//")) {
            return authorityAndRest(origin.secure(), reference, 2, encoded);
        }
        int hash = UrlEncoding.indexOrEnd(reference, '#', 0);
        String fragmentOf = hash < reference.length() ? reference.substring(hash + 1) : null;
        String rest = reference.substring(0, hash);
        if (rest.isEmpty()) {
            return new Url(origin, path, query, fragmentOf, null);
        }
        int question = UrlEncoding.indexOrEnd(rest, '?', 0);
        String newQuery = question < rest.length() ? query(rest, question + 1, rest.length(), encoded) : null;
        if (question == 0) {
            return new Url(origin, path, newQuery, fragmentOf, null);
        }
        String target = path(rest, 0, question, encoded);
        String merged = target.startsWith("/") ? target : path.substring(0, path.lastIndexOf('/') + 1) + target;
        return new Url(origin, encoded ? merged : UrlEncoding.removeDots(merged), newQuery, fragmentOf, null);
    }

    /** This URL with already encoded {@code pairs} put behind its query. */
    Url plusQuery(String pairs) {
        String joined = query == null || query.isEmpty() ? pairs : query + "&" + pairs;
        return pairs.isEmpty() ? this : new Url(origin, path, joined, fragment, login);
    }

    /** This URL with another's fragment, for a redirect that names none. */
    Url withFragment(@Nullable String other) {
        return new Url(origin, path, query, other, login);
    }

    /** What stands in the request line. */
    String target() {
        return query == null ? path : path + "?" + query;
    }

    /** Without credentials and fragment. */
    @Override
    public String toString() {
        return origin + target();
    }

    /** With the fragment, which no server sees. */
    String withFragment() {
        return fragment == null ? toString() : this + "#" + fragment;
    }

    /** For messages: a query may hold secrets, so its values stay out. */
    String redacted() {
        return query == null ? origin + path : origin + path + "?…";
    }

    private static Url authorityAndRest(boolean secure, String text, int start, boolean encoded)
            throws InvalidUrlException {
        int end = start;
        while (end < text.length() && "/?#".indexOf(text.charAt(end)) < 0) {
            end++;
        }
        String authority = text.substring(start, end);
        if (authority.indexOf('\\') >= 0) {
            throw new InvalidUrlException("URL has a backslash before its path");
        }
        int at = authority.indexOf('@');
        if (at != authority.lastIndexOf('@')) {
            throw new InvalidUrlException("URL has more than one @ before its path");
        }
        String login = at < 0 ? null : decodeLogin(authority.substring(0, at));
        Origin origin = Origin.parse(secure, authority.substring(at + 1));
        int hash = UrlEncoding.indexOrEnd(text, '#', end);
        int question = Math.min(UrlEncoding.indexOrEnd(text, '?', end), hash);
        String written = path(text, end, question, encoded);
        String path = encoded ? written : UrlEncoding.removeDots(written);
        String query = question < hash ? query(text, question + 1, hash, encoded) : null;
        String fragment = hash < text.length() ? text.substring(hash + 1) : null;
        return new Url(origin, path.isEmpty() ? "/" : path, query, fragment, login);
    }

    private static String path(String text, int start, int end, boolean encoded) throws InvalidUrlException {
        return encoded
                ? UrlEncoding.asGiven(text, start, end)
                : UrlEncoding.encode(text, start, end, UrlEncoding.PATH_EXTRA);
    }

    private static String query(String text, int start, int end, boolean encoded) throws InvalidUrlException {
        return encoded
                ? UrlEncoding.asGiven(text, start, end)
                : UrlEncoding.encode(text, start, end, UrlEncoding.QUERY_EXTRA);
    }

    /** Index of the colon behind a scheme, or -1. */
    private static int schemeEnd(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == ':') {
                return i == 0 ? -1 : i;
            }
            if (!UrlEncoding.isPlain(c, "+-.") || i == 0 && !UrlEncoding.isLetter(c)) {
                return -1;
            }
        }
        return -1;
    }

    private static boolean isSecure(String scheme) throws InvalidUrlException {
        return switch (scheme.toLowerCase(Locale.ROOT)) {
            case "http" -> false;
            case "https" -> true;
            default -> throw new InvalidUrlException("URL scheme is neither http nor https: " + scheme);
        };
    }

    private static String decodeLogin(String userInfo) throws InvalidUrlException {
        try {
            String decoded = URLDecoder.decode(userInfo.replace("+", "%2B"), StandardCharsets.UTF_8);
            return decoded.indexOf(':') < 0 ? decoded + ":" : decoded;
        } catch (IllegalArgumentException e) {
            throw new InvalidUrlException("URL has badly encoded credentials");
        }
    }

    // A text that is no URL may hold anything, a password too: only its beginning is shown.
    private static String shown(String text) {
        int at = text.lastIndexOf('@');
        String safe = at >= 0 ? "…" + text.substring(at) : text;
        return safe.length() > 60 ? safe.substring(0, 60) + "…" : safe;
    }
}
