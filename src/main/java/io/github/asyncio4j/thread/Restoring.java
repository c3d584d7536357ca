package io.github.asyncio4j.thread;

import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/**
 * Runs code with the ThreadLocals that belong to a Context. Reactor does that around {@code
 * contextWrite} in its automatic mode, and around {@code handle} otherwise, and knows best whether and how; so the code
 * runs inside of both.
 */
final class Restoring {

    private static final Mono<Boolean> ONCE = Mono.just(true);

    private Restoring() {}

    /** @param code must not throw */
    static void run(Context context, Runnable code) {
        if (context.isEmpty()) {
            code.run();
            return;
        }
        ONCE.<Boolean>handle((once, sink) -> code.run()).contextWrite(context).subscribe();
    }
}
