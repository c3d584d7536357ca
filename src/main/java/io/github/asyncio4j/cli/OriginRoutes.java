package io.github.asyncio4j.cli;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/**
 * What the built-in server answers. The first segment of the path names the behaviour, the second its size.
 *
 * <p>A switch instead of Reactor Netty's routes: those match by regular expressions, one after the other, on every
 * request.
 */
final class OriginRoutes implements BiFunction<HttpServerRequest, HttpServerResponse, Publisher<Void>> {

    private static final int CHUNK = 16 * 1024;
    private static final long MOST_BYTES = 1L << 40;
    private static final long LONGEST_DELAY = 3_600_000;
    private static final String TAIL = "?tail=";
    private static final int TAIL_EVERY = 20;
    private static final byte[] OK = ascii("ok\n");
    private static final byte[] JSON = ascii("{\"message\":\"hello\",\"numbers\":[1,2,3]}\n");

    private final AtomicLong delayed = new AtomicLong();

    @Override
    public Publisher<Void> apply(HttpServerRequest request, HttpServerResponse response) {
        String[] path = request.fullPath().split("/", 4);
        String name = path.length > 1 ? path[1] : "";
        String size = path.length > 2 ? path[2] : "";
        String rest = path.length > 3 ? path[3] : "";
        return switch (name) {
            case "" -> text(response, OriginRoutes.index());
            case "delay" -> number(response, size, LONGEST_DELAY, millis -> delay(response, delayOf(request, millis)));
            case "bytes" -> number(response, size, MOST_BYTES, count -> bytes(response, count));
            case "status" -> number(response, size, 999, code -> status(response, (int) code));
            case "json" -> send(response, "application/json", JSON);
            case "cut" -> number(response, size, MOST_BYTES, count -> cut(response, count));
            case "hang" -> Mono.never();
            case "stream" -> number(response, size, MOST_BYTES, count -> OriginStreams.lines(response, count));
            case "sse" -> number(response, size, MOST_BYTES, count -> OriginStreams.events(response, count));
            case "drip" -> number(response, size, MOST_BYTES, count -> OriginStreams.drip(response, count));
            case "echo" -> OriginStreams.echo(request, response);
            case "ws" -> OriginStreams.webSocket(response);
            case "redirect" -> number(response, size, MOST_BYTES, count -> OriginSessions.redirect(response, count));
            case "gzip" -> OriginSessions.gzip(response, JSON);
            case "basic-auth" -> OriginSessions.basicAuth(request, response, size, rest);
            case "cookies" -> OriginSessions.cookies(request, response, size, rest);
            case "news" -> OriginNews.answer(response, size, rest);
            default -> problem(response, 404, "no such path; GET / lists what there is");
        };
    }

    private interface Answer {
        Publisher<Void> of(long number);
    }

    private static String index() {
        return """
                /delay/{ms}      answers after a delay; with ?tail=ms every 20th after that one
                /bytes/{n}       n bytes
                /status/{code}   answers with that status
                /json            a small JSON document
                /gzip            the same, packed
                /stream/{n}      n lines of JSON, as fast as they are read
                /sse/{n}         n server-sent events, one each 100 ms
                /drip/{n}        n bytes, one each 100 ms
                /echo            the request as it arrived, with its body
                /ws              a WebSocket that sends each text back
                /redirect/{n}    n redirects, then an answer
                /basic-auth/{user}/{password}   wants that user
                /cookies         the cookies that were sent; /cookies/{name}/{value} sets one
                /cut/{n}         announces n bytes, sends half of them and closes
                /hang            never answers
                /news/{file}     made-up copies of news sources
                """;
    }

    private static Publisher<Void> number(HttpServerResponse response, String text, long most, Answer answer) {
        try {
            long number = Long.parseLong(text);
            if (number >= 0 && number <= most) {
                return answer.of(number);
            }
        } catch (NumberFormatException notANumber) {
            // said below
        }
        return problem(response, 400, "'" + text + "' is not a number from 0 to " + most);
    }

    /** With {@code ?tail=ms} every twentieth answer takes so long instead: a server with a slow tail. */
    private long delayOf(HttpServerRequest request, long millis) {
        String uri = request.uri();
        int tail = uri.indexOf(TAIL);
        if (tail < 0 || delayed.incrementAndGet() % TAIL_EVERY != 0) {
            return millis;
        }
        try {
            return Math.min(LONGEST_DELAY, Long.parseUnsignedLong(uri, tail + TAIL.length(), uri.length(), 10));
        } catch (NumberFormatException notANumber) {
            return millis;
        }
    }

    private static Publisher<Void> delay(HttpServerResponse response, long millis) {
        if (millis == 0) {
            return send(response, "text/plain", OK);
        }
        return OriginTimer.delay(response, Duration.ofMillis(millis))
                .then(Mono.defer(() -> Mono.from(send(response, "text/plain", OK))));
    }

    private static Publisher<Void> status(HttpServerResponse response, int code) {
        if (code < 200) {
            return problem(response, 400, "'" + code + "' is not a final status");
        }
        boolean bodiless = code == 204 || code == 304;
        response.status(code);
        return bodiless ? response.send() : text(response, "status " + code + "\n");
    }

    private static Publisher<Void> bytes(HttpServerResponse response, long count) {
        return length(response, count)
                .header("Content-Type", "application/octet-stream")
                .sendByteArray(pieces(count));
    }

    private static Publisher<Void> cut(HttpServerResponse response, long count) {
        return length(response, count)
                .sendByteArray(pieces(count / 2))
                .then(Mono.fromRunnable(() -> response.withConnection(connection -> connection.dispose())));
    }

    /** {@code count} bytes in pieces, made when the socket asks for them. */
    private static Flux<byte[]> pieces(long count) {
        byte[] full = new byte[(int) Math.min(count, CHUNK)];
        Arrays.fill(full, (byte) 'x');
        return Flux.generate(() -> count, (left, sink) -> {
            if (left <= 0) {
                sink.complete();
            } else {
                sink.next(left >= full.length ? full : Arrays.copyOf(full, left.intValue()));
            }
            return left - full.length;
        });
    }

    private static Publisher<Void> problem(HttpServerResponse response, int status, String sentence) {
        return text(response.status(status), sentence + "\n");
    }

    private static Publisher<Void> text(HttpServerResponse response, String text) {
        return send(response, "text/plain", text.getBytes(StandardCharsets.UTF_8));
    }

    private static Publisher<Void> send(HttpServerResponse response, String type, byte[] body) {
        return length(response, body.length).header("Content-Type", type).sendByteArray(Mono.just(body));
    }

    private static HttpServerResponse length(HttpServerResponse response, long length) {
        return response.header("Content-Length", Long.toString(length));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
