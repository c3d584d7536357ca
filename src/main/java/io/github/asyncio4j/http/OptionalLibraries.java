package io.github.asyncio4j.http;

import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** What other libraries do for this one where they are: looked for once, before the first connection. */
final class OptionalLibraries {

    private static volatile boolean known;

    private OptionalLibraries() {}

    /** Completes when they have been looked for, which is no work for an event loop. */
    static Mono<Void> prepared() {
        return areKnown()
                ? Mono.empty()
                : Mono.<Void>fromRunnable(OptionalLibraries::look).subscribeOn(Schedulers.boundedElastic());
    }

    static boolean areKnown() {
        return known;
    }

    private static void look() {
        Codings.look();
        PublicSuffixes.look();
        known = true;
    }
}
