package io.github.asyncio4j.http;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Server-sent events over one connection after the other, by the rules of the HTML standard, section 9.2: whenever a
 * stream ends or breaks, it is opened anew with the last id that was seen.
 */
final class EventSource {

    private static final Duration LONGEST_DELAY = Duration.ofMinutes(1);

    private final DefaultClientRequest request;
    private final EventParser parser = new EventParser();
    private boolean wasOpen;
    private boolean over;
    private int failures;

    private EventSource(DefaultClientRequest request) {
        this.request = request;
    }

    static Flux<ServerSentEvent> events(DefaultClientRequest request) {
        return Flux.defer(() -> new EventSource(request).stream());
    }

    private Flux<ServerSentEvent> stream() {
        return Flux.defer(this::attempt)
                .onErrorResume(this::isPassing, error -> Flux.empty())
                .repeatWhen(ends -> ends.takeWhile(count -> !over).concatMap(count -> pause(), 1));
    }

    private Flux<ServerSentEvent> attempt() {
        failures++;
        return request.withLastEventId(parser.lastId()).useMany(this::opened);
    }

    private Flux<ServerSentEvent> opened(ClientResponse response) {
        if (response.status() == 204) {
            over = true;
            return Flux.empty();
        }
        if (response.status() != 200) {
            return OpenResponse.of(response).<ServerSentEvent>raised().flux();
        }
        Optional<String> type = response.headers().first("Content-Type");
        if (!type.filter(Charsets::isEventStream).isPresent()) {
            return Flux.error(new ContentTypeException(
                    response.url() + ": not an event stream, its Content-Type is " + type.orElse(null),
                    response.status(),
                    response.headers(),
                    ""));
        }
        wasOpen = true;
        return parser.read(Lines.of(response.chunks(), StandardCharsets.UTF_8)).doOnNext(event -> failures = 0);
    }

    // What never worked is a mistake rather than an outage.
    private boolean isPassing(Throwable error) {
        return wasOpen
                && !(error instanceof ClientTlsException)
                && (error instanceof ClientConnectException
                        || error instanceof ServerDisconnectedException
                        || error instanceof ClientPayloadException
                        || error instanceof ClientTimeoutException);
    }

    private Mono<Long> pause() {
        Duration first = parser.retry();
        Duration longest = first.compareTo(LONGEST_DELAY) > 0 ? first : LONGEST_DELAY;
        Duration doubled = first.multipliedBy(1L << Math.min(Math.max(0, failures - 1), 16));
        return Mono.delay(doubled.compareTo(longest) > 0 ? longest : doubled);
    }

    /** The last id as it goes into a header: its bytes in UTF-8; null for one that no header can carry. */
    static @Nullable String sendable(@Nullable String id) {
        return id == null || id.isEmpty() || id.chars().anyMatch(Character::isISOControl)
                ? null
                : new String(id.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }
}
