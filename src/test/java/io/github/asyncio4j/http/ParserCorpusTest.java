package io.github.asyncio4j.http;

import io.github.asyncio4j.testing.NoLeaks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The inputs of {@link ParserFuzzTargets}, without Jazzer's agent. */
@ExtendWith(NoLeaks.class)
class ParserCorpusTest {

    static Stream<Path> inputs() throws URISyntaxException, IOException {
        Path corpus = Path.of(
                ParserCorpusTest.class.getResource("ParserFuzzTargetsInputs").toURI());
        try (Stream<Path> targets = Files.list(corpus)) {
            List<Path> all = targets.flatMap(ParserCorpusTest::files).sorted().toList();
            return all.stream();
        }
    }

    private static Stream<Path> files(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("inputs")
    void inputIsTakenOrRefused(Path input) throws Exception {
        String target = input.getParent().getFileName().toString();
        Method method = ParserFuzzTargets.class.getDeclaredMethod(target, byte[].class);
        method.setAccessible(true);
        method.invoke(new ParserFuzzTargets(), (Object) Files.readAllBytes(input));
    }
}
