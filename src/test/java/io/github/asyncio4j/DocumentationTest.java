package io.github.asyncio4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.testing.Markdown;
import io.github.asyncio4j.testing.Regions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the documentation shows is what the compiler saw: code in Markdown and Javadoc is a region of a test source. Links
 * lead somewhere, and commands name what exists.
 */
class DocumentationTest {

    private static final Pattern REGION = Pattern.compile("<!-- region: (\\S+?)#(\\S+) -->");
    private static final Pattern LINK = Pattern.compile("\\[[^\\]]*]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ +(.+)$");
    private static final Pattern CODE = Pattern.compile("(?s)<pre>\\s*\\{@code\\n(.*?)\\n\\s*\\*\\s*}\\s*</pre>");
    private static final Pattern PROFILES = Pattern.compile("-P([a-z,]+)");
    private static final Pattern TESTS = Pattern.compile("-Dtest='?([\\w*,]+)'?");

    private static final Pattern TEST = Pattern.compile("`(\\w+Test)\\.(\\w+)`");

    static Stream<Path> pages() throws IOException {
        return Markdown.pages().stream();
    }

    static Stream<Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            return files.filter(file -> file.toString().endsWith(".java")).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void javaInMarkdownIsARegionOfACompiledFile(Path page) throws IOException {
        if (Boolean.getBoolean("updateDocumentation")) {
            copyRegionsInto(page);
        }
        for (Markdown.Block block : Markdown.blocks(page)) {
            if (!block.language().equals("java")) {
                continue;
            }
            Matcher tag = REGION.matcher(block.before());
            assertThat(tag.matches())
                    .as("%s:%d: the line before the block is <!-- region: FILE#NAME -->", page, block.line())
                    .isTrue();
            Path file = Path.of(tag.group(1));
            assertThat(file).as("%s:%d", page, block.line()).isRegularFile();
            assertThat(Regions.unindented(block.text()))
                    .as(
                            "%s:%d and its region; mvn test -Dtest=DocumentationTest -DupdateDocumentation=true copies"
                                    + " regions into pages",
                            page, block.line())
                    .isEqualTo(Regions.of(file).get(tag.group(2)));
        }
    }

    private static void copyRegionsInto(Path page) throws IOException {
        String text = Files.readString(page);
        for (Markdown.Block block : Markdown.blocks(page)) {
            Matcher tag = REGION.matcher(block.before());
            if (tag.matches()) {
                String region = Regions.of(Path.of(tag.group(1))).get(tag.group(2));
                String tagged = block.before() + "\n```java\n";
                String shown = block.text().isEmpty() ? "```" : block.text() + "\n```";
                text = text.replace(tagged + shown, tagged + region + "\n```");
            }
        }
        Files.writeString(page, text);
    }

    @Test
    void codeInJavadocIsARegionOfACompiledFile() throws IOException {
        Set<String> known = new HashSet<>();
        for (String region : Regions.under(Path.of("src/test/java"))) {
            known.add(withoutSpace(region));
        }
        List<String> unknown = new ArrayList<>();
        for (Path source : sources().toList()) {
            Matcher code = CODE.matcher(Files.readString(source));
            while (code.find()) {
                String text = code.group(1)
                        .lines()
                        .map(line -> line.replaceFirst("^\\s*\\* ?", ""))
                        .collect(Collectors.joining("\n"));
                if (!known.contains(withoutSpace(text))) {
                    unknown.add(source + ":\n" + text + "\n");
                }
            }
        }
        assertThat(unknown)
                .as("Javadoc code without a region of the same text in a DocumentationSamples of the package's tests")
                .isEmpty();
    }

    /** Lines break elsewhere there, by the formatter. */
    private static String withoutSpace(String code) {
        return code.replaceAll("\\s+", "");
    }

    @ParameterizedTest
    @MethodSource("pages")
    void relativeLinksLeadSomewhere(Path page) throws IOException {
        Matcher link = LINK.matcher(Markdown.withoutBlocks(Files.readString(page)));
        while (link.find()) {
            String target = link.group(1);
            if (target.matches("[a-z]+:.*")) {
                continue;
            }
            String[] parts = target.split("#", 2);
            Path file =
                    parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).normalize();
            assertThat(file).as("%s links to %s", page, target).exists();
            if (parts.length == 2 && parts[0].endsWith(".md")) {
                assertThat(anchors(file)).as("%s links to %s", page, target).contains(parts[1]);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void testsThatAreNamedExist(Path page) throws IOException {
        Matcher named = TEST.matcher(Files.readString(page));
        while (named.find()) {
            String file = named.group(1) + ".java";
            try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
                Path source = files.filter(path -> path.getFileName().toString().equals(file))
                        .findFirst()
                        .orElseThrow(() -> new AssertionError(page + " names " + named.group()));
                assertThat(Files.readString(source))
                        .as("%s names %s", page, named.group())
                        .contains("void " + named.group(2) + "(");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void commandsNameWhatExists(Path page) throws IOException {
        for (Markdown.Block block : Markdown.blocks(page)) {
            boolean session = block.language().equals("console");
            if (session || block.language().equals("shell")) {
                for (String line : block.text().split("\n")) {
                    if (!session || line.startsWith("$ ")) {
                        checkCommand(page, line.replaceFirst("^\\$ ", "").strip());
                    }
                }
            }
        }
    }

    private static void checkCommand(Path page, String line) throws IOException {
        if (line.isEmpty() || line.startsWith("#")) {
            return;
        }
        String command = line.split("\\s+")[0];
        if (command.contains("/")) {
            assertThat(Path.of(command)).as("%s: %s", page, line).isExecutable();
        }
        if (!command.equals("mvn")) {
            return;
        }
        String pom = Files.readString(Path.of("pom.xml"));
        Matcher profiles = PROFILES.matcher(line);
        while (profiles.find()) {
            for (String profile : profiles.group(1).split(",")) {
                assertThat(pom).as("%s: %s", page, line).contains("<id>" + profile + "</id>");
            }
        }
        Matcher tests = TESTS.matcher(line);
        while (tests.find()) {
            String pattern = tests.group(1).replace("*", ".*") + "\\.java";
            try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
                assertThat(files.map(file -> file.getFileName().toString()))
                        .as("%s: %s", page, line)
                        .anyMatch(name -> name.matches(pattern));
            }
        }
    }

    /** As GitHub makes them. */
    private static Set<String> anchors(Path file) throws IOException {
        Set<String> anchors = new HashSet<>();
        Matcher heading = HEADING.matcher(Markdown.withoutBlocks(Files.readString(file)));
        while (heading.find()) {
            anchors.add(heading.group(1)
                    .strip()
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\w\\- ]", "")
                    .replace(' ', '-'));
        }
        return anchors;
    }
}
