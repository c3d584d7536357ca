package io.github.asyncio4j.http;

import java.nio.charset.StandardCharsets;

/** Percent-encoding, once and as UTF-8: what is encoded already stays as it is. */
final class UrlEncoding {

    static final String PATH_EXTRA = "-._~!$&'()*+,;=:@/";
    static final String QUERY_EXTRA = PATH_EXTRA + "?";
    private static final int MAX_LENGTH = 64 * 1024;
    private static final char[] HEX = "0123456789ABCDEF".toCharArray();

    private UrlEncoding() {}

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

    static void checkCharacters(String text) throws InvalidUrlException {
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

    /** What somebody else has encoded; whatever could not be sent in a request line is refused. */
    static String asGiven(String text, int start, int end) throws InvalidUrlException {
        for (int i = start; i < end; i++) {
            char c = text.charAt(i);
            if (c <= ' ' || c >= 0x7f) {
                throw new InvalidUrlException("encoded URL has a character at index " + i + " that is not encoded");
            }
        }
        return text.substring(start, end);
    }

    // Nearly every URL passes unchanged, so nothing is built until the first character that must be encoded.
    static String encode(String text, int start, int end, String extra) {
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

    static int indexOrEnd(String text, char c, int from) {
        int index = text.indexOf(c, from);
        return index < 0 ? text.length() : index;
    }

    static boolean isLetter(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
    }

    static boolean isPlain(char c, String extra) {
        return isLetter(c) || c >= '0' && c <= '9' || c < 128 && extra.indexOf(c) >= 0;
    }

    private static boolean isHex(char c) {
        return Character.digit(c, 16) >= 0 && c < 128;
    }
}
