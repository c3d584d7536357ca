package io.github.asyncio4j.queue;

import java.util.Comparator;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What the Javadoc of this package shows, for the compiler. {@code DocumentationTest} compares. */
@SuppressWarnings("unused")
final class DocumentationSamples {

    private DocumentationSamples() {}

    record Job(int urgency) {}

    private static Mono<String> fetch(String url) {
        return Mono.just(url);
    }

    void asyncQueue(List<String> urls) {
        // region asyncQueue
        AsyncQueue<String> jobs = AsyncQueue.bounded(5);
        Mono<Void> producer = Flux.fromIterable(urls)
                .concatMap(jobs::put)
                .doOnComplete(jobs::shutdown)
                .then();
        Mono<Void> workers = jobs.drain(10, url -> fetch(url));
        Mono.when(producer, workers).block();
        // endregion
    }

    void asyncQueueBuilder() {
        // region asyncQueueBuilder
        AsyncQueue<Job> jobs = AsyncQueue.<Job>builder()
                .name("jobs")
                .capacity(100)
                .priority(Comparator.comparingInt(Job::urgency))
                .build();
        // endregion
    }
}
