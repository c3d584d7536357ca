package io.github.asyncio4j.http;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * {@code async with session.get(url) as response}: gets a response, runs the body on it, releases it, and only then says
 * how it went. A cancel at any moment releases it as well.
 *
 * <p>The end waits for the release; so does the value of a Mono, as whoever gets it goes on at once. The values of a Flux
 * pass through as they come. Demand of the subscriber starts the request.
 */
final class Use<R> implements CoreSubscriber<ClientResponse>, Subscription, Scannable {

    private static final AtomicReferenceFieldUpdater<Use<?>, @Nullable OpenResponse> RESPONSE = response();

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static AtomicReferenceFieldUpdater<Use<?>, @Nullable OpenResponse> response() {
        return (AtomicReferenceFieldUpdater)
                AtomicReferenceFieldUpdater.newUpdater(Use.class, OpenResponse.class, "response");
    }

    private final CoreSubscriber<? super R> actual;
    private final Function<? super OpenResponse, ? extends Publisher<? extends R>> body;
    private final Body<R> inner;
    private final Context context;
    private final @Nullable OpenResponses all;
    private @Nullable Subscription source;
    private volatile @Nullable OpenResponse response;
    private volatile boolean cancelled;
    private boolean answered;

    private Use(
            CoreSubscriber<? super R> actual,
            Function<? super OpenResponse, ? extends Publisher<? extends R>> body,
            boolean single,
            Source source) {
        this.actual = actual;
        this.body = body;
        this.inner = new Body<>(this, actual, single);
        this.all = source.hasMiddlewares() ? new OpenResponses() : null;
        this.context = all == null ? actual.currentContext() : source.context(all.storeIn(actual.currentContext()));
    }

    static <R> Mono<R> one(Source source, Function<? super OpenResponse, ? extends Publisher<? extends R>> body) {
        return new MonoUse<>(source, body).assembled();
    }

    static <R> Flux<R> many(Source source, Function<? super OpenResponse, ? extends Publisher<? extends R>> body) {
        return new FluxUse<>(source, body).assembled();
    }

    // ---------------------------------------------------------------- the request

    @Override
    public void onSubscribe(Subscription subscription) {
        source = subscription;
        actual.onSubscribe(this);
    }

    @Override
    public void request(long n) {
        if (Operators.validate(n)) {
            inner.request(n);
            Subscription from = source;
            if (from != null) {
                from.request(Long.MAX_VALUE);
            }
        }
    }

    @Override
    public void onNext(ClientResponse received) {
        OpenResponse arrived = OpenResponse.of(received);
        response = arrived;
        answered = true;
        if (cancelled) {
            abort();
            return;
        }
        Publisher<? extends R> publisher;
        try {
            publisher = body.apply(arrived);
        } catch (Throwable t) {
            Exceptions.throwIfFatal(t);
            publisher = Mono.error(Exceptions.unwrap(t));
        }
        if (publisher == null) {
            publisher = Mono.error(new NullPointerException("the body of use returned null"));
        }
        publisher.subscribe(inner);
    }

    @Override
    public void onComplete() {
        if (!answered) {
            onError(new IllegalStateException("a middleware completed without a response"));
        }
    }

    @Override
    public void onError(Throwable error) {
        if (all == null) {
            actual.onError(error);
        } else {
            all.release(() -> signal(error));
        }
    }

    @Override
    public void cancel() {
        cancelled = true;
        Subscription from = source;
        if (from != null) {
            from.cancel();
        }
        inner.cancel();
        abort();
    }

    private void abort() {
        OpenResponse open = RESPONSE.getAndSet(this, null);
        if (open != null) {
            open.abort();
        }
        if (all != null) {
            all.abort();
        }
    }

    // ---------------------------------------------------------------- the end

    private void ended(@Nullable Throwable error) {
        OpenResponse open = RESPONSE.getAndSet(this, null);
        if (open == null) {
            signal(error);
        } else if (all == null) {
            open.release(() -> signal(error));
        } else {
            open.release(() -> all.release(() -> signal(error)));
        }
    }

    private void signal(@Nullable Throwable error) {
        R value = inner.held;
        inner.held = null;
        if (cancelled) {
            Operators.onDiscard(value, actual.currentContext());
            if (error != null) {
                Operators.onErrorDropped(error, actual.currentContext());
            }
        } else if (error != null) {
            Operators.onDiscard(value, actual.currentContext());
            actual.onError(error);
        } else {
            if (value != null) {
                actual.onNext(value);
            }
            actual.onComplete();
        }
    }

    @Override
    public Context currentContext() {
        return context;
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        if (key == Attr.PARENT) {
            return source;
        }
        if (key == Attr.ACTUAL) {
            return actual;
        }
        return key == Attr.CANCELLED ? cancelled : key == Attr.RUN_STYLE ? Attr.RunStyle.SYNC : null;
    }

    /**
     * Where the response comes from.
     *
     * @param total limits all that middlewares do; empty when there are none, as the request sees to it then
     */
    record Source(Mono<? extends ClientResponse> response, boolean hasMiddlewares, Optional<Duration> total) {

        static Source of(Mono<? extends ClientResponse> response) {
            return new Source(response, false, Optional.empty());
        }

        Context context(Context context) {
            return total.map(budget -> Budget.storeIn(context, budget)).orElse(context);
        }
    }

    /** What the body emits. Demand that comes before there is a body is kept for it. */
    private static final class Body<R> extends Operators.DeferredSubscription implements CoreSubscriber<R> {
        private final Use<R> use;
        private final CoreSubscriber<? super R> actual;
        private final boolean single;

        @Nullable
        R held;

        private boolean over;

        Body(Use<R> use, CoreSubscriber<? super R> actual, boolean single) {
            this.use = use;
            this.actual = actual;
            this.single = single;
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            set(subscription);
        }

        @Override
        public void onNext(R value) {
            if (over) {
                Operators.onNextDropped(value, actual.currentContext());
            } else if (single) {
                held = value;
            } else {
                actual.onNext(value);
            }
        }

        @Override
        public void onError(Throwable error) {
            if (over) {
                Operators.onErrorDropped(error, actual.currentContext());
            } else {
                over = true;
                use.ended(error);
            }
        }

        @Override
        public void onComplete() {
            if (!over) {
                over = true;
                use.ended(null);
            }
        }

        @Override
        public Context currentContext() {
            return actual.currentContext();
        }
    }

    private static final class MonoUse<R> extends Mono<R> implements Scannable {
        private final Source source;
        private final Function<? super OpenResponse, ? extends Publisher<? extends R>> body;

        MonoUse(Source source, Function<? super OpenResponse, ? extends Publisher<? extends R>> body) {
            this.source = source;
            this.body = body;
        }

        Mono<R> assembled() {
            return onAssembly(this);
        }

        @Override
        public void subscribe(CoreSubscriber<? super R> actual) {
            source.response().subscribe(new Use<>(actual, body, true, source));
        }

        @Override
        public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
            return key == Attr.PARENT ? source.response() : key == Attr.RUN_STYLE ? Attr.RunStyle.SYNC : null;
        }
    }

    private static final class FluxUse<R> extends Flux<R> implements Scannable {
        private final Source source;
        private final Function<? super OpenResponse, ? extends Publisher<? extends R>> body;

        FluxUse(Source source, Function<? super OpenResponse, ? extends Publisher<? extends R>> body) {
            this.source = source;
            this.body = body;
        }

        Flux<R> assembled() {
            return onAssembly(this);
        }

        @Override
        public void subscribe(CoreSubscriber<? super R> actual) {
            source.response().subscribe(new Use<>(actual, body, false, source));
        }

        @Override
        public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
            return key == Attr.PARENT ? source.response() : key == Attr.RUN_STYLE ? Attr.RunStyle.SYNC : null;
        }
    }
}
