package io.github.asyncio4j.cli;

import io.github.asyncio4j.http.ClientSession;
import io.github.asyncio4j.http.ClientTimeout;
import io.github.asyncio4j.http.ConnectionLimits;
import io.github.asyncio4j.http.WebSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Flux;

/** WebSockets of one session that wait for a message that never comes, spread over servers. */
final class IdleWebSockets {

    private static final ConnectionLimits ANY_NUMBER =
            ConnectionLimits.defaults().withTotal(0);
    private static final Duration LONGEST_HANDSHAKE = Duration.ofSeconds(10);
    // More would only wait in line at the server, and be lost where that line is short.
    private static final int AT_A_TIME = 64;

    private final Semaphore handshakes = new Semaphore(AT_A_TIME);
    private final AtomicInteger opened = new AtomicInteger();
    private volatile boolean refused;

    private IdleWebSockets() {}

    /** Returns, when all are open or one could not be, how many there are. */
    static int open(int count, List<String> servers) throws InterruptedException {
        IdleWebSockets sockets = new IdleWebSockets();
        ClientSession session = ClientSession.builder()
                .limits(ANY_NUMBER)
                .timeout(ClientTimeout.total(LONGEST_HANDSHAKE))
                .build();
        for (int i = 0; i < count && !sockets.refused; i++) {
            sockets.open(session, servers.get(i % servers.size()) + "/ws");
        }
        sockets.handshakes.acquire(AT_A_TIME);
        return sockets.opened.get();
    }

    private void open(ClientSession session, String url) throws InterruptedException {
        handshakes.acquire();
        session.webSocket(url).useMany(this::idle).subscribe(message -> {}, this::failed);
    }

    private Flux<?> idle(WebSocket socket) {
        opened.incrementAndGet();
        handshakes.release();
        return socket.receive().onErrorComplete();
    }

    /** It was not opened; what happens to open ones is no error here. */
    private void failed(Throwable error) {
        refused = true;
        handshakes.release();
    }
}
