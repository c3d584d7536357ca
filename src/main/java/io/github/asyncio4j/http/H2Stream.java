package io.github.asyncio4j.http;

import io.github.asyncio4j.http.ClientTimeoutException.Phase;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One exchange on a stream of an {@link H2Connection}: what {@link Connection}, {@link Intake} and {@link Outlet} are for
 * HTTP/1.1. On the connection's event loop only.
 */
final class H2Stream extends ChannelInboundHandlerAdapter implements Carrier, Upload.Way {

    private static final int DRAIN_MILLIS = 100;
    private static final int CONTINUE_MILLIS = 1000;
    private static final int MAX_INFORMATIONAL = 8;

    private final H2Connection connection;
    private final Watch watch;
    private final DemandLoop loop = new DemandLoop(this::step, this::refuse);

    private @Nullable Channel channel;
    private @Nullable Exchange exchange;
    private @Nullable Lease lease;
    private @Nullable Upload upload;
    private @Nullable BodySink sink;
    private @Nullable ByteBuf input;

    private long startedAt;
    private long declared = -1;
    private long received;
    private int informational;
    private boolean headRead;
    private boolean receivedAny;
    private boolean ended;
    private boolean reading;
    private boolean refused;
    private @Nullable String broken;
    private @Nullable Throwable cause;

    H2Stream(H2Connection connection) {
        this.connection = connection;
        this.watch = new Watch(connection.loop(), this::look);
    }

    // ---------------------------------------------------------------- from any thread

    @Override
    public void start(Exchange next, Lease by) {
        onLoop(() -> doStart(next, by));
    }

    @Override
    public void unused(Lease by) {
        connection.pool().release(by, null);
    }

    @Override
    public void abort(Exchange of) {
        onLoop(() -> {
            if (exchange == of) {
                fail(Exchange.released());
            }
        });
    }

    @Override
    public long declaredLength() {
        return declared;
    }

    @Override
    public void consume(Exchange of, BodySink to) {
        onLoop(() -> {
            if (exchange == of) {
                sink = to;
                loop.run();
            } else {
                to.failed(of.bodyFailure());
            }
        });
    }

    @Override
    public void drain(Exchange of, Drain to) {
        onLoop(() -> {
            if (exchange == of) {
                sink = to;
                loop.run();
            }
            if (exchange == of) {
                connection.loop().schedule(() -> abort(of), DRAIN_MILLIS, TimeUnit.MILLISECONDS);
            }
        });
    }

    @Override
    public void wanted(Exchange of) {
        onLoop(() -> {
            if (exchange == of) {
                loop.run();
            }
        });
    }

    @Override
    public void onLoop(Runnable work) {
        if (connection.loop().inEventLoop()) {
            work.run();
        } else {
            connection.loop().execute(work);
        }
    }

    // ---------------------------------------------------------------- the request

    private void doStart(Exchange next, Lease by) {
        if (next.isCancelled()) {
            unused(by);
            next.ended();
            return;
        }
        if (!connection.open(this)) {
            next.lostBeforeStart(by);
            return;
        }
        exchange = next;
        lease = by;
        startedAt = System.nanoTime();
        next.sentAt = startedAt;
        Future<Http2StreamChannel> opening = new Http2StreamChannelBootstrap(connection.channel())
                .option(ChannelOption.AUTO_READ, false)
                .handler(this)
                .open();
        opening.addListener(done -> opened(opening));
    }

    private void opened(Future<Http2StreamChannel> opening) {
        if (!opening.isSuccess()) {
            notSent(opening.cause());
            return;
        }
        Channel made = opening.getNow();
        channel = made;
        Exchange of = exchange;
        if (of == null) {
            made.close();
            return;
        }
        watch.by(of.deadline());
        send(of, made);
        read();
    }

    private void send(Exchange of, Channel on) {
        Outgoing request = of.request;
        RequestBody body = request.body();
        CookieStore jar = request.isComplete() ? null : of.call.session.cookieStore();
        String cookies = jar == null ? null : jar.header(request.url());
        boolean whole = body == null || body.length() == 0 && body.bytes() != null;
        if (of.trace != null) {
            of.trace.sent();
            of.trace.sent(0);
        }
        on.writeAndFlush(new DefaultHttp2HeadersFrame(
                        H2Headers.of(request, cookies, of.options().decompress()), whole))
                .addListener(written -> {
                    if (!written.isSuccess()) {
                        notSent(written.cause());
                    }
                });
        if (body != null && !whole && exchange == of) {
            begin(new Upload(this, of, body, on, new Framing()), request.expectsContinue());
        }
    }

    private void begin(Upload sending, boolean whenAsked) {
        upload = sending;
        if (whenAsked) {
            connection
                    .loop()
                    .schedule(
                            () -> {
                                if (upload == sending) {
                                    sending.start();
                                }
                            },
                            CONTINUE_MILLIS,
                            TimeUnit.MILLISECONDS);
        } else {
            sending.start();
        }
    }

    /** A body in DATA frames. */
    private static final class Framing implements Upload.Framing {
        @Override
        public Object piece(ByteBuffer content) {
            return new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(content), false);
        }

        @Override
        public Object end() {
            return new DefaultHttp2DataFrame(Unpooled.EMPTY_BUFFER, true);
        }
    }

    @Override
    public void uploaded(Exchange of) {
        if (exchange == of) {
            upload = null;
            limitSilence();
        }
    }

    @Override
    public void uploadFailed(Exchange of, Throwable error) {
        if (exchange == of) {
            fail(error);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (upload != null && context.channel().isWritable()) {
            watch.expectNothing();
            upload.writable();
        }
    }

    // ---------------------------------------------------------------- the response

    private void read() {
        if (upload == null) {
            limitSilence();
        }
        Channel from = channel;
        if (!reading && from != null && from.isActive()) {
            reading = true;
            from.read();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        receivedAny = true;
        try {
            if (message instanceof Http2HeadersFrame headers) {
                headers(headers);
            } else if (message instanceof Http2DataFrame data) {
                data(data, context);
            }
        } catch (ClientException e) {
            refuse(e);
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void headers(Http2HeadersFrame frame) throws InvalidResponseException {
        Exchange of = exchange;
        if (of == null) {
            return;
        }
        if (headRead) {
            of.trailed(H2Headers.trailers(frame.headers()));
            ended |= frame.isEndStream();
            return;
        }
        ResponseHead head = H2Headers.head(frame.headers());
        if (head.isInformational()) {
            informational(head);
            return;
        }
        headRead = true;
        ended = frame.isEndStream();
        if (of.trace != null) {
            of.trace.answered(head);
        }
        answered(head.status);
        if (!of.request.isHead() && head.status != 304) {
            declared = H2Headers.length(head);
        }
        boolean complete = ended && declared <= 0;
        if (complete) {
            finish();
        }
        of.headArrived(head, complete ? null : this);
    }

    private void informational(ResponseHead head) throws InvalidResponseException {
        if (head.status == 100 && upload != null) {
            upload.start();
        }
        if (head.status == 101 || ++informational > MAX_INFORMATIONAL) {
            throw new InvalidResponseException("unexpected informational response " + head.status);
        }
    }

    /** The server has made up its mind: what it refused, or never asked for, is not sent any more. */
    private void answered(int status) {
        if (upload != null && (status >= 300 || !upload.isStarted())) {
            stopUpload();
        }
    }

    private void stopUpload() {
        Upload sending = upload;
        if (sending != null) {
            upload = null;
            sending.stop();
        }
    }

    private void data(Http2DataFrame frame, ChannelHandlerContext context) {
        ended |= frame.isEndStream();
        ByteBuf content = frame.content();
        if (exchange != null && content.isReadable()) {
            ByteBuf before = input;
            input = before == null
                    ? content.retain()
                    : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(context.alloc(), before, content.retain());
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        reading = false;
        watch.expectNothing();
        loop.run();
    }

    private void step() throws ClientException {
        if (exchange == null) {
            return;
        }
        if (!headRead) {
            more();
            return;
        }
        BodySink to = sink;
        if (to == null) {
            return;
        }
        to.pump();
        ByteBuf bytes = input;
        if (sink == to && bytes != null && to.wantsMore()) {
            input = null;
            feed(bytes, to);
        }
        if (sink != to) {
            return; // it cancelled while it took this
        }
        boolean complete = ended && input == null;
        if (complete && received < declared) {
            broken = "the server ended the stream";
            fail(cutOff());
        } else if (complete && to.isDrained()) {
            finish();
            to.ended();
        } else if (!complete && to.wantsMore()) {
            more();
        }
    }

    private void feed(ByteBuf bytes, BodySink to) throws ClientException {
        try {
            int length = bytes.readableBytes();
            received += length;
            Exchange of = exchange;
            if (of != null && of.trace != null) {
                of.trace.received(length);
            }
            to.take(bytes, length);
        } finally {
            bytes.release();
        }
        to.pump();
    }

    private void more() {
        if (broken != null) {
            fail(cutOff());
        } else {
            read();
        }
    }

    private ClientException cutOff() {
        Exchange of = current();
        if (!headRead) {
            return new ServerDisconnectedException(of.describe() + ": " + broken + " before its response", cause);
        }
        String amount = declared >= 0 ? received + " of " + declared : received + "";
        return new ClientPayloadException(
                of.describe() + ": " + broken + " after " + amount + " bytes of the body", received, declared, cause);
    }

    private void refuse(ClientException error) {
        Exchange of = exchange;
        if (of != null) {
            fail(of.explain(error));
        }
    }

    // ---------------------------------------------------------------- its end

    /** The response has ended where it should. */
    private void finish() {
        Exchange over = current();
        Lease slot = detach();
        close();
        connection.pool().release(slot, null);
        over.ended();
    }

    /** Ends with the exchange unfinished; who waits is told when the slot is free. */
    private void fail(Throwable error) {
        Exchange failed = exchange;
        if (failed == null) {
            return;
        }
        BodySink to = sink;
        if (to != null) {
            to.leaving();
        }
        Lease slot = detach();
        close();
        if (refused && !failed.isCancelled()) {
            failed.refused(slot, error);
        } else if (!headRead && !failed.isCancelled()) {
            failed.attemptFailed(slot, error, connection.isReused(), !receivedAny);
        } else {
            connection.pool().release(slot, null);
            failed.ended();
            if (to != null) {
                to.failed(error);
            } else {
                failed.bodyFailed(error);
            }
        }
    }

    private Lease detach() {
        Lease slot = lease;
        if (slot == null) {
            throw new IllegalStateException("no exchange");
        }
        exchange = null;
        lease = null;
        sink = null;
        watch.stop();
        stopUpload();
        ByteBuf bytes = input;
        if (bytes != null) {
            input = null;
            bytes.release();
        }
        return slot;
    }

    // What is not over is reset; the slot need not wait until the server knows.
    private void close() {
        connection.closed(this);
        if (channel != null) {
            channel.close();
        }
    }

    private Exchange current() {
        Exchange of = exchange;
        if (of == null) {
            throw new IllegalStateException("no exchange");
        }
        return of;
    }

    /** The session or the connection ends. */
    void shutdown(@Nullable ClientException reason) {
        if (reason != null) {
            fail(reason);
        } else {
            breakOff("the server closed the connection", null);
        }
    }

    void broken(Throwable why) {
        breakOff("the connection broke (" + why.getMessage() + ")", why);
    }

    private void notSent(Throwable why) {
        refused = true;
        broken = "the server takes no more requests on this connection";
        cause = why;
        if (exchange != null) {
            connection.retire();
            fail(cutOff());
        }
    }

    // What has come before is still to be read.
    private void breakOff(String how, @Nullable Throwable why) {
        if (exchange == null || broken != null) {
            return;
        }
        broken = how;
        cause = why;
        if (!ended && (!headRead || input == null)) {
            fail(cutOff());
        }
    }

    // ---------------------------------------------------------------- the channel

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        try {
            if (event instanceof Http2ResetFrame reset) {
                wasReset(reset.errorCode());
            } else if (event instanceof Http2GoAwayFrame) {
                refused = !receivedAny;
            }
        } finally {
            ReferenceCountUtil.release(event);
        }
    }

    private void wasReset(long code) {
        Http2Error error = Http2Error.valueOf(code);
        refused = error == Http2Error.REFUSED_STREAM;
        receivedAny |= !refused;
        if (!ended) {
            breakOff("the server reset the stream (" + (error == null ? code : error) + ")", null);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (!ended) {
            breakOff("the server closed the connection", null);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable why) {
        broken(why);
    }

    // ---------------------------------------------------------------- time

    @Override
    public void limitSilence() {
        Exchange of = exchange;
        if (of != null && of.timeouts().sockRead().isPresent()) {
            watch.expectUntil(Instants.after(System.nanoTime(), of.timeouts().sockRead()));
        }
    }

    private void look() {
        long now = System.nanoTime();
        Exchange of = exchange;
        if (of == null) {
            return;
        }
        if (now - of.deadline() >= 0) {
            timedOut(of.timeout(Phase.TOTAL));
        } else if (watch.isSilentTooLong(now)) {
            boolean stalled = upload != null && upload.isStalled();
            timedOut(of.timeout(stalled ? Phase.WRITE : headRead ? Phase.BODY : Phase.HEADERS));
        } else {
            watch.again(of.deadline());
        }
    }

    // Nothing at all since then: the connection may be dead, and the next request had better not find out.
    private void timedOut(ClientTimeoutException error) {
        if (connection.isSilentSince(startedAt)) {
            connection.retire();
        }
        fail(error);
    }

    @Override
    public String toString() {
        return "stream of " + connection;
    }
}
