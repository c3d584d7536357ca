package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Checks;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** A jar in memory. Requests of a session that never got a cookie cost one look at an empty list. */
final class CookieStore implements CookieJar {

    private static final int MAX_PER_HOST = 180;
    private static final int MAX = 3000;

    private static final Comparator<StoredCookie> LONGEST_PATH_FIRST =
            Comparator.comparingInt(cookie -> -cookie.path().length());

    private final boolean addressesAllowed;
    // In the order they were made; replaced as a whole, so that readers need no lock.
    private volatile List<StoredCookie> cookies = List.of();

    CookieStore(boolean addressesAllowed) {
        this.addressesAllowed = addressesAllowed;
    }

    /** Takes what a response sets. */
    void receive(Url url, ResponseHead head) {
        if (head.headers.find("set-cookie", 0) < 0) {
            return;
        }
        long now = now();
        for (String field : head.headers.all("set-cookie")) {
            StoredCookie cookie = StoredCookie.parse(field, url, now, addressesAllowed);
            if (cookie != null) {
                put(cookie, StoredCookie.isTrustworthy(url), now);
            }
        }
    }

    private synchronized void put(StoredCookie cookie, boolean trustworthy, long now) {
        List<StoredCookie> changed = new ArrayList<>(cookies);
        boolean hidesSecure = !trustworthy && changed.stream().anyMatch(known -> isOverlaid(known, cookie));
        if (hidesSecure) {
            return; // plain http must not replace what https has set
        }
        StoredCookie put = cookie;
        for (StoredCookie known : cookies) {
            if (known.isSameAs(cookie)) {
                put = cookie.createdAt(known.created());
                int index = changed.indexOf(known);
                changed.set(index, put);
            }
        }
        if (!changed.contains(put)) {
            changed.add(put);
        }
        changed.removeIf(known -> known.isExpired(now));
        String host = put.domain();
        evict(
                changed,
                changed.stream().filter(known -> known.domain().equals(host)).toList(),
                MAX_PER_HOST);
        evict(changed, List.copyOf(changed), MAX);
        cookies = List.copyOf(changed);
    }

    private static boolean isOverlaid(StoredCookie known, StoredCookie by) {
        return known.secure()
                && known.name().equals(by.name())
                && (known.domain().equals(by.domain())
                        || known.domain().endsWith("." + by.domain())
                        || by.domain().endsWith("." + known.domain()))
                && (by.path().equals(known.path())
                        || by.path().startsWith(known.path().endsWith("/") ? known.path() : known.path() + "/"));
    }

    private static void evict(List<StoredCookie> from, List<StoredCookie> counted, int limit) {
        for (int i = 0; i < counted.size() - limit; i++) {
            from.remove(counted.get(i));
        }
    }

    /** What to send to {@code url}, or null: the longest path first, then the oldest. */
    @Nullable
    String header(Url url) {
        List<StoredCookie> known = cookies;
        if (known.isEmpty()) {
            return null;
        }
        long now = now();
        List<StoredCookie> fitting = new ArrayList<>();
        for (StoredCookie cookie : known) {
            if (!cookie.isExpired(now) && cookie.isFor(url)) {
                fitting.add(cookie);
            }
        }
        fitting.sort(LONGEST_PATH_FIRST);
        StringBuilder header = new StringBuilder();
        for (StoredCookie cookie : fitting) {
            header.append(header.length() == 0 ? "" : "; ").append(cookie.pair());
        }
        return header.length() == 0 ? null : header.toString();
    }

    private static long now() {
        return System.currentTimeMillis() / 1000;
    }

    @Override
    public List<Cookie> all() {
        long now = now();
        return cookies.stream()
                .filter(cookie -> !cookie.isExpired(now))
                .map(CookieStore::shown)
                .toList();
    }

    private static Cookie shown(StoredCookie cookie) {
        return new Cookie(cookie.name(), cookie.value(), cookie.domain(), cookie.path());
    }

    @Override
    public synchronized void clear() {
        cookies = List.of();
    }

    @Override
    public synchronized void clear(Predicate<? super Cookie> which) {
        Predicate<? super Cookie> checked = Checks.notNull(which, "which");
        cookies =
                cookies.stream().filter(cookie -> !checked.test(shown(cookie))).toList();
    }

    @Override
    public Mono<Void> save(Path file) {
        Path target = Checks.notNull(file, "file");
        return blocking(() -> {
            long now = now();
            List<StoredCookie> current =
                    cookies.stream().filter(cookie -> !cookie.isExpired(now)).toList();
            CookieFile.write(current, target);
            return target;
        });
    }

    @Override
    public Mono<Void> load(Path file) {
        Path source = Checks.notNull(file, "file");
        return blocking(() -> {
            replaceBy(CookieFile.read(source, now()));
            return source;
        });
    }

    private static Mono<Void> blocking(Callable<?> work) {
        return Mono.fromCallable(work).subscribeOn(Schedulers.boundedElastic()).then();
    }

    private synchronized void replaceBy(List<StoredCookie> loaded) {
        long now = now();
        cookies = List.of();
        for (StoredCookie cookie : loaded) {
            put(cookie, true, now);
        }
    }

    @Override
    public String toString() {
        return "CookieJar(" + cookies.size() + ")";
    }
}
