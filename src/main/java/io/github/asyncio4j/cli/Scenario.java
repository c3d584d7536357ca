package io.github.asyncio4j.cli;

import io.github.asyncio4j.sync.AsyncSemaphore;
import io.github.asyncio4j.task.Tasks;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The ways to fetch many URLs that are compared, in the order in which they are shown. */
enum Scenario {
    /** One after the other. */
    SEQUENTIAL {
        @Override
        Mono<Void> round(Fetcher fetcher, CompareSettings settings) {
            return Flux.fromStream(fetcher::each).concatMap(request -> request).then();
        }
    },

    /** All at once. */
    GATHER {
        @Override
        Mono<Void> round(Fetcher fetcher, CompareSettings settings) {
            return Mono.defer(() -> Tasks.join(list(fetcher.each())));
        }
    },

    /** All at once, but so many at a time that a semaphore lets through. */
    BOUNDED {
        @Override
        Mono<Void> round(Fetcher fetcher, CompareSettings settings) {
            return Mono.defer(() -> {
                AsyncSemaphore semaphore = AsyncSemaphore.create(settings.concurrency());
                return Tasks.join(list(fetcher.each().map(semaphore::withPermit)));
            });
        }
    };

    /** Cold: each subscription is one round over all URLs. */
    abstract Mono<Void> round(Fetcher fetcher, CompareSettings settings);

    private static List<Mono<Long>> list(Stream<Mono<Long>> requests) {
        return requests.toList();
    }

    /** Its name for users. */
    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Optional<Scenario> named(String label) {
        return Stream.of(values())
                .filter(scenario -> scenario.label().equals(label))
                .findFirst();
    }
}
