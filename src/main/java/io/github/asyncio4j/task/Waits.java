package io.github.asyncio4j.task;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a task waits for, as small as can be: nothing, one thing, or a count for each of several. The same thing twice is
 * a count as well.
 */
final class Waits {

    private Waits() {}

    private static final class Several {
        final Map<Object, Integer> counts = new IdentityHashMap<>();
    }

    static Object add(@Nullable Object waits, Object what) {
        if (waits == null) {
            return what;
        }
        Several several;
        if (waits instanceof Several known) {
            several = known;
        } else {
            several = new Several();
            several.counts.put(waits, 1);
        }
        several.counts.merge(what, 1, Integer::sum);
        return several;
    }

    static @Nullable Object remove(@Nullable Object waits, Object what) {
        if (waits instanceof Several several) {
            several.counts.computeIfPresent(what, (same, count) -> count == 1 ? null : count - 1);
            return several.counts.isEmpty() ? null : several;
        }
        return waits == what ? null : waits;
    }

    static List<Object> list(@Nullable Object waits) {
        if (waits instanceof Several several) {
            return List.copyOf(several.counts.keySet());
        }
        return waits == null ? List.of() : List.of(waits);
    }
}
