package io.github.asyncio4j.http;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** What a {@link Cassette} holds, in memory and on disk. */
final class Tape {

    /** Those that a file holds are numbered from zero. */
    private static final long BEHIND_THE_FILE = 1L << 32;

    private final Path file;
    private final Cassette.Mode mode;
    private final boolean matchBody;
    private final Object writing = new Object();

    // Guarded by this.
    private final List<Episode> episodes = new ArrayList<>();
    private final Map<String, ArrayDeque<Episode>> toPlay = new HashMap<>();
    private final Set<Episode> unplayed = new LinkedHashSet<>();
    private boolean records;
    private long nextNumber = BEHIND_THE_FILE;

    // Guarded by writing: how many episodes the file has.
    private int written;

    Tape(Path file, Cassette.Mode mode, boolean matchBody) {
        this.file = file;
        this.mode = mode;
        this.matchBody = matchBody;
    }

    /** This, once the file has been read. */
    Mono<Tape> loaded() {
        return Mono.fromCallable(this::load)
                .subscribeOn(Schedulers.boundedElastic())
                .cache();
    }

    private Tape load() throws IOException {
        boolean exists = Files.exists(file);
        boolean plays = switch (mode) {
            case ONCE, AUTO -> exists;
            case REPLAY, STRICT -> true;
            case RECORD -> false;
        };
        List<Episode> found = plays ? CassetteFile.read(file) : List.of();
        synchronized (this) {
            for (Episode episode : found) {
                episodes.add(episode);
                unplayed.add(episode);
                toPlay.computeIfAbsent(episode.request().key(matchBody), key -> new ArrayDeque<>())
                        .add(episode);
            }
            records = mode == Cassette.Mode.AUTO || !plays;
        }
        return this;
    }

    synchronized boolean records() {
        return records;
    }

    /** Of a request that is sent now, whether it will be recorded or not. */
    synchronized long nextNumber() {
        return nextNumber++;
    }

    /** The next answer to that request, or null. */
    synchronized @Nullable Episode play(Episode.Request request) {
        ArrayDeque<Episode> left = toPlay.get(request.key(matchBody));
        if (left == null) {
            return null;
        }
        boolean repeats = mode == Cassette.Mode.REPLAY || mode == Cassette.Mode.ONCE;
        Episode next = repeats && left.size() == 1 ? left.peek() : left.poll();
        unplayed.remove(next);
        return next;
    }

    synchronized List<String> unplayed() {
        return unplayed.stream().map(episode -> episode.request().toString()).toList();
    }

    /** Completes when the file has it. */
    Mono<Void> store(Episode episode) {
        return Mono.fromCallable(() -> {
                    add(episode);
                    return write();
                })
                .subscribeOn(Schedulers.boundedElastic())
                .then();
    }

    private synchronized void add(Episode episode) {
        episodes.add(episode);
        episodes.sort(Comparator.comparingLong(Episode::number));
    }

    // Those who come together are written together.
    private int write() throws IOException {
        synchronized (writing) {
            List<Episode> all;
            synchronized (this) {
                all = List.copyOf(episodes);
            }
            if (all.size() > written) {
                CassetteFile.write(all, file);
                written = all.size();
            }
            return written;
        }
    }

    synchronized IllegalStateException unknown(Episode.Request request) {
        List<String> known = episodes.stream()
                .map(episode -> episode.request().toString())
                .distinct()
                .toList();
        String why = "is not in the cassette ";
        if (matchBody && known.contains(request.toString())) {
            why = "has another body than in the cassette ";
        } else if (known.contains(request.toString())) {
            why = "was answered as often as it is in the cassette ";
        }
        return new IllegalStateException(request + " " + why + file + " (" + mode + "), which has " + known);
    }
}
