package io.github.asyncio4j.internal;

import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.Scannable.Attr;
import reactor.core.publisher.Mono;

/** What can be told about the subscriber of something that must not get lost. */
public final class Downstream {

    /**
     * What {@code Mono.subscribe(consumer)} makes. When it is disposed it first marks itself, then drops without a word what
     * arrives, and cancels last. It cancels only if it took nothing before.
     */
    private static final Class<?> LAMBDA = Mono.never().subscribe().getClass();

    private Downstream() {}

    /** True when a cancel by {@code actual}, however late it comes, says that it dropped what it was given. */
    public static boolean cancelsOnlyWhatItDropped(CoreSubscriber<?> actual) {
        return actual.getClass() == LAMBDA;
    }

    /** True when {@code actual} says that it is cancelled: it would drop what it is given. */
    public static boolean isCancelled(CoreSubscriber<?> actual) {
        return actual instanceof Scannable scannable && Boolean.TRUE.equals(scannable.scanUnsafe(Attr.CANCELLED));
    }
}
