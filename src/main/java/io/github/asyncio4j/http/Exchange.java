package io.github.asyncio4j.http;

import io.github.asyncio4j.http.ClientTimeoutException.Phase;
import io.github.asyncio4j.internal.CleanupLedger;
import io.github.asyncio4j.internal.Expiry;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.Context;

/**
 * One request on its way: waits for a slot, gets a connection, sends, and hands out the response when its head is here.
 *
 * <pre>
 *   stage:  NEW ─► Lease ─► Connector ─► Connection ─► ENDED
 *            └────────┴─────────┴────────────┴──────► CANCELLED   the one who is at work cleans up
 * </pre>
 *
 * <p>It stands in the cleanup ledger from the first step until its connection is at rest again or closed.
 */
final class Exchange implements Subscription, Scannable {

    private static final AtomicReferenceFieldUpdater<Exchange, Disposable> STAGE =
            AtomicReferenceFieldUpdater.newUpdater(Exchange.class, Disposable.class, "stage");
    private static final AtomicReferenceFieldUpdater<Exchange, Runnable> WHEN_ENDED =
            AtomicReferenceFieldUpdater.newUpdater(Exchange.class, Runnable.class, "whenEnded");

    private static final Disposable NEW = () -> {};
    private static final Disposable CANCELLED = Disposables.disposed();
    private static final Runnable ENDED = () -> {};

    // The scope whose deadline it is cancels this request and reports it; only if nobody does, the request itself gives
    // up.
    private static final long DEADLINE_GRACE = Duration.ofMillis(100).toNanos();

    final Outgoing request;
    final ClientSession session;
    private final CoreSubscriber<? super DefaultClientResponse> actual;
    private final Context context;
    private final long deadline;

    private volatile Disposable stage = NEW;
    private volatile @Nullable Runnable whenEnded;
    private CleanupLedger.@Nullable Entry entry;
    private volatile @Nullable Throwable bodyFailure;
    private boolean retried;

    // Instants of System.nanoTime; zero while it has not come to that. Written before the response is published.
    final long startedAt;
    long leasedAt;
    long sentAt;
    long headAt;
    volatile long endedAt;
    private long connectedAt;

    Exchange(ClientSession session, Outgoing request, CoreSubscriber<? super DefaultClientResponse> actual) {
        this.session = session;
        this.request = request;
        this.actual = actual;
        this.context = actual.currentContext();
        this.startedAt = System.nanoTime();
        this.deadline = deadline(startedAt, request.timeout(), Expiry.from(context));
    }

    private static long deadline(long now, ClientTimeout timeout, @Nullable Expiry expiry) {
        long budget =
                timeout.total().isPresent() ? Instants.nanos(timeout.total().get()) : Instants.FOREVER;
        if (expiry != null) {
            budget = Math.min(budget, Math.min(expiry.remainingNanos(), Instants.FOREVER) + DEADLINE_GRACE);
        }
        return now + Math.min(budget, Instants.FOREVER);
    }

    // ---------------------------------------------------------------- towards a connection

    @Override
    public void request(long n) {
        if (!Operators.validate(n) || stage != NEW) {
            return;
        }
        if (Expiry.isExpired(context)) {
            failed(timeout(Phase.TOTAL));
            return;
        }
        entry = CleanupLedger.enter(context, this);
        Lease lease = session.pool().lease(request.url().origin, this);
        if (STAGE.compareAndSet(this, NEW, lease)) {
            enterLine(lease);
        } else {
            session.pool().forget(lease);
            ended();
        }
    }

    private void enterLine(Lease lease) {
        long limit = Math.min(deadline, connectDeadline()) - startedAt;
        if (limit >= Instants.FOREVER) {
            lease.enter(context);
        } else {
            lease.enter(context, Duration.ofNanos(limit), Schedulers.parallel());
        }
    }

    void queueTimedOut() {
        failed(timeout(System.nanoTime() - deadline >= 0 ? Phase.TOTAL : Phase.QUEUE));
    }

    void leased(Lease lease) {
        leasedAt = System.nanoTime();
        proceed(lease);
    }

    private void proceed(Lease lease) {
        Connection connection = lease.connection;
        if (connection != null) {
            startOn(connection, lease);
            return;
        }
        Connector connector = new Connector(session, lease, this);
        if (advance(connector)) {
            connector.start();
        } else {
            session.pool().release(lease, null);
            ended();
        }
    }

    void connected(Connection connection, Lease lease) {
        connectedAt = System.nanoTime();
        lease.connection = connection;
        startOn(connection, lease);
    }

    private void startOn(Connection connection, Lease lease) {
        if (advance(() -> connection.abort(this))) {
            connection.start(this, lease);
        } else {
            connection.unused(lease);
            ended();
        }
    }

    /** False when the request was cancelled meanwhile: then the caller cleans up. */
    private boolean advance(Disposable next) {
        Disposable current = stage;
        return current != CANCELLED && STAGE.compareAndSet(this, current, next);
    }

    // ---------------------------------------------------------------- outcomes

    /**
     * No response came from a connection, which is closed by now.
     *
     * @param silent true if the peer sent nothing at all before it closed
     */
    void attemptFailed(Lease lease, Throwable error, boolean reused, boolean silent) {
        boolean mayRetry = reused && silent && !retried && request.isIdempotent();
        if (mayRetry && error instanceof ServerDisconnectedException && stage != CANCELLED) {
            retry(lease);
            return;
        }
        session.pool().release(lease, null);
        failed(error);
    }

    /** A connection from rest was closed before anything was sent on it: any request may take another one. */
    void lostBeforeStart(Lease lease) {
        retry(lease);
    }

    // RFC 9112, section 9.3.1: the peer had closed a connection at rest, and we could not know.
    private void retry(Lease lease) {
        retried = true;
        lease.connection = null;
        proceed(lease);
    }

    void headArrived(ResponseHead head, @Nullable Connection connection) {
        headAt = System.nanoTime();
        if (stage != CANCELLED) {
            DefaultClientResponse response = new DefaultClientResponse(this, head, connection);
            actual.onNext(response);
            actual.onComplete();
        }
    }

    /** The body broke off while nobody was reading it; whoever comes to read it is told. */
    void bodyFailed(Throwable error) {
        bodyFailure = error;
    }

    /** Why there is no body to read any more. */
    Throwable bodyFailure() {
        Throwable known = bodyFailure;
        return known == null ? released() : known;
    }

    static IllegalStateException released() {
        return new IllegalStateException("the response was released; read it inside use(…)");
    }

    /** What the reader found, with the request that it concerns. */
    ClientException explain(ClientException error) {
        return error instanceof InvalidResponseException
                ? new InvalidResponseException(describe() + ": " + error.getMessage())
                : error;
    }

    void failed(Throwable error) {
        Disposable last = STAGE.getAndSet(this, CANCELLED);
        ended();
        if (last == CANCELLED) {
            return;
        }
        actual.onError(error);
    }

    /** The connection is at rest again or closed, or there never was one. */
    void ended() {
        if (endedAt == 0) {
            endedAt = System.nanoTime();
        }
        CleanupLedger.Entry left = entry;
        if (left != null) {
            left.leave();
        }
        Runnable hook = WHEN_ENDED.getAndSet(this, ENDED);
        if (hook != null) {
            hook.run();
        }
    }

    /** Runs {@code hook} once the connection is at rest again or closed. */
    void whenEnded(Runnable hook) {
        while (true) {
            Runnable known = whenEnded;
            if (known == ENDED) {
                hook.run();
                return;
            }
            Runnable both = known == null
                    ? hook
                    : () -> {
                        known.run();
                        hook.run();
                    };
            if (WHEN_ENDED.compareAndSet(this, known, both)) {
                return;
            }
        }
    }

    boolean isEnded() {
        return whenEnded == ENDED;
    }

    @Override
    public void cancel() {
        STAGE.getAndSet(this, CANCELLED).dispose();
    }

    boolean isCancelled() {
        return stage == CANCELLED;
    }

    // ---------------------------------------------------------------- time

    /** Instant of System.nanoTime by which all must be over. */
    long deadline() {
        return deadline;
    }

    long connectDeadline() {
        return Instants.after(startedAt, request.timeout().connect());
    }

    ClientTimeoutException timeout(Phase phase) {
        long millis = (System.nanoTime() - startedAt) / 1_000_000;
        String doing = switch (phase) {
            case QUEUE -> "waiting for a free connection";
            case DNS -> "looking up the host";
            case CONNECT -> "connecting";
            case TLS -> "in the TLS handshake";
            case WRITE -> "sending the request";
            case HEADERS -> "waiting for the response";
            case BODY -> "reading the body";
            case TOTAL -> "its total time was used up";
        };
        return new ClientTimeoutException(describe() + ": timed out after " + millis + " ms, " + doing, phase);
    }

    Timings timings() {
        long end = endedAt == 0 ? System.nanoTime() : endedAt;
        return new Timings(
                between(startedAt, leasedAt),
                between(leasedAt, connectedAt),
                between(sentAt, headAt),
                between(headAt, end),
                between(startedAt, end));
    }

    private static Duration between(long from, long to) {
        return to == 0 || from == 0 ? Duration.ZERO : Duration.ofNanos(Math.max(0, to - from));
    }

    String describe() {
        return request.describe();
    }

    @Override
    public String toString() {
        return describe();
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        if (key == Attr.ACTUAL) {
            return actual;
        }
        if (key == Attr.CANCELLED) {
            return isCancelled();
        }
        if (key == Attr.TERMINATED) {
            return isEnded();
        }
        return key == Attr.RUN_STYLE ? Attr.RunStyle.ASYNC : null;
    }
}
