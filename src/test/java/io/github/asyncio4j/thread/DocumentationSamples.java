package io.github.asyncio4j.thread;

import io.github.asyncio4j.time.Timeouts;
import java.time.Duration;
import reactor.core.publisher.Mono;

/** What the Javadoc of this package shows, for the compiler. {@code DocumentationTest} compares. */
@SuppressWarnings("unused")
final class DocumentationSamples {

    private DocumentationSamples() {}

    record Report(int id) {}

    interface Legacy {
        Report buildReport(int id);
    }

    interface Jdbc {
        int update(String sql);
    }

    void threads(Legacy legacy, Jdbc jdbc, int id, String sql) {
        // region threads
        Mono<Report> report = Timeouts.timeout(Threads.toThread(() -> legacy.buildReport(id)), Duration.ofSeconds(5));

        Mono<Integer> stored = Threads.toThread(() -> jdbc.update(sql), OnCancel.WAIT);
        // endregion
    }
}
