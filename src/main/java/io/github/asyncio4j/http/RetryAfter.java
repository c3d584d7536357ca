package io.github.asyncio4j.http;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;

/** RFC 9110, section 10.2.3: how long a server asks to be left alone. */
final class RetryAfter {

    private RetryAfter() {}

    /** Zero for a date that has passed; null when the header is missing or cannot be read. */
    static @Nullable Duration of(ClientResponse response, Scheduler clock) {
        String value = response.headers().first("Retry-After").orElse("").trim();
        if (value.matches("\\d+")) {
            // What does not fit is longer than anybody waits.
            return Duration.ofSeconds(value.length() > 9 ? Integer.MAX_VALUE : Long.parseLong(value));
        }
        try {
            Instant date = Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(value));
            Duration left = Duration.between(Instant.ofEpochMilli(clock.now(TimeUnit.MILLISECONDS)), date);
            return left.isNegative() ? Duration.ZERO : left;
        } catch (DateTimeException e) {
            return null;
        }
    }
}
