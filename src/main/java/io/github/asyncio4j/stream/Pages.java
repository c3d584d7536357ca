package io.github.asyncio4j.stream;

import io.github.asyncio4j.internal.Checks;
import java.util.Optional;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Streams of pages, each of which is asked for with what the one before said: one request under way, and none beyond what
 * downstream wants. {@code Mono.expand} follows pages too, but asks ahead of demand.
 *
 * <pre>{@code
 * Flux<Item> items = Pages.byCursor("", cursor -> api.list(cursor), page -> page.nextCursor())
 *         .concatMapIterable(page -> page.items(), 1);
 * }</pre>
 *
 * <p><b>Threads.</b> A page arrives where its request ended. Pages that are there at once, however many, need the stack of
 * one.
 *
 * <p><b>Cancellation.</b> Cancels the request under way.
 *
 * <p>asyncio's twin is the async iterator: a class with {@code __anext__}.
 */
public final class Pages {

    private Pages() {}

    /**
     * The page of {@code first}, then of {@code next} of each page; a request that gives no page ends it. A request is
     * made when downstream asks for its page, so the end shows when one more than there is was asked for.
     *
     * <p>Errors are those of the requests, and what {@code next} throws; a NullPointerException when it returns null.
     */
    public static <P> Flux<P> iterate(Mono<? extends P> first, Function<? super P, ? extends Mono<? extends P>> next) {
        Checks.notNull(next, "next");
        return FluxPages.assemble(
                Checks.notNull(first, "first"),
                page -> Optional.of(Mono.defer(() -> Checks.callMono(next, page, "next"))));
    }

    /**
     * The page that {@code fetch} gives for {@code start}, then for the cursor of each page; a page without a next cursor
     * is the last, and a request that gives no page ends it too.
     *
     * <p>Errors are those of the requests, and what the functions throw; a NullPointerException when one returns null.
     *
     * @param nextCursor asked as soon as the page was emitted
     */
    public static <C, P> Flux<P> byCursor(
            C start,
            Function<? super C, ? extends Mono<? extends P>> fetch,
            Function<? super P, ? extends Optional<? extends C>> nextCursor) {
        Checks.notNull(start, "start");
        Checks.notNull(fetch, "fetch");
        Checks.notNull(nextCursor, "nextCursor");
        return FluxPages.assemble(
                request(fetch, start), page -> cursorOf(page, nextCursor).map(cursor -> request(fetch, cursor)));
    }

    private static <C, P> Mono<P> request(Function<? super C, ? extends Mono<? extends P>> fetch, C cursor) {
        return Mono.defer(() -> Checks.callMono(fetch, cursor, "fetch"));
    }

    private static <C, P> Optional<? extends C> cursorOf(
            P page, Function<? super P, ? extends Optional<? extends C>> nextCursor) {
        return Checks.notNull(nextCursor.apply(page), "nextCursor returned null");
    }
}
