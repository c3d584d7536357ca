package io.github.asyncio4j.cli;

import io.github.asyncio4j.ratelimit.RateLimiter;
import io.github.asyncio4j.sync.AsyncSemaphore;
import io.github.asyncio4j.task.Tasks;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
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
    },

    /** All at once, but started evenly, so many a second. */
    RATE_LIMITED {
        @Override
        Mono<Void> round(Fetcher fetcher, CompareSettings settings) {
            return Mono.defer(() -> {
                RateLimiter limiter = RateLimiter.smooth(settings.rate());
                return Tasks.join(list(fetcher.each().map(limiter::limit)));
            });
        }
    },

    /** All at once, and a second attempt for each that has not answered after a while; the first answer wins. */
    HEDGED {
        @Override
        Mono<Void> round(Fetcher fetcher, CompareSettings settings) {
            return Mono.defer(() -> Tasks.join(list(fetcher.each(
                    request -> Tasks.hedge(settings.hedgeAfter(), Collections.nCopies(HEDGED_ATTEMPTS, request))))));
        }
    };

    private static final int HEDGED_ATTEMPTS = 2;

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

    /** {@code sequential, gather, …}, for sentences. */
    static String labels() {
        return Stream.of(values()).map(Scenario::label).collect(Collectors.joining(", "));
    }
}
