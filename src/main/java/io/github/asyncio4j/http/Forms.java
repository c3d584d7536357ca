package io.github.asyncio4j.http;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Names and values, encoded as HTML forms and queries have them. */
final class Forms {

    private Forms() {}

    /** {@code name=value}, or one for each element of an Iterable. */
    static String pairs(String name, Object value) {
        if (value == null) {
            throw new NullPointerException("value of " + name);
        }
        if (!(value instanceof Iterable<?> values)) {
            return UrlEncoding.encodeForm(name) + "=" + UrlEncoding.encodeForm(text(name, value));
        }
        StringBuilder pairs = new StringBuilder();
        for (Object each : values) {
            pairs.append(pairs.length() == 0 ? "" : "&").append(pairs(name, each));
        }
        return pairs.toString();
    }

    static String join(String pairs, String more) {
        return pairs.isEmpty() || more.isEmpty() ? pairs + more : pairs + "&" + more;
    }

    // A boolean is true, True or 1 depending on who reads it; a NaN is nothing that anybody reads.
    private static String text(String name, Object value) {
        boolean odd = value instanceof Boolean
                || value instanceof Double d && !Double.isFinite(d)
                || value instanceof Float f && !Float.isFinite(f);
        if (odd) {
            throw new IllegalArgumentException(
                    "value of " + name + " must be a text or a finite number, but is " + value);
        }
        return value.toString();
    }

    static MultipartForm multipart(Map<String, ?> fields) {
        MultipartForm form = MultipartForm.create();
        for (Map.Entry<String, ?> field : fields.entrySet()) {
            Object value = field.getValue();
            form = value instanceof Path file
                    ? form.file(field.getKey(), file)
                    : form.field(field.getKey(), text(field.getKey(), value));
        }
        return form;
    }

    /**
     * A body under the framing that the user's own headers ask for. They go out as this library's, so that what is
     * declared and what is sent cannot differ.
     */
    static @Nullable RequestBody framed(@Nullable RequestBody body, HeaderList headers) {
        String length = headers.get("Content-Length");
        String coding = headers.get("Transfer-Encoding");
        if (coding != null && (length != null || !coding.equalsIgnoreCase("chunked"))) {
            throw new IllegalArgumentException(
                    "Transfer-Encoding must be chunked and without a Content-Length, but is " + coding);
        }
        if (coding != null && body != null) {
            return body.withLength(-1);
        }
        if (length == null) {
            return body;
        }
        if (!length.matches("\\d{1,18}")) {
            throw new IllegalArgumentException("Content-Length must be a number, but is " + length);
        }
        long declared = Long.parseLong(length);
        long actual = body == null ? 0 : body.length();
        if (actual >= 0 && actual != declared) {
            throw new IllegalArgumentException(
                    "Content-Length is " + declared + ", but the body has " + actual + " bytes");
        }
        return body == null ? null : body.withLength(declared);
    }
}
