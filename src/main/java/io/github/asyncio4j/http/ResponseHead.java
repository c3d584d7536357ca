package io.github.asyncio4j.http;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Status line and header fields of one response.
 *
 * <p>It is read strictly: what one reader takes for the end of a field and another does not is how responses are
 * smuggled. A line may end in a bare LF, as RFC 9112 allows; a field may go on in the next line (obs-fold), which is
 * turned into spaces.
 */
final class ResponseHead {

    static final int MAX_LINE = 8190;
    static final int MAX_BYTES = 64 * 1024;
    static final int MAX_FIELDS = 128;

    final int status;
    final int minorVersion;
    final HeaderBlock headers;
    private final byte[] bytes;
    private final int reasonStart;
    private final int reasonEnd;

    private ResponseHead(byte[] bytes, int status, int minorVersion, int reasonStart, int reasonEnd) {
        this.bytes = bytes;
        this.status = status;
        this.minorVersion = minorVersion;
        this.reasonStart = reasonStart;
        this.reasonEnd = reasonEnd;
        this.headers = new HeaderBlock(bytes);
    }

    String reason() {
        return new String(bytes, reasonStart, reasonEnd - reasonStart, StandardCharsets.ISO_8859_1);
    }

    boolean isInformational() {
        return status < 200;
    }

    /** RFC 9112, section 9.3: may another request follow on this connection? */
    boolean keepsAlive() {
        boolean close = hasToken("connection", "close");
        return !close && (minorVersion >= 1 || hasToken("connection", "keep-alive"));
    }

    boolean hasToken(String name, String token) {
        for (int i = headers.find(name, 0); i >= 0; i = headers.find(name, i + 1)) {
            for (String part : headers.value(i).split(",")) {
                if (part.trim().toLowerCase(Locale.ROOT).equals(token)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** That of a response, wherever it comes from. */
    static ResponseHead of(ClientResponse response) throws InvalidResponseException {
        if (response instanceof DefaultClientResponse ours) {
            return ours.head();
        }
        HeaderList fields = HeaderList.EMPTY;
        try {
            for (String name : response.headers().names()) {
                for (String value : response.headers().all(name)) {
                    fields = fields.add(name, value);
                }
            }
        } catch (IllegalArgumentException e) {
            throw new InvalidResponseException(response.url() + ": " + e.getMessage());
        }
        return of(response.status(), fields.fields());
    }

    /** From parts that were checked. */
    static ResponseHead of(int status, List<Map.Entry<String, String>> fields) throws InvalidResponseException {
        StringBuilder text =
                new StringBuilder(256).append("HTTP/1.1 ").append(status).append("\r\n");
        for (Map.Entry<String, String> field : fields) {
            text.append(field.getKey()).append(": ").append(field.getValue()).append("\r\n");
        }
        return parse(text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Reads a whole head, from the status line to the empty line that ends it. */
    static ResponseHead parse(byte[] bytes) throws InvalidResponseException {
        int end = lineEnd(bytes, 0);
        ResponseHead head = statusLine(bytes, textEnd(bytes, 0, end));
        parseFields(bytes, end + 1, head.headers);
        return head;
    }

    private static ResponseHead statusLine(byte[] bytes, int end) throws InvalidResponseException {
        boolean valid = end >= 12
                && startsWithHttp1(bytes)
                && (bytes[7] == '0' || bytes[7] == '1')
                && bytes[8] == ' '
                && isDigit(bytes[9])
                && isDigit(bytes[10])
                && isDigit(bytes[11])
                && (end == 12 || bytes[12] == ' ');
        int status = valid ? (bytes[9] - '0') * 100 + (bytes[10] - '0') * 10 + (bytes[11] - '0') : 0;
        if (status < 100) {
            throw new InvalidResponseException("the response does not begin with an HTTP/1.1 status line");
        }
        checkText(bytes, 0, end, "status line");
        return new ResponseHead(bytes, status, bytes[7] - '0', Math.min(end, 13), end);
    }

    private static boolean startsWithHttp1(byte[] bytes) {
        return bytes[0] == 'H'
                && bytes[1] == 'T'
                && bytes[2] == 'T'
                && bytes[3] == 'P'
                && bytes[4] == '/'
                && bytes[5] == '1'
                && bytes[6] == '.';
    }

    /** Reads fields from {@code start} to an empty line. */
    static void parseFields(byte[] bytes, int start, HeaderBlock headers) throws InvalidResponseException {
        int line = start;
        while (true) {
            int lineEnd = lineEnd(bytes, line);
            int end = textEnd(bytes, line, lineEnd);
            if (end == line) {
                return;
            }
            checkText(bytes, line, end, "header");
            if (bytes[line] == ' ' || bytes[line] == '\t') {
                unfold(bytes, start, line, end, headers);
            } else {
                parseField(bytes, line, end, headers);
            }
            line = lineEnd + 1;
        }
    }

    private static void parseField(byte[] bytes, int line, int end, HeaderBlock headers)
            throws InvalidResponseException {
        int colon = line;
        while (colon < end && HeaderList.isTokenChar(bytes[colon])) {
            colon++;
        }
        if (colon == line || colon == end || bytes[colon] != ':') {
            throw new InvalidResponseException("the response has a header whose name is not a token");
        }
        if (headers.count() == MAX_FIELDS) {
            throw new InvalidResponseException("the response has more than " + MAX_FIELDS + " headers");
        }
        int valueStart = colon + 1;
        while (valueStart < end && isBlank(bytes[valueStart])) {
            valueStart++;
        }
        headers.add(line, colon, valueStart, trimmedEnd(bytes, valueStart, end));
    }

    private static void unfold(byte[] bytes, int start, int line, int end, HeaderBlock headers)
            throws InvalidResponseException {
        if (line == start) {
            throw new InvalidResponseException("the response has a space before its first header");
        }
        for (int i = line - 1; bytes[i] == '\n' || bytes[i] == '\r'; i--) {
            bytes[i] = ' ';
        }
        headers.extendLast(trimmedEnd(bytes, line, end));
    }

    private static int trimmedEnd(byte[] bytes, int from, int end) {
        int trimmed = end;
        while (trimmed > from && isBlank(bytes[trimmed - 1])) {
            trimmed--;
        }
        return trimmed;
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    private static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    // The reader has made sure that the block ends in an empty line.
    private static int lineEnd(byte[] bytes, int from) throws InvalidResponseException {
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                return i;
            }
        }
        throw new InvalidResponseException("the response has a header that does not end");
    }

    private static int textEnd(byte[] bytes, int line, int lineEnd) {
        return lineEnd > line && bytes[lineEnd - 1] == '\r' ? lineEnd - 1 : lineEnd;
    }

    private static void checkText(byte[] bytes, int from, int to, String where) throws InvalidResponseException {
        for (int i = from; i < to; i++) {
            int c = bytes[i];
            if (c >= 0 && c < ' ' && c != '\t' || c == 0x7f) {
                throw new InvalidResponseException("the response has a control character in its " + where);
            }
        }
    }
}
