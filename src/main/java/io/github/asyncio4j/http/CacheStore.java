package io.github.asyncio4j.http;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** All entries of a cache, within a number of bytes: the one that was not used for longest goes first. */
final class CacheStore {

    /** Of one URL: else credentials that change with every request would make a long list. */
    private static final int MAX_VARIANTS = 1000;

    private final long maxBytes;
    // All guarded by this.
    private final Map<String, List<CacheEntry>> byUrl = new HashMap<>();
    private final Set<CacheEntry> longestUnusedFirst = new LinkedHashSet<>();
    // What changed is told by the hash of its URL: now and then an innocent one is not stored.
    private final int[] invalidations = new int[1024];
    private long bytes;
    private long hits;
    private long revalidated;
    private long stale;
    private long misses;
    private long evicted;

    CacheStore(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    synchronized @Nullable CacheEntry find(CacheEntry.Key key, Headers asked) {
        for (CacheEntry entry : byUrl.getOrDefault(key.url(), List.of())) {
            if (entry.answers(key, asked)) {
                return entry;
            }
        }
        return null;
    }

    /** It is about to be asked for: {@link #put} does nothing when it was invalidated since. */
    synchronized int mark(String url) {
        return invalidations[slot(url)];
    }

    private int slot(String url) {
        return Math.floorMod(url.hashCode(), invalidations.length);
    }

    /** Puts it in place of the one that answers the same, if that is there. */
    synchronized void put(CacheEntry entry, Headers asked, int mark) {
        String url = entry.key.url();
        if (mark != mark(url) || entry.size() > maxBytes) {
            return;
        }
        CacheEntry before = find(entry.key, asked);
        if (before != null) {
            remove(before);
        }
        List<CacheEntry> variants = byUrl.computeIfAbsent(url, u -> new ArrayList<>(1));
        if (variants.size() == MAX_VARIANTS) {
            evict(variants.get(0));
        }
        byUrl.computeIfAbsent(url, u -> variants).add(entry);
        longestUnusedFirst.add(entry);
        bytes += entry.size();
        while (bytes > maxBytes) {
            evict(longestUnusedFirst.iterator().next());
        }
    }

    private void evict(CacheEntry entry) {
        evicted++;
        remove(entry);
    }

    synchronized void remove(CacheEntry entry) {
        if (longestUnusedFirst.remove(entry)) {
            bytes -= entry.size();
            List<CacheEntry> variants = byUrl.getOrDefault(entry.key.url(), List.of());
            variants.remove(entry);
            if (variants.isEmpty()) {
                byUrl.remove(entry.key.url());
            }
        }
    }

    synchronized void invalidate(String url) {
        invalidations[slot(url)]++;
        List.copyOf(byUrl.getOrDefault(url, List.of())).forEach(this::remove);
    }

    synchronized void clear() {
        for (int i = 0; i < invalidations.length; i++) {
            invalidations[i]++;
        }
        byUrl.clear();
        longestUnusedFirst.clear();
        bytes = 0;
    }

    // ---------------------------------------------------------------- what happened

    synchronized void hit(CacheEntry entry) {
        hits++;
        used(entry);
    }

    synchronized void revalidated() {
        revalidated++;
    }

    synchronized void stale(CacheEntry entry) {
        stale++;
        used(entry);
    }

    synchronized void missed() {
        misses++;
    }

    private void used(CacheEntry entry) {
        if (longestUnusedFirst.remove(entry)) {
            longestUnusedFirst.add(entry);
        }
    }

    synchronized HttpCache.Statistics statistics() {
        return new HttpCache.Statistics(hits, revalidated, stale, misses, evicted, longestUnusedFirst.size(), bytes);
    }
}
