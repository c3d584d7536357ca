package io.github.asyncio4j.http;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How long a connection may rest: what the session allows, or less if the server says so. */
final class KeepAlive {

    private KeepAlive() {}

    /** In nanoseconds; reads {@code Keep-Alive: timeout=5}. */
    static long limit(ResponseHead head, ConnectionLimits limits) {
        long own = Instants.nanos(limits.keepAlive());
        String field = head.headers.get("keep-alive");
        return field == null ? own : Math.min(own, seconds(field) * 1_000_000_000L);
    }

    private static long seconds(@Nullable String field) {
        for (String part : field == null ? new String[0] : field.split(",")) {
            String lower = part.trim().toLowerCase(Locale.ROOT);
            if (lower.startsWith("timeout=")) {
                try {
                    return Math.max(
                            0, Math.min(Integer.parseInt(lower.substring(8).trim()), 1_000_000));
                } catch (NumberFormatException e) {
                    return 1_000_000;
                }
            }
        }
        return 1_000_000;
    }
}
