package io.github.asyncio4j.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The pages of the documentation, and the blocks in them. */
public final class Markdown {

    /**
     * From fence to fence.
     *
     * @param language what stands behind the opening fence, or nothing
     * @param line of the opening fence
     * @param before the line before it
     */
    public record Block(String language, int line, String before, String text) {}

    private static final Pattern CODE = Pattern.compile("`([^`\n]+)`");

    private Markdown() {}

    public static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>(List.of(
                Path.of("README.md"),
                Path.of("CONTRIBUTING.md"),
                Path.of("CHANGELOG.md"),
                Path.of("benchmarks/README.md")));
        try (Stream<Path> docs = Files.walk(Path.of("docs"))) {
            docs.filter(file -> file.toString().endsWith(".md")).sorted().forEach(pages::add);
        }
        return pages;
    }

    /** What stands between single backticks, blocks left out. */
    public static List<String> inlineCode(String markdown) {
        return CODE.matcher(withoutFences(markdown))
                .results()
                .map(code -> code.group(1))
                .toList();
    }

    public static String withoutFences(String markdown) {
        return markdown.replaceAll("(?ms)^```.*?^```", "");
    }

    public static String withoutBlocks(String markdown) {
        return withoutFences(markdown).replaceAll("`[^`\n]*`", "");
    }

    public static List<Block> blocks(Path page) throws IOException {
        return blocks(Files.readString(page));
    }

    public static List<Block> blocks(String text) {
        List<Block> blocks = new ArrayList<>();
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).strip().startsWith("```")) {
                continue;
            }
            int start = i++;
            while (!lines.get(i).strip().startsWith("```")) {
                i++;
            }
            blocks.add(new Block(
                    lines.get(start).strip().substring(3).strip(),
                    start + 1,
                    start == 0 ? "" : lines.get(start - 1).strip(),
                    String.join("\n", lines.subList(start + 1, i))));
        }
        return blocks;
    }
}
