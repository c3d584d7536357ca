package io.github.asyncio4j.http;

import java.net.IDN;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The one reading of a URL (RFC 3986): what is checked here is what is connected to, sent and shown. Everything in it is
 * already encoded for the wire; credentials and fragment are kept apart and are never part of {@link #toString}.
 */
final class Url {

    private static final int MAX_LENGTH = 64 * 1024;
    private static final String PATH_EXTRA = "-._~!$&'()*+,;=:@/";
    private static final String QUERY_EXTRA = PATH_EXTRA + "?";
    private static final String UNRESERVED_EXTRA = "-._~";
    private static final char[] HEX = "0123456789ABCDEF".toCharArray();

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
        checkCharacters(text);
        int colon = schemeEnd(text);
        if (colon < 0) {
            throw new InvalidUrlException("URL has no scheme (http or https): " + shown(text));
        }
        boolean secure = isSecure(text.substring(0, colon));
        if (!text.startsWith("//", colon + 1)) {
            throw new InvalidUrlException("URL has no host: " + shown(text));
        }
        return authorityAndRest(secure, text, colon + 3);
    }

    /** RFC 3986, section 5.2: {@code reference} as seen from this URL. Credentials of this URL are not carried over. */
    Url resolve(String reference) throws InvalidUrlException {
        checkCharacters(reference);
        int colon = schemeEnd(reference);
        if (colon >= 0) {
            return parse(reference);
        }
        if (reference.startsWith("//")) {
            return authorityAndRest(origin.secure(), reference, 2);
        }
        int hash = indexOrEnd(reference, '#', 0);
        String fragmentOf = hash < reference.length() ? reference.substring(hash + 1) : null;
        String rest = reference.substring(0, hash);
        if (rest.isEmpty()) {
            return new Url(origin, path, query, fragmentOf, null);
        }
        int question = indexOrEnd(rest, '?', 0);
        String newQuery = question < rest.length() ? encode(rest, question + 1, rest.length(), QUERY_EXTRA) : null;
        if (question == 0) {
            return new Url(origin, path, newQuery, fragmentOf, null);
        }
        String target = encode(rest, 0, question, PATH_EXTRA);
        String merged = target.startsWith("/") ? target : path.substring(0, path.lastIndexOf('/') + 1) + target;
        return new Url(origin, removeDots(merged), newQuery, fragmentOf, null);
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

    /** For messages: a query may hold secrets, so its values stay out. */
    String redacted() {
        return query == null ? origin + path : origin + path + "?…";
    }

    /** One name or value of a form, as HTML's application/x-www-form-urlencoded has it. */
    static String encodeForm(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (octet & 0xff);
            if (isPlain(c, "-._*")) {
                out.append(c);
            } else if (c == ' ') {
                out.append('+');
            } else {
                percent(out, octet);
            }
        }
        return out.toString();
    }

    /** A piece of a query that somebody else has encoded: only what cannot be sent is changed. */
    static String encodeQuery(String text) throws InvalidUrlException {
        checkCharacters(text);
        return encode(text, 0, text.length(), QUERY_EXTRA);
    }

    private static Url authorityAndRest(boolean secure, String text, int start) throws InvalidUrlException {
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
        int hash = indexOrEnd(text, '#', end);
        int question = Math.min(indexOrEnd(text, '?', end), hash);
        String path = removeDots(encode(text, end, question, PATH_EXTRA));
        String query = question < hash ? encode(text, question + 1, hash, QUERY_EXTRA) : null;
        String fragment = hash < text.length() ? text.substring(hash + 1) : null;
        return new Url(origin, path.isEmpty() ? "/" : path, query, fragment, login);
    }

    private static void checkCharacters(String text) throws InvalidUrlException {
        if (text.length() > MAX_LENGTH) {
            throw new InvalidUrlException("URL of " + text.length() + " characters is longer than " + MAX_LENGTH);
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c == 0x7f) {
                throw new InvalidUrlException("URL has a control character at index " + i);
            }
            if (Character.isSurrogate(c)) {
                if (!Character.isHighSurrogate(c)
                        || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    throw new InvalidUrlException("URL has half a character at index " + i);
                }
                i++;
            }
        }
    }

    /** Index of the colon behind a scheme, or -1. */
    private static int schemeEnd(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == ':') {
                return i == 0 ? -1 : i;
            }
            if (!isPlain(c, "+-.") || i == 0 && !isLetter(c)) {
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

    // Nearly every URL passes unchanged, so nothing is built until the first character that must be encoded.
    private static String encode(String text, int start, int end, String extra) {
        for (int i = start; i < end; i++) {
            if (!staysAsItIs(text, i, end, extra)) {
                return encodeFrom(i, text, start, end, extra);
            }
        }
        return text.substring(start, end);
    }

    private static boolean staysAsItIs(String text, int i, int end, String extra) {
        char c = text.charAt(i);
        return isPlain(c, extra) || c == '%' && i + 2 < end && isHex(text.charAt(i + 1)) && isHex(text.charAt(i + 2));
    }

    private static String encodeFrom(int first, String text, int start, int end, String extra) {
        StringBuilder out = new StringBuilder(end - start + 32).append(text, start, first);
        for (int i = first; i < end; ) {
            int point = text.codePointAt(i);
            int length = Character.charCount(point);
            if (staysAsItIs(text, i, end, extra)) {
                out.append(text.charAt(i));
            } else {
                for (byte octet : text.substring(i, i + length).getBytes(StandardCharsets.UTF_8)) {
                    percent(out, octet);
                }
            }
            i += length;
        }
        return out.toString();
    }

    private static void percent(StringBuilder out, byte octet) {
        out.append('%').append(HEX[octet >> 4 & 15]).append(HEX[octet & 15]);
    }

    /** RFC 3986, section 5.2.4. */
    static String removeDots(String path) {
        if (!path.contains("/.") && !path.startsWith(".")) {
            return path;
        }
        StringBuilder out = new StringBuilder(path.length());
        int i = 0;
        while (i < path.length()) {
            int slash = indexOrEnd(path, '/', i + 1);
            String segment = path.substring(i, slash);
            boolean last = slash == path.length();
            if (segment.equals("/..")) {
                out.setLength(Math.max(0, out.lastIndexOf("/")));
            }
            if (!segment.equals("/..") && !segment.equals("/.")) {
                out.append(segment);
            } else if (last) {
                out.append('/');
            }
            i = slash;
        }
        return out.toString();
    }

    private static int indexOrEnd(String text, char c, int from) {
        int index = text.indexOf(c, from);
        return index < 0 ? text.length() : index;
    }

    private static boolean isLetter(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
    }

    private static boolean isPlain(char c, String extra) {
        return isLetter(c) || c >= '0' && c <= '9' || c < 128 && extra.indexOf(c) >= 0;
    }

    private static boolean isHex(char c) {
        return Character.digit(c, 16) >= 0 && c < 128;
    }

    // A text that is no URL may hold anything, a password too: only its beginning is shown.
    private static String shown(String text) {
        int at = text.lastIndexOf('@');
        String safe = at >= 0 ? "…" + text.substring(at) : text;
        return safe.length() > 60 ? safe.substring(0, 60) + "…" : safe;
    }

    /**
     * Scheme, host and port: what connections are pooled by, and what credentials belong to.
     *
     * @param host in ASCII and lower case; an IPv6 address without brackets
     */
    record Origin(boolean secure, String host, int port) {

        static Origin parse(boolean secure, String hostAndPort) throws InvalidUrlException {
            int portAt;
            String host;
            if (hostAndPort.startsWith("[")) {
                int end = hostAndPort.indexOf(']');
                if (end < 0) {
                    throw new InvalidUrlException("URL has an IPv6 host without its closing bracket");
                }
                host = Hosts.ipv6(hostAndPort.substring(1, end));
                portAt = end + 1;
                if (portAt < hostAndPort.length() && hostAndPort.charAt(portAt) != ':') {
                    throw new InvalidUrlException("URL has something between host and port");
                }
            } else {
                portAt = indexOrEnd(hostAndPort, ':', 0);
                host = Hosts.name(hostAndPort.substring(0, portAt));
            }
            String port = portAt < hostAndPort.length() ? hostAndPort.substring(portAt + 1) : "";
            return new Origin(secure, host, port.isEmpty() ? defaultPort(secure) : number(port));
        }

        private static int defaultPort(boolean secure) {
            return secure ? 443 : 80;
        }

        private static int number(String text) throws InvalidUrlException {
            int port = 0;
            for (int i = 0; i < text.length() && port <= 65535; i++) {
                char c = text.charAt(i);
                port = c >= '0' && c <= '9' ? port * 10 + (c - '0') : 65536;
            }
            if (port < 1 || port > 65535) {
                throw new InvalidUrlException("URL has a port that is not between 1 and 65535");
            }
            return port;
        }

        /** The Host header: the port stands there when it is not the scheme's own; a zone never leaves this machine. */
        String hostHeader() {
            String name = host;
            if (host.indexOf(':') >= 0) {
                int zone = host.indexOf('%');
                name = "[" + (zone < 0 ? host : host.substring(0, zone)) + "]";
            }
            return port == defaultPort(secure) ? name : name + ":" + port;
        }

        // Those of a record are made at run time, which a first request would wait for.
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Origin origin
                    && origin.port == port
                    && origin.secure == secure
                    && origin.host.equals(host);
        }

        @Override
        public int hashCode() {
            return host.hashCode() * 31 + port;
        }

        @Override
        public String toString() {
            return (secure ? "https://" : "http://") + hostHeader();
        }
    }

    /** What may stand for a host. */
    static final class Hosts {

        private Hosts() {}

        static String name(String text) throws InvalidUrlException {
            String host = text;
            for (int i = 0; i < text.length(); i++) {
                char c = text.charAt(i);
                if (c >= 128) {
                    host = toAscii(text);
                    break;
                }
            }
            host = host.toLowerCase(Locale.ROOT);
            checkLabels(host);
            if (endsInNumber(host) && !isIpv4(host)) {
                throw new InvalidUrlException("URL has a host that is an IPv4 address in a doubtful form: " + host);
            }
            return host;
        }

        private static String toAscii(String text) throws InvalidUrlException {
            try {
                return IDN.toASCII(text);
            } catch (IllegalArgumentException e) {
                throw new InvalidUrlException("URL has a host that is no internationalized domain name");
            }
        }

        private static void checkLabels(String host) throws InvalidUrlException {
            int length = host.endsWith(".") ? host.length() - 1 : host.length();
            if (length == 0) {
                throw new InvalidUrlException("URL has no host");
            }
            int label = 0;
            for (int i = 0; i < length; i++) {
                char c = host.charAt(i);
                if (c == '.') {
                    checkLabel(label);
                    label = 0;
                } else if (isPlain(c, "-_")) {
                    label++;
                } else {
                    throw new InvalidUrlException("URL has a character in its host that may not be there: U+"
                            + String.format("%04X", (int) c));
                }
            }
            checkLabel(label);
            if (length > 253) {
                throw new InvalidUrlException("URL has a host of more than 253 characters");
            }
        }

        private static void checkLabel(int length) throws InvalidUrlException {
            if (length == 0 || length > 63) {
                throw new InvalidUrlException("URL has a host with a label of " + length + " characters");
            }
        }

        // What old resolvers would take for a number: 127.1, 0x7f.1, 017700000001, 2130706433.
        private static boolean endsInNumber(String host) {
            String trimmed = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
            String last = trimmed.substring(trimmed.lastIndexOf('.') + 1);
            return last.startsWith("0x") || last.chars().allMatch(c -> c >= '0' && c <= '9');
        }

        static boolean isIpv4(String host) {
            int parts = 0;
            int value = -1;
            for (int i = 0; i <= host.length(); i++) {
                char c = i == host.length() ? '.' : host.charAt(i);
                if (c == '.') {
                    if (value < 0 || ++parts > 4) {
                        return false;
                    }
                    value = -1;
                } else if (c < '0' || c > '9' || value == 0) {
                    return false;
                } else {
                    value = Math.max(value, 0) * 10 + (c - '0');
                    if (value > 255) {
                        return false;
                    }
                }
            }
            return parts == 4;
        }

        static String ipv6(String text) throws InvalidUrlException {
            int zone = text.indexOf('%');
            String address = zone < 0 ? text : text.substring(0, zone);
            if (!io.netty.util.NetUtil.isValidIpV6Address(address)) {
                throw new InvalidUrlException("URL has brackets around something that is no IPv6 address");
            }
            String lower = address.toLowerCase(Locale.ROOT);
            if (zone < 0) {
                return lower;
            }
            String name = text.substring(text.startsWith("%25", zone) ? zone + 3 : zone + 1);
            if (name.isEmpty() || !name.chars().allMatch(c -> isPlain((char) c, UNRESERVED_EXTRA))) {
                throw new InvalidUrlException("URL has an IPv6 zone that is no name");
            }
            return lower + "%" + name;
        }
    }
}
