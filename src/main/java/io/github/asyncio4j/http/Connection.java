package io.github.asyncio4j.http;

import io.github.asyncio4j.http.ClientTimeoutException.Phase;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.ByteToMessageDecoder;
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
 * is noticed. One timer serves all limits: it is set for the earliest and, when it fires, looks what is due; a request
 * that is over in time costs no timer at all.
 */
final class Connection extends ChannelInboundHandlerAdapter implements Pool.Member {

    private static final int MAX_INFORMATIONAL = 8;
    private static final int DRAIN_MILLIS = 100;
    private static final int CONTINUE_MILLIS = 1000;

    private final Pool pool;
    private final Pool.Host host;
    private final Channel channel;
    private final EventLoop loop;
    private final ResponseReader reader = new ResponseReader();

    private @Nullable ByteBuf input;
    private @Nullable Exchange exchange;
    private @Nullable Lease lease;
    private @Nullable BodySink sink;
    private @Nullable Upload upload;
    private @Nullable Throwable broken;
    private boolean uploading;
    private boolean spoiled;
    private boolean headRead;
    private int informational;
    private int exchanges;
    private boolean receivedAny;
    private boolean reading;
    private boolean ended;
    private boolean driving;
    private boolean driveAgain;

    private @Nullable ScheduledFuture<?> timer;
    private long timerAt;
    private boolean readLimited;
    private long readDeadline;
    private volatile long idleSince;
    private long keepAlive;

    Connection(Pool pool, Pool.Host host, Channel channel) {
        this.pool = pool;
        this.host = host;
        this.channel = channel;
        this.loop = channel.eventLoop();
        this.keepAlive = Instants.nanos(pool.limits().keepAlive());
    }

    // ---------------------------------------------------------------- from any thread

    /** Sends the request of {@code exchange}. */
    void start(Exchange exchange, Lease lease) {
        onLoop(() -> doStart(exchange, lease));
    }

    /** Goes to rest: the request that this was made for has been cancelled. */
    void unused(Lease lease) {
        onLoop(() -> rest(lease));
    }

    /** Hands the body of {@code exchange} to {@code sink} from now on. */
    void consume(Exchange exchange, BodySink sink) {
        onLoop(() -> {
            if (this.exchange == exchange) {
                this.sink = sink;
                drive();
            } else {
                sink.failed(exchange.bodyFailure());
            }
        });
    }

    /** Reads the rest for no longer than a moment, then closes. */
    void drain(Exchange exchange, Drain sink) {
        onLoop(() -> {
            if (this.exchange == exchange) {
                this.sink = sink;
                drive();
            }
            if (this.exchange == exchange) {
                loop.schedule(() -> abort(exchange), DRAIN_MILLIS, TimeUnit.MILLISECONDS);
            }
        });
    }

    /** Of the body that is being read; -1 when unknown. To be asked on the event loop or with the head's arrival. */
    long declaredLength() {
        return reader.expected();
    }

    /** The sink wants more than before. */
    void wanted(Exchange exchange) {
        onLoop(() -> {
            if (this.exchange == exchange) {
                drive();
            }
        });
    }

    /** Nobody wants the rest of {@code exchange}: closes, unless it is over already. */
    void abort(Exchange exchange) {
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

    void onLoop(Runnable work) {
        if (loop.inEventLoop()) {
            work.run();
        } else {
            loop.execute(work);
        }
    }

    // ---------------------------------------------------------------- one exchange

    private void doStart(Exchange next, Lease by) {
        if (next.isCancelled()) {
            rest(by);
            next.ended();
        } else if (!channel.isActive()) {
            next.lostBeforeStart(by);
        } else {
            exchange = next;
            lease = by;
            headRead = false;
            receivedAny = false;
            informational = 0;
            spoiled = false;
            exchanges++;
            reader.expect(next.request.isHead());
            next.sentAt = System.nanoTime();
            armAt(next.deadline());
            send(next);
        }
    }

    private void send(Exchange next) {
        Outgoing request = next.request;
        CookieStore jar = next.call.session.cookieStore();
        String cookies = jar == null ? null : jar.header(request.url());
        boolean decompress = next.call.options.decompress();
        channel.writeAndFlush(
                RequestWriter.write(request, cookies, decompress, channel.alloc()), channel.voidPromise());
        RequestBody body = request.body();
        if (body != null && (body.bytes() == null || request.expectsContinue())) {
            Upload sending = new Upload(this, next, body, channel);
            upload = sending;
            if (request.expectsContinue()) {
                loop.schedule(() -> startUpload(sending), CONTINUE_MILLIS, TimeUnit.MILLISECONDS);
            } else {
                startUpload(sending);
            }
        }
        read();
    }

    private void startUpload(Upload sending) {
        if (upload == sending && !uploading) {
            uploading = true;
            sending.start();
        }
    }

    /** The whole body has been handed to the network. */
    void uploaded(Exchange exchange) {
        if (this.exchange == exchange) {
            upload = null;
            uploading = false;
            limitReading();
        }
    }

    /** The body cannot be sent to its end; what was sent cannot be taken back. */
    void uploadFailed(Exchange exchange, Throwable error) {
        if (this.exchange == exchange) {
            close(error);
        }
    }

    private void stopUpload() {
        Upload sending = upload;
        if (sending != null) {
            upload = null;
            uploading = false;
            sending.stop();
        }
    }

    private void drive() {
        if (driving) {
            driveAgain = true;
            return;
        }
        driving = true;
        try {
            do {
                driveAgain = false;
                step();
            } while (driveAgain);
        } catch (ClientException e) {
            close(exchange == null ? e : exchange.explain(e));
        } finally {
            driving = false;
        }
    }

    private void step() throws ClientException {
        if (exchange == null) {
            if (hasInput()) {
                channel.close(); // bytes that belong to no request
            }
        } else if (headRead || readHead()) {
            readBody();
        } else if (exchange != null) {
            readMore();
        }
    }

    private boolean readHead() throws ClientException {
        while (hasInput()) {
            ResponseHead head = reader.head(input());
            if (head == null) {
                return false;
            }
            if (!head.isInformational()) {
                headRead = true;
                headArrived(head);
                return true;
            }
            if (head.status == 100 && upload != null) {
                startUpload(upload);
            }
            if (head.status == 101 || ++informational > MAX_INFORMATIONAL) {
                throw new InvalidResponseException("unexpected informational response " + head.status);
            }
        }
        return false;
    }

    private void headArrived(ResponseHead head) {
        Exchange of = current();
        uploadOnHead(head);
        keepAlive = KeepAlive.limit(head, pool.limits());
        if (reader.isDone()) {
            finish();
            of.headArrived(head, null);
        } else {
            of.headArrived(head, this);
        }
    }

    // The server has made up its mind: what it refused, or never asked for, is not sent any more.
    private void uploadOnHead(ResponseHead head) {
        if (upload != null) {
            spoiled = true;
            if (head.status >= 300 || !uploading) {
                stopUpload();
            }
        }
    }

    private void readBody() throws ClientException {
        BodySink to = sink;
        if (to == null) {
            return;
        }
        to.pump();
        if (sink == to && hasInput() && to.wantsMore()) {
            reader.body(input(), to);
            to.pump();
        }
        if (sink != to) {
            return; // it cancelled while it took this
        }
        boolean complete = reader.isDone() || ended && broken == null && !hasInput() && reader.closed();
        if (complete && to.isDrained()) {
            finish();
            to.ended();
        } else if (!complete && to.wantsMore()) {
            readMore();
        }
    }

    private void readMore() {
        if (ended) {
            close(cutOff());
        } else {
            read();
        }
    }

    private ClientException cutOff() {
        Exchange of = current();
        Throwable cause = broken;
        String how = cause == null
                ? "the server closed the connection"
                : "the connection broke (" + cause.getMessage() + ")";
        if (!headRead) {
            return new ServerDisconnectedException(of.describe() + ": " + how + " before its response", cause);
        }
        long expected = reader.expected();
        String amount = expected >= 0 ? reader.received() + " of " + expected : reader.received() + "";
        return new ClientPayloadException(
                of.describe() + ": " + how + " after " + amount + " bytes of the body",
                reader.received(),
                expected,
                cause);
    }

    /** The response has ended where it should. */
    private void finish() {
        Exchange over = current();
        over.trailed(reader.trailers());
        Lease slot = detach();
        boolean reusable = !spoiled
                && reader.keepsAlive()
                && over.request.keepsAlive()
                && keepAlive > 0
                && !ended
                && !hasInput()
                && channel.isActive();
        if (reusable) {
            releaseInput();
            rest(slot);
            over.ended();
        } else {
            channel.close().addListener(closed -> {
                pool.release(slot, null);
                over.ended();
            });
        }
    }

    private void rest(Lease slot) {
        idleSince = System.nanoTime();
        armAt(idleSince + keepAlive);
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
        boolean beforeHead = !headRead;
        boolean silent = !receivedAny;
        boolean reused = exchanges > 1;
        BodySink to = sink;
        Lease slot = detach();
        releaseInput();
        closeHard().addListener(closed -> {
            if (beforeHead && !failed.isCancelled()) {
                failed.attemptFailed(slot, error, reused, silent);
                return;
            }
            pool.release(slot, null);
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
        sink = null;
        readLimited = false;
        stopUpload();
        return slot;
    }

    private Exchange current() {
        Exchange of = exchange;
        if (of == null) {
            throw new IllegalStateException("no exchange");
        }
        return of;
    }

    // ---------------------------------------------------------------- bytes in

    private void read() {
        limitReading();
        if (!reading) {
            reading = true;
            channel.read();
        }
    }

    // While the request is still being sent, the server has no reason to say anything.
    private void limitReading() {
        if (upload == null) {
            limitSilence();
        }
    }

    /** The server has to take what waits to be sent within the time that it has for an answer. */
    void limitWriting() {
        limitSilence();
    }

    private void limitSilence() {
        Exchange of = exchange;
        if (of != null && of.timeouts().sockRead().isPresent()) {
            readLimited = true;
            readDeadline = Instants.after(System.nanoTime(), of.timeouts().sockRead());
            armAt(readDeadline);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (upload != null && channel.isWritable()) {
            readLimited = false;
            upload.writable();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        receivedAny = true;
        if (input == null) {
            input = bytes;
        } else {
            input = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(context.alloc(), input, bytes);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        reading = false;
        readLimited = false;
        drive();
        if (input != null && !input.isReadable()) {
            releaseInput();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        ended = true;
        stopTimer();
        if (exchange != null) {
            drive();
        } else {
            releaseInput();
            pool.removeIdle(host, this);
        }
        pool.leave(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) {
            broken = cause;
        } else if (exchange != null) {
            close(new ClientException(exchange.describe() + ": " + cause, cause));
            return;
        }
        channel.close();
    }

    private boolean hasInput() {
        return input != null && input.isReadable();
    }

    private ByteBuf input() {
        ByteBuf bytes = input;
        if (bytes == null) {
            throw new IllegalStateException("no input");
        }
        return bytes;
    }

    private void releaseInput() {
        ByteBuf bytes = input;
        if (bytes != null) {
            input = null;
            bytes.release();
        }
    }

    // ---------------------------------------------------------------- time

    private void armAt(long instant) {
        if (timer != null && timerAt - instant <= 0) {
            return;
        }
        stopTimer();
        timerAt = instant;
        long delay = Math.max(0, instant - System.nanoTime());
        if (delay < Instants.FOREVER / 2) {
            timer = loop.schedule(this::timerFired, delay, TimeUnit.NANOSECONDS);
        }
    }

    private void stopTimer() {
        ScheduledFuture<?> set = timer;
        if (set != null) {
            timer = null;
            set.cancel(false);
        }
    }

    private void timerFired() {
        timer = null;
        long now = System.nanoTime();
        Exchange of = exchange;
        if (of == null) {
            long until = idleSince + keepAlive;
            if (now - until < 0) {
                armAt(until);
            } else if (pool.removeIdle(host, this)) {
                channel.close();
            }
        } else if (now - of.deadline() >= 0) {
            close(of.timeout(Phase.TOTAL));
        } else if (readLimited && now - readDeadline >= 0) {
            close(of.timeout(silentPhase()));
        } else {
            armAt(readLimited ? Instants.earlier(readDeadline, of.deadline()) : of.deadline());
        }
    }

    private Phase silentPhase() {
        if (upload != null && upload.isStalled()) {
            return Phase.WRITE;
        }
        return headRead ? Phase.BODY : Phase.HEADERS;
    }

    @Override
    public String toString() {
        return "connection to " + host.origin;
    }
}
