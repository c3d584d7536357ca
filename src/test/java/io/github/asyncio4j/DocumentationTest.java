package io.github.asyncio4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.testing.Markdown;
import io.github.asyncio4j.testing.PageRules;
import io.github.asyncio4j.testing.Regions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the documentation shows is what the compiler saw: code in Markdown and Javadoc is a region of a test source. Links
 * lead somewhere, and commands, tests and methods that are named exist. {@link SpoiltDocumentationTest} tries to get past it.
 */
class DocumentationTest {

    private static final Pattern PROFILES = Pattern.compile("-P([a-z,]+)");
    private static final Pattern TESTS = Pattern.compile("-Dtest='?([\\w*,]+)'?");

    static Stream<Path> pages() throws IOException {
        return Markdown.pages().stream();
    }

    static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .sorted()
                    .toList();
        }
    }

    static Map<String, String> regions(Path file) {
        try {
            return Files.isRegularFile(file) ? Regions.of(file) : Map.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void codeInMarkdownIsARegionOfACompiledFile(Path page) throws IOException {
        if (Boolean.getBoolean("updateDocumentation")) {
            copyRegionsInto(page);
        }
        assertThat(PageRules.code(page, Files.readString(page), DocumentationTest::regions))
                .isEmpty();
    }

    private static void copyRegionsInto(Path page) throws IOException {
        String text = Files.readString(page);
        for (Markdown.Block block : Markdown.blocks(page)) {
            Path file = PageRules.regionFile(block).orElse(null);
            if (file != null) {
                String region = regions(file).get(block.before().replaceFirst(".*#(\\S+) -->", "$1"));
                String tagged = block.before() + "\n```" + block.language() + "\n";
                String shown = block.text().isEmpty() ? "```" : block.text() + "\n```";
                text = text.replace(tagged + shown, tagged + region + "\n```");
            }
        }
        Files.writeString(page, text);
    }

    @Test
    void codeInJavadocIsARegionOfACompiledFile() throws IOException {
        Set<String> known = codeOfAllRegions();
        List<String> unknown = new ArrayList<>();
        for (Path source : sources()) {
            for (String code : PageRules.javadocCode(Files.readString(source))) {
                if (!known.contains(withoutSpace(code))) {
                    unknown.add(source + ":\n" + code + "\n");
                }
            }
        }
        assertThat(unknown)
                .as("Javadoc code without a region of the same text in a DocumentationSamples of the package's tests")
                .isEmpty();
    }

    static Set<String> codeOfAllRegions() throws IOException {
        Set<String> known = new HashSet<>();
        for (String region : Regions.under(Path.of("src/test/java"))) {
            known.add(withoutSpace(region));
        }
        return known;
    }

    /** Lines break elsewhere in Javadoc, by the formatter. */
    static String withoutSpace(String code) {
        return code.replaceAll("\\s+", "");
    }

    @ParameterizedTest
    @MethodSource("pages")
    void theDependencyIsThisProject(Path page) throws IOException {
        assertThat(PageRules.dependency(page, Files.readString(page), Files.readString(Path.of("pom.xml"))))
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void relativeLinksLeadSomewhere(Path page) throws IOException {
        assertThat(PageRules.links(page, Files.readString(page))).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void testsThatAreNamedExist(Path page) throws IOException {
        assertThat(PageRules.tests(page, Files.readString(page), PageRules.TestSources.read()))
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void methodsThatAreNamedExist(Path page) throws IOException {
        assertThat(PageRules.members(page, Files.readString(page), PageRules.PublicNames.read()))
                .isEmpty();
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
}
