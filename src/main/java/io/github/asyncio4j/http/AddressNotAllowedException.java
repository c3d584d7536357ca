package io.github.asyncio4j.http;

import java.io.Serial;

/**
 * Nothing was connected: the host stands for no public address, and the session was built with {@link
 * ClientSession.Builder#publicAddressesOnly(boolean)}. It is looked at after the lookup and for each hop of a redirect.
 *
 * <p>aiohttp leaves this to a resolver and a connector of one's own.
 */
public final class AddressNotAllowedException extends ClientConnectException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** An exception about a connection to that host and port. */
    public AddressNotAllowedException(String message, String host, int port) {
        super(message, host, port, null);
    }
}
