package io.github.asyncio4j;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.github.asyncio4j.testing.NaiveTwin;
import io.github.asyncio4j.testing.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/recipes.md} lists every recipe there is, and there is one for every row of the two lists. */
class RecipeIndexTest {

    private static final Path PAGE = Path.of("docs/recipes.md");
    private static final String START = "<!-- recipes: written by RecipeIndexTest -->\n";
    private static final String END = "<!-- end of recipes -->";

    private record Row(List<JavaMethod> recipes, List<JavaMethod> twins) {}

    private final Map<Integer, Row> rows = new TreeMap<>();

    RecipeIndexTest() {
        new ClassFileImporter()
                .importPath(Path.of("target/test-classes")).stream()
                        .filter(type -> type.getName().startsWith("io.github.asyncio4j."))
                        .flatMap(type -> type.getMethods().stream())
                        .sorted((a, b) -> line(a) - line(b))
                        .forEach(this::add);
    }

    private static int line(JavaMethod method) {
        return method.getSourceCodeLocation().getLineNumber();
    }

    private void add(JavaMethod method) {
        if (method.isAnnotatedWith(Recipe.class)) {
            row(method.getAnnotationOfType(Recipe.class).row()).recipes().add(method);
        }
        if (method.isAnnotatedWith(NaiveTwin.class)) {
            row(method.getAnnotationOfType(NaiveTwin.class).row()).twins().add(method);
        }
    }

    private Row row(String name) {
        int number = name.startsWith("B") ? 100 + Integer.parseInt(name.substring(1)) : Integer.parseInt(name);
        return rows.computeIfAbsent(number, n -> new Row(new ArrayList<>(), new ArrayList<>()));
    }

    @Test
    void everyRowHasARecipe() {
        List<Integer> expected = Stream.concat(
                        IntStream.rangeClosed(1, 44).boxed(),
                        IntStream.rangeClosed(101, 122).boxed())
                .toList();
        assertThat(rows.keySet()).containsExactlyElementsOf(expected);
        assertThat(rows.values()).noneMatch(row -> row.recipes().isEmpty());
    }

    @Test
    void everyRowOfReactorsUsersHasANaiveTwin() {
        assertThat(rows.entrySet())
                .filteredOn(row -> row.getKey() > 100 && row.getValue().twins().isEmpty())
                .isEmpty();
    }

    @Test
    void thePageListsThemAll() throws IOException {
        String page = Files.readString(PAGE);
        int start = page.indexOf(START) + START.length();
        int end = page.indexOf(END);
        String table = table();
        if (Boolean.getBoolean("updateDocumentation")) {
            Files.writeString(PAGE, page.substring(0, start) + table + page.substring(end));
        } else {
            assertThat(page.substring(start, end))
                    .as("mvn test -Dtest=RecipeIndexTest -DupdateDocumentation=true writes it")
                    .isEqualTo(table);
        }
    }

    private String table() {
        return "\n### From the asyncio course\n\n" + part(0, 100) + "\n### What users of Reactor look for\n\n"
                + part(100, 200) + "\n";
    }

    private String part(int from, int to) {
        return "| | recipe | the first idea, and how it fails | test |\n| --- | --- | --- | --- |\n"
                + rows.entrySet().stream()
                        .filter(row -> row.getKey() > from && row.getKey() < to)
                        .map(row -> line(row.getKey() - from, row.getValue()))
                        .collect(Collectors.joining());
    }

    private static String line(int number, Row row) {
        return "| " + number + " | "
                + row.recipes().stream()
                        .map(method -> method.getAnnotationOfType(Recipe.class).value())
                        .collect(Collectors.joining(" "))
                + " | "
                + row.twins().stream()
                        .map(method ->
                                method.getAnnotationOfType(NaiveTwin.class).value())
                        .collect(Collectors.joining(" "))
                + " | " + link(row.recipes().get(0)) + " |\n";
    }

    private static String link(JavaMethod method) {
        String type = method.getOwner().getName().replaceFirst("\\$.*", "");
        return "[" + type.substring(type.lastIndexOf('.') + 1) + "](../src/test/java/" + type.replace('.', '/')
                + ".java)";
    }
}
