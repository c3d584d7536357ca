package io.github.asyncio4j.cli;

import io.github.asyncio4j.ratelimit.RateLimiter;
import io.github.asyncio4j.sync.AsyncSemaphore;
import io.github.asyncio4j.task.Tasks;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
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
            return Flux.fromIterable(fetcher.urls()).concatMap(fetcher::fetch).then();
        }
    },

    /** All at once. */
    GATHER {
        @Override
        Mono<Void> round(Fetcher fetcher, CompareSettings settings) {
            return Mono.defer(() -> Tasks.gather(all(fetcher))).then();
        }

        private List<Mono<Boolean>> all(Fetcher fetcher) {
            return fetcher.urls().stream().map(fetcher::fetch).toList();
        }
    },

    /** All at once, but so many at a time that a semaphore lets through. */
    BOUNDED {
        @Override
        Mono<Void> round(Fetcher fetcher, CompareSettings settings) {
            return Mono.defer(() -> {
                AsyncSemaphore semaphore = AsyncSemaphore.create(settings.concurrency());
                return Tasks.map(
                                fetcher.urls(),
                                settings.concurrency() + MOST_WAITERS,
                                url -> semaphore.withPermit(fetcher.fetch(url)))
                        .then();
            });
        }
    },

    /** All at once, but started evenly, so many a second. */
    RATE_LIMITED {
        @Override
        Mono<Void> round(Fetcher fetcher, CompareSettings settings) {
            return Mono.defer(() -> {
                RateLimiter limiter = RateLimiter.smooth(settings.rate());
                return Tasks.map(fetcher.urls(), MOST_WAITERS, url -> limiter.limit(fetcher.fetch(url)))
                        .then();
            });
        }
    },

    /** All at once, and a second attempt for each that has not answered after a while; the first answer wins. */
    HEDGED {
        @Override
        Mono<Void> round(Fetcher fetcher, CompareSettings settings) {
            return Tasks.map(fetcher.urls(), Integer.MAX_VALUE, url -> fetcher.fetch(url, twice(settings)))
                    .then();
        }

        private UnaryOperator<Mono<Long>> twice(CompareSettings settings) {
            return request -> Tasks.hedge(settings.hedgeAfter(), List.of(request, request));
        }
    };

    /** The rest of a long list is not even begun: a million URLs take no more memory than these. */
    private static final int MOST_WAITERS = 10_000;

    /** Cold: each subscription is one round over all URLs. */
    abstract Mono<Void> round(Fetcher fetcher, CompareSettings settings);

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
