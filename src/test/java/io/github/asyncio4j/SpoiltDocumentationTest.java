package io.github.asyncio4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.testing.Markdown;
import io.github.asyncio4j.testing.PageRules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rules of {@link DocumentationTest} on the real pages, each time with one thing spoilt: all of it must be noticed. */
class SpoiltDocumentationTest {

    private final Map<Path, Map<String, String>> regions = new HashMap<>();

    static Stream<Path> pages() throws IOException {
        return Markdown.pages().stream();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void aLineThatIsMissingInABlockOfCodeIsNoticed(Path page) throws IOException {
        List<String> lines = Files.readAllLines(page);
        for (Markdown.Block block : Markdown.blocks(page)) {
            for (int line : linesOf(block, Set.of("java", "python"))) {
                assertThat(PageRules.code(page, without(lines, line), this::known))
                        .as("%s without line %d", page, line + 1)
                        .isNotEmpty();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void aLineThatIsMissingInARegionIsNoticed(Path page) throws IOException {
        String text = Files.readString(page);
        for (Markdown.Block block : Markdown.blocks(page)) {
            Path file = PageRules.regionFile(block).orElse(null);
            if (file == null) {
                continue;
            }
            List<String> lines = Files.readAllLines(file);
            String name = block.before().replaceFirst(".*#(\\S+) -->", "$1");
            List<String> region = known(file).get(name).lines().toList();
            for (int i = 0; i < region.size(); i++) {
                String cut = without(region, i);
                if (!region.get(i).isBlank()) {
                    assertThat(PageRules.code(
                                    page, text, other -> other.equals(file) ? Map.of(name, cut) : known(other)))
                            .as("%s with region %s of %d lines without its line %d", page, name, lines.size(), i)
                            .isNotEmpty();
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void aBlockThatDoesNotNameItsRegionIsNoticed(Path page) throws IOException {
        List<String> lines = Files.readAllLines(page);
        for (Markdown.Block block : Markdown.blocks(page)) {
            if (PageRules.regionFile(block).isPresent()) {
                assertThat(PageRules.code(page, without(lines, block.line() - 2), this::known))
                        .isNotEmpty();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void aLineThatIsMissingInTheDependencyIsNoticed(Path page) throws IOException {
        List<String> lines = Files.readAllLines(page);
        String pom = Files.readString(Path.of("pom.xml"));
        for (Markdown.Block block : Markdown.blocks(page)) {
            for (int line : linesOf(block, Set.of("xml"))) {
                assertThat(PageRules.dependency(page, without(lines, line), pom))
                        .isNotEmpty();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void aLinkThatIsWrittenWrongIsNoticed(Path page) throws IOException {
        String text = Files.readString(page);
        for (String target : PageRules.linksIn(text)) {
            String wrong = text.replace("](" + target + ")", "](" + target + "x)");
            assertThat(PageRules.links(page, wrong)).as("%s: %sx", page, target).isNotEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void aTestThatIsRenamedIsNoticed(Path page) throws IOException {
        PageRules.TestSources sources = PageRules.TestSources.read();
        for (String code : Markdown.inlineCode(Files.readString(page))) {
            if (code.matches("\\w+Test\\.\\w+")) {
                assertThat(PageRules.tests(page, "`" + code + "x`", sources))
                        .as("%s: %s", page, code)
                        .isNotEmpty();
            }
        }
    }

    @Test
    void aMethodThatIsRenamedIsNoticed() throws IOException {
        PageRules.PublicNames api = PageRules.PublicNames.read();
        Path page = Path.of("README.md");

        assertThat(PageRules.members(page, "`Tasks.gather(a, b)` and `Mono.gathers(a)`", api))
                .isEmpty();
        assertThat(PageRules.members(page, "`Tasks.gathers(a, b)`", api))
                .containsExactly(page + " names Tasks.gathers");
    }

    @Test
    void aLineThatIsMissingInAnExampleInJavadocIsNoticed() throws IOException {
        Set<String> known = DocumentationTest.codeOfAllRegions();
        List<String> unnoticed = new ArrayList<>();
        for (Path source : DocumentationTest.sources()) {
            for (String code : PageRules.javadocCode(Files.readString(source))) {
                List<String> lines = code.lines().toList();
                IntStream.range(0, lines.size())
                        .filter(i -> !lines.get(i).isBlank())
                        .mapToObj(i -> without(lines, i))
                        .filter(cut -> known.contains(DocumentationTest.withoutSpace(cut)))
                        .forEach(cut -> unnoticed.add(source + ":\n" + cut));
            }
        }
        assertThat(unnoticed).isEmpty();
    }

    private Map<String, String> known(Path file) {
        return regions.computeIfAbsent(file, DocumentationTest::regions);
    }

    /** Indexes into the lines of the page; blank lines at the ends of a block do not count. */
    private static List<Integer> linesOf(Markdown.Block block, Set<String> languages) {
        List<String> text = block.text().lines().toList();
        return IntStream.range(0, languages.contains(block.language()) ? text.size() : 0)
                .filter(i -> !text.get(i).isBlank())
                .mapToObj(i -> block.line() + i)
                .toList();
    }

    private static String without(List<String> lines, int line) {
        List<String> rest = new ArrayList<>(lines);
        rest.remove(line);
        return String.join("\n", rest);
    }
}
