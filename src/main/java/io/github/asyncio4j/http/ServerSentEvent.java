package io.github.asyncio4j.http;

import java.time.Duration;
import java.util.Optional;

/**
 * One event of a {@code text/event-stream}.
 *
 * @param event its type, {@code message} unless the server names one
 * @param data its lines, joined by {@code \n}
 * @param id the last id that the stream has named, to be sent as {@code Last-Event-ID} when it is opened anew
 * @param retry how long to wait before that, if the server has said so with this event
 */
public record ServerSentEvent(String event, String data, Optional<String> id, Optional<Duration> retry) {}
