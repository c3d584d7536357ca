package io.github.asyncio4j.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Output that a page shows. */
public final class Output {

    private Output() {}

    /** The block after {@code <!-- output: name -->}. */
    public static String in(Path page, String name) throws IOException {
        String text = Files.readString(page);
        int start = text.indexOf("<!-- output: " + name + " -->\n```\n");
        if (start < 0) {
            throw new AssertionError(page + " shows no output of " + name);
        }
        start = text.indexOf("```\n", start) + 4;
        return text.substring(start, text.indexOf("```", start));
    }

    /** Numbers are all alike, and so are the units of time and the widths that come of them. */
    public static String masked(String text) {
        return text.strip()
                .replaceAll("\\d+([.,:]\\d+)*", "0")
                .replaceAll("\\b0 (us|ms|s|min)\\b", "0 ms")
                .replaceAll("-{2,}", "-")
                .replaceAll("[ \\t]+", " ");
    }
}
