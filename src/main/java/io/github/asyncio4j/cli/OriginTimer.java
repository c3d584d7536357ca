package io.github.asyncio4j.cli;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.http.server.HttpServerResponse;

/**
 * Delays on the event loop of the connection. Reactor Netty's server can lose a response that another thread hands to it
 * while the next request of a keep-alive connection is already there; any client then waits for ever.
 */
final class OriginTimer {

    private OriginTimer() {}

    static Mono<Long> delay(HttpServerResponse response, Duration delay) {
        return Mono.defer(() -> {
            AtomicReference<EventLoop> loop = new AtomicReference<>();
            response.withConnection(connection -> loop.set(connection.channel().eventLoop()));
            return Mono.delay(delay, Schedulers.fromExecutorService(loop.get()));
        });
    }
}
