package io.github.asyncio4j.recipes;

import io.github.asyncio4j.http.ClientResponseException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/** How long a server wants to be left alone: seconds or a date (RFC 9110, 10.2.3). */
final class RetryAfter {

    private RetryAfter() {}

    /** Empty when the failure is none that says so. */
    static Optional<Duration> of(Throwable failure, Instant now) {
        return failure instanceof ClientResponseException refused
                        && (refused.status() == 429 || refused.status() == 503)
                ? refused.headers().first("Retry-After").flatMap(value -> parse(value.strip(), now))
                : Optional.empty();
    }

    static Optional<Duration> parse(String value, Instant now) {
        try {
            if (value.matches("\\d{1,9}")) {
                return Optional.of(Duration.ofSeconds(Long.parseLong(value)));
            }
            Instant at = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            return Optional.of(at.isBefore(now) ? Duration.ZERO : Duration.between(now, at));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
