package io.github.asyncio4j.http;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A response whose head is here and whose body is still to come: what {@code async with session.get(url) as resp} gives.
 *
 * <p>It lives inside {@link ClientRequest#use}: when that ends, by value, error or cancel, the response is released, and
 * reading it later fails with an {@link IllegalStateException}. The body is read from the network as it is asked for.
 * After {@link #bytes()}, {@link #text()} or {@link #json} the content is kept, and each of them can be asked for again;
 * {@link #chunks()} and {@link #lines()} can be used once.
 *
 * <p>Signals come on the event loop of the connection. Do not block there.
 *
 * <pre>{@code
 * Mono<String> text = session.get(url).use(response -> response.raiseForStatus().text());
 * }</pre>
 *
 * <p>aiohttp's class has the same name.
 */
public interface ClientResponse {

    /** The status code. */
    int status();

    /** The reason phrase, empty when there is none. */
    String reason();

    /** The header fields. */
    Headers headers();

    /** The URL that answered, without credentials and fragment. */
    String url();

    /** {@link #url} with its fragment, which a redirect hands on and no server sees. aiohttp's {@code real_url}. */
    default String realUrl() {
        return url();
    }

    /**
     * Where the {@code Link} headers lead (RFC 8288): relation, in lower case, to absolute URL; the first one of each
     * relation. Empty when there are none. aiohttp's {@code links}.
     */
    default Map<String, String> links() {
        return Links.of(headers().all("link"), url());
    }

    /** The redirects that led here, first one first. */
    List<Hop> history();

    /** True when the status is below 400. */
    boolean ok();

    /** Where the time went so far. */
    Timings timings();

    /** What {@link Timings#connect} consists of. */
    default ConnectTimings connectTimings() {
        return ConnectTimings.NONE;
    }

    /**
     * The body as text, decoded by the charset of its Content-Type, UTF-8 if there is none; malformed input becomes
     * U+FFFD. An empty body is an empty text.
     *
     * @return one value; {@link ClientPayloadException} when the body was cut, {@link BodyTooLargeException} when it is
     *     larger than {@link ClientRequest#maxBodySize}
     */
    Mono<String> text();

    /** The body as bytes; errors as for {@link #text()}. */
    Mono<byte[]> bytes();

    /**
     * The body read as JSON by Jackson; empty when the body is. Fails with {@link ContentTypeException} when the response
     * does not say that it is JSON, otherwise as {@link #text()} does.
     */
    <T> Mono<T> json(Class<T> type);

    /** The same for a generic type. */
    <T> Mono<T> json(TypeRef<T> type);

    /** The body in pieces as they come, read as they are asked for; the buffers belong to the subscriber. */
    Flux<ByteBuffer> chunks();

    /**
     * The body in pieces of exactly that many bytes, the last one excepted.
     *
     * @throws IllegalArgumentException when {@code size} is less than 1
     */
    Flux<ByteBuffer> chunks(int size);

    /**
     * The fields that came after a chunked body; empty before its end, and for all others. Those that would change how the
     * response is read ({@code Content-Length}, {@code Set-Cookie} and their kin) are not among them.
     */
    Headers trailers();

    /** The body as lines of text, without their ends ({@code \n}, {@code \r\n} or {@code \r}). */
    Flux<String> lines();

    /**
     * Gives the connection back before {@link ClientRequest#use} does: a short rest of the body is read and thrown away,
     * for a longer one the connection is closed. Completes when that is done; harmless when repeated.
     */
    Mono<Void> release();

    /**
     * This response, if its status is below 400.
     *
     * @throws RuntimeException one that Reactor turns into the {@link ClientResponseException} it carries, when thrown
     *     inside {@code use} or any operator
     */
    ClientResponse raiseForStatus();

    /**
     * A redirect on the way: what was answered, and which URL answered it.
     *
     * <pre>{@code
     * Mono<List<String>> way = session.get(url)
     *         .use(response -> Mono.just(
     *                 response.history().stream().map(ClientResponse.Hop::url).toList()));
     * }</pre>
     *
     * <p>An element of aiohttp's {@code ClientResponse.history}.
     */
    record Hop(int status, String url, Headers headers) {}
}
