package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Checks;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One answer of a {@link MockTransport}: a status with headers and a body, or a failure, at once or after a while. Each
 * method gives a changed copy.
 *
 * <pre>{@code
 * MockResponse busy = MockResponse.of(503).header("Retry-After", "2").after(Duration.ofMillis(300));
 * }</pre>
 *
 * <p>The keyword arguments of {@code aioresponses().get(…)}, a library for tests with aiohttp.
 */
public final class MockResponse {

    private static final byte[] NOTHING = {};

    final int status;
    final HeaderList headers;
    private final byte[] body;
    final Duration delay;
    final @Nullable Throwable failure;

    private MockResponse(int status, HeaderList headers, byte[] body, Duration delay, @Nullable Throwable failure) {
        this.status = status;
        this.headers = headers;
        this.body = body;
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
        return new MockResponse(status, HeaderList.EMPTY, NOTHING, Duration.ZERO, null);
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
        return new MockResponse(0, HeaderList.EMPTY, NOTHING, Duration.ZERO, Checks.notNull(error, "error"));
    }

    /** The same with another header field. */
    public MockResponse header(String name, String value) {
        return new MockResponse(status, headers.add(name, value), body, delay, failure);
    }

    /** The same with this body, in UTF-8. */
    public MockResponse body(String text) {
        return body(Checks.notNull(text, "text").getBytes(StandardCharsets.UTF_8));
    }

    /** The same with this body. */
    public MockResponse body(byte[] bytes) {
        return new MockResponse(status, headers, bytes.clone(), delay, failure);
    }

    /** The same, but so long after the request, on the clock of {@code Schedulers.parallel()}. */
    public MockResponse after(Duration delay) {
        return new MockResponse(status, headers, body, Checks.notNegative(delay, "delay"), failure);
    }

    /** Shared, not to be changed. */
    byte[] content() {
        return body;
    }

    @Override
    public String toString() {
        String what = failure == null ? status + ", " + body.length + " bytes" : failure.toString();
        return delay.isZero() ? what : what + " after " + delay;
    }
}
