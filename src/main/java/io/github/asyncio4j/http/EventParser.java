package io.github.asyncio4j.http;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/** Lines of a {@code text/event-stream} to events, by the rules of the HTML standard, section 9.2.6. */
final class EventParser {

    private final StringBuilder data = new StringBuilder();
    private String type = "";
    private @Nullable String id;
    private @Nullable String lastId;
    private @Nullable Duration retry;
    private Duration delay = Duration.ofSeconds(3);

    static Flux<ServerSentEvent> events(Flux<String> lines) {
        return Flux.defer(() -> new EventParser().read(lines));
    }

    /** The events of one more stream; what an earlier one has left behind but its id is forgotten. */
    Flux<ServerSentEvent> read(Flux<String> lines) {
        data.setLength(0);
        type = "";
        id = lastId;
        return lines.handle((line, sink) -> {
            ServerSentEvent event = take(line);
            if (event != null) {
                sink.next(event);
            }
        });
    }

    /** The id that a stream is to be opened anew with, or null. */
    @Nullable
    String lastId() {
        return lastId;
    }

    /** How long to wait before that: three seconds, if no server has said otherwise. */
    Duration retry() {
        return delay;
    }

    private @Nullable ServerSentEvent take(String line) {
        if (line.isEmpty()) {
            return dispatch();
        }
        int colon = line.indexOf(':');
        String name = colon < 0 ? line : line.substring(0, colon);
        String value = colon < 0 ? "" : line.substring(line.startsWith(" ", colon + 1) ? colon + 2 : colon + 1);
        switch (name) {
            case "event" -> type = value;
            case "data" -> data.append(value).append('\n');
            case "id" -> id = value.indexOf('\0') < 0 ? value : id;
            case "retry" -> retryAfter(value);
            default -> {}
        }
        return null;
    }

    private void retryAfter(String millis) {
        if (millis.matches("\\d{1,9}")) {
            delay = Duration.ofMillis(Long.parseLong(millis));
            retry = delay;
        }
    }

    private @Nullable ServerSentEvent dispatch() {
        ServerSentEvent event = null;
        lastId = id;
        if (data.length() > 0) {
            event = new ServerSentEvent(
                    type.isEmpty() ? "message" : type,
                    data.substring(0, data.length() - 1),
                    Optional.ofNullable(id),
                    Optional.ofNullable(retry));
            retry = null;
        }
        data.setLength(0);
        type = "";
        return event;
    }
}
