package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.CleanupLedger;
import io.github.asyncio4j.internal.Expiry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/**
 * One request for all who ask for the same at the same time: GETs of equal URL and headers, credentials included. The
 * body is read into memory, within {@link ClientRequest#maxBodySize}, and everybody gets a copy; so does an error.
 *
 * <pre>{@code
 * ClientSession session = ClientSession.builder().middleware(SingleFlight.create()).build();
 * }</pre>
 *
 * <p>Whoever cancels hurts nobody else; when all have, the request is cancelled. When it has ended, the next one who asks
 * sends it anew: this is no cache. It runs under the settings of the one who came first, but for his deadline. What asks
 * for {@code text/event-stream} is passed through, as it would not end.
 *
 * <p>aiohttp has none; Go's {@code singleflight.Group}.
 */
public final class SingleFlight implements Middleware {

    private final Map<Key, Mono<ClientResponse>> flights = new ConcurrentHashMap<>();

    private SingleFlight() {}

    /** Shares requests among all who use this instance. */
    public static SingleFlight create() {
        return new SingleFlight();
    }

    @Override
    public Mono<ClientResponse> handle(ClientRequest request, Next next) {
        boolean stream = request.headers().first("Accept").orElse("").startsWith("text/event-stream");
        if (!request.method().equals("GET")
                || stream
                || DefaultClientRequest.ours(request).body() != null) {
            return next.proceed(request);
        }
        Key key = Key.of(DefaultClientRequest.ours(request));
        return Mono.defer(() -> flights.computeIfAbsent(key, k -> flight(k, request, next)));
    }

    private Mono<ClientResponse> flight(Key key, ClientRequest request, Next next) {
        return Mono.defer(() -> landing(request, next))
                .doOnTerminate(() -> flights.remove(key))
                .doOnCancel(() -> flights.remove(key))
                .flux()
                .replay(1)
                .refCount(1)
                .next();
    }

    private static Mono<ClientResponse> landing(ClientRequest request, Next next) {
        OpenResponses open = new OpenResponses();
        return next.proceed(request)
                .flatMap(StoredResponse::of)
                .doOnCancel(open::abort)
                .contextWrite(context -> open.storeIn(alone(context)));
    }

    /** It belongs to everybody, so no scope of anybody may end it or wait for it. */
    private static Context alone(Context context) {
        return CleanupLedger.removeFrom(Expiry.removeFrom(context));
    }

    int size() {
        return flights.size();
    }

    private record Key(ClientSession session, String url, List<String> headers, RequestOptions options) {

        static Key of(DefaultClientRequest request) {
            Headers headers = request.headers();
            List<String> all = new ArrayList<>();
            headers.names().forEach(name -> all.add(name.toLowerCase(Locale.ROOT) + "=" + headers.all(name)));
            all.sort(Comparator.naturalOrder());
            return new Key(request.session(), request.url() + " " + request.login(), all, request.options());
        }

        @Override
        public String toString() {
            return "GET";
        }
    }
}
