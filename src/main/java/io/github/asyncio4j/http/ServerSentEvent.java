package io.github.asyncio4j.http;

import java.time.Duration;
import java.util.Optional;

/**
 * One event of a {@code text/event-stream}.
 *
 * <pre>{@code
 * Flux<String> prices = session.get(url)
 *         .events()
 *         .filter(event -> event.event().equals("price"))
 *         .map(ServerSentEvent::data);
 * }</pre>
 *
 * <p>aiohttp reads no event streams; the {@code ServerSentEvent} of httpx-sse.
 *
 * @param event its type, {@code message} unless the server names one
 * @param data its lines, joined by {@code \n}
 * @param id the last id that the stream has named, to be sent as {@code Last-Event-ID} when it is opened anew
 * @param retry how long to wait before that, if the server has said so with this event
 */
public record ServerSentEvent(String event, String data, Optional<String> id, Optional<Duration> retry) {}
