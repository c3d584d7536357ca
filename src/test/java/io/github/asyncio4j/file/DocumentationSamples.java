package io.github.asyncio4j.file;

import java.nio.file.Path;
import java.time.Duration;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What the Javadoc of this package shows, for the compiler. {@code DocumentationTest} compares. */
@SuppressWarnings("unused")
final class DocumentationSamples {

    private DocumentationSamples() {}

    void asyncFiles(Path log) {
        // region asyncFiles
        Mono<Long> errors =
                AsyncFiles.lines(log).filter(line -> line.contains("ERROR")).count();
        Flux<String> live = AsyncFiles.tail(log, Duration.ofMillis(200));
        // endregion
    }

    void tailFrom(Path log) {
        // region tailFrom
        Flux<String> all = AsyncFiles.tail(log, Duration.ofSeconds(1), TailFrom.START);
        Flux<String> onlyNew = AsyncFiles.tail(log, Duration.ofSeconds(1), TailFrom.END);
        // endregion
    }
}
