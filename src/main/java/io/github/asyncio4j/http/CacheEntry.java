package io.github.asyncio4j.http;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;

/** A stored response, unchangeable: how long it is fresh, whom it answers, and what it answers. RFC 9111, section 4. */
final class CacheEntry {

    private static final Timings NONE =
            new Timings(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);
    private static final int OVERHEAD = 300;

    /** Of this connection or this moment; a cookie is set once. */
    private static final Set<String> NOT_STORED = Set.of(
            "connection",
            "keep-alive",
            "proxy-authenticate",
            "proxy-authentication-info",
            "proxy-connection",
            "set-cookie",
            "set-cookie2",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");
    /** They describe the content, which a 304 does not bring along. */
    private static final Set<String> NOT_FRESHENED =
            Set.of("content-encoding", "content-length", "content-md5", "content-range", "content-type");

    /**
     * Who asked for what.
     *
     * @param session null when all that it would add is known
     * @param who a digest of his credentials
     */
    record Key(String url, @Nullable ClientSession session, String who) {}

    final Key key;
    private final Map<String, List<String>> varying;
    private final int status;
    private final String reason;
    private final HeaderList headers;
    private final Headers trailers;
    private final byte[] content;
    private final Moment moment;
    private final CacheControl control;
    private final long lifetime;
    private final long initialAge;

    /** When an answer was asked for and when it came: by the calendar and, for what has passed since, by a clock. */
    record Moment(long askedMillis, long arrivedMillis, long arrivedNanos) {

        static Moment since(long askedMillis, Scheduler clock) {
            return new Moment(askedMillis, clock.now(TimeUnit.MILLISECONDS), clock.now(TimeUnit.NANOSECONDS));
        }
    }

    private CacheEntry(
            Key key,
            Map<String, List<String>> varying,
            int status,
            String reason,
            HeaderList headers,
            Headers trailers,
            byte[] content,
            Moment moment) {
        this.key = key;
        this.varying = varying;
        this.status = status;
        this.reason = reason;
        this.headers = headers;
        this.trailers = trailers;
        this.content = content;
        this.moment = moment;
        this.control = CacheControl.of(new RequestHeaders(headers));
        this.lifetime = lifetime(control, new RequestHeaders(headers), moment);
        this.initialAge = initialAge();
    }

    /** @param content belongs to the entry from now on */
    static CacheEntry of(Key key, Headers asked, ClientResponse response, byte[] content, Moment moment) {
        return new CacheEntry(
                key,
                varying(asked, response.headers()),
                response.status(),
                response.reason(),
                stored(response.headers()),
                response.trailers(),
                content,
                moment);
    }

    private static HeaderList stored(Headers headers) {
        Set<String> left = new HashSet<>(NOT_STORED);
        left.addAll(listed(headers, "Connection"));
        HeaderList stored = HeaderList.EMPTY;
        for (String name : headers.names()) {
            if (!left.contains(name.toLowerCase(Locale.ROOT))) {
                for (String value : headers.all(name)) {
                    stored = stored.add(name, value);
                }
            }
        }
        return stored;
    }

    /** The names, in lower case, in a list of them. */
    static Set<String> listed(Headers headers, String field) {
        Set<String> names = new HashSet<>();
        for (String value : headers.all(field)) {
            for (String name : value.split(",")) {
                names.add(name.trim().toLowerCase(Locale.ROOT));
            }
        }
        names.remove("");
        return names;
    }

    // ---------------------------------------------------------------- whom it answers

    private static Map<String, List<String>> varying(Headers asked, Headers answered) {
        Map<String, List<String>> varying = new HashMap<>();
        listed(answered, "Vary").forEach(name -> varying.put(name, asked.all(name)));
        return varying;
    }

    boolean answers(Key by, Headers asked) {
        return key.equals(by)
                && varying.entrySet().stream()
                        .allMatch(field -> asked.all(field.getKey()).equals(field.getValue()));
    }

    // ---------------------------------------------------------------- how long

    /** How long the server said, in milliseconds; none when it said nothing. */
    static long lifetime(CacheControl control, Headers headers, Moment moment) {
        if (control.has("max-age")) {
            return control.millis("max-age", 0);
        }
        String expires = headers.first("Expires").orElse(null);
        Long until = expires == null ? null : CookieDate.parse(expires);
        return until == null ? 0 : Math.max(0, until * 1000 - date(headers, moment));
    }

    private static long date(Headers headers, Moment moment) {
        Long date = CookieDate.parse(headers.first("Date").orElse(""));
        return date == null ? moment.arrivedMillis() : date * 1000;
    }

    private long initialAge() {
        RequestHeaders fields = new RequestHeaders(headers);
        String value = fields.first("Age").orElse("").trim();
        long said = value.matches("\\d{1,9}") ? 1000 * Long.parseLong(value) : 0;
        long onTheWay = Math.max(0, moment.arrivedMillis() - moment.askedMillis());
        return Math.max(said + onTheWay, Math.max(0, moment.arrivedMillis() - date(fields, moment)));
    }

    private long age(Scheduler clock) {
        return initialAge + TimeUnit.NANOSECONDS.toMillis(clock.now(TimeUnit.NANOSECONDS) - moment.arrivedNanos());
    }

    /** Whether it is an answer without asking the server. */
    boolean isFreshFor(CacheControl asked, Scheduler clock) {
        if (asked.has("no-cache") || control.has("no-cache")) {
            return false;
        }
        long age = age(clock);
        long tolerated = control.has("must-revalidate") ? 0 : asked.maxStaleMillis();
        return age <= asked.millis("max-age", Long.MAX_VALUE)
                && age + asked.millis("min-fresh", 0) < lifetime + tolerated;
    }

    /** RFC 5861, section 4: whether it is better than an error. */
    boolean isForOutage(CacheControl asked, long otherwise, Scheduler clock) {
        if (asked.has("no-cache") || control.has("no-cache") || control.has("must-revalidate")) {
            return false;
        }
        long allowed = Math.max(control.millis("stale-if-error", otherwise), asked.millis("stale-if-error", 0));
        return age(clock) < lifetime + allowed;
    }

    // ---------------------------------------------------------------- asking again

    static boolean hasValidator(Headers headers) {
        return headers.contains("ETag") || headers.contains("Last-Modified");
    }

    /** The same request, for an answer only if there is another one by now. */
    ClientRequest conditional(ClientRequest request) {
        String tag = headers.get("ETag");
        String date = headers.get("Last-Modified");
        ClientRequest asked = tag == null ? request : request.header("If-None-Match", tag);
        return date == null ? asked : asked.header("If-Modified-Since", date);
    }

    /** With what a 304 says of it. */
    CacheEntry freshened(Headers by, Moment at) {
        HeaderList fresh = stored(by).without(NOT_FRESHENED::contains);
        // They tell how old the former answer was.
        HeaderList before = headers.without("Age").without("Date");
        return new CacheEntry(key, varying, status, reason, before.overriddenBy(fresh), trailers, content, at);
    }

    // ---------------------------------------------------------------- what it answers

    /** @param cookies those that came with a 304 */
    ClientResponse answer(String how, List<String> cookies, Scheduler clock) {
        HeaderList fields = headers.set("Age", Long.toString(Math.max(0, age(clock) / 1000)))
                .add("Cache-Status", "asyncio4j; " + how);
        for (String cookie : cookies) {
            fields = fields.add("Set-Cookie", cookie);
        }
        return new StoredResponse(
                status, reason, new RequestHeaders(fields), key.url(), List.of(), NONE, trailers, content);
    }

    /** An answer without the network, where there is none. */
    static ClientResponse nothing(String url) {
        return new StoredResponse(
                504,
                "Gateway Timeout",
                new RequestHeaders(HeaderList.EMPTY.add("Cache-Status", "asyncio4j; detail=only-if-cached")),
                url,
                List.of(),
                NONE,
                HeaderBlock.EMPTY,
                new byte[0]);
    }

    int length() {
        return content.length;
    }

    /** About how many bytes of memory. */
    long size() {
        long size = OVERHEAD + content.length + 2L * key.url().length();
        for (Map.Entry<String, String> field : headers.fields()) {
            size += field.getKey().length() + field.getValue().length();
        }
        return size;
    }

    @Override
    public String toString() {
        return key.url() + ": " + status;
    }
}
