package io.github.asyncio4j.resource;

import io.github.asyncio4j.internal.Checks;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/** A use with one result. */
final class MonoUse<T, R> extends Mono<R> implements Scannable {

    private final DefaultAsyncResource<T> resource;
    private final Function<? super T, ? extends Mono<? extends R>> body;

    private MonoUse(DefaultAsyncResource<T> resource, Function<? super T, ? extends Mono<? extends R>> body) {
        this.resource = resource;
        this.body = body;
    }

    static <T, R> Mono<R> of(DefaultAsyncResource<T> resource, Function<? super T, ? extends Mono<? extends R>> body) {
        return onAssembly(new MonoUse<>(resource, body));
    }

    @Override
    public void subscribe(CoreSubscriber<? super R> actual) {
        new Use<>(actual, resource, body).run();
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        if (key == Attr.PARENT) {
            return resource.open();
        }
        return key == Attr.RUN_STYLE ? Attr.RunStyle.ASYNC : null;
    }

    @Override
    public String stepName() {
        return "use";
    }

    /** Holds the value until the resource is closed. */
    private static final class Use<T, R> extends ResourceUse<T, R> {

        @SuppressWarnings("rawtypes")
        private static final AtomicReferenceFieldUpdater<Use, @Nullable Object> VALUE =
                AtomicReferenceFieldUpdater.newUpdater(Use.class, Object.class, "value");

        private volatile @Nullable Object value;

        Use(
                CoreSubscriber<? super R> actual,
                DefaultAsyncResource<T> resource,
                Function<? super T, ? extends Mono<? extends R>> body) {
            super(actual, resource, opened -> Checks.callMono(body, opened, "body"));
        }

        @Override
        public void onNext(R arrived) {
            if (!VALUE.compareAndSet(this, null, arrived)) {
                Operators.onNextDropped(arrived, currentContext());
            } else if (!inBody()) {
                discardResult();
            }
        }

        @Override
        @SuppressWarnings("unchecked")
        void deliver(@Nullable Throwable error) {
            R held = (R) value;
            if (error != null) {
                actual.onError(error);
                return;
            }
            if (held != null) {
                actual.onNext(held);
            }
            actual.onComplete();
        }

        @Override
        void discardResult() {
            Operators.onDiscard(VALUE.getAndSet(this, null), currentContext());
        }
    }
}
