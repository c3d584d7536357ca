package io.github.asyncio4j.http;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * One request of a {@link Call} on its way through the session's network middlewares: in place of an {@link Exchange},
 * which is what their last one comes to, once for each {@link Attempt}.
 */
final class Hop implements CoreSubscriber<ClientResponse>, Disposable {

    private static final AtomicReferenceFieldUpdater<Hop, @Nullable Subscription> SUBSCRIPTION =
            AtomicReferenceFieldUpdater.newUpdater(Hop.class, Subscription.class, "subscription");
    private static final AtomicReferenceFieldUpdater<Hop, @Nullable OpenResponse> RESPONSE =
            AtomicReferenceFieldUpdater.newUpdater(Hop.class, OpenResponse.class, "response");

    private final Call call;
    private final Outgoing request;
    private final Context context;
    private volatile @Nullable Subscription subscription;
    private volatile @Nullable OpenResponse response;
    private boolean over;

    /** @param request before what is added on its way out */
    Hop(Call call, Outgoing request) {
        this.call = call;
        CookieStore jar = call.session.cookieStore();
        String cookies = jar == null ? null : jar.header(request.url());
        this.request = RequestWriter.completed(request, cookies, call.options.decompress());
        this.context = within(call);
    }

    private static Context within(Call call) {
        long left = call.deadline() - System.nanoTime();
        return left < Instants.FOREVER / 2
                ? Budget.storeIn(call.context(), Duration.ofNanos(Math.max(0, left)))
                : call.context();
    }

    void start(List<Middleware> middlewares) {
        DefaultClientRequest seen = new DefaultClientRequest(call.session, request, call.options);
        Chain.through(middlewares, seen, next -> Attempt.mono(call, DefaultClientRequest.ours(next)))
                .subscribe(this);
    }

    @Override
    public void onSubscribe(Subscription given) {
        if (Operators.setOnce(SUBSCRIPTION, this, given)) {
            given.request(Long.MAX_VALUE);
        }
    }

    @Override
    public void onNext(ClientResponse received) {
        OpenResponse arrived = OpenResponse.of(received);
        if (over) {
            arrived.abort();
            return;
        }
        over = true;
        response = arrived;
        if (subscription == Operators.cancelledSubscription()) {
            abort();
            return;
        }
        ResponseHead head;
        try {
            head = ResponseHead.of(arrived);
        } catch (InvalidResponseException e) {
            arrived.release(() -> call.failed(e));
            return;
        }
        call.arrived(request, arrived, head);
    }

    @Override
    public void onError(Throwable error) {
        if (over) {
            Operators.onErrorDropped(error, context);
        } else {
            over = true;
            call.failed(error);
        }
    }

    @Override
    public void onComplete() {
        if (!over) {
            onError(new IllegalStateException("a middleware completed without a response"));
        }
    }

    /** The response as well, if it is here: whoever cancels does not want it. */
    @Override
    public void dispose() {
        Operators.terminate(SUBSCRIPTION, this);
        abort();
    }

    private void abort() {
        OpenResponse open = RESPONSE.getAndSet(this, null);
        if (open != null) {
            open.abort();
        }
    }

    @Override
    public Context currentContext() {
        return context;
    }

    @Override
    public String toString() {
        return request.describe();
    }
}
