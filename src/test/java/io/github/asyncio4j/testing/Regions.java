package io.github.asyncio4j.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The named parts of a source file, from {@code // region name} to {@code // endregion}; in Python behind {@code #}. */
public final class Regions {

    private Regions() {}

    public static Map<String, String> of(Path file) throws IOException {
        Map<String, String> regions = new HashMap<>();
        String name = null;
        List<String> inside = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            String mark = line.strip().replaceFirst("^(//|#) ", "/ ");
            if (mark.startsWith("/ region ")) {
                name = mark.substring("/ region ".length()).strip();
                inside.clear();
            } else if (mark.startsWith("/ endregion") && name != null) {
                regions.put(name, unindented(String.join("\n", inside)));
                name = null;
            } else {
                inside.add(line);
            }
        }
        return regions;
    }

    /** The text of all regions of all files. */
    public static List<String> under(Path root) throws IOException {
        List<String> all = new ArrayList<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : (Iterable<Path>) files.filter(f -> f.toString().endsWith(".java"))::iterator) {
                all.addAll(of(file).values());
            }
        }
        return all;
    }

    /** Without the indentation that all lines share, blank lines at the ends, and space at the end of lines. */
    public static String unindented(String text) {
        return text.stripIndent()
                .lines()
                .map(String::stripTrailing)
                .collect(Collectors.joining("\n"))
                .strip();
    }
}
