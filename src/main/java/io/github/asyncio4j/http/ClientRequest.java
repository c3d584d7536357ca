package io.github.asyncio4j.http;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A request that is being described: immutable, each method gives a new one, and nothing is sent before one of the last
 * ones is subscribed to. Each subscription sends it anew.
 *
 * <pre>{@code
 * Mono<User> user = session.get("https://api.example.com/users")
 *         .param("id", 7)
 *         .timeout(Duration.ofSeconds(2))
 *         .json(User.class);
 * }</pre>
 *
 * <p>Arguments are checked when they are given; a URL that cannot be used is an {@link InvalidUrlException} signalled to
 * the subscriber, before anything is connected. Whatever goes wrong is a {@link ClientException}.
 *
 * <p>Cancelling closes the connection of a response that is not complete, and scopes of this library wait for that.
 * Signals come on the event loop of the connection. Do not block there.
 *
 * <p>The keyword arguments of aiohttp's {@code session.request(…)}, a method each.
 */
public interface ClientRequest {

    /**
     * Adds a parameter to the query of the URL, behind those that are there. An {@link Iterable} adds one for each
     * element.
     *
     * @param value a text or a number
     * @throws IllegalArgumentException for a boolean, a NaN or an infinity, which servers read in different ways
     */
    ClientRequest param(String name, Object value);

    /** Adds parameters in the order of the map. */
    ClientRequest params(Map<String, ?> params);

    /**
     * Adds a piece of query that is encoded already, without its question mark. Only what cannot be sent is encoded.
     *
     * @throws IllegalArgumentException when it has a control character or half a character
     */
    ClientRequest params(String query);

    /**
     * Takes the URL as it was given, as the bytes to be sent: nothing is encoded and no dot segment removed. aiohttp's
     * {@code URL(…, encoded=True)}. What cannot be sent (a space, a control character, one beyond ASCII) makes it an
     * {@link InvalidUrlException}.
     */
    ClientRequest encodedUrl();

    /**
     * Sets a header, in place of the session's of that name and of one that was set before.
     *
     * @throws IllegalArgumentException when the name is no token, or the value has control characters or characters
     *     beyond Latin-1
     */
    ClientRequest header(String name, String value);

    /** Sets several headers. */
    ClientRequest headers(Map<String, String> headers);

    /** Sends no header of that name: neither the session's nor the one that is sent by itself (User-Agent, Accept, …). */
    ClientRequest withoutHeader(String name);

    /** Sends a cookie with this request, besides those of the session's jar; it is not stored. */
    ClientRequest cookie(String name, String value);

    /** Sends Basic credentials, in UTF-8. */
    ClientRequest basicAuth(String user, String password);

    /** Sends a Bearer token. */
    ClientRequest bearerAuth(String token);

    /** Replaces the session's timeout as a whole. */
    ClientRequest timeout(ClientTimeout timeout);

    /** Replaces the session's timeout by one for the whole request. */
    ClientRequest timeout(Duration total);

    /**
     * Whether 301, 302, 303, 307 and 308 are followed: true, but false for HEAD, unless something is said. What is meant
     * for one origin (credentials, cookies, secret headers) is not sent to another.
     */
    ClientRequest followRedirects(boolean follow);

    /** The redirect that is one too many: 10 unless something is said; {@link TooManyRedirectsException} then. */
    ClientRequest maxRedirects(int max);

    /** Whether gzip and deflate are asked for and undone: true unless something is said. */
    ClientRequest decompress(boolean on);

    /** Makes a status of 400 and above a {@link ClientResponseException}, whatever is asked of the response. */
    ClientRequest raiseForStatus(boolean raise);

    /** Makes those responses a {@link ClientResponseException} that the predicate holds for, and no others. */
    ClientRequest raiseForStatus(Predicate<? super ClientResponse> when);

    /** How many bytes {@code text}, {@code bytes} and {@code json} accept, after decoding; streams have no limit. */
    ClientRequest maxBodySize(long bytes);

    /**
     * Goes through this proxy, whatever the session and the environment say: as {@link ClientSession.Builder#proxy}, and on
     * connections of its own. Redirects are followed through it as well.
     *
     * @throws IllegalArgumentException when it is no URL of a proxy
     */
    ClientRequest proxy(String url);

    /**
     * The same with headers for the proxy alone, which go out with CONNECT.
     *
     * @throws IllegalArgumentException also when a header cannot be sent
     */
    ClientRequest proxy(String url, Map<String, String> headers);

    /** Goes straight to the origin, whatever the session and the environment say. aiohttp's {@code proxy=None}. */
    ClientRequest withoutProxy();

    /** The middlewares of this request, the first one outermost, in place of the session's; none are none. */
    ClientRequest middlewares(Middleware... replacing);

    /** The method, in upper case. */
    String method();

    /**
     * The URL with its query, without credentials and fragment.
     *
     * @throws IllegalStateException when it cannot be used; a middleware never sees such a request
     */
    String url();

    /** The headers that are set, the session's included; without those that are added when it is sent. */
    Headers headers();

    /** False when the body can be sent only once. */
    boolean isReplayable();

    /**
     * The body, in memory and before it is packed, for whoever signs or inspects it; empty when there is none. A body that
     * can be sent only once is an {@link IllegalStateException}.
     */
    Mono<byte[]> content();

    /** Sends a value as JSON, written by Jackson now. */
    ClientRequest json(@Nullable Object value);

    /** Sends fields as an HTML form does. */
    ClientRequest form(Map<String, ?> fields);

    /** Sends a text in UTF-8, as {@code text/plain} unless a Content-Type is set. */
    ClientRequest body(String text);

    /** Sends bytes. The array is not copied. */
    ClientRequest body(byte[] bytes);

    /** Sends a form with files. */
    ClientRequest multipart(MultipartForm form);

    /** Sends a file, read while it is sent; its Content-Type is guessed from its name unless one is set. */
    ClientRequest body(Path file);

    /**
     * Sends what a publisher emits, in chunks unless a Content-Length is set, and no faster than the server reads. The
     * publisher is subscribed to once for a request: a redirect that needs it again is a
     * {@link BodyNotReplayableException}.
     */
    ClientRequest body(Publisher<? extends ByteBuffer> content);

    /** The same for a source that can be asked again. */
    ClientRequest body(Supplier<? extends Publisher<? extends ByteBuffer>> content);

    /**
     * Packs the body with gzip while it is sent, in chunks, and says so in Content-Encoding. aiohttp's {@code compress}. A
     * Content-Encoding or Content-Length of the caller's own is an {@link IllegalArgumentException} signalled to the
     * subscriber.
     */
    ClientRequest compress(boolean on);

    /**
     * Tells how many bytes of the body have been handed to the network, a growing number, before the next ones are; the
     * last one is the size of the body. Called on the thread that brings the body; from zero again when the request is
     * sent again.
     */
    ClientRequest onUpload(LongConsumer progress);

    /** Sends the request; gives the status, whatever it is. */
    Mono<Integer> status();

    /** Sends the request; gives the body as text, as {@link ClientResponse#text()} does. */
    Mono<String> text();

    /** Sends the request; gives the body as bytes. */
    Mono<byte[]> bytes();

    /** Sends the request; gives the body read as JSON, empty when the body is. */
    <T> Mono<T> json(Class<T> type);

    /** The same for a generic type. */
    <T> Mono<T> json(TypeRef<T> type);

    /** Sends the request; gives the body in pieces, read from the network as they are asked for. */
    Flux<ByteBuffer> chunks();

    /** Sends the request; gives the body as lines of text. */
    Flux<String> lines();

    /**
     * Sends the request; gives the events of a {@code text/event-stream} as they come, until the server ends it.
     */
    Flux<ServerSentEvent> events();

    /**
     * The same, and opened anew whenever it ends or breaks, with the last id as {@code Last-Event-ID}: the browsers'
     * {@code EventSource}. It waits before that as long as the server has said, three seconds if it has not, and twice as
     * long each time that nothing comes, up to a minute. A 204 ends it. A stream that could not be opened the first time,
     * another status than 200, another type of content and TLS failures are errors. Each connection may last as long as
     * it likes: of the timeouts, the total does not apply.
     *
     * <p>What the server sent while nobody was connected comes only if it keeps events by their ids.
     */
    Flux<ServerSentEvent> eventSource();

    /**
     * Sends the request and writes the body to a file, as it comes, on a thread that may block. The target appears when it
     * is complete; if that fails or is cancelled, it stays as it was. A status of 400 and above is a
     * {@link ClientResponseException}.
     *
     * @return the target
     */
    Mono<Path> download(Path target);

    /** The same with a checksum to compare, or going on where an earlier attempt was cut off. */
    Mono<Path> download(Path target, DownloadOptions options);

    /**
     * Sends the request and runs {@code body} with the response: {@code async with session.get(url) as response}. Emits
     * what the body emits and completes when the response is released.
     */
    <R> Mono<R> use(Function<? super ClientResponse, ? extends Mono<? extends R>> body);

    /** The same for a body that emits many values. */
    <R> Flux<R> useMany(Function<? super ClientResponse, ? extends Flux<? extends R>> body);
}
