package io.github.asyncio4j.http;

import java.net.InetAddress;
import java.util.List;
import reactor.core.publisher.Mono;

/**
 * Finds the addresses of a host name. The session asks once for many requests to the same host, remembers the answer
 * for ten seconds, and never asks for a host that is an address already.
 *
 * <pre>{@code
 * Resolver local = host -> Mono.just(List.of(InetAddress.getLoopbackAddress()));
 * }</pre>
 *
 * <p>aiohttp's {@code AbstractResolver}.
 */
@FunctionalInterface
public interface Resolver {

    /** The addresses in the order they are to be tried; an empty list or an empty Mono means that there is none. */
    Mono<List<InetAddress>> resolve(String host);

    /** Where to connect when a URL says {@code port}; the {@code Host} header and certificates stay with the URL. */
    default int port(String host, int port) {
        return port;
    }
}
