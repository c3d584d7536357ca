package io.github.asyncio4j.http;

import java.time.Duration;
import java.util.List;
import java.util.function.IntFunction;
import reactor.core.publisher.Mono;

/** The end of a chain that answers without a network, and counts how often it is asked and how many are cancelled. */
final class Answers implements Middleware.Next {

    private static final Timings TIMINGS =
            new Timings(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);

    final ClientSession session = ClientSession.create();
    private final IntFunction<Mono<ClientResponse>> script;
    int asked;
    int cancelled;

    /** {@code script} gives the answer to the first, the second, the third request. */
    Answers(IntFunction<Mono<ClientResponse>> script) {
        this.script = script;
    }

    static Mono<ClientResponse> status(int status, String... header) {
        HeaderList headers = HeaderList.EMPTY;
        for (int i = 0; i < header.length; i += 2) {
            headers = headers.set(header[i], header[i + 1]);
        }
        RequestHeaders fields = new RequestHeaders(headers);
        return Mono.just(
                new StoredResponse(status, "", fields, "http://h/", List.of(), TIMINGS, fields, new byte[] {'o', 'k'}));
    }

    @Override
    public Mono<ClientResponse> proceed(ClientRequest request) {
        return Mono.defer(() -> script.apply(++asked)).doOnCancel(() -> cancelled++);
    }

    ClientRequest get() {
        return session.get("http://h/");
    }

    Mono<Integer> through(Middleware middleware) {
        return through(middleware, get());
    }

    Mono<Integer> through(Middleware middleware, ClientRequest request) {
        return Mono.defer(() -> middleware.handle(request, this)).map(ClientResponse::status);
    }
}
