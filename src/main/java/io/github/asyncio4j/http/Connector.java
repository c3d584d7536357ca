package io.github.asyncio4j.http;

import io.github.asyncio4j.http.ClientTimeoutException.Phase;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/**
 * Makes one connection: looks the host up, connects, and does the TLS handshake. After
 * the start everything happens on the event loop that the connection will live on.
 */
final class Connector implements Pool.Member, SocketRace.Result, Disposable {

    private final ClientSession session;
    private final Pool pool;
    private final Lease lease;
    private final Exchange exchange;
    private final Origin origin;
    private final @Nullable Proxy proxy;
    private final String host;
    private final int port;
    private final EventLoop loop;
    private final @Nullable Path unixSocket;
    /** Where this one is awaited by others, if they may share it. */
    private final @Nullable H2Connections shared;

    private final ConnectSteps steps = new ConnectSteps();
    private final @Nullable ExchangeTrace trace;

    private Phase phase = Phase.DNS;
    private @Nullable SocketRace race;
    private @Nullable Channel channel;
    private @Nullable Disposable lookup;
    private @Nullable ScheduledFuture<?> timer;
    private boolean over;

    Connector(ClientSession session, Lease lease, Exchange exchange) {
        this.session = session;
        this.pool = lease.pool;
        this.lease = lease;
        this.exchange = exchange;
        this.trace = exchange.trace;
        this.origin = lease.host.route.origin();
        this.proxy = lease.host.route.proxy();
        this.host = proxy == null ? origin.host() : proxy.host();
        this.port = proxy == null ? origin.port() : proxy.port();
        this.loop = session.transport().next();
        this.unixSocket = proxy == null ? session.defaults().sockets().unix() : null;
        this.shared = exchange.maySharedConnectionDo() ? session.h2() : null;
    }

    /** It was not even started. */
    void unused() {
        if (shared != null) {
            shared.failed(lease.host.route);
        }
    }

    void start() {
        if (pool.join(this)) {
            loop.execute(this::resolve);
        } else {
            shutdown(Pool.closedError());
        }
    }

    @Override
    public void dispose() {
        loop.execute(() -> end(exchange::ended));
    }

    @Override
    public void shutdown(ClientException reason) {
        loop.execute(() -> fail(reason));
    }

    // ---------------------------------------------------------------- address

    private void resolve() {
        if (over) {
            pool.leave(this); // it may have ended before it had joined
            return;
        }
        armTimer();
        Mono<Void> preparing = preparing();
        if (preparing == null) {
            lookUp();
        } else {
            lookup = preparing.subscribe(
                    nothing -> {}, error -> loop.execute(() -> notFound(error)), () -> loop.execute(this::lookUp));
        }
    }

    /** What takes a thread that may block, once; null when that is done. */
    private @Nullable Mono<Void> preparing() {
        OptionalLibraries libraries = session.libraries();
        Mono<Void> looking = libraries.areKnown() ? null : libraries.prepared();
        if (!origin.secure() && (proxy == null || proxy.tlsPeer() == null)) {
            return looking;
        }
        Mono<Void> keys = session.tls().prepared().then();
        return looking == null ? keys : looking.then(keys);
    }

    private void lookUp() {
        if (over) {
            return;
        }
        steps.begin();
        if (unixSocket != null) {
            connect(unixSocket);
            return;
        }
        InetAddress literal = Addresses.literal(host);
        if (literal != null) {
            connect(List.of(literal));
            return;
        }
        lookup = session.addresses()
                .of(host, trace)
                .subscribe(
                        found -> loop.execute(() -> connect(found)),
                        error -> loop.execute(() -> notFound(error)),
                        () -> loop.execute(() -> connect(List.of())));
    }

    private void notFound(Throwable error) {
        String reason = error instanceof UnknownHostException ? "" : " (" + error + ")";
        fail(new HostNotFoundException(exchange.describe() + ": host not found: " + host + reason, host, port, error));
    }

    private void connect(Path file) {
        phase = Phase.CONNECT;
        steps.resolved(false);
        if (trace != null) {
            trace.reaching(host, port);
        }
        channel = session.connect(file, loop, this);
    }

    private void connect(List<InetAddress> addresses) {
        if (over || phase != Phase.DNS) {
            return; // the lookup completes after its answer
        }
        if (!addresses.isEmpty() && trace != null) {
            trace.resolved(null);
        }
        if (addresses.isEmpty()) {
            notFound(new UnknownHostException(host));
            return;
        }
        List<InetAddress> allowed = allowed(addresses);
        if (allowed.isEmpty()) {
            fail(new AddressNotAllowedException(
                    exchange.describe() + ": " + origin.host() + " is no public address, and publicAddressesOnly is on",
                    origin.host(),
                    origin.port()));
            return;
        }
        int reached;
        try {
            reached = proxy == null ? session.defaults().resolver().port(host, port) : port;
        } catch (RuntimeException e) {
            notFound(e);
            return;
        }
        phase = Phase.CONNECT;
        steps.resolved(Addresses.literal(host) == null);
        if (trace != null) {
            trace.reaching(host, reached);
        }
        race = new SocketRace(session.transport(), loop, allowed, reached, this);
        race.start();
    }

    /** With a proxy it is the user's own choice where that stands; what it looks up is not known here. */
    private List<InetAddress> allowed(List<InetAddress> addresses) {
        AddressGuard guard = session.defaults().guard();
        if (guard == null) {
            return addresses;
        }
        if (proxy == null) {
            return guard.allowed(host, addresses);
        }
        InetAddress target = Addresses.literal(origin.host());
        return target == null || guard.allows(origin.host(), target) ? addresses : List.of();
    }

    @Override
    public void connected(Channel made) {
        channel = made;
        steps.reached();
        if (trace != null) {
            trace.reached(null);
        }
        Origin peer = proxy == null ? null : proxy.tlsPeer();
        if (peer == null) {
            goOn(made);
        } else {
            handshake(made, peer, false, "TLS handshake with the proxy " + proxy, tls -> {
                steps.tunnelled();
                phase = Phase.CONNECT;
                goOn(made);
            });
        }
    }

    private void goOn(Channel made) {
        if (proxy == null || isForwarded()) {
            reached(made);
        } else {
            made.pipeline().addLast(new Tunnel(proxy, origin, new ThroughProxy(proxy, made)));
        }
    }

    /** A plain request is handed to an HTTP proxy as it is; whatever else is to follow goes through a tunnel. */
    private boolean isForwarded() {
        return proxy != null && !proxy.socks() && !origin.secure() && !exchange.request.isUpgrade();
    }

    private void reached(Channel made) {
        if (origin.secure()) {
            if (trace != null) {
                trace.securing();
            }
            handshake(made, origin, shared != null, "TLS handshake", tls -> {
                steps.secured();
                if (trace != null) {
                    trace.secured(null);
                }
                agreed(made, tls.engine().getApplicationProtocol());
            });
        } else {
            done(made);
        }
    }

    /** What the tunnel comes to. */
    private final class ThroughProxy implements Tunnel.Result {
        private final Proxy by;
        private final Channel made;

        ThroughProxy(Proxy by, Channel made) {
            this.by = by;
            this.made = made;
        }

        @Override
        public void open() {
            if (!over) {
                steps.tunnelled();
                reached(made);
            }
        }

        @Override
        public void refused(String why, @Nullable ResponseHead head) {
            fail(new ClientProxyException(
                    exchange.describe() + ": no way through the proxy " + by + ": " + why,
                    by.host(),
                    by.port(),
                    head == null ? 0 : head.status,
                    head == null ? HeaderBlock.EMPTY : head.headers,
                    null));
        }
    }

    @Override
    public void failed(String failures, @Nullable Throwable first) {
        fail(new ClientConnectException(
                exchange.describe() + ": cannot connect to " + (proxy == null ? "" : "the proxy ") + failures,
                host,
                port,
                first));
    }

    private void handshake(Channel made, Origin with, boolean h2, String what, Consumer<SslHandler> then) {
        phase = Phase.TLS;
        SslHandler tls = session.tls().newHandler(with, h2);
        tls.setHandshakeTimeoutMillis(0);
        made.pipeline().addLast(tls, HandshakeErrors.TOLD);
        made.read();
        tls.handshakeFuture().addListener(result -> {
            if (over) {
                made.close();
            } else if (result.isSuccess()) {
                made.pipeline().remove(HandshakeErrors.TOLD);
                then.accept(tls);
            } else {
                Throwable cause = result.cause();
                fail(new ClientTlsException(
                        exchange.describe() + ": " + what + " failed: " + cause.getMessage(),
                        with.host(),
                        with.port(),
                        cause));
            }
        });
    }

    private void agreed(Channel made, @Nullable String protocol) {
        if (shared == null) {
            done(made);
        } else if ("h2".equals(protocol)) {
            share(made, shared);
        } else {
            shared.connected(lease.host.route, null);
            done(made);
        }
    }

    private void share(Channel made, H2Connections with) {
        over = true;
        stopTimer();
        H2Connection connection = new H2Connection(with, pool, lease.host.route, made);
        connection.begin();
        boolean welcome = pool.replace(this, connection);
        if (trace != null) {
            trace.connected(null);
        }
        exchange.connected(connection, lease, steps);
        with.connected(lease.host.route, connection);
        if (!welcome) {
            connection.shutdown(Pool.closedError());
        }
    }

    private void done(Channel made) {
        over = true;
        stopTimer();
        Connection connection = new Connection(pool, lease.host, made, isForwarded() ? proxy : null);
        made.pipeline().addLast(connection);
        boolean welcome = pool.replace(this, connection);
        if (trace != null) {
            trace.connected(null);
        }
        exchange.connected(connection, lease, steps);
        if (!welcome) {
            connection.shutdown(Pool.closedError());
        }
    }

    // ---------------------------------------------------------------- ends

    private void fail(ClientException error) {
        end(() -> exchange.failed(error));
    }

    private void end(Runnable then) {
        if (over) {
            return;
        }
        over = true;
        stopTimer();
        if (lookup != null) {
            lookup.dispose();
        }
        if (race != null) {
            race.stop();
        }
        Channel open = channel;
        if (open == null || !open.isRegistered()) {
            ended(then);
        } else {
            open.close().addListener(closed -> ended(then));
        }
    }

    // The slot first: a session that has closed holds none.
    private void ended(Runnable then) {
        pool.release(lease, null);
        pool.leave(this);
        unused();
        then.run();
    }

    private void armTimer() {
        long now = System.nanoTime();
        long until = Instants.earlier(
                exchange.deadline(),
                Instants.earlier(
                        exchange.connectDeadline(),
                        Instants.after(now, exchange.timeouts().sockConnect())));
        if (until - now < Instants.FOREVER / 2) {
            timer = loop.schedule(this::timedOut, until - now, TimeUnit.NANOSECONDS);
        }
    }

    private void timedOut() {
        boolean total = System.nanoTime() - exchange.deadline() >= 0;
        fail(exchange.timeout(total ? Phase.TOTAL : phase));
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    @Override
    public String toString() {
        return "connecting to " + origin;
    }
}
