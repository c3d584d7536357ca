package io.github.asyncio4j.http;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Header fields to be sent: immutable, checked when they are put in, so that nothing can be smuggled onto the wire. */
final class HeaderList {

    static final HeaderList EMPTY = new HeaderList(List.of());

    // A value of its own identity: an empty one may be sent.
    @SuppressWarnings("StringOperationCanBeSimplified")
    private static final String ABSENT = new String("");

    private final List<Map.Entry<String, String>> fields;

    private HeaderList(List<Map.Entry<String, String>> fields) {
        this.fields = fields;
    }

    /** With every field of that name replaced by this one. */
    HeaderList set(String name, String value) {
        Map.Entry<String, String> field = Map.entry(checkName(name), checkValue(name, value));
        List<Map.Entry<String, String>> changed = copyWithout(name);
        changed.add(field);
        return new HeaderList(changed);
    }

    /** With one more field, also when there is one of that name. */
    HeaderList add(String name, String value) {
        List<Map.Entry<String, String>> changed = new ArrayList<>(fields);
        changed.add(Map.entry(checkName(name), checkValue(name, value)));
        return new HeaderList(changed);
    }

    HeaderList without(String name) {
        return new HeaderList(copyWithout(name));
    }

    /** Without that field, and marked so that it is not added later either. */
    HeaderList absent(String name) {
        List<Map.Entry<String, String>> changed = copyWithout(checkName(name));
        changed.add(Map.entry(name, ABSENT));
        return new HeaderList(changed);
    }

    /** Without the fields whose name, in lower case, is one of those. */
    HeaderList without(Predicate<String> lowerName) {
        List<Map.Entry<String, String>> kept = new ArrayList<>(fields);
        kept.removeIf(field -> lowerName.test(field.getKey().toLowerCase(Locale.ROOT)));
        return kept.size() == fields.size() ? this : new HeaderList(kept);
    }

    /** These fields, and those of {@code more} in place of any with the same name. */
    HeaderList overriddenBy(HeaderList more) {
        if (fields.isEmpty() || more.fields.isEmpty()) {
            return fields.isEmpty() ? more : this;
        }
        List<Map.Entry<String, String>> all = new ArrayList<>(fields);
        all.removeIf(field -> more.contains(field.getKey()));
        all.addAll(more.fields);
        return new HeaderList(all);
    }

    private List<Map.Entry<String, String>> copyWithout(String name) {
        List<Map.Entry<String, String>> changed = new ArrayList<>(fields.size() + 1);
        for (Map.Entry<String, String> field : fields) {
            if (!field.getKey().equalsIgnoreCase(name)) {
                changed.add(field);
            }
        }
        return changed;
    }

    List<Map.Entry<String, String>> fields() {
        return fields;
    }

    /** True when a field is there, or must not be. */
    boolean contains(String name) {
        return find(name) != null;
    }

    @Nullable
    String get(String name) {
        String value = find(name);
        return isAbsent(value) ? null : value;
    }

    @SuppressWarnings("ReferenceEquality") // a marker, not a value
    static boolean isAbsent(@Nullable String value) {
        return value == ABSENT;
    }

    private @Nullable String find(String name) {
        for (Map.Entry<String, String> field : fields) {
            if (field.getKey().equalsIgnoreCase(name)) {
                return field.getValue();
            }
        }
        return null;
    }

    /** RFC 9110, section 5.6.2: a token. */
    static String checkName(String name) {
        Objects.requireNonNull(name, "name");
        if (!isToken(name)) {
            throw new IllegalArgumentException("header name is not a token: \"" + visible(name) + "\"");
        }
        return name;
    }

    /** No control characters, nothing beyond Latin-1. The value may be a secret, so it is not shown. */
    static String checkValue(String name, String value) {
        Objects.requireNonNull(value, "value");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < ' ' && c != '\t' || c == 0x7f) {
                throw new IllegalArgumentException(
                        "value of header " + name + " has a control character at index " + i);
            }
            if (c > 0xff) {
                throw new IllegalArgumentException(
                        "value of header " + name + " has a character beyond Latin-1 at index " + i);
            }
        }
        return value;
    }

    /** RFC 6265, section 4.1.1, as far as it matters: nothing that ends the pair or the line. */
    static String checkCookie(String name, String value) {
        if (!isToken(Objects.requireNonNull(name, "name"))) {
            throw new IllegalArgumentException("cookie name is not a token: \"" + visible(name) + "\"");
        }
        if (checkValue("Cookie", value).indexOf(';') >= 0) {
            throw new IllegalArgumentException("value of cookie " + name + " has a semicolon");
        }
        return name + "=" + value;
    }

    static boolean isToken(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (!isTokenChar(text.charAt(i))) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    static boolean isTokenChar(int c) {
        return c >= 'a' && c <= 'z'
                || c >= 'A' && c <= 'Z'
                || c >= '0' && c <= '9'
                || c > ' ' && c < 0x7f && "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }

    static String visible(String text) {
        StringBuilder out = new StringBuilder();
        for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
            out.append(octet >= ' ' && octet < 0x7f ? (char) octet : '?');
        }
        return out.toString();
    }

    @Override
    public String toString() {
        StringBuilder out = new StringBuilder("{");
        for (Map.Entry<String, String> field : fields) {
            out.append(out.length() == 1 ? "" : ", ")
                    .append(field.getKey())
                    .append(": ")
                    .append(isAbsent(field.getValue()) ? "(none)" : shown(field));
        }
        return out.append('}').toString();
    }

    private static String shown(Map.Entry<String, String> field) {
        return HeaderBlock.isSecret(field.getKey()) ? "***" : field.getValue();
    }
}
