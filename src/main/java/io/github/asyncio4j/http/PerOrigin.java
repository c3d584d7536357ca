package io.github.asyncio4j.http;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/** Something for each origin, made when it is first asked for; the thousand used last are remembered. */
final class PerOrigin<T> {

    static final int MAX = 1000;

    private final Supplier<? extends T> made;
    // Longest unused first; guarded by itself.
    private final Map<Origin, T> known = new LinkedHashMap<>(16, 0.75f, true);

    PerOrigin(Supplier<? extends T> made) {
        this.made = made;
    }

    // The supplier is called outside of the lock, so of two at once one is made in vain.
    T of(Origin origin) {
        synchronized (known) {
            T found = known.get(origin);
            if (found != null) {
                return found;
            }
        }
        T fresh = made.get();
        synchronized (known) {
            T found = known.putIfAbsent(origin, fresh);
            if (known.size() > MAX) {
                known.remove(known.keySet().iterator().next());
            }
            return found == null ? fresh : found;
        }
    }

    <R> Map<String, R> each(Function<? super T, ? extends R> view) {
        Map<String, R> all = new LinkedHashMap<>();
        synchronized (known) {
            known.forEach((origin, value) -> all.put(origin.toString(), view.apply(value)));
        }
        return all;
    }
}
