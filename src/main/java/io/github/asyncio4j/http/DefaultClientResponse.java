package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Checks;
import java.io.IOException;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A response with what is {@link Incoming} behind it. Its body is consumed by one {@link BodySink}, the first that comes. */
final class DefaultClientResponse implements OpenResponse {

    static final int SHOWN_IN_ERRORS = 2048;

    private final Incoming exchange;
    private final ResponseHead head;
    private final boolean complete;

    private final AtomicBoolean claimed = new AtomicBoolean();
    private volatile byte @Nullable [] kept;
    private final long declaredLength;
    private List<Hop> history = List.of();
    private @Nullable DefaultWebSocket socket;

    /** @param complete whether nothing follows the head */
    DefaultClientResponse(Incoming exchange, ResponseHead head, boolean complete) {
        this.exchange = exchange;
        this.head = head;
        this.complete = complete;
        this.declaredLength = complete ? 0 : exchange.declaredLength();
        if (complete) {
            kept = new byte[0];
        }
    }

    @Override
    public int status() {
        return head.status;
    }

    @Override
    public String reason() {
        return head.reason();
    }

    @Override
    public Headers headers() {
        return head.headers;
    }

    @Override
    public String url() {
        return exchange.request().url().toString();
    }

    @Override
    public String realUrl() {
        return exchange.request().url().withFragment();
    }

    @Override
    public List<Hop> history() {
        return history;
    }

    @Override
    public OpenResponse arrivedAfter(List<Hop> hops) {
        history = List.copyOf(hops);
        return this;
    }

    ResponseHead head() {
        return head;
    }

    @Override
    public boolean ok() {
        return head.status < 400;
    }

    @Override
    public Timings timings() {
        return exchange.timings();
    }

    @Override
    public ConnectTimings connectTimings() {
        return exchange.connectTimings();
    }

    @Override
    public Mono<byte[]> bytes() {
        return Collector.of(this, maxBodySize());
    }

    @Override
    public Mono<String> text() {
        return bytes().map(content -> Charsets.decode(content, Charsets.of(head.headers.get("content-type"))));
    }

    @Override
    public <T> Mono<T> json(Class<T> type) {
        return readJson(type);
    }

    @Override
    public <T> Mono<T> json(TypeRef<T> type) {
        return readJson(type.type());
    }

    private <T> Mono<T> readJson(Type type) {
        return bytes().handle((content, sink) -> {
            String declared = head.headers.get("content-type");
            if (content.length == 0) {
                return;
            }
            if (!Charsets.isJson(declared)) {
                sink.error(new ContentTypeException(
                        exchange.describe() + ": not JSON, its Content-Type is " + declared,
                        head.status,
                        head.headers,
                        start(content)));
                return;
            }
            try {
                T value = Json.read(content, type);
                if (value != null) {
                    sink.next(value);
                }
            } catch (IOException e) {
                sink.error(unreadable(String.valueOf(e.getMessage()), type, content.length, e));
            }
        });
    }

    private ClientPayloadException unreadable(String why, Type type, int length, IOException cause) {
        return new ClientPayloadException(
                exchange.describe() + ": cannot be read as " + type.getTypeName() + ": " + why, length, length, cause);
    }

    @Override
    public Flux<ByteBuffer> chunks() {
        return FluxChunks.of(this);
    }

    @Override
    public Flux<ByteBuffer> chunks(int size) {
        Checks.atLeast(1, size, "size");
        return EqualPieces.of(chunks(), size);
    }

    @Override
    public Headers trailers() {
        return exchange.trailers();
    }

    @Override
    public Flux<String> lines() {
        return Lines.of(chunks(), Charsets.of(head.headers.get("content-type")));
    }

    /** Always UTF-8, whatever the header says. */
    @Override
    public Flux<ServerSentEvent> events() {
        return EventParser.events(Lines.of(chunks(), java.nio.charset.StandardCharsets.UTF_8));
    }

    @Override
    public ClientResponse raiseForStatus() {
        if (!ok()) {
            byte[] content = kept;
            throw Exceptions.propagate(statusError(content == null ? new byte[0] : content));
        }
        return this;
    }

    ClientResponseException statusError(byte[] content) {
        return new ClientResponseException(
                (exchange.describe() + ": " + head.status + " " + head.reason()).stripTrailing(),
                head.status,
                head.headers,
                start(content));
    }

    /** The same with the beginning of the body, which is read for it if nobody has read it yet. */
    @Override
    public Mono<ClientResponseException> statusError() {
        return Collector.start(this, SHOWN_IN_ERRORS)
                .onErrorReturn(new byte[0])
                .defaultIfEmpty(new byte[0])
                .map(this::statusError);
    }

    private String start(byte[] content) {
        byte[] shown = content.length > SHOWN_IN_ERRORS ? java.util.Arrays.copyOf(content, SHOWN_IN_ERRORS) : content;
        return Charsets.decode(shown, Charsets.of(head.headers.get("content-type")));
    }

    @Override
    public Mono<Void> release() {
        return Mono.create(sink -> release(sink::success));
    }

    // ---------------------------------------------------------------- for those who consume the body

    /** Gives the connection back, after a short rest of the body was read; then runs {@code then}. */
    @Override
    public void release(Runnable then) {
        exchange.whenEnded(then);
        if (complete || exchange.isEnded()) {
            return;
        }
        if (socket != null) {
            socket.leave();
            return;
        }
        if (claimed.compareAndSet(false, true) && declaredLength() <= Drain.LIMIT) {
            exchange.drain(new Drain(this));
        } else {
            exchange.abort();
        }
    }

    /** What comes after the head are frames. */
    DefaultWebSocket upgraded(WebSocketOptions options, WebSocketHandshake.Agreement agreement) {
        claimed.set(true);
        Exchange by = (Exchange) exchange;
        DefaultWebSocket opened = new DefaultWebSocket(by.connection(), by, options, agreement);
        socket = opened;
        opened.open();
        return opened;
    }

    <R> Mono<R> handshakeRefused(String why) {
        Mono<byte[]> start = head.status == 101
                ? Mono.just(new byte[0])
                : Collector.start(this, SHOWN_IN_ERRORS)
                        .onErrorReturn(new byte[0])
                        .defaultIfEmpty(new byte[0]);
        return start.flatMap(content -> Mono.error(new WebSocketHandshakeException(
                exchange.describe() + ": no WebSocket, " + why, head.status, head.headers, start(content))));
    }

    /** Closes the connection unless the response is complete. */
    @Override
    public void abort() {
        claimed.set(true);
        if (!complete) {
            exchange.abort();
        }
    }

    boolean isEnded() {
        return exchange.isEnded();
    }

    void consume(BodySink sink) {
        if (!claimed.compareAndSet(false, true)) {
            sink.failed(
                    exchange.isEnded() && kept == null
                            ? exchange.bodyFailure()
                            : new IllegalStateException("the body of the response was read already"));
        } else if (complete) {
            sink.ended();
        } else {
            try {
                exchange.consume(decoding(sink));
            } catch (InvalidResponseException e) {
                abort();
                sink.failed(exchange.explain(e));
            }
        }
    }

    private BodySink decoding(BodySink sink) throws InvalidResponseException {
        if (!exchange.options().decompress() || !head.headers.contains("content-encoding")) {
            return sink;
        }
        List<Decoder> decoders = Decoder.of(head.headers.all("content-encoding"));
        return decoders.isEmpty() ? sink : new DecodingSink(sink, decoders, this);
    }

    ClientPayloadException badCoding(Decoder.BadCoding error, long received) {
        return new ClientPayloadException(
                exchange.describe() + ": " + error.getMessage(), received, declaredLength, error);
    }

    BodyTooLargeException bomb() {
        return new BodyTooLargeException(
                exchange.describe() + ": the compressed body unfolds to more than " + maxInflateRatio()
                        + " times its size, which maxInflateRatio does not allow",
                maxBodySize());
    }

    int maxInflateRatio() {
        return exchange.options().maxInflateRatio();
    }

    void wanted() {
        if (!complete) {
            exchange.wanted();
        }
    }

    void keep(byte[] content) {
        kept = content;
    }

    byte @Nullable [] kept() {
        return kept;
    }

    long maxBodySize() {
        return exchange.options().maxBodySize();
    }

    /** -1 when unknown. */
    long declaredLength() {
        return declaredLength;
    }

    boolean isDeclaredLargerThan(long limit) {
        return declaredLength > limit;
    }

    BodyTooLargeException tooLarge() {
        return new BodyTooLargeException(
                exchange.describe() + ": the body is larger than maxBodySize allows (" + maxBodySize() + " bytes)",
                maxBodySize());
    }

    @Override
    public String toString() {
        return exchange.describe() + ": " + head.status + " " + head.headers;
    }
}
