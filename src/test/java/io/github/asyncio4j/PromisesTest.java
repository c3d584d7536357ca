package io.github.asyncio4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.testing.Markdown;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/promises.md} has every sentence of the pages that promise something, with the tests that hold it. After a change of
 * these pages, {@code mvn test -Dtest=PromisesTest -DupdateDocumentation=true} brings in the new sentences, without tests.
 */
class PromisesTest {

    private static final Path TABLE = Path.of("docs/promises.md");

    private static final List<Path> PAGES = List.of(Path.of("docs/design.md"), Path.of("docs/security.md"));

    private static final Pattern ROW = Pattern.compile("\\| (.*) \\| (.*) \\|");

    private static final Pattern TEST = Pattern.compile("`\\w+Test(\\.\\w+)?`(, `\\w+Test(\\.\\w+)?`)*");

    /** What a sentence without a test may be. */
    private static final List<String> NO_TEST = List.of("a remark", "what it does not do", "your part");

    @BeforeAll
    static void update() throws IOException {
        if (Boolean.getBoolean("updateDocumentation")) {
            Map<String, String> known = tests();
            List<String> lines = new ArrayList<>(Files.readString(TABLE)
                    .substring(0, Files.readString(TABLE).indexOf("\n## "))
                    .lines()
                    .toList());
            for (Path page : PAGES) {
                lines.add("");
                lines.add("## [" + title(page) + "](" + page.getFileName() + ")");
                lines.add("");
                lines.add("| promise | tests |");
                lines.add("| --- | --- |");
                sentences(page)
                        .forEach(sentence ->
                                lines.add("| " + sentence + " | " + known.getOrDefault(sentence, "") + " |"));
            }
            Files.write(TABLE, lines);
        }
    }

    @Test
    void everySentenceOfThePagesIsInTheTable() throws IOException {
        List<String> sentences = new ArrayList<>();
        for (Path page : PAGES) {
            sentences.addAll(sentences(page));
        }
        assertThat(tests().keySet()).containsExactlyElementsOf(sentences);
    }

    /** That the tests exist is what {@link DocumentationTest} sees to. */
    @Test
    void everySentenceHasItsTests() throws IOException {
        assertThat(tests().entrySet().stream()
                        .filter(row -> !TEST.matcher(row.getValue()).matches() && !NO_TEST.contains(row.getValue())))
                .extracting(Map.Entry::getKey)
                .isEmpty();
    }

    /** The tests of each sentence, as they are written. */
    private static Map<String, String> tests() throws IOException {
        Map<String, String> tests = new LinkedHashMap<>();
        try (Stream<String> lines = Files.lines(TABLE)) {
            lines.map(ROW::matcher)
                    .filter(row -> row.matches()
                            && !row.group(2).equals("tests")
                            && !row.group(1).equals("---"))
                    .forEach(row -> tests.put(row.group(1), row.group(2)));
        }
        return tests;
    }

    private static String title(Path page) throws IOException {
        return Files.readString(page).lines().findFirst().orElseThrow().substring(2);
    }

    private static List<String> sentences(Path page) throws IOException {
        return Stream.of(Markdown.withoutFences(Files.readString(page)).split("\n\\s*\n|\n(?=- )"))
                .map(String::strip)
                .filter(paragraph -> !paragraph.startsWith("#"))
                .map(paragraph -> paragraph.replaceFirst("^- ", "").replaceAll("\\s+", " "))
                .map(paragraph -> paragraph.replace("|", "\\|"))
                .flatMap(paragraph -> Stream.of(paragraph.split("(?<=[.!?]|[.!?]\\))\\s+(?=[A-Z`(])")))
                .toList();
    }
}
