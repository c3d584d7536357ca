package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Expiry;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * The end of the network middlewares: one {@link Exchange} for each subscription. A cancel closes the response, also when
 * it has arrived.
 */
final class Attempt implements Exchange.Owner, Subscription, Scannable {

    private final CoreSubscriber<? super ClientResponse> actual;
    private final Exchange exchange;
    private final AtomicBoolean started = new AtomicBoolean();

    private Attempt(
            Call call, Outgoing request, RequestOptions options, CoreSubscriber<? super ClientResponse> actual) {
        this.actual = actual;
        long deadline = Call.deadline(System.nanoTime(), options.timeout(), Expiry.from(actual.currentContext()));
        this.exchange = new Exchange(call, this, request, options, deadline);
    }

    static Mono<ClientResponse> mono(Call call, DefaultClientRequest request) {
        Outgoing outgoing;
        try {
            outgoing = request.outgoing().completed();
        } catch (InvalidUrlException | IllegalArgumentException e) {
            return Mono.error(e);
        }
        RequestBody body = outgoing.body();
        return body == null || body.isPrepared()
                ? new MonoAttempt(call, outgoing, request.options()).assembled()
                : body.prepared()
                        .flatMap(ready ->
                                new MonoAttempt(call, outgoing.withBody(ready), request.options()).assembled());
    }

    @Override
    public void request(long n) {
        if (Operators.validate(n) && started.compareAndSet(false, true)) {
            exchange.start();
        }
    }

    @Override
    public void cancel() {
        exchange.dispose();
    }

    @Override
    public Context context() {
        return actual.currentContext();
    }

    @Override
    public void arrived(Exchange from, DefaultClientResponse response) {
        OpenResponses open = OpenResponses.from(context());
        if (open == null || open.add(response)) {
            actual.onNext(response);
            actual.onComplete();
        } else {
            response.abort();
        }
    }

    @Override
    public void failed(Throwable error) {
        actual.onError(error);
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        if (key == Attr.ACTUAL) {
            return actual;
        }
        if (key == Attr.CANCELLED) {
            return exchange.isCancelled();
        }
        return key == Attr.RUN_STYLE ? Attr.RunStyle.ASYNC : null;
    }

    private static final class MonoAttempt extends Mono<ClientResponse> implements Scannable {
        private final Call call;
        private final Outgoing request;
        private final RequestOptions options;

        MonoAttempt(Call call, Outgoing request, RequestOptions options) {
            this.call = call;
            this.request = request;
            this.options = options;
        }

        Mono<ClientResponse> assembled() {
            return onAssembly(this);
        }

        @Override
        public void subscribe(CoreSubscriber<? super ClientResponse> actual) {
            actual.onSubscribe(new Attempt(call, request, options, actual));
        }

        @Override
        public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
            return key == Attr.NAME ? request.describe() : key == Attr.RUN_STYLE ? Attr.RunStyle.ASYNC : null;
        }
    }
}
