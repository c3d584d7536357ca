package io.github.asyncio4j.http;

import io.github.asyncio4j.http.ClientTimeoutException.Phase;
import io.github.asyncio4j.internal.CleanupLedger;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.Context;

/**
 * One request on its way: waits for a slot, gets a connection, sends, and hands its {@link Owner} the response when its
 * head is here.
 *
 * <pre>
 *   stage:  NEW ─► Lease ─► Connector ─► Connection ─► ENDED
 *            └────────┴─────────┴────────────┴──────► CANCELLED   the one who is at work cleans up
 * </pre>
 *
 * <p>It stands in the cleanup ledger from the first step until its connection is at rest again or closed.
 */
final class Exchange implements Incoming, Disposable {

    private static final AtomicReferenceFieldUpdater<Exchange, Disposable> STAGE =
            AtomicReferenceFieldUpdater.newUpdater(Exchange.class, Disposable.class, "stage");
    private static final AtomicReferenceFieldUpdater<Exchange, @Nullable Runnable> WHEN_ENDED =
            AtomicReferenceFieldUpdater.newUpdater(Exchange.class, Runnable.class, "whenEnded");

    private static final Disposable NEW = () -> {};
    private static final Disposable CANCELLED = Disposables.disposed();
    private static final Runnable ENDED = () -> {};
    private static final int MAX_REFUSALS = 10;

    final Call call;
    final Outgoing request;
    private final Owner owner;
    private final RequestOptions options;
    private final long deadline;

    private volatile Disposable stage = NEW;
    private volatile @Nullable Runnable whenEnded;
    private CleanupLedger.@Nullable Entry entry;
    private volatile @Nullable Throwable bodyFailure;
    private volatile HeaderBlock trailers = HeaderBlock.EMPTY;
    private boolean retried;
    private volatile boolean upgraded;
    private int refusals;
    private @Nullable Carrier carrier;
    private @Nullable ConnectSteps steps;
    /** Its owner wants nothing of it any more: what breaks off then is no failure. */
    private boolean letGo;
    /** Null when nobody traces. */
    @Nullable
    ExchangeTrace trace;

    // Instants of System.nanoTime; zero while it has not come to that. Written before the response is published.
    private final long startedAt = System.nanoTime();
    private long leasedAt;
    private long connectedAt;
    long sentAt;
    private long headAt;
    private volatile long endedAt;

    /** Who asked for it. */
    interface Owner {
        Context context();

        void arrived(Exchange from, DefaultClientResponse response);

        void failed(Throwable error);
    }

    Exchange(Call call, Owner owner, Outgoing request, RequestOptions options, long deadline) {
        this.call = call;
        this.owner = owner;
        this.request = request;
        this.options = options;
        this.deadline = deadline;
    }

    // ---------------------------------------------------------------- towards a connection

    void start() {
        entry = CleanupLedger.enter(context(), this);
        trace = call.traces == null ? null : call.traces.enter();
        Lease lease = pool().lease(route(), this);
        if (trace != null) {
            trace.queued(); // before the stage says so: whoever cancels then ends what has begun
        }
        if (STAGE.compareAndSet(this, NEW, lease)) {
            enterLine(lease);
        } else {
            pool().forget(lease);
            ended();
        }
    }

    private Route route() {
        Origin origin = request.url().origin;
        return new Route(origin, options.proxies().towards(origin));
    }

    private void enterLine(Lease lease) {
        long limit = Math.min(deadline(), connectDeadline()) - startedAt;
        if (limit >= Instants.FOREVER) {
            lease.enter(context());
        } else {
            lease.enter(context(), Duration.ofNanos(limit), Schedulers.parallel());
        }
    }

    void queueTimedOut() {
        failed(timeout(System.nanoTime() - deadline() >= 0 ? Phase.TOTAL : Phase.QUEUE));
    }

    void leased(Lease lease) {
        leasedAt = System.nanoTime();
        if (trace != null) {
            trace.unqueued(null);
        }
        proceed(lease);
    }

    private void proceed(Lease lease) {
        Connection connection = lease.connection;
        if (connection != null && request.isUpgrade() && !connection.carriesWebSockets()) {
            connection.closeIdle();
            lease.connection = null;
            connection = null;
        }
        if (connection != null) {
            if (trace != null) {
                trace.reused();
            }
            startOn(connection, lease);
            return;
        }
        if (maySharedConnectionDo()) {
            Objects.requireNonNull(call.session.h2()).enter(this, lease);
        } else {
            connect(lease);
        }
    }

    boolean maySharedConnectionDo() {
        return call.session.h2() != null && request.url().origin.secure() && !request.isUpgrade();
    }

    /** Makes a connection. */
    void connect(Lease lease) {
        Connector connector = new Connector(call.session, lease, this);
        if (trace != null) {
            trace.connecting();
        }
        if (advance(connector)) {
            connector.start();
        } else {
            connector.unused();
            pool().release(lease, null);
            ended();
        }
    }

    /** False when the request was cancelled meanwhile. */
    boolean waitsFor(Disposable someoneElse) {
        return advance(someoneElse);
    }

    /** Takes a stream of a connection that others use as well. */
    void shares(H2Connection connection, Lease lease) {
        startOn(connection.newStream(), lease);
    }

    /** The same for the one who made it. */
    void connected(H2Connection made, Lease lease, ConnectSteps by) {
        connectedAt = System.nanoTime();
        steps = by;
        shares(made, lease);
    }

    void connected(Connection connection, Lease lease, ConnectSteps by) {
        connectedAt = System.nanoTime();
        steps = by;
        lease.connection = connection;
        startOn(connection, lease);
    }

    private void startOn(Carrier by, Lease lease) {
        if (advance(() -> by.abort(this))) {
            by.start(this, lease);
        } else {
            by.unused(lease);
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
        boolean mayRetry = reused && silent && !retried && request.isIdempotent() && request.isReplayable();
        if (mayRetry && error instanceof ServerDisconnectedException && stage != CANCELLED) {
            retry(lease);
            return;
        }
        pool().release(lease, null);
        failed(error);
    }

    /** The server has said that it did nothing with the request: any method may be sent again, if its body can be. */
    void refused(Lease lease, Throwable error) {
        if (request.isReplayable() && ++refusals <= MAX_REFUSALS && stage != CANCELLED) {
            retry(lease);
        } else {
            pool().release(lease, null);
            failed(error);
        }
    }

    /** A connection from rest was closed before anything was sent on it: any request may take another one. */
    void lostBeforeStart(Lease lease) {
        retry(lease);
    }

    // RFC 9112, section 9.3.1: the peer had closed a connection at rest, and we could not know.
    private void retry(Lease lease) {
        retried = true;
        if (trace != null) {
            trace.stale();
        }
        lease.connection = null;
        proceed(lease);
    }

    /** @param from where its body comes from, or null when there is none */
    void headArrived(ResponseHead head, @Nullable Carrier from) {
        headAt = System.nanoTime();
        carrier = from;
        if (stage != CANCELLED) {
            owner.arrived(this, new DefaultClientResponse(this, head, from == null));
        }
    }

    void trailed(HeaderBlock fields) {
        trailers = fields;
    }

    @Override
    public HeaderBlock trailers() {
        return trailers;
    }

    /** The connection broke off after the head. */
    void broken(Throwable error) {
        if (trace != null && !letGo && stage != CANCELLED) {
            trace.bodyFailed(error);
        }
    }

    /** The body broke off while nobody was reading it; whoever comes to read it is told. */
    void bodyFailed(Throwable error) {
        bodyFailure = error;
    }

    @Override
    public Throwable bodyFailure() {
        Throwable known = bodyFailure;
        return known == null ? released() : known;
    }

    static IllegalStateException released() {
        return new IllegalStateException("the response was released; read it inside use(…)");
    }

    void failed(Throwable error) {
        boolean first = STAGE.getAndSet(this, CANCELLED) != CANCELLED;
        if (trace != null) {
            trace.endOpen(error);
        }
        ended();
        if (first) {
            owner.failed(error);
        }
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
        if (trace != null && hook != ENDED) {
            trace.leave();
        }
        if (hook != null) {
            hook.run();
        }
    }

    /** Runs {@code hook} once the connection is at rest again or closed. */
    @Override
    public void whenEnded(Runnable hook) {
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

    @Override
    public boolean isEnded() {
        return whenEnded == ENDED;
    }

    @Override
    public void dispose() {
        STAGE.getAndSet(this, CANCELLED).dispose();
    }

    boolean isCancelled() {
        return stage == CANCELLED;
    }

    private Pool pool() {
        return call.session.pool();
    }

    // ---------------------------------------------------------------- the body

    /** What the response came over, while there is more of it. */
    private Carrier carrier() {
        Carrier from = carrier;
        if (from == null) {
            throw new IllegalStateException("no body");
        }
        return from;
    }

    /** The same for what is no HTTP any more, which takes a connection of its own. */
    Connection connection() {
        return (Connection) carrier();
    }

    @Override
    public long declaredLength() {
        return carrier().declaredLength();
    }

    @Override
    public void consume(BodySink sink) {
        carrier().consume(this, sink);
    }

    @Override
    public void drain(Drain sink) {
        letGo = true;
        carrier().drain(this, sink);
    }

    @Override
    public void wanted() {
        carrier().wanted(this);
    }

    @Override
    public void abort() {
        letGo = true;
        carrier().abort(this);
    }

    // ---------------------------------------------------------------- time

    /** The connection is a WebSocket's from now on, which may take as long as it likes. */
    void upgraded() {
        upgraded = true;
    }

    boolean isUpgraded() {
        return upgraded;
    }

    /** Instant of System.nanoTime by which all must be over. */
    long deadline() {
        return upgraded ? System.nanoTime() + Instants.FOREVER : deadline;
    }

    long connectDeadline() {
        return Instants.after(startedAt, timeouts().connect());
    }

    ClientTimeout timeouts() {
        return options.timeout();
    }

    ClientTimeoutException timeout(Phase phase) {
        return call.timeout(request, phase);
    }

    @Override
    public Timings timings() {
        long end = endedAt == 0 ? System.nanoTime() : endedAt;
        return new Timings(
                between(startedAt, leasedAt),
                between(leasedAt, connectedAt),
                between(sentAt, headAt),
                between(headAt, end),
                between(call.startedAt(), end));
    }

    @Override
    public ConnectTimings connectTimings() {
        ConnectSteps made = steps;
        return made == null ? ConnectTimings.NONE : made.timings();
    }

    private static Duration between(long from, long to) {
        return to == 0 || from == 0 ? Duration.ZERO : Duration.ofNanos(Math.max(0, to - from));
    }

    @Override
    public Outgoing request() {
        return request;
    }

    @Override
    public RequestOptions options() {
        return options;
    }

    /** Of whoever asked. */
    Context context() {
        return owner.context();
    }

    @Override
    public String toString() {
        return describe();
    }
}
