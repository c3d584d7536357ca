package io.github.asyncio4j.http;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * All responses that came in for one request of a user. Middlewares may ask for several and pass on one; whatever they
 * leave open is released when the request ends. It travels in the Context.
 */
final class OpenResponses {

    // Guarded by this.
    private final List<DefaultClientResponse> open = new ArrayList<>(1);
    private boolean closed;

    static @Nullable OpenResponses from(ContextView context) {
        return context.getOrDefault(OpenResponses.class, null);
    }

    Context storeIn(Context context) {
        return context.put(OpenResponses.class, this);
    }

    /** False when the request is over: then nobody waits for the response. */
    synchronized boolean add(OpenResponse response) {
        if (!closed && response instanceof DefaultClientResponse ours && !open.contains(ours)) {
            open.removeIf(DefaultClientResponse::isEnded);
            open.add(ours);
        }
        return !closed;
    }

    private synchronized List<DefaultClientResponse> close() {
        closed = true;
        List<DefaultClientResponse> left = List.copyOf(open);
        open.clear();
        return left;
    }

    /** Releases all that are open; then runs {@code then}. */
    void release(Runnable then) {
        List<DefaultClientResponse> left = close();
        AtomicInteger missing = new AtomicInteger(left.size() + 1);
        Runnable arrived = () -> {
            if (missing.decrementAndGet() == 0) {
                then.run();
            }
        };
        left.forEach(response -> response.release(arrived));
        arrived.run();
    }

    void abort() {
        close().forEach(DefaultClientResponse::abort);
    }
}
