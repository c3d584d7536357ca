package io.github.asyncio4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.testing.Markdown;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whoever comes from asyncio finds every one of its names in {@code docs/asyncio-to-java.md}. */
class AsyncioNamesTest {

    private static final Path NAMES = Path.of("src/test/resources/asyncio/names-3.14.txt");

    private static final Path PAGE = Path.of("docs/asyncio-to-java.md");

    /** Where the promises are compared: a name that stands only there has no line of Java. */
    private static final String SECOND_PART = "## Where the promises differ";

    @Test
    void everyNameHasItsLine() throws IOException {
        Set<String> explained = wordsInCode(Files.readString(PAGE).split(SECOND_PART, 2)[0]);

        try (Stream<String> names = Files.lines(NAMES)) {
            assertThat(names.filter(name -> !name.isBlank() && !name.startsWith("#"))
                            .filter(name -> !explained.contains(name.substring(name.indexOf('.') + 1))))
                    .as("names of asyncio that %s does not have", PAGE)
                    .isEmpty();
        }
    }

    private static Set<String> wordsInCode(String markdown) {
        return Markdown.inlineCode(markdown).stream()
                .flatMap(code -> Pattern.compile("\\W+").splitAsStream(code))
                .collect(Collectors.toSet());
    }
}
