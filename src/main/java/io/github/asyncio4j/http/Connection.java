package io.github.asyncio4j.http;

import io.github.asyncio4j.http.ClientTimeoutException.Phase;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One socket. Carries one exchange at a time; all of it happens on the socket's event loop, so nothing here is locked.
 *
 * <pre>
 *   at rest ──start──► head ──► body ──finish──► at rest     only after a response that ended exactly where it should
 *      │                 └────────┴──fail/abort─► closed
 *      └── a byte or the end of the stream nobody asked for ─► closed
 * </pre>
 *
 * <p>Bytes are read when somebody wants them. At rest one read is always outstanding, which is how a close by the peer
 * is noticed. One timer serves all limits: a request that is over in time costs no timer at all. What comes in is read by
 * {@link Intake}, what goes out is written by {@link Outlet}.
 */
final class Connection extends ChannelInboundHandlerAdapter implements Carrier, Pool.Member, Upload.Way {

    private static final int DRAIN_MILLIS = 100;

    private final Pool pool;
    private final Pool.Host host;
    private final Channel channel;
    private final EventLoop loop;
    private final Intake intake = new Intake(this);
    private final Outlet outlet;
    private final Watch watch;

    private @Nullable Exchange exchange;
    private @Nullable Lease lease;
    private int exchanges;
    private boolean reading;

    private volatile long idleSince;
    private long keepAlive;

    /** @param forward the proxy that requests are handed to as they are, or null */
    Connection(Pool pool, Pool.Host host, Channel channel, @Nullable Proxy forward) {
        this.pool = pool;
        this.host = host;
        this.channel = channel;
        this.loop = channel.eventLoop();
        this.outlet = new Outlet(this, channel, forward);
        this.watch = new Watch(loop, this::look);
        this.keepAlive = Instants.nanos(pool.limits().keepAlive());
    }

    // ---------------------------------------------------------------- from any thread

    /** Sends the request of {@code exchange}. */
    @Override
    public void start(Exchange exchange, Lease lease) {
        onLoop(() -> doStart(exchange, lease));
    }

    /** False where a proxy stands that understands nothing but requests. */
    boolean carriesWebSockets() {
        return !outlet.isForwarded();
    }

    /** Goes to rest: the request that this was made for has been cancelled. */
    @Override
    public void unused(Lease lease) {
        onLoop(() -> rest(lease));
    }

    /** Hands the body of {@code exchange} to {@code sink} from now on. */
    @Override
    public void consume(Exchange exchange, BodySink sink) {
        onLoop(() -> {
            if (this.exchange == exchange) {
                intake.sendTo(sink);
                intake.drive();
            } else {
                sink.failed(exchange.bodyFailure());
            }
        });
    }

    /** Reads the rest for no longer than a moment, then closes. */
    @Override
    public void drain(Exchange exchange, Drain sink) {
        onLoop(() -> {
            if (this.exchange == exchange) {
                intake.sendTo(sink);
                intake.drive();
            }
            if (this.exchange == exchange) {
                loop.schedule(() -> abort(exchange), DRAIN_MILLIS, TimeUnit.MILLISECONDS);
            }
        });
    }

    /** Of the body that is being read; -1 when unknown. To be asked on the event loop or with the head's arrival. */
    @Override
    public long declaredLength() {
        return intake.declaredLength();
    }

    /** The sink wants more than before. */
    @Override
    public void wanted(Exchange exchange) {
        onLoop(() -> {
            if (this.exchange == exchange) {
                intake.drive();
            }
        });
    }

    /** Nobody wants the rest of {@code exchange}: closes, unless it is over already. */
    @Override
    public void abort(Exchange exchange) {
        onLoop(() -> {
            if (this.exchange == exchange) {
                close(Exchange.released());
            }
        });
    }

    /** Closes a connection that the pool has given up. */
    void closeIdle() {
        onLoop(channel::close);
    }

    @Override
    public void shutdown(ClientException reason) {
        onLoop(() -> {
            if (exchange != null) {
                close(reason);
            } else {
                channel.close();
            }
        });
    }

    long idleSince() {
        return idleSince;
    }

    Channel channel() {
        return channel;
    }

    /** Runs {@code work} on the event loop, but not at once. */
    void later(Runnable work) {
        loop.execute(work);
    }

    ScheduledFuture<?> schedule(Runnable work, long nanos) {
        return loop.schedule(work, nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void onLoop(Runnable work) {
        if (loop.inEventLoop()) {
            work.run();
        } else {
            loop.execute(work);
        }
    }

    // ---------------------------------------------------------------- the request

    private void doStart(Exchange next, Lease by) {
        if (next.isCancelled()) {
            rest(by);
            next.ended();
        } else if (!channel.isActive()) {
            next.lostBeforeStart(by);
        } else {
            exchange = next;
            lease = by;
            exchanges++;
            intake.expect(next);
            next.sentAt = System.nanoTime();
            watch.by(next.deadline());
            outlet.send(next);
            read();
        }
    }

    /** The whole body has been handed to the network. */
    @Override
    public void uploaded(Exchange exchange) {
        if (this.exchange == exchange) {
            outlet.done();
            limitReading();
        }
    }

    /** The body cannot be sent to its end; what was sent cannot be taken back. */
    @Override
    public void uploadFailed(Exchange exchange, Throwable error) {
        if (this.exchange == exchange) {
            close(error);
        }
    }

    // ---------------------------------------------------------------- the response

    boolean isBusy() {
        return exchange != null;
    }

    /** The server has seen the head of the request and wants its body. */
    void continued() {
        outlet.continued();
    }

    /** @param complete true when nothing follows the head */
    void headArrived(ResponseHead head, boolean complete) {
        Exchange of = current();
        outlet.answered(head.status);
        keepAlive = KeepAlive.limit(head, pool.limits());
        if (head.status == 101) {
            of.upgraded();
            watch.stop();
        }
        if (complete) {
            finish();
        }
        of.headArrived(head, complete ? null : this);
    }

    /** Closes on bytes that belong to no request. */
    void refuseInputAtRest() {
        if (intake.hasInput()) {
            channel.close();
        }
    }

    /** What came in is not what it should be. */
    void refuse(ClientException error) {
        close(exchange == null ? error : exchange.explain(error));
    }

    /** The peer is gone in the middle. */
    void cutOff() {
        close(intake.cutOff(current()));
    }

    // ---------------------------------------------------------------- its end

    /** The response has ended where it should. */
    void finish() {
        Exchange over = current();
        over.trailed(intake.trailers());
        BodySink to = intake.sink();
        Lease slot = detach();
        boolean reusable = !outlet.wasAnsweredEarly()
                && intake.keepsAlive()
                && over.request.keepsAlive()
                && keepAlive > 0
                && !intake.hasEnded()
                && !intake.hasInput()
                && channel.isActive();
        if (reusable) {
            intake.releaseInput();
            rest(slot);
            over.ended();
        } else {
            leaving(to);
            channel.close().addListener(closed -> {
                pool.release(slot, null);
                over.ended();
            });
        }
    }

    private static void leaving(@Nullable BodySink sink) {
        if (sink != null) {
            sink.leaving();
        }
    }

    private void rest(Lease slot) {
        idleSince = System.nanoTime();
        watch.by(idleSince + keepAlive);
        read();
        pool.release(slot, this);
    }

    /** Closes with the exchange unfinished; what it is told, it is told when the socket is closed and the slot is free. */
    private void close(Throwable error) {
        Exchange failed = exchange;
        if (failed == null) {
            channel.close();
            return;
        }
        boolean beforeHead = !intake.isHeadRead();
        boolean silent = intake.isSilent();
        boolean reused = exchanges > 1;
        BodySink to = intake.sink();
        leaving(to);
        Lease slot = detach();
        intake.releaseInput();
        closeHard().addListener(closed -> {
            if (beforeHead && !failed.isCancelled()) {
                failed.attemptFailed(slot, error, reused, silent);
                return;
            }
            pool.release(slot, null);
            failed.broken(error);
            failed.ended();
            if (to != null) {
                to.failed(error);
            } else {
                failed.bodyFailed(error);
            }
        });
    }

    // Past the TLS handler, which would first wait for its farewell to be written.
    private ChannelFuture closeHard() {
        ChannelHandlerContext first = channel.pipeline().firstContext();
        return first == null ? channel.close() : first.close();
    }

    private Lease detach() {
        Lease slot = lease;
        if (slot == null) {
            throw new IllegalStateException("no exchange");
        }
        exchange = null;
        lease = null;
        watch.expectNothing();
        intake.detach();
        outlet.stop();
        return slot;
    }

    private Exchange current() {
        Exchange of = exchange;
        if (of == null) {
            throw new IllegalStateException("no exchange");
        }
        return of;
    }

    // ---------------------------------------------------------------- the channel

    /** Asks the network for more. */
    void read() {
        limitReading();
        if (!reading) {
            reading = true;
            channel.read();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (outlet.isBusy() && channel.isWritable()) {
            watch.expectNothing();
            outlet.writable();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        intake.add((ByteBuf) message, context.alloc());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        reading = false;
        watch.expectNothing();
        intake.drive();
        intake.releaseEmptyInput();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        intake.end();
        watch.stop();
        if (exchange != null) {
            intake.drive();
        } else {
            intake.releaseInput();
            pool.removeIdle(host, this);
        }
        pool.leave(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof ChannelOutputShutdownException && exchange != null) {
            sendingFailed(cause.getCause() == null ? cause : cause.getCause());
            return;
        }
        if (cause instanceof IOException) {
            intake.breakOff(cause);
        } else if (exchange != null) {
            close(new ClientException(exchange.describe() + ": " + cause, cause));
            return;
        }
        channel.close();
    }

    // The peer takes nothing any more. Its answer may be here already, and if it is not, its end will be.
    private void sendingFailed(Throwable cause) {
        outlet.refused();
        intake.sendingFailed(cause);
        read();
    }

    // ---------------------------------------------------------------- time

    // While the request is still being sent, the server has no reason to say anything.
    private void limitReading() {
        if (!outlet.isBusy()) {
            limitSilence();
        }
    }

    /** The server has to answer, or to take what waits to be sent, within the time for a read. */
    @Override
    public void limitSilence() {
        Exchange of = exchange;
        if (of != null && !of.isUpgraded() && of.timeouts().sockRead().isPresent()) {
            watch.expectUntil(Instants.after(System.nanoTime(), of.timeouts().sockRead()));
        }
    }

    private void look() {
        long now = System.nanoTime();
        Exchange of = exchange;
        if (of == null) {
            lookAtRest(now);
        } else if (now - of.deadline() >= 0) {
            close(of.timeout(Phase.TOTAL));
        } else if (watch.isSilentTooLong(now)) {
            close(of.timeout(silentPhase()));
        } else {
            watch.again(of.deadline());
        }
    }

    private void lookAtRest(long now) {
        long until = idleSince + keepAlive;
        if (now - until < 0) {
            watch.by(until);
        } else if (pool.removeIdle(host, this)) {
            channel.close();
        }
    }

    private Phase silentPhase() {
        if (outlet.isStalled()) {
            return Phase.WRITE;
        }
        return intake.isHeadRead() ? Phase.BODY : Phase.HEADERS;
    }

    @Override
    public String toString() {
        return "connection to " + host.route;
    }
}
