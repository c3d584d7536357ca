package io.github.asyncio4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * {@code public-api.txt} holds all that users compile against, so a change of it is seen in review. The file is made by
 * this test, never by hand.
 */
class PublicApiTest {

    private static final Path FILE = Path.of("public-api.txt");

    @Test
    void isTheCommittedOne() throws Exception {
        List<String> actual = PublicApi.dump();
        if (Boolean.getBoolean("updatePublicApi")) {
            Files.write(FILE, actual);
        }

        assertThat(difference(Files.readAllLines(FILE), actual))
                .as("The public API is not what public-api.txt says. If that is meant, run%n"
                        + "  mvn test -Dtest=PublicApiTest -DupdatePublicApi=true%n"
                        + "and commit the file. Gone (-) and new (+):")
                .isEmpty();
    }

    /** The lines that only one side has, with the type they belong to. */
    private static List<String> difference(List<String> committed, List<String> actual) throws IOException {
        List<String> before = qualified(committed);
        List<String> now = qualified(actual);
        List<String> changes = new ArrayList<>();
        before.stream().filter(line -> !now.contains(line)).forEach(line -> changes.add("- " + line));
        now.stream().filter(line -> !before.contains(line)).forEach(line -> changes.add("+ " + line));
        if (changes.isEmpty() && !committed.equals(actual)) {
            changes.add("the order of the lines");
        }
        return changes;
    }

    private static List<String> qualified(List<String> lines) {
        List<String> all = new ArrayList<>();
        String type = "";
        for (String line : lines) {
            if (!line.startsWith("  ")) {
                type = line;
            }
            all.add(line.startsWith("  ") ? type + " :: " + line.strip() : line);
        }
        return all;
    }
}
