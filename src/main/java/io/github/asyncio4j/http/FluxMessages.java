package io.github.asyncio4j.http;

import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;

/** The messages of a WebSocket, for one subscriber at a time. */
final class FluxMessages extends Flux<WebSocketMessage> implements Scannable {

    private final WebSocketInbox inbox;

    private FluxMessages(WebSocketInbox inbox) {
        this.inbox = inbox;
    }

    static Flux<WebSocketMessage> of(WebSocketInbox inbox) {
        return onAssembly(new FluxMessages(inbox));
    }

    @Override
    public void subscribe(CoreSubscriber<? super WebSocketMessage> actual) {
        Receiver receiver = new Receiver(inbox, actual);
        actual.onSubscribe(receiver);
        inbox.attach(receiver);
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        return key == Attr.RUN_STYLE ? Attr.RunStyle.ASYNC : null;
    }

    /** Emits on the event loop only; requests may come from anywhere. */
    static final class Receiver implements Subscription, Scannable {
        private static final AtomicLongFieldUpdater<Receiver> REQUESTED =
                AtomicLongFieldUpdater.newUpdater(Receiver.class, "requested");

        private final WebSocketInbox inbox;
        private final CoreSubscriber<? super WebSocketMessage> actual;
        private volatile long requested;
        private volatile boolean cancelled;

        private Receiver(WebSocketInbox inbox, CoreSubscriber<? super WebSocketMessage> actual) {
            this.inbox = inbox;
            this.actual = actual;
        }

        @Override
        public void request(long n) {
            if (Operators.validate(n) && Operators.addCap(REQUESTED, this, n) == 0) {
                inbox.wanted();
            }
        }

        @Override
        public void cancel() {
            cancelled = true;
            inbox.wanted();
        }

        boolean isCancelled() {
            return cancelled;
        }

        boolean wantsMore() {
            return requested > 0 && !cancelled;
        }

        void next(WebSocketMessage message) {
            Operators.produced(REQUESTED, this, 1);
            actual.onNext(message);
        }

        void end(@Nullable Throwable error) {
            if (error == null) {
                actual.onComplete();
            } else {
                actual.onError(error);
            }
        }

        @Override
        public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
            if (key == Attr.REQUESTED_FROM_DOWNSTREAM) {
                return requested;
            }
            return key == Attr.ACTUAL ? actual : key == Attr.CANCELLED ? cancelled : null;
        }
    }
}
