package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Checks;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;

/**
 * One answer of a {@link MockTransport}: a status with headers and a body, or a failure, at once or after a while. Each
 * method gives a changed copy.
 *
 * <pre>{@code
 * MockResponse busy = MockResponse.of(503).header("Retry-After", "2").after(Duration.ofMillis(300));
 * MockResponse slow = MockResponse.of(200).body(Flux.defer(() -> pieces.delayElements(Duration.ofSeconds(1))));
 * }</pre>
 *
 * <p>The body is what the network would carry: packed where a {@code Content-Encoding} says so, and cut off where a
 * {@code Content-Length} promises more. The keyword arguments of {@code aioresponses().get(…)}, a
 * library for tests with aiohttp; httpx's {@code Response}.
 */
public final class MockResponse {

    final int status;
    final HeaderList headers;
    private final Publisher<? extends ByteBuffer> body;
    private final long length;
    final Duration delay;
    final @Nullable Throwable failure;

    private MockResponse(
            int status,
            HeaderList headers,
            Publisher<? extends ByteBuffer> body,
            long length,
            Duration delay,
            @Nullable Throwable failure) {
        this.status = status;
        this.headers = headers;
        this.body = body;
        this.length = length;
        this.delay = delay;
        this.failure = failure;
    }

    /**
     * A response without a body.
     *
     * @param status from 200 to 599
     */
    public static MockResponse of(int status) {
        if (status < 200 || status > 599) {
            throw new IllegalArgumentException("status must be from 200 to 599, but is " + status);
        }
        return new MockResponse(status, HeaderList.EMPTY, Flux.empty(), 0, Duration.ZERO, null);
    }

    /** 200 with a text in UTF-8. */
    public static MockResponse text(String body) {
        return of(200).header("Content-Type", "text/plain; charset=utf-8").body(body);
    }

    /** 200 with a JSON document, as it is written. */
    public static MockResponse json(String document) {
        return of(200).header("Content-Type", "application/json").body(document);
    }

    /** No response: the request fails with {@code error}, as with a {@link ClientConnectException} in real life. */
    public static MockResponse failure(Throwable error) {
        Checks.notNull(error, "error");
        return new MockResponse(0, HeaderList.EMPTY, Flux.empty(), 0, Duration.ZERO, error);
    }

    /** The same with another header field. */
    public MockResponse header(String name, String value) {
        return new MockResponse(status, headers.add(name, value), body, length, delay, failure);
    }

    /** The same with this body, in UTF-8. */
    public MockResponse body(String text) {
        return body(Checks.notNull(text, "text").getBytes(StandardCharsets.UTF_8));
    }

    /** The same with this body. */
    public MockResponse body(byte[] bytes) {
        byte[] copy = bytes.clone();
        Flux<ByteBuffer> whole = copy.length == 0 ? Flux.empty() : Flux.defer(() -> Flux.just(ByteBuffer.wrap(copy)));
        return new MockResponse(status, headers, whole, copy.length, delay, failure);
    }

    /**
     * The same with a body that comes in pieces, at its own pace, and breaks off if that fails. It is subscribed to each
     * time the response is read, and asked for one piece at a time. Operators with a clock belong into a
     * {@link Flux#defer}, as they look for it when they are assembled.
     */
    public MockResponse body(Publisher<? extends ByteBuffer> pieces) {
        return new MockResponse(status, headers, Checks.notNull(pieces, "pieces"), -1, delay, failure);
    }

    /** The same, but so long after the request, on the clock of {@code Schedulers.parallel()}. */
    public MockResponse after(Duration delay) {
        return new MockResponse(status, headers, body, length, Checks.notNegative(delay, "delay"), failure);
    }

    Publisher<? extends ByteBuffer> content() {
        return body;
    }

    /** Of the body, as a Content-Length or the bytes themselves tell; -1 when unknown. */
    long length() {
        String declared = headers.get("Content-Length");
        return declared != null && declared.matches("\\d{1,18}") ? Long.parseLong(declared) : length;
    }

    /** RFC 9112, section 6.3: some responses have none, whatever they say. */
    boolean hasBody(Outgoing request) {
        return !request.isHead() && status != 204 && status != 304 && length() != 0;
    }

    @Override
    public String toString() {
        String size = length < 0 ? "a stream" : length + " bytes";
        String what = failure == null ? status + ", " + size : failure.toString();
        return delay.isZero() ? what : what + " after " + delay;
    }
}
