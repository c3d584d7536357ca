package io.github.asyncio4j.recipes;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.http.server.HttpServerRoutes;

/** A real server on port 0 that remembers when requests arrived and how many it had at once. */
final class Origin implements AutoCloseable {

    private final HttpServerRoutesAdder routes;
    private final DisposableServer server;
    private final List<Long> arrivals = new CopyOnWriteArrayList<>();
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger peak = new AtomicInteger();

    interface HttpServerRoutesAdder {
        void to(HttpServerRoutes routes);
    }

    Origin(HttpServerRoutesAdder routes) {
        this.routes = routes;
        this.server = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .route(r -> this.routes.to(r))
                .bindNow();
    }

    /** Counts requests around {@code handler}. */
    BiFunction<HttpServerRequest, HttpServerResponse, Publisher<Void>> recorded(
            BiFunction<HttpServerRequest, HttpServerResponse, Publisher<Void>> handler) {
        return (request, response) -> Mono.defer(() -> {
            arrivals.add(System.nanoTime());
            peak.accumulateAndGet(running.incrementAndGet(), Math::max);
            return Mono.from(handler.apply(request, response)).doFinally(signal -> running.decrementAndGet());
        });
    }

    static Publisher<Void> text(HttpServerResponse response, String type, String body) {
        return response.header("Content-Type", type).sendString(Mono.just(body)).then();
    }

    // Reactor Netty's server may never send what is handed to it on another thread while a next request is already
    // there.
    static Publisher<Void> later(HttpServerResponse response, Duration delay, String type, String body) {
        AtomicReference<EventLoop> loop = new AtomicReference<>();
        response.withConnection(connection -> loop.set(connection.channel().eventLoop()));
        return Mono.delay(delay, Schedulers.fromExecutorService(loop.get()))
                .then(Mono.defer(() -> Mono.from(text(response, type, body))));
    }

    String url(String path) {
        return "http://127.0.0.1:" + server.port() + path;
    }

    /** Nanoseconds, in order. */
    List<Long> arrivals() {
        return arrivals.stream().sorted().toList();
    }

    int peak() {
        return peak.get();
    }

    @Override
    public void close() {
        server.disposeNow();
    }
}
