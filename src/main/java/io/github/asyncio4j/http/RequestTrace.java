package io.github.asyncio4j.http;

import org.jspecify.annotations.Nullable;

/**
 * What happens to one request, told as it happens: aiohttp's {@code TraceConfig}, OkHttp's {@code EventListener}. For
 * metrics and logs; what an answer took is in {@link ClientResponse#timings} without it.
 *
 * <pre>{@code
 * final class SlowLookups implements RequestTrace {
 *     private long since;
 *
 *     public void onDnsResolveStart(String host) {
 *         since = System.nanoTime();
 *     }
 *
 *     public void onDnsResolveEnd(@Nullable Throwable failure) {
 *         lookups.record(System.nanoTime() - since);
 *     }
 * }
 * }</pre>
 *
 * <pre>{@code
 * ClientSession session = ClientSession.builder().trace(context -> new SlowLookups()).build();
 * }</pre>
 *
 * <p>There is one object for each request, so its fields are what aiohttp keeps in {@code trace_config_ctx}; the Reactor
 * Context that it is made from takes the place of {@code trace_request_ctx}. A request is what goes through
 * {@link ClientSession.Builder#middleware}: redirects belong to it, a second attempt of {@link Retry} is another one.
 *
 * <p>{@link #onRequestStart} is the first signal and exactly one of {@link #onRequestEnd}, {@link #onRequestException} and
 * {@link #onRequestCancelled} the last one, sent when the connection is at rest or closed. Whatever has a start has an end,
 * which tells the failure if there was one, and a {@link java.util.concurrent.CancellationException} if it was cancelled.
 *
 * <p>Signals arrive on the thread where things happen: the event loop of the connection, or the caller's until there is
 * one. They come one after the other, except for requests that a network middleware has sent at the same time. Do not
 * block. What a method throws is handed to {@code Operators.onErrorDropped}, and the request goes on.
 */
public interface RequestTrace {

    /** Traces nothing: for the requests that a sample leaves out. */
    static RequestTrace none() {
        return Traces.NOTHING;
    }

    /**
     * The request begins.
     *
     * @param url without credentials and fragment, and without the values of its query, as in our errors
     */
    default void onRequestStart(String method, String url) {}

    /** Waits for a connection, if only for no time at all. */
    default void onConnectionQueuedStart() {}

    /** There is a place for it, or never will be. */
    default void onConnectionQueuedEnd(@Nullable Throwable failure) {}

    /** A connection at rest is taken. aiohttp's {@code on_connection_reuseconn}. */
    default void onConnectionReused() {}

    /**
     * The connection at rest turned out to be closed by the server; the request goes out again on another one. aiohttp does
     * the same without a signal.
     */
    default void onConnectionStale() {}

    /** No connection is at rest, so one is made. */
    default void onConnectionCreateStart() {}

    /** The connection is there, its tunnel and TLS included. */
    default void onConnectionCreateEnd(@Nullable Throwable failure) {}

    /** The addresses of the host are known, or somebody else is looking them up. */
    default void onDnsCacheHit(String host) {}

    /** The addresses of the host are not known. */
    default void onDnsCacheMiss(String host) {}

    /** The host is looked up, after a miss. */
    default void onDnsResolveStart(String host) {}

    /** The addresses are here. */
    default void onDnsResolveEnd(@Nullable Throwable failure) {}

    /**
     * Connects to the first address; further ones are part of it. aiohttp has no such signal.
     *
     * @param host of the proxy if there is one
     */
    default void onTcpConnectStart(String host, int port) {}

    /** A socket is connected. */
    default void onTcpConnectEnd(@Nullable Throwable failure) {}

    /** The TLS handshake begins, behind the tunnel if there is one. aiohttp has no such signal. */
    default void onTlsHandshakeStart() {}

    /** The TLS handshake is over. */
    default void onTlsHandshakeEnd(@Nullable Throwable failure) {}

    /** The head of the request is handed to the network; again after a redirect or on another connection. */
    default void onRequestHeadersSent() {}

    /**
     * A piece of the body is handed to the network.
     *
     * @param bytes without chunk framing
     */
    default void onRequestChunkSent(long bytes) {}

    /** The head of an answer is here; a redirect's as well. */
    default void onResponseStart(int status, Headers headers) {}

    /**
     * A piece of the body is here.
     *
     * @param bytes without chunk framing, and before it is decompressed
     */
    default void onResponseChunkReceived(long bytes) {}

    /**
     * The answer leads elsewhere.
     *
     * @param url where to, without what {@link #onRequestStart} leaves out
     */
    default void onRequestRedirect(int status, String url) {}

    /**
     * It is over: the answer was read, or given back with the rest unread. aiohttp sends this at the head of the answer; of
     * a WebSocket, whose frames are not traced, it comes at its head here too.
     */
    default void onRequestEnd(int status) {}

    /** It has failed, in the body of the answer or before. */
    default void onRequestException(Throwable failure) {}

    /** It was cancelled before its end. */
    default void onRequestCancelled() {}
}
