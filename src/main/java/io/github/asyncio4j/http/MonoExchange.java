package io.github.asyncio4j.http;

import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;

/** Each subscription is one {@link Exchange}; whoever gets the response has to release it. */
final class MonoExchange extends Mono<DefaultClientResponse> implements Scannable {

    private final ClientSession session;
    private final Outgoing request;

    private MonoExchange(ClientSession session, Outgoing request) {
        this.session = session;
        this.request = request;
    }

    static Mono<DefaultClientResponse> of(ClientSession session, Outgoing request) {
        return onAssembly(new MonoExchange(session, request));
    }

    @Override
    public void subscribe(CoreSubscriber<? super DefaultClientResponse> actual) {
        actual.onSubscribe(new Exchange(session, request, actual));
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        return key == Attr.NAME ? request.describe() : key == Attr.RUN_STYLE ? Attr.RunStyle.ASYNC : null;
    }
}
