package io.github.asyncio4j.http;

import java.time.Duration;

/** Instants of System.nanoTime at which a {@link Connector} came one step further. On the event loop until it is done. */
final class ConnectSteps {

    private long dns;
    private long tcp;
    private long tunnel;
    private long tls;
    private long since;

    /** From here on time is spent on the next step. */
    void begin() {
        since = System.nanoTime();
    }

    /** @param needed false when the host was an address already */
    void resolved(boolean needed) {
        long spent = lap();
        dns = needed ? spent : 0;
    }

    void reached() {
        tcp = lap();
    }

    /** A proxy lets us through; twice where it first shows its certificate. */
    void tunnelled() {
        tunnel += lap();
    }

    void secured() {
        tls = lap();
    }

    private long lap() {
        long now = System.nanoTime();
        long spent = now - since;
        since = now;
        return spent;
    }

    ConnectTimings timings() {
        return new ConnectTimings(
                Duration.ofNanos(dns), Duration.ofNanos(tcp), Duration.ofNanos(tunnel), Duration.ofNanos(tls));
    }
}
