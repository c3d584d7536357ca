package io.github.asyncio4j.http;

import java.io.ByteArrayOutputStream;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** One request in a {@link Har}, from when it was sent until its response was given back. */
final class HarEntry implements ObservedResponse.Observer {

    private static final String VERSION = "HTTP/1.1";

    private final DefaultClientRequest request;
    private final Redaction redaction;
    private final int maxBodySize;
    private final Instant startedAt = Instant.now();

    // Guarded by this.
    private final ByteArrayOutputStream content = new ByteArrayOutputStream();
    private long contentSize;
    private @Nullable ClientResponse response;
    private @Nullable Timings timings;
    private @Nullable String error;

    HarEntry(DefaultClientRequest request, Redaction redaction, int maxBodySize) {
        this.request = request;
        this.redaction = redaction;
        this.maxBodySize = maxBodySize;
    }

    // ---------------------------------------------------------------- what happens

    synchronized ObservedResponse.Observer answered(ClientResponse by) {
        response = by;
        return this;
    }

    @Override
    public synchronized void failed(Throwable why) {
        error = redaction.text(String.valueOf(why));
    }

    synchronized void cancelled() {
        if (response == null && error == null) {
            error = "cancelled";
        }
    }

    @Override
    public synchronized void piece(ByteBuffer piece) {
        contentSize += piece.remaining();
        byte[] kept = new byte[Math.min(piece.remaining(), maxBodySize - content.size())];
        piece.get(kept);
        content.writeBytes(kept);
    }

    @Override
    public Mono<Void> ended() {
        return Mono.empty();
    }

    @Override
    public synchronized void left() {
        timings = response == null ? null : response.timings();
    }

    // ---------------------------------------------------------------- what is written

    synchronized Map<String, Object> tree() {
        Map<String, Object> entry = new LinkedHashMap<>();
        Map<String, Object> phases = phases();
        double time = phases.values().stream()
                .mapToDouble(millis -> ((Number) millis).doubleValue())
                .filter(millis -> millis > 0)
                .sum();
        entry.put("startedDateTime", startedAt.toString());
        entry.put("time", time);
        entry.put("request", requestTree());
        entry.put("response", responseTree());
        entry.put("cache", Map.of());
        entry.put("timings", phases);
        return entry;
    }

    private Map<String, Object> phases() {
        Map<String, Object> phases = new LinkedHashMap<>();
        Timings known = timings == null && response != null ? response.timings() : timings;
        phases.put("blocked", known == null ? -1 : millis(known.queued()));
        phases.put("dns", -1);
        phases.put("connect", known == null ? -1 : millis(known.connect()));
        phases.put("ssl", -1);
        phases.put("send", 0);
        phases.put("wait", known == null ? 0 : millis(known.headers()));
        phases.put("receive", known == null ? 0 : millis(known.body()));
        return phases;
    }

    private static double millis(Duration duration) {
        return duration.toNanos() / 1e6;
    }

    private Map<String, Object> requestTree() {
        Map<String, List<String>> headers = redaction.headers(request.headers());
        String url = redaction.url(request.url());
        int question = url.indexOf('?');
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("method", request.method());
        tree.put("url", url);
        tree.put("httpVersion", VERSION);
        tree.put("cookies", cookies(headers, "cookie", ";"));
        tree.put("headers", pairs(headers));
        tree.put("queryString", question < 0 ? List.of() : params(url.substring(question + 1)));
        RequestBody body = request.body();
        if (body != null) {
            tree.put("postData", postData(body));
        }
        tree.put("headersSize", -1);
        tree.put("bodySize", body == null ? 0 : body.length());
        return tree;
    }

    private Map<String, Object> postData(RequestBody body) {
        String type =
                request.headers().first("Content-Type").orElse(body.contentType() == null ? "" : body.contentType());
        byte[] bytes = body.bytes();
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("mimeType", type);
        if (bytes == null) {
            tree.put("text", "");
            tree.put("comment", "a stream");
            return tree;
        }
        byte[] start = java.util.Arrays.copyOf(bytes, Math.min(bytes.length, maxBodySize));
        BodyText text = BodyText.of(start, type, redaction);
        if (BodyText.isForm(type)) {
            tree.put("params", params(text.content()));
        } else {
            tree.put("text", text.content());
            if (text.charset() == null) {
                tree.put("comment", "base64");
            }
        }
        return tree;
    }

    private Map<String, Object> responseTree() {
        ClientResponse known = response;
        Map<String, List<String>> headers = known == null ? Map.of() : redaction.headers(known.headers());
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("status", known == null ? 0 : known.status());
        tree.put("statusText", known == null ? "" : known.reason());
        tree.put("httpVersion", known == null ? "" : VERSION);
        tree.put("cookies", cookies(headers, "set-cookie", "\n"));
        tree.put("headers", pairs(headers));
        tree.put("content", content(known));
        tree.put("redirectURL", first(headers, "location"));
        tree.put("headersSize", -1);
        tree.put("bodySize", number(first(headers, "content-length")));
        if (error != null) {
            tree.put("_error", error);
        }
        return tree;
    }

    private Map<String, Object> content(@Nullable ClientResponse known) {
        String type = known == null ? "" : known.headers().first("content-type").orElse("");
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("size", contentSize);
        tree.put("mimeType", type);
        if (content.size() > 0) {
            BodyText text = BodyText.of(content.toByteArray(), type, redaction);
            tree.put("text", text.content());
            if (text.charset() == null) {
                tree.put("encoding", "base64");
            }
        }
        if (content.size() < contentSize) {
            tree.put("comment", "the first " + content.size() + " bytes");
        }
        return tree;
    }

    // ---------------------------------------------------------------- pairs

    private static String first(Map<String, List<String>> headers, String lowerName) {
        return all(headers, lowerName).stream().findFirst().orElse("");
    }

    private static List<String> all(Map<String, List<String>> headers, String lowerName) {
        return headers.entrySet().stream()
                .filter(field -> field.getKey().equalsIgnoreCase(lowerName))
                .flatMap(field -> field.getValue().stream())
                .toList();
    }

    private static long number(String text) {
        return text.matches("\\d{1,18}") ? Long.parseLong(text) : -1;
    }

    private static Map<String, String> pair(String name, String value) {
        Map<String, String> pair = new LinkedHashMap<>();
        pair.put("name", name);
        pair.put("value", value);
        return pair;
    }

    private static List<Map<String, String>> pairs(Map<String, List<String>> headers) {
        List<Map<String, String>> pairs = new ArrayList<>();
        headers.forEach((name, values) -> values.forEach(value -> pairs.add(pair(name, value))));
        return pairs;
    }

    private static List<Map<String, String>> params(String encoded) {
        List<Map<String, String>> pairs = new ArrayList<>();
        for (String each : encoded.split("&")) {
            int equals = UrlEncoding.indexOrEnd(each, '=', 0);
            String value = equals < each.length() ? each.substring(equals + 1) : "";
            pairs.add(pair(decoded(each.substring(0, equals)), decoded(value)));
        }
        return pairs;
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    private static List<Map<String, String>> cookies(
            Map<String, List<String>> headers, String lowerName, String separator) {
        List<Map<String, String>> pairs = new ArrayList<>();
        for (String value : all(headers, lowerName)) {
            for (String each : value.split(separator)) {
                String pair = each.split(";", 2)[0].trim();
                int equals = UrlEncoding.indexOrEnd(pair, '=', 0);
                pairs.add(pair(pair.substring(0, equals), equals < pair.length() ? pair.substring(equals + 1) : ""));
            }
        }
        return pairs;
    }
}
