package io.github.asyncio4j.stream;

import io.github.asyncio4j.task.Tasks;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What the Javadoc of this package shows, for the compiler. {@code DocumentationTest} compares. */
@SuppressWarnings("unused")
final class DocumentationSamples {

    private DocumentationSamples() {}

    record Item(int id) {}

    record Page(List<Item> items, Optional<String> nextCursor) {}

    interface Api {
        Mono<Page> list(String cursor);
    }

    void asyncGenerator() {
        // region asyncGenerator
        Flux<Integer> countdown = AsyncGenerator.generate(out -> Flux.just(3, 2, 1)
                .concatMap(n -> out.emit(n).then(Tasks.sleep(Duration.ofSeconds(1))), 0)
                .then());
        // endregion
    }

    void pages(Api api) {
        // region pages
        Flux<Item> items = Pages.byCursor("", cursor -> api.list(cursor), page -> page.nextCursor())
                .concatMapIterable(page -> page.items(), 1);
        // endregion
    }

    void asyncGeneratorYielder() {
        // region asyncGeneratorYielder
        Flux<Integer> both =
                AsyncGenerator.generate(yielder -> yielder.emit(1).then(yielder.emitAll(Flux.range(2, 3))));
        // endregion
    }
}
