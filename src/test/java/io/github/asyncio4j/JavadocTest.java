package io.github.asyncio4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.testing.Declarations;
import io.github.asyncio4j.testing.Declarations.Declaration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Every public type says what it is, shows how it is used, and names what it is called where its users come from; every
 * public method has a sentence. That the examples compile is what {@link DocumentationTest} sees to.
 */
class JavadocTest {

    /** Libraries that users come from, or whose word for the thing is the better known one. */
    private static final Pattern TWIN =
            Pattern.compile("\\b(asyncio|aiohttp|Trio|AnyIO|aiofiles|aiolimiter|aiojobs|Python|Kotlin)\\b");

    private static final Pattern EXAMPLE = Pattern.compile("<pre>\\s*\\{@code\\n");

    /** Packages that are no API. */
    private static final List<String> HIDDEN = List.of("internal", "cli");

    private static List<Declaration> declarations;

    @BeforeAll
    static void read() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            declarations = Declarations.in(files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file ->
                            !HIDDEN.contains(file.getParent().getFileName().toString()))
                    .sorted()
                    .toList());
        }
    }

    @Test
    void typesAreFoundInTheSources() {
        assertThat(types()).extracting(Declaration::name).contains("TaskGroup", "TaskGroup.Builder", "Outcome.Success");
        assertThat(declarations)
                .extracting(Declaration::name)
                .contains("Tasks#gather", "TaskGroup.Builder#maxConcurrency")
                .doesNotContain("Waiter", "WaiterQueue#size");
    }

    @Test
    void everyPublicTypeAndMethodHasJavadoc() {
        assertThat(declarations.stream()
                        .filter(declaration -> declaration.javadoc().isBlank()))
                .extracting(Declaration::name)
                .isEmpty();
    }

    @Test
    void everyPublicTypeHasAnExample() {
        assertThat(types().stream()
                        .filter(type -> !isException(type) && !isStatistics(type) && !isCaseOfItsOuterType(type))
                        .filter(type -> !EXAMPLE.matcher(type.javadoc()).find()))
                .extracting(Declaration::name)
                .isEmpty();
    }

    @Test
    void everyPublicTypeNamesItsTwin() {
        assertThat(types().stream()
                        .filter(type -> !isCaseOfItsOuterType(type))
                        .filter(type -> !TWIN.matcher(type.javadoc()).find()))
                .extracting(Declaration::name)
                .isEmpty();
    }

    private static List<Declaration> types() {
        return declarations.stream().filter(Declaration::type).toList();
    }

    /** Its first sentence says when it comes; how one is caught nobody needs to be shown. */
    private static boolean isException(Declaration type) {
        return type.name().endsWith("Exception");
    }

    /** Numbers, each with a sentence of its own. */
    private static boolean isStatistics(Declaration type) {
        return type.name().matches("\\w+(Statistics|Metrics)");
    }

    /** {@code Outcome.Success}: {@code Outcome} shows and names it. */
    private static boolean isCaseOfItsOuterType(Declaration type) {
        return !type.outer().isEmpty()
                && type.supertypes().stream()
                        .anyMatch(supertype -> supertype.replaceFirst("<.*", "").equals(type.outer()));
    }
}
