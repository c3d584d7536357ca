package io.github.asyncio4j.cli;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/** Answers that come in pieces. */
final class OriginStreams {

    private static final Duration BETWEEN_PIECES = Duration.ofMillis(100);

    private OriginStreams() {}

    /** A line of JSON for each number, as fast as the reader takes them. */
    static Publisher<Void> lines(HttpServerResponse response, long count) {
        return response.header("Content-Type", "application/x-ndjson")
                .sendByteArray(Flux.<byte[], Long>generate(() -> 0L, (number, sink) -> {
                    if (number >= count) {
                        sink.complete();
                    } else {
                        sink.next(utf8("{\"number\":" + number + "}\n"));
                    }
                    return number + 1;
                }));
    }

    /** Server-sent events, one each 100 ms. */
    static Publisher<Void> events(HttpServerResponse response, long count) {
        return eachAtOnce(
                response.sse(),
                ticks(response, count)
                        .map(number -> "id: " + number + "\nevent: tick\ndata: {\"number\":" + number + "}\n\n"));
    }

    /** A body that trickles, a byte each 100 ms. */
    static Publisher<Void> drip(HttpServerResponse response, long count) {
        return eachAtOnce(
                response.header("Content-Length", Long.toString(count)),
                ticks(response, count).map(number -> "x"));
    }

    private static Publisher<Void> eachAtOnce(HttpServerResponse response, Flux<String> pieces) {
        return response.send(ByteBufFlux.fromString(pieces), piece -> true);
    }

    private static Flux<Long> ticks(HttpServerResponse response, long count) {
        return OriginTimer.delay(response, BETWEEN_PIECES)
                .repeat(Math.max(0, count - 1))
                .take(count)
                .index((number, tick) -> number);
    }

    /** The request as it arrived: its line, its headers, an empty line, its body. */
    static Publisher<Void> echo(HttpServerRequest request, HttpServerResponse response) {
        StringBuilder head = new StringBuilder(request.method() + " " + request.uri() + "\n");
        for (Map.Entry<String, String> header : request.requestHeaders()) {
            head.append(header.getKey()).append(": ").append(header.getValue()).append('\n');
        }
        return response.header("Content-Type", "text/plain")
                .sendByteArray(Flux.concat(
                        Mono.just(utf8(head.append('\n').toString())),
                        request.receive().asByteArray()));
    }

    /** Sends each text message back. */
    static Publisher<Void> webSocket(HttpServerResponse response) {
        return response.sendWebsocket((in, out) -> out.sendString(in.receive().asString()));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
