package io.github.asyncio4j.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.ByteToMessageDecoder;
import org.jspecify.annotations.Nullable;

/**
 * What comes in on a connection, and how far its response has been read: keeps the bytes, finds head and body in them, and
 * hands the body to its sink as that asks for it. On the event loop only.
 *
 * <pre>
 *   {@link #drive}:  head complete? ─► Connection.headArrived ─► a sink? ─► BodySink.take … ─► Connection.finish
 *                        └─ no ─► readMore                        └─ no: nothing until it comes
 * </pre>
 */
final class Intake {

    private static final int MAX_INFORMATIONAL = 8;

    private final Connection connection;
    private final ResponseReader reader = new ResponseReader();
    private final DemandLoop loop;

    private @Nullable ByteBuf input;
    private @Nullable BodySink sink;
    private @Nullable Throwable broken;
    private @Nullable Throwable sendFailure;
    private boolean ended;
    private boolean headRead;
    private boolean receivedAny;
    private boolean upgradeAsked;
    private int informational;
    private @Nullable ExchangeTrace trace;

    Intake(Connection connection) {
        this.connection = connection;
        this.loop = new DemandLoop(this::step, connection::refuse);
    }

    /** A request goes out; what comes from now on answers it. */
    void expect(Exchange next) {
        trace = next.trace;
        upgradeAsked = next.request.isUpgrade();
        headRead = false;
        receivedAny = false;
        informational = 0;
        reader.expect(next.request.isHead());
    }

    void add(ByteBuf bytes, ByteBufAllocator allocator) {
        receivedAny = true;
        input = input == null ? bytes : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(allocator, input, bytes);
    }

    /** The peer sends nothing any more. */
    void end() {
        ended = true;
    }

    /** The connection failed, which its end will follow. */
    void breakOff(Throwable cause) {
        broken = cause;
    }

    /** The peer takes nothing any more; what it has sent may still be a response. */
    void sendingFailed(Throwable cause) {
        sendFailure = cause;
    }

    void sendTo(BodySink to) {
        sink = to;
    }

    @Nullable
    BodySink sink() {
        return sink;
    }

    /** The exchange is over. */
    void detach() {
        sink = null;
    }

    boolean hasInput() {
        return input != null && input.isReadable();
    }

    boolean hasEnded() {
        return ended;
    }

    boolean isHeadRead() {
        return headRead;
    }

    boolean isSilent() {
        return !receivedAny;
    }

    boolean keepsAlive() {
        return reader.keepsAlive();
    }

    HeaderBlock trailers() {
        return reader.trailers();
    }

    /** Of the body that is being read; -1 when unknown. */
    long declaredLength() {
        return reader.expected();
    }

    // ---------------------------------------------------------------- reading

    /** Goes as far as bytes and demand allow. */
    void drive() {
        loop.run();
    }

    private void step() throws ClientException {
        if (!connection.isBusy()) {
            connection.refuseInputAtRest();
        } else if (headRead || readHead()) {
            readBody();
        } else if (connection.isBusy()) {
            readMore();
        }
    }

    private boolean readHead() throws ClientException {
        while (hasInput()) {
            ResponseHead head = reader.head(input());
            if (head == null) {
                return false;
            }
            if (!head.isInformational() || head.status == 101 && upgradeAsked) {
                headRead = true;
                if (trace != null) {
                    trace.answered(head);
                }
                connection.headArrived(head, reader.isDone());
                return true;
            }
            if (head.status == 100) {
                connection.continued();
            }
            if (head.status == 101 || ++informational > MAX_INFORMATIONAL) {
                throw new InvalidResponseException("unexpected informational response " + head.status);
            }
        }
        return false;
    }

    private void readBody() throws ClientException {
        BodySink to = sink;
        if (to == null) {
            return;
        }
        to.pump();
        if (sink == to && hasInput() && to.wantsMore()) {
            read(to);
            to.pump();
        }
        if (sink != to) {
            return; // it cancelled while it took this
        }
        boolean complete = reader.isDone() || ended && broken == null && !hasInput() && reader.closed();
        if (complete && to.isDrained()) {
            connection.finish();
            to.ended();
        } else if (!complete && to.wantsMore()) {
            readMore();
        }
    }

    private void read(BodySink to) throws ClientException {
        ExchangeTrace told = trace;
        long before = reader.received();
        reader.body(input(), to);
        if (told != null) {
            told.received(reader.received() - before);
        }
    }

    private void readMore() {
        if (ended) {
            connection.cutOff();
        } else {
            connection.read();
        }
    }

    /** Why a response that is not complete will never be. */
    ClientException cutOff(Exchange of) {
        Throwable cause = broken == null ? sendFailure : broken;
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

    private ByteBuf input() {
        ByteBuf bytes = input;
        if (bytes == null) {
            throw new IllegalStateException("no input");
        }
        return bytes;
    }

    void releaseInput() {
        ByteBuf bytes = input;
        if (bytes != null) {
            input = null;
            bytes.release();
        }
    }

    /** Keeps no buffer that has nothing in it. */
    void releaseEmptyInput() {
        if (input != null && !input.isReadable()) {
            releaseInput();
        }
    }
}
