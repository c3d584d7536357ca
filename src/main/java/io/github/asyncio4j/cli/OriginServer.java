package io.github.asyncio4j.cli;

import java.time.Duration;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.LoopResources;

/**
 * The built-in server that the tool measures against when no URLs are given, and that {@code serve} offers to others.
 * It runs on one event loop of its own, so that the threads of the client can be told from its.
 */
final class OriginServer implements AutoCloseable {

    private static final Duration LONGEST_CLOSE = Duration.ofSeconds(2);

    private final LoopResources loops;
    private final DisposableServer server;

    private OriginServer(LoopResources loops, DisposableServer server) {
        this.loops = loops;
        this.server = server;
    }

    /** Starts on any free port of the loopback interface. */
    static OriginServer start() {
        return start("127.0.0.1", 0, 1);
    }

    static OriginServer start(String host, int port, int threads) {
        LoopResources loops = LoopResources.create("origin", threads, true);
        try {
            DisposableServer server = HttpServer.create()
                    .host(host)
                    .port(port)
                    // NIO: loading the native transport would cost more at start-up than it gives here.
                    .runOn(loops, false)
                    .handle(new OriginRoutes())
                    .bindNow();
            return new OriginServer(loops, server);
        } catch (RuntimeException e) {
            loops.dispose();
            throw e;
        }
    }

    /** {@code http://127.0.0.1:54321}, without a path. */
    String baseUrl() {
        String host = server.host();
        return "http://" + (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + server.port();
    }

    /** Blocks until {@link #stop}. */
    void awaitClose() {
        server.onDispose().block();
    }

    /** Lets {@link #awaitClose} go on. */
    void stop() {
        server.dispose();
    }

    /** Closes at once, running responses too: whoever waits for one is gone. */
    @Override
    public void close() {
        server.dispose();
        loops.disposeLater(Duration.ZERO, LONGEST_CLOSE).onErrorComplete().block();
    }
}
