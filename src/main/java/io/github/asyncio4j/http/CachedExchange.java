package io.github.asyncio4j.http;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** One request on its way through an {@link HttpCache}. */
final class CachedExchange {

    /** Of those that RFC 9110, section 15.1, lets a cache store; the temporary redirects only if they say for how long. */
    private static final Set<Integer> STORABLE =
            Set.of(200, 203, 204, 300, 301, 302, 307, 308, 404, 405, 410, 414, 501);

    private static final Set<Integer> REDIRECTS = Set.of(300, 301, 302, 307, 308);
    private static final Set<Integer> OUTAGES = Set.of(500, 502, 503, 504);

    private final CacheStore store;
    private final int maxEntryBytes;
    private final long staleIfError;
    private final DefaultClientRequest request;
    private final Middleware.Next next;
    private final Scheduler clock = Schedulers.parallel();
    private final Headers headers;
    private final CacheControl asked;
    private final CacheEntry.Key key;

    CachedExchange(
            CacheStore store,
            int maxEntryBytes,
            long staleIfError,
            DefaultClientRequest request,
            Middleware.Next next) {
        this.store = store;
        this.maxEntryBytes = maxEntryBytes;
        this.staleIfError = staleIfError;
        this.request = request;
        this.next = next;
        this.headers = request.headers();
        this.asked = CacheControl.of(headers);
        this.key = CacheCredentials.key(request);
    }

    Mono<ClientResponse> answer() {
        if (asked.has("no-store")) {
            return next.proceed(request);
        }
        CacheEntry entry = store.find(key, headers);
        if (entry != null && entry.length() > request.options().maxBodySize()) {
            // Only who asks the network is told so, when he reads it at once.
            return next.proceed(request);
        }
        if (entry != null && entry.isFreshFor(asked, clock)) {
            store.hit(entry);
            return Mono.just(entry.answer("hit", List.of(), clock));
        }
        if (asked.has("only-if-cached")) {
            return Mono.just(CacheEntry.nothing(key.url()));
        }
        return ask(entry);
    }

    private Mono<ClientResponse> ask(@Nullable CacheEntry entry) {
        int mark = store.mark(key.url());
        long at = clock.now(TimeUnit.MILLISECONDS);
        ClientRequest sent = entry == null ? request : entry.conditional(request);
        return next.proceed(sent)
                .flatMap(response -> {
                    CacheEntry.Moment moment = CacheEntry.Moment.since(at, clock);
                    return arrived(entry, response, new Recording(response, moment, mark));
                })
                .onErrorResume(error -> entry != null && isOutage(error) && mayStandIn(entry), error -> stale(entry));
    }

    private Mono<ClientResponse> arrived(@Nullable CacheEntry entry, ClientResponse response, Recording recording) {
        if (entry != null && response.status() == 304) {
            store.revalidated();
            CacheEntry fresh = entry.freshened(response.headers(), recording.moment);
            store.put(fresh, headers, recording.mark);
            List<String> cookies = response.headers().all("Set-Cookie");
            return response.release()
                    .then(Mono.fromSupplier(() -> fresh.answer("fwd=stale; fwd-status=304", cookies, clock)));
        }
        if (entry != null && OUTAGES.contains(response.status()) && mayStandIn(entry)) {
            return response.release().then(stale(entry));
        }
        store.missed();
        if (!isStorable(response, recording.moment)) {
            if (entry != null && response.status() < 500) {
                store.remove(entry);
            }
            return Mono.just(response);
        }
        return recording.isWorthReadingNow() ? recording.read() : Mono.just(new ObservedResponse(response, recording));
    }

    private boolean mayStandIn(CacheEntry entry) {
        return entry.isForOutage(asked, staleIfError, clock);
    }

    private Mono<ClientResponse> stale(@Nullable CacheEntry entry) {
        return Mono.fromSupplier(() -> {
            CacheEntry old = java.util.Objects.requireNonNull(entry);
            store.stale(old);
            return old.answer("hit; detail=stale-if-error", List.of(), clock);
        });
    }

    private static boolean isOutage(Throwable error) {
        return error instanceof ClientConnectException
                || error instanceof ServerDisconnectedException
                || error instanceof ClientTimeoutException timeout
                        && timeout.phase() != ClientTimeoutException.Phase.TOTAL;
    }

    private boolean isStorable(ClientResponse response, CacheEntry.Moment moment) {
        Headers fields = response.headers();
        CacheControl control = CacheControl.of(fields);
        long lifetime = CacheEntry.lifetime(control, fields, moment);
        boolean temporary = response.status() == 302 || response.status() == 307;
        return STORABLE.contains(response.status())
                && !control.has("no-store")
                && !CacheEntry.listed(fields, "Vary").contains("*")
                && (CacheEntry.hasValidator(fields) && !temporary || lifetime > 0 && !control.has("no-cache"))
                && !fields.contains("Content-Range")
                && declaredLength(response) <= maxEntryBytes
                && !fields.first("Content-Type").orElse("").startsWith("text/event-stream")
                // The answer of another URL.
                && response.history().isEmpty();
    }

    private static long declaredLength(ClientResponse response) {
        if (response.status() == 204) {
            return 0;
        }
        String length = response.headers().first("Content-Length").orElse("");
        return length.matches("\\d{1,18}") ? Long.parseLong(length) : -1;
    }

    /** The body while it is read; stored at its end. */
    private final class Recording implements ObservedResponse.Observer {
        private final ClientResponse response;
        private final CacheEntry.Moment moment;
        private final int mark;
        // Guarded by this; null when it is over or hopeless.
        private @Nullable ByteArrayOutputStream content = new ByteArrayOutputStream();

        Recording(ClientResponse response, CacheEntry.Moment moment, int mark) {
            this.response = response;
            this.moment = moment;
            this.mark = mark;
        }

        /** What nobody reads would never be stored: the body of a redirect, and none. */
        boolean isWorthReadingNow() {
            long length = declaredLength(response);
            return length == 0 || length > 0 && REDIRECTS.contains(response.status());
        }

        Mono<ClientResponse> read() {
            return StoredResponse.of(response).cast(StoredResponse.class).map(stored -> {
                put(stored.content());
                return stored;
            });
        }

        @Override
        public synchronized void piece(ByteBuffer piece) {
            if (content != null && content.size() + (long) piece.remaining() > maxEntryBytes) {
                content = null;
            }
            if (content != null) {
                byte[] bytes = new byte[piece.remaining()];
                piece.get(bytes);
                content.writeBytes(bytes);
            }
        }

        @Override
        public Mono<Void> ended() {
            byte[] all = taken();
            if (all != null) {
                put(all);
            }
            return Mono.empty();
        }

        private synchronized byte @Nullable [] taken() {
            byte[] all = content == null ? null : content.toByteArray();
            content = null;
            return all;
        }

        private void put(byte[] all) {
            store.put(CacheEntry.of(key, headers, response, all, moment), headers, mark);
        }

        @Override
        public void shown(ByteBuffer start) {
            left();
        }

        @Override
        public void failed(Throwable error) {
            left();
        }

        @Override
        public synchronized void left() {
            content = null;
        }
    }
}
