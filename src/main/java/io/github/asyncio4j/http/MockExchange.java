package io.github.asyncio4j.http;

import io.github.asyncio4j.http.ClientTimeoutException.Phase;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.Context;

/**
 * The body of a {@link MockResponse} in place of a connection: pieces are asked for one by one as the sink wants them,
 * under the limits of time of the request, on Reactor's clock. Whatever comes from wherever, one thread at a time drives it.
 */
final class MockExchange implements Incoming, CoreSubscriber<ByteBuffer> {

    private static final AtomicIntegerFieldUpdater<MockExchange> WORK =
            AtomicIntegerFieldUpdater.newUpdater(MockExchange.class, "work");
    private static final Timings NONE =
            new Timings(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);

    private final Outgoing request;
    private final RequestOptions options;
    private final Publisher<? extends ByteBuffer> content;
    private final long declared;
    private final Context context;
    private final Scheduler clock = Schedulers.parallel();
    private final long deadline;

    private volatile int work;
    private volatile @Nullable BodySink sink;
    private volatile @Nullable Subscription source;
    private volatile @Nullable ByteBuffer piece;
    private volatile @Nullable Throwable failure;
    private volatile boolean complete;
    private volatile boolean given;

    // Guarded by this.
    private @Nullable List<Runnable> hooks = new ArrayList<>(1);

    // Of whoever drives.
    private @Nullable Disposable timer;
    private boolean asked;
    private boolean over;
    private long received;

    /** @param left time for the rest, in nanoseconds */
    MockExchange(Outgoing request, RequestOptions options, MockResponse answer, long left, Context context) {
        this.request = request;
        this.options = options;
        this.content = answer.content();
        this.declared = answer.length();
        this.context = context;
        this.deadline = clock.now(TimeUnit.NANOSECONDS) + Math.min(left, Instants.FOREVER);
    }

    // ---------------------------------------------------------------- the body

    @Override
    public void consume(BodySink to) {
        sink = to;
        if (given) {
            drive();
        } else {
            Flux.<ByteBuffer>from(content).subscribe(this);
        }
    }

    /** There is no connection to be saved. */
    @Override
    public void drain(Drain to) {
        abort();
    }

    @Override
    public void wanted() {
        drive();
    }

    @Override
    public void abort() {
        given = true;
        drive();
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        source = subscription;
        drive();
    }

    @Override
    public void onNext(ByteBuffer next) {
        piece = next;
        drive();
    }

    @Override
    public void onError(Throwable error) {
        failure = error;
        drive();
    }

    @Override
    public void onComplete() {
        complete = true;
        drive();
    }

    @Override
    public Context currentContext() {
        return context;
    }

    private void drive() {
        if (WORK.getAndIncrement(this) != 0) {
            return;
        }
        int missed = 1;
        while (missed != 0) {
            try {
                step();
            } catch (ClientException e) {
                end(explain(e));
            }
            missed = WORK.addAndGet(this, -missed);
        }
    }

    private void step() throws ClientException {
        BodySink to = sink;
        if (over) {
            return;
        }
        if (given) {
            end(Exchange.released());
        } else if (to != null) {
            to.pump();
            feed(to);
        }
    }

    private void feed(BodySink to) throws ClientException {
        ByteBuffer next = piece;
        if (next != null && to.wantsMore()) {
            take(next, to);
        } else if (next == null && failure != null) {
            end(failure);
        } else if (next == null && complete) {
            complete(to);
        } else if (next == null && !asked && source != null && to.wantsMore()) {
            asked = true;
            limit();
            source.request(1);
        }
    }

    private void take(ByteBuffer next, BodySink to) throws ClientException {
        piece = null;
        asked = false;
        stopTimer();
        int length = next.remaining();
        received += length;
        if (length > 0) {
            ByteBuf bytes = Unpooled.wrappedBuffer(next);
            try {
                to.take(bytes, length);
            } finally {
                bytes.release();
            }
        }
        to.pump();
        WORK.getAndIncrement(this); // there may be more to do
    }

    private void complete(BodySink to) {
        if (received < declared) {
            end(new ClientPayloadException(
                    describe() + ": the server closed the connection after " + received + " of " + declared
                            + " bytes of the body",
                    received,
                    declared,
                    null));
        } else if (to.isDrained()) {
            end(null);
        }
    }

    /** @param error null when the body has ended where it should */
    private void end(@Nullable Throwable error) {
        over = true;
        stopTimer();
        if (source != null) {
            source.cancel();
        }
        BodySink to = sink;
        if (to != null && error != null) {
            to.leaving();
        }
        failure = error;
        runHooks();
        if (to != null && error != null) {
            to.failed(error);
        } else if (to != null) {
            to.ended();
        }
    }

    // ---------------------------------------------------------------- time

    private void limit() {
        long now = clock.now(TimeUnit.NANOSECONDS);
        long silence = Instants.after(now, options.timeout().sockRead());
        long until = Instants.earlier(silence, deadline);
        if (until - now < Instants.FOREVER / 2) {
            Phase phase = until == deadline ? Phase.TOTAL : Phase.BODY;
            timer = clock.schedule(() -> onError(timeout(phase)), Math.max(0, until - now), TimeUnit.NANOSECONDS);
        }
    }

    private ClientTimeoutException timeout(Phase phase) {
        return new ClientTimeoutException(
                describe() + ": timed out, "
                        + (phase == Phase.TOTAL ? "its total time was used up" : "reading the body"),
                phase);
    }

    private void stopTimer() {
        Disposable armed = timer;
        if (armed != null) {
            timer = null;
            armed.dispose();
        }
    }

    // ---------------------------------------------------------------- its end

    private void runHooks() {
        List<Runnable> all;
        synchronized (this) {
            all = hooks == null ? List.of() : hooks;
            hooks = null;
        }
        all.forEach(Runnable::run);
    }

    @Override
    public void whenEnded(Runnable hook) {
        synchronized (this) {
            if (hooks != null) {
                hooks.add(hook);
                return;
            }
        }
        hook.run();
    }

    @Override
    public synchronized boolean isEnded() {
        return hooks == null;
    }

    @Override
    public Throwable bodyFailure() {
        Throwable known = failure;
        return known == null ? Exchange.released() : known;
    }

    // ---------------------------------------------------------------- what it is

    @Override
    public Outgoing request() {
        return request;
    }

    @Override
    public RequestOptions options() {
        return options;
    }

    @Override
    public Timings timings() {
        return NONE;
    }

    @Override
    public HeaderBlock trailers() {
        return HeaderBlock.EMPTY;
    }

    @Override
    public long declaredLength() {
        return declared;
    }

    @Override
    public String toString() {
        return describe();
    }
}
