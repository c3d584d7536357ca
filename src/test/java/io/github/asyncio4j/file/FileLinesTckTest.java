package io.github.asyncio4j.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.reactivestreams.Publisher;
import org.reactivestreams.tck.PublisherVerification;
import org.reactivestreams.tck.TestEnvironment;
import reactor.core.publisher.Flux;

/** The flows of files obey the rules of Reactive Streams. */
public class FileLinesTckTest extends PublisherVerification<String> {

    public FileLinesTckTest() {
        super(new TestEnvironment(5_000, 50, 50));
    }

    @Override
    public Publisher<String> createPublisher(long elements) {
        return Flux.using(() -> fileOf((int) elements), AsyncFiles::lines, FileLinesTckTest::delete);
    }

    private static Path fileOf(int lines) throws IOException {
        String text = IntStream.range(0, lines).mapToObj(i -> i + "\n").collect(Collectors.joining());
        return Files.writeString(Files.createTempFile("lines", ".txt"), text);
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Publisher<String> createFailedPublisher() {
        return null; // fails on demand only
    }

    @Override
    public long maxElementsFromPublisher() {
        return 100_000;
    }
}
