package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Checks;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Writes down what a session does in the format that browsers' network panels load and save: HAR 1.2. For the moment in
 * which one wants to see what really went over the wire, and when.
 *
 * <pre>{@code
 * Har har = Har.create();
 * Mono<Void> work = ClientSession.builder()
 *         .networkMiddleware(har)
 *         .using(session -> session.get("https://example.com/").text())
 *         .then(har.save(Path.of("session.har")));
 * }</pre>
 *
 * <p>It passes everything on as it comes, and keeps the beginning of each body as the reader reads it: what nobody reads
 * is not in it. A request that failed is there with status 0 and {@code _error}. Secrets are replaced as in a {@link
 * Cassette}. The number of entries is limited; the oldest go first.
 *
 * <p>Its place is that of a {@link ClientSession.Builder#networkMiddleware}, where it sees each redirect and all headers. In
 * the other seat it sees what the session was asked, and the last response.
 *
 * <p>Needs Jackson on the class path. May be used from any thread, by one session or several. aiohttp has nothing like it;
 * mitmproxy writes such files.
 */
public final class Har implements Middleware {

    private final int maxBodySize;
    private final int maxEntries;
    private final Redaction redaction;
    // Guarded by itself.
    private final ArrayDeque<HarEntry> entries = new ArrayDeque<>();

    private Har(Builder from) {
        maxBodySize = from.maxBodySize;
        maxEntries = from.maxEntries;
        redaction = from.redaction;
    }

    /** A recorder with the defaults of the builder. */
    public static Har create() {
        return builder().build();
    }

    /** A recorder with settings of its own. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public Mono<ClientResponse> handle(ClientRequest request, Next next) {
        DefaultClientRequest ours = DefaultClientRequest.ours(request);
        return Mono.defer(() -> {
            HarEntry entry = new HarEntry(ours, redaction.headers(ours.options().secretHeaders()), maxBodySize);
            add(entry);
            return next.proceed(request)
                    .map(response -> observed(ours, response, entry.answered(response)))
                    .doOnError(entry::failed)
                    .doOnCancel(entry::cancelled);
        });
    }

    private static ClientResponse observed(
            DefaultClientRequest request, ClientResponse response, ObservedResponse.Observer by) {
        return request.isUpgrade() ? response : new ObservedResponse(response, by);
    }

    private void add(HarEntry entry) {
        synchronized (entries) {
            if (entries.size() == maxEntries) {
                entries.removeFirst();
            }
            entries.addLast(entry);
        }
    }

    private List<HarEntry> entries() {
        synchronized (entries) {
            return new ArrayList<>(entries);
        }
    }

    /** How many requests are written down. */
    public int size() {
        return entries().size();
    }

    /** Forgets all of them. */
    public void clear() {
        synchronized (entries) {
            entries.clear();
        }
    }

    /** What has been written down so far, requests that are still running included. */
    public String toJson() {
        return new String(document(), StandardCharsets.UTF_8);
    }

    /** Writes {@link #toJson} into a file, which only its owner may read, on a thread that may block. */
    public Mono<Void> save(Path file) {
        Checks.notNull(file, "file");
        return Mono.fromCallable(() -> {
                    AtomicFile.write(file, document());
                    return file;
                })
                .subscribeOn(Schedulers.boundedElastic())
                .then();
    }

    private byte[] document() {
        Map<String, Object> log = new LinkedHashMap<>();
        log.put("version", "1.2");
        log.put(
                "creator",
                Map.of("name", "asyncio4j", "version", RequestWriter.USER_AGENT.split("/")[1]));
        log.put("entries", entries().stream().map(HarEntry::tree).toList());
        return Json.writePretty(Map.of("log", log));
    }

    @Override
    public String toString() {
        return "Har(" + size() + " entries)";
    }

    /**
     * Settings of a recorder.
     *
     * <pre>{@code
     * Har har = Har.builder().maxBodySize(0).maxEntries(100).build();
     * }</pre>
     *
     * <p>The {@code hardump} options of mitmproxy, a Python program.
     */
    public static final class Builder {
        private int maxBodySize = 64 * 1024;
        private int maxEntries = 1000;
        private Redaction redaction = Redaction.standard();

        private Builder() {}

        /** How many bytes of each body are kept, at most; 64 KiB if nothing is said, and none with 0. */
        public Builder maxBodySize(int bytes) {
            maxBodySize = Checks.atLeast(0, bytes, "maxBodySize");
            return this;
        }

        /** How many requests are kept, the newest; 1,000 if nothing is said. */
        public Builder maxEntries(int count) {
            maxEntries = Checks.atLeast(1, count, "maxEntries");
            return this;
        }

        /** Headers, of requests and responses, whose values are not written down. */
        public Builder redactHeaders(String... names) {
            redaction = redaction.headers(Arrays.asList(names));
            return this;
        }

        /** Parameters, of queries and forms, whose values are not written down. */
        public Builder redactParams(String... names) {
            redaction = redaction.params(Arrays.asList(names));
            return this;
        }

        /** Is given every text that is written down, and gives back what is written instead. */
        public Builder redact(UnaryOperator<String> text) {
            redaction = redaction.text(text);
            return this;
        }

        /** The recorder. */
        public Har build() {
            return new Har(this);
        }
    }
}
