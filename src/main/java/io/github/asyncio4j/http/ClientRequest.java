package io.github.asyncio4j.http;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
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
     * Sets a header, in place of the session's of that name and of one that was set before.
     *
     * @throws IllegalArgumentException when the name is no token, or the value has control characters or characters
     *     beyond Latin-1
     */
    ClientRequest header(String name, String value);

    /** Sets several headers. */
    ClientRequest headers(Map<String, String> headers);

    /** Sends Basic credentials, in UTF-8. */
    ClientRequest basicAuth(String user, String password);

    /** Sends a Bearer token. */
    ClientRequest bearerAuth(String token);

    /** Replaces the session's timeout as a whole. */
    ClientRequest timeout(ClientTimeout timeout);

    /** Replaces the session's timeout by one for the whole request. */
    ClientRequest timeout(Duration total);

    /** Makes a status of 400 and above a {@link ClientResponseException}, whatever is asked of the response. */
    ClientRequest raiseForStatus(boolean raise);

    /** How many bytes {@code text}, {@code bytes} and {@code json} accept, after decoding; streams have no limit. */
    ClientRequest maxBodySize(long bytes);

    /** Sends a value as JSON, written by Jackson now. */
    ClientRequest json(Object value);

    /** Sends fields as an HTML form does. */
    ClientRequest form(Map<String, ?> fields);

    /** Sends a text in UTF-8, as {@code text/plain} unless a Content-Type is set. */
    ClientRequest body(String text);

    /** Sends bytes. The array is not copied. */
    ClientRequest body(byte[] bytes);

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
     * Sends the request and runs {@code body} with the response: {@code async with session.get(url) as response}. Emits
     * what the body emits and completes when the response is released.
     */
    <R> Mono<R> use(Function<? super ClientResponse, ? extends Mono<? extends R>> body);

    /** The same for a body that emits many values. */
    <R> Flux<R> useMany(Function<? super ClientResponse, ? extends Flux<? extends R>> body);
}
