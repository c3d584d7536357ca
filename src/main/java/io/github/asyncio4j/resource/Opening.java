package io.github.asyncio4j.resource;

import java.util.NoSuchElementException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * Subscriber of an opening. Unless the opening said that it may be, it is never cancelled: between the connection that
 * is made and the value that tells of it, a cancel would lose the connection.
 */
final class Opening<T> extends Operators.DeferredSubscription implements CoreSubscriber<T> {

    private final DefaultAsyncResource<T> resource;
    private final Context context;
    private final Consumer<T> opened;
    private final Consumer<Throwable> notOpened;
    private boolean done;

    /** One of the two is called, once; neither after a cancel that was obeyed. */
    Opening(DefaultAsyncResource<T> resource, Context context, Consumer<T> opened, Consumer<Throwable> notOpened) {
        this.resource = resource;
        this.context = context;
        this.opened = opened;
        this.notOpened = notOpened;
    }

    void start() {
        request(Long.MAX_VALUE);
        resource.open().subscribe(this);
    }

    @Override
    public Context currentContext() {
        return context;
    }

    @Override
    public void onSubscribe(Subscription arrived) {
        set(arrived);
    }

    @Override
    public void onNext(T value) {
        if (done) {
            Operators.onNextDropped(value, context);
            return;
        }
        done = true;
        opened.accept(value);
    }

    @Override
    public void onError(Throwable error) {
        if (done) {
            Operators.onErrorDropped(error, context);
            return;
        }
        done = true;
        notOpened.accept(error);
    }

    @Override
    public void onComplete() {
        if (!done) {
            done = true;
            notOpened.accept(new NoSuchElementException(resource.nameFor(null) + " opened empty"));
        }
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        return key == Attr.TERMINATED ? done : super.scanUnsafe(key);
    }
}
