package io.github.asyncio4j.http;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One request and its response as they stand in a cassette, without secrets.
 *
 * @param number in the order in which the requests were sent
 */
record Episode(long number, Request request, Response response) {

    private static final Timings NONE =
            new Timings(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);

    /**
     * @param body null when there is none
     * @param raw whether the response was not to be decoded
     */
    record Request(
            String method,
            String url,
            Map<String, List<String>> headers,
            @Nullable BodyText body,
            boolean raw) {

        /** What two requests have in common that get the same answer. */
        String key(boolean withBody) {
            return method + " " + sorted(url) + (raw ? " raw" : "") + (withBody ? " " + body : "");
        }

        // The order of parameters is often that of a hash map.
        private static String sorted(String url) {
            int question = url.indexOf('?');
            if (question < 0) {
                return url;
            }
            String[] pairs = url.substring(question + 1).split("&");
            java.util.Arrays.sort(pairs);
            return url.substring(0, question + 1) + String.join("&", pairs);
        }

        @Override
        public String toString() {
            return method + " " + url;
        }
    }

    /** @param url of the answer, or null when it is that of the request */
    record Response(
            int status,
            String reason,
            @Nullable String url,
            List<ClientResponse.Hop> history,
            Map<String, List<String>> headers,
            @Nullable BodyText body,
            Map<String, List<String>> trailers) {}

    /** The answer to a request for {@code asked}. */
    ClientResponse replayed(String asked) {
        BodyText body = response.body();
        return new StoredResponse(
                response.status(),
                response.reason(),
                fields(response.headers()),
                response.url() == null ? asked : response.url(),
                response.history(),
                NONE,
                fields(response.trailers()),
                body == null ? new byte[0] : body.bytes());
    }

    static Headers fields(Map<String, List<String>> from) {
        HeaderList all = HeaderList.EMPTY;
        for (Map.Entry<String, List<String>> field : from.entrySet()) {
            for (String value : field.getValue()) {
                all = all.add(field.getKey(), value);
            }
        }
        return new RequestHeaders(all);
    }
}
