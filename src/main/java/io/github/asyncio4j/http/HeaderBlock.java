package io.github.asyncio4j.http;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Header fields over the bytes they came in: most of them are never looked at, so no String is made before somebody
 * asks. Four marks for each field: where its name and its value begin and end.
 */
final class HeaderBlock implements Headers {

    static final HeaderBlock EMPTY = new HeaderBlock(new byte[0]);

    private static final Set<String> SECRET =
            Set.of("authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "www-authenticate");

    private final byte[] bytes;
    private int[] marks = new int[32];
    private int size;

    HeaderBlock(byte[] bytes) {
        this.bytes = bytes;
    }

    static boolean isSecret(String name) {
        return SECRET.contains(name.toLowerCase(Locale.ROOT));
    }

    /** Used while the block is being read, by one thread. */
    void add(int nameStart, int nameEnd, int valueStart, int valueEnd) {
        if (size == marks.length) {
            marks = Arrays.copyOf(marks, size * 2);
        }
        marks[size] = nameStart;
        marks[size + 1] = nameEnd;
        marks[size + 2] = valueStart;
        marks[size + 3] = valueEnd;
        size += 4;
    }

    /** The last field goes on over the next line (obs-fold). */
    void extendLast(int valueEnd) {
        marks[size - 1] = valueEnd;
    }

    /** Over the same bytes, without the fields of those names (in lower case). */
    HeaderBlock without(Set<String> lowerNames) {
        HeaderBlock kept = new HeaderBlock(bytes);
        for (int i = 0; i < size; i += 4) {
            if (!lowerNames.contains(name(i / 4).toLowerCase(Locale.ROOT))) {
                kept.add(marks[i], marks[i + 1], marks[i + 2], marks[i + 3]);
            }
        }
        return kept;
    }

    int count() {
        return size / 4;
    }

    String name(int index) {
        return text(marks[index * 4], marks[index * 4 + 1]);
    }

    String value(int index) {
        return text(marks[index * 4 + 2], marks[index * 4 + 3]);
    }

    /** The first value of a name given in lower case. */
    @Nullable
    String get(String lowerName) {
        int index = find(lowerName, 0);
        return index < 0 ? null : value(index);
    }

    /** Index of the next field of that name (in lower case), or -1. */
    int find(String lowerName, int from) {
        for (int i = from; i < size / 4; i++) {
            if (matches(i, lowerName)) {
                return i;
            }
        }
        return -1;
    }

    private boolean matches(int index, String lowerName) {
        int start = marks[index * 4];
        if (marks[index * 4 + 1] - start != lowerName.length()) {
            return false;
        }
        for (int i = 0; i < lowerName.length(); i++) {
            int c = bytes[start + i];
            if (c >= 'A' && c <= 'Z') {
                c += 'a' - 'A';
            }
            if (c != lowerName.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private String text(int start, int end) {
        return new String(bytes, start, end - start, StandardCharsets.ISO_8859_1);
    }

    @Override
    public Optional<String> first(String name) {
        return Optional.ofNullable(get(name.toLowerCase(Locale.ROOT)));
    }

    @Override
    public List<String> all(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        List<String> values = new ArrayList<>(2);
        for (int i = find(lower, 0); i >= 0; i = find(lower, i + 1)) {
            values.add(value(i));
        }
        return List.copyOf(values);
    }

    @Override
    public boolean contains(String name) {
        return find(name.toLowerCase(Locale.ROOT), 0) >= 0;
    }

    @Override
    public List<String> names() {
        List<String> names = new ArrayList<>(size / 4);
        for (int i = 0; i < size / 4; i++) {
            if (find(name(i).toLowerCase(Locale.ROOT), 0) == i) {
                names.add(name(i));
            }
        }
        return List.copyOf(names);
    }

    @Override
    public String toString() {
        StringBuilder out = new StringBuilder("{");
        for (int i = 0; i < size / 4; i++) {
            String name = name(i);
            out.append(i == 0 ? "" : ", ").append(name).append(": ").append(isSecret(name) ? "***" : value(i));
        }
        return out.append('}').toString();
    }
}
