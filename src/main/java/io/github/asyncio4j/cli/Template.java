package io.github.asyncio4j.cli;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** A text with places to fill in: <code>{n}</code>, <code>{uuid}</code>, and the columns of a table. */
record Template(String text) {

    /** @param row the values of the columns, by name */
    String filledIn(long number, Map<String, String> row) {
        if (text.indexOf('{') < 0) {
            return text;
        }
        StringBuilder filled = new StringBuilder(text.length() + 32);
        int from = 0;
        for (int open = text.indexOf('{'); open >= 0; open = text.indexOf('{', open + 1)) {
            int close = text.indexOf('}', open);
            if (close < 0) {
                break;
            }
            String value = value(text.substring(open + 1, close), number, row);
            if (value != null) {
                filled.append(text, from, open).append(value);
                from = close + 1;
            }
        }
        return filled.append(text, from, text.length()).toString();
    }

    /** A column comes first, so that a table may have one that is called {@code n}; null: no place of ours, leave it. */
    private static @Nullable String value(String name, long number, Map<String, String> row) {
        String column = row.get(name);
        if (column != null) {
            return column;
        }
        return switch (name) {
            case "n" -> Long.toString(number);
            case "uuid" -> randomUuid().toString();
            default -> null;
        };
    }

    /** Of version 4. Unique is enough here: the secure source of random numbers may block, and this is an event loop. */
    private static UUID randomUuid() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        long high = random.nextLong() & ~0xF000L | 0x4000L;
        long low = random.nextLong() & ~(0b11L << 62) | 0b10L << 62;
        return new UUID(high, low);
    }
}
