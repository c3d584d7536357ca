package io.github.asyncio4j.cli;

import io.github.asyncio4j.http.ClientRequest;
import io.github.asyncio4j.http.ClientSession;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * What every request of a load run has in common.
 *
 * @param user with {@code password}, for basic authentication
 * @param redirects followed at most
 */
record RequestTemplate(
        String method,
        Map<String, String> headers,
        byte @Nullable [] body,
        @Nullable String user,
        String password,
        int redirects) {

    ClientRequest request(ClientSession session, String url, long number) {
        ClientRequest request =
                session.request(method, filledIn(url, number)).headers(headers).followRedirects(redirects > 0);
        if (redirects > 0) {
            request = request.maxRedirects(redirects);
        }
        if (user != null) {
            request = request.basicAuth(user, password);
        }
        return body == null ? request : request.body(body);
    }

    private static String filledIn(String url, long number) {
        if (url.indexOf('{') < 0) {
            return url;
        }
        String numbered = url.replace("{n}", Long.toString(number));
        return numbered.contains("{uuid}")
                ? numbered.replace("{uuid}", randomUuid().toString())
                : numbered;
    }

    /** Of version 4. Unique is enough here: the secure source of random numbers may block, and this is an event loop. */
    private static UUID randomUuid() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        long high = random.nextLong() & ~0xF000L | 0x4000L;
        long low = random.nextLong() & ~(0b11L << 62) | 0b10L << 62;
        return new UUID(high, low);
    }
}
