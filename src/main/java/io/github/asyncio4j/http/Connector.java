package io.github.asyncio4j.http;

import io.github.asyncio4j.http.ClientTimeoutException.Phase;
import io.github.asyncio4j.http.Url.Origin;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/**
 * Makes one connection: looks the host up, tries its addresses one after the other, and does the TLS handshake. After
 * the start everything happens on the event loop that the connection will live on.
 */
final class Connector implements Pool.Member, Disposable {

    private final ClientSession session;
    private final Pool pool;
    private final Lease lease;
    private final Exchange exchange;
    private final Origin origin;
    private final EventLoop loop;
    private final ArrayDeque<InetAddress> untried = new ArrayDeque<>();

    private Phase phase = Phase.DNS;
    private @Nullable Channel channel;
    private @Nullable Disposable lookup;
    private @Nullable ScheduledFuture<?> timer;
    private @Nullable ClientException firstFailure;
    private boolean over;

    Connector(ClientSession session, Lease lease, Exchange exchange) {
        this.session = session;
        this.pool = lease.pool;
        this.lease = lease;
        this.exchange = exchange;
        this.origin = exchange.request.url().origin;
        this.loop = session.transport().next();
    }

    void start() {
        if (pool.join(this)) {
            loop.execute(this::resolve);
        } else {
            pool.release(lease, null);
            exchange.failed(Pool.closedError());
        }
    }

    @Override
    public void dispose() {
        loop.execute(() -> end(() -> {
            pool.release(lease, null);
            exchange.ended();
        }));
    }

    @Override
    public void shutdown(ClientException reason) {
        loop.execute(() -> fail(reason));
    }

    // ---------------------------------------------------------------- address

    private void resolve() {
        if (over) {
            return;
        }
        armTimer();
        InetAddress literal = Addresses.literal(origin.host());
        if (literal != null && !origin.secure()) {
            connect(List.of(literal));
            return;
        }
        Mono<List<InetAddress>> answer =
                literal == null ? session.addresses().of(origin.host()) : Mono.just(List.of(literal));
        if (origin.secure()) {
            answer = session.tls().prepared().then(answer);
        }
        lookup = answer.subscribe(
                found -> loop.execute(() -> connect(found)),
                error -> loop.execute(() -> notFound(error)),
                () -> loop.execute(() -> connect(List.of())));
    }

    private void notFound(Throwable error) {
        String reason = error instanceof UnknownHostException ? "" : " (" + error + ")";
        fail(new HostNotFoundException(
                exchange.describe() + ": host not found: " + origin.host() + reason,
                origin.host(),
                origin.port(),
                error));
    }

    private void connect(List<InetAddress> addresses) {
        if (over || phase != Phase.DNS) {
            return; // the lookup completes after its answer
        }
        if (addresses.isEmpty()) {
            notFound(new UnknownHostException(origin.host()));
            return;
        }
        untried.addAll(addresses);
        tryNext();
    }

    // ---------------------------------------------------------------- socket

    private void tryNext() {
        InetAddress address = untried.poll();
        if (address == null) {
            ClientException failure = firstFailure;
            fail(failure == null ? refused(null, "no address") : failure);
            return;
        }
        phase = Phase.CONNECT;
        Channel attempt = session.transport().newChannel();
        channel = attempt;
        attempt.config().setAutoRead(false);
        attempt.config().setOption(ChannelOption.TCP_NODELAY, true);
        attempt.config().setOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0);
        loop.register(attempt).addListener(registered -> {
            if (registered.isSuccess()) {
                attempt.connect(new InetSocketAddress(address, origin.port()))
                        .addListener(connected -> connected(attempt, address, connected));
            } else {
                attemptFailed(attempt, refused(registered.cause(), "no socket"));
            }
        });
    }

    private void connected(Channel attempt, InetAddress address, Future<?> result) {
        if (over) {
            attempt.close();
        } else if (!result.isSuccess()) {
            attemptFailed(attempt, refused(result.cause(), address.getHostAddress() + ":" + origin.port()));
        } else if (origin.secure()) {
            handshake(attempt);
        } else {
            done(attempt);
        }
    }

    private ClientConnectException refused(@Nullable Throwable cause, String where) {
        String why = cause == null ? "" : ": " + reason(cause);
        return new ClientConnectException(
                exchange.describe() + ": cannot connect to " + where + why, origin.host(), origin.port(), cause);
    }

    // Netty repeats the address in its message.
    private static String reason(Throwable cause) {
        Throwable root = cause.getCause() == null ? cause : cause.getCause();
        return String.valueOf(root.getMessage());
    }

    private void attemptFailed(Channel attempt, ClientException failure) {
        firstFailure = firstFailure == null ? failure : firstFailure;
        attempt.close();
        if (!over) {
            tryNext();
        }
    }

    private void handshake(Channel attempt) {
        phase = Phase.TLS;
        SslHandler tls = session.tls().newHandler(attempt.alloc(), origin);
        tls.setHandshakeTimeoutMillis(0);
        attempt.pipeline().addLast(tls);
        attempt.read();
        tls.handshakeFuture().addListener(result -> {
            if (over) {
                attempt.close();
            } else if (result.isSuccess()) {
                done(attempt);
            } else {
                Throwable cause = result.cause();
                fail(new ClientTlsException(
                        exchange.describe() + ": TLS handshake failed: " + reason(cause),
                        origin.host(),
                        origin.port(),
                        cause));
            }
        });
    }

    private void done(Channel made) {
        over = true;
        stopTimer();
        Connection connection = new Connection(pool, lease.host, made);
        made.pipeline().addLast(connection);
        pool.replace(this, connection);
        exchange.connected(connection, lease);
    }

    // ---------------------------------------------------------------- ends

    private void fail(ClientException error) {
        end(() -> {
            pool.release(lease, null);
            exchange.failed(error);
        });
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
        Channel open = channel;
        if (open == null || !open.isRegistered()) {
            pool.leave(this);
            then.run();
        } else {
            open.close().addListener(closed -> {
                pool.leave(this);
                then.run();
            });
        }
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
