package io.github.asyncio4j.http;

import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * What other libraries do for this one where they are: looked for once, before the first connection of a session that
 * has a use for them. Looking loads natives and lists, so a program that starts often names its Accept-Encoding.
 */
final class OptionalLibraries {

    private static volatile boolean codingsKnown;
    private static volatile boolean suffixesKnown;

    private final boolean needsCodings;
    private final boolean needsSuffixes;

    OptionalLibraries(boolean needsCodings, boolean needsSuffixes) {
        this.needsCodings = needsCodings;
        this.needsSuffixes = needsSuffixes;
    }

    /** Completes when they have been looked for, which is no work for an event loop. */
    Mono<Void> prepared() {
        return areKnown() ? Mono.empty() : Mono.<Void>fromRunnable(this::look).subscribeOn(Schedulers.boundedElastic());
    }

    boolean areKnown() {
        return (codingsKnown || !needsCodings) && (suffixesKnown || !needsSuffixes);
    }

    private void look() {
        if (needsCodings) {
            Codings.look();
            codingsKnown = true;
        }
        if (needsSuffixes) {
            PublicSuffixes.look();
            suffixesKnown = true;
        }
    }
}
