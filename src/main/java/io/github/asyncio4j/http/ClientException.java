package io.github.asyncio4j.http;

import java.io.IOException;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP request that did not work out. The family, each member with what it knows:
 *
 * <pre>
 * ClientException                       aiohttp.ClientError
 * ├─ InvalidUrlException                the URL cannot be used; nothing was sent
 * ├─ ClientConnectException             no connection: host, port (refused, unreachable)
 * │  ├─ HostNotFoundException           the name does not resolve
 * │  ├─ AddressNotAllowedException      publicAddressesOnly is on, and this is none
 * │  ├─ ClientProxyException            the proxy did not let us through: status, headers
 * │  └─ ClientTlsException              the handshake failed, the certificate was not accepted
 * ├─ ServerDisconnectedException        closed or reset before the response began
 * ├─ ClientTimeoutException             time is up: phase
 * ├─ InvalidResponseException           not HTTP, or framed in a way that cannot be trusted
 * ├─ ClientPayloadException             the body was cut: received, expected
 * ├─ BodyTooLargeException              the body is larger than allowed: limit
 * ├─ BodyNotReplayableException         the request body was used up and would be needed again
 * ├─ ClientResponseException            a status that was to be raised: status, headers, start of the body
 * │  ├─ ContentTypeException            json() met something else
 * │  └─ WebSocketHandshakeException     the server did not agree to a WebSocket
 * ├─ WebSocketException                 a WebSocket that did not end as it should: closeCode
 * ├─ TooManyRedirectsException          history
 * ├─ CircuitOpenException               a circuit breaker lets nothing through: origin
 * ├─ RobotsDisallowedException          the site's robots.txt does not allow it: url, agent
 * └─ SessionClosedException             the session was closed meanwhile
 * </pre>
 *
 * <p>Messages name method and URL without credentials and without the values of the query.
 *
 * <pre>{@code
 * Mono<String> orElse = session.get(url).text().onErrorReturn(ClientException.class, "not to be had");
 * }</pre>
 */
public class ClientException extends IOException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** An exception with that message. */
    public ClientException(String message) {
        super(message);
    }

    /** An exception with that message and cause. */
    public ClientException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
