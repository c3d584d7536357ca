package io.github.asyncio4j.http;

/** Names and values, encoded as HTML forms and queries have them. */
final class Forms {

    private Forms() {}

    /** {@code name=value}, or one for each element of an Iterable. */
    static String pairs(String name, Object value) {
        if (value == null) {
            throw new NullPointerException("value of " + name);
        }
        if (!(value instanceof Iterable<?> values)) {
            return Url.encodeForm(name) + "=" + Url.encodeForm(text(name, value));
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
}
