package io.github.asyncio4j.http;

import java.io.Serial;
import java.util.concurrent.TimeoutException;

/** Time is up for a request. aiohttp's {@code ServerTimeoutError} and its relatives. Its cause is a {@link TimeoutException}. */
public class ClientTimeoutException extends ClientException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final Phase phase;

    /** An exception about a request that was in that phase. */
    public ClientTimeoutException(String message, Phase phase) {
        super(message, new NoStack(message));
        this.phase = phase;
    }

    /** What the request was doing. */
    public Phase phase() {
        return phase;
    }

    /**
     * What the request was doing when its time was up.
     *
     * <pre>{@code
     * Mono<String> page = session.get(url)
     *         .text()
     *         .onErrorResume(ClientTimeoutException.class, late -> switch (late.phase()) {
     *             case QUEUE, DNS, CONNECT -> session.get(mirror).text();
     *             default -> Mono.error(late);
     *         });
     * }</pre>
     *
     * <p>aiohttp tells two of them apart: {@code ConnectionTimeoutError} and {@code SocketTimeoutError}.
     */
    public enum Phase {
        /** Waiting for a free connection. */
        QUEUE,
        /** Looking up the host. */
        DNS,
        /** Connecting. */
        CONNECT,
        /** In the TLS handshake. */
        TLS,
        /** Sending the request. */
        WRITE,
        /** Waiting for the head of the response. */
        HEADERS,
        /** Reading the body. */
        BODY,
        /** Anything: the total time of the request was used up. */
        TOTAL
    }

    /** The JDK's type, for those who look for it among the causes. */
    private static final class NoStack extends TimeoutException {

        @Serial
        private static final long serialVersionUID = 1L;

        NoStack(String message) {
            super(message);
        }

        @Override
        public synchronized Throwable fillInStackTrace() {
            return this;
        }
    }
}
