package io.github.asyncio4j.time;

import static java.time.Duration.ofSeconds;

import java.time.Duration;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What the Javadoc of this package shows, for the compiler. {@code DocumentationTest} compares. */
@SuppressWarnings("unused")
final class DocumentationSamples {

    private DocumentationSamples() {}

    record Row(int id) {}

    record Page(String text) {}

    interface Driver {
        Mono<Row> query(String sql, Duration limit);
    }

    void deadline(Driver driver, String sql) {
        // region deadline
        Mono<Row> query = Mono.deferContextual(context -> {
            Duration left = Deadline.from(context).map(Deadline::remaining).orElse(Duration.ofSeconds(5));
            return driver.query(sql, left);
        });
        // endregion
    }

    void timeoutScope(Flux<String> messages) {
        // region timeoutScope
        // A watchdog: every message buys another ten seconds.
        Timeouts.timeout(
                ofSeconds(10),
                scope -> messages.doOnNext(message -> scope.reschedule(ofSeconds(10)))
                        .then());
        // endregion
    }

    void timeouts(Mono<Page> fetch, Mono<Page> cachedPage) {
        // region timeouts
        Mono<Page> page = Timeouts.timeout(fetch.retry(3), Duration.ofSeconds(2), "fetch page")
                .onErrorResume(DeadlineExceededException.class, late -> cachedPage);
        // endregion
    }
}
