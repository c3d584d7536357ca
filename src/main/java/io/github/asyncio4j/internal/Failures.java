package io.github.asyncio4j.internal;

import java.io.Serial;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * The failures that came along with the one a scope signals. The first failure goes out as it is, so that users match
 * it by its type; the others ride on it in one suppressed exception of our own. Reading them back from
 * {@code getSuppressed()} would mix them with what others put there, {@code block()} for one.
 */
public final class Failures {

    private Failures() {}

    /**
     * The error that a scope signals, with all that belongs to it attached.
     *
     * @param first what ended the scope, or null
     * @param related failures of siblings, in the order they came
     * @param cleanup failures of cleanup; these are also suppressed on {@code first} one by one
     * @return {@code first}, or the first of the others when it is null, or null when there is nothing
     */
    public static @Nullable Throwable merge(
            @Nullable Throwable first,
            List<? extends Throwable> related,
            List<? extends Throwable> cleanup,
            CleanupLedger scope,
            Context context) {
        List<Throwable> others = new ArrayList<>(related.size() + cleanup.size());
        others.addAll(related);
        others.addAll(cleanup);
        if (others.isEmpty()) {
            return first;
        }
        Throwable signalled = first == null ? others.remove(0) : first;
        others.removeIf(other -> other == signalled);
        if (!others.isEmpty() && !attach(signalled, others, cleanup, scope)) {
            others.forEach(other -> Operators.onErrorDropped(other, context));
        }
        return signalled;
    }

    /** {@code error} and all that came along with it, also with those, first one first. */
    public static List<Throwable> of(Throwable error) {
        Set<Throwable> known = Collections.newSetFromMap(new IdentityHashMap<>());
        List<Throwable> all = new ArrayList<>();
        known.add(error);
        all.add(error);
        for (int i = 0; i < all.size(); i++) {
            Related related = find(all.get(i));
            if (related != null) {
                related.failures().stream().filter(known::add).forEach(all::add);
            }
        }
        return List.copyOf(all);
    }

    // A shared instance (a constant) would carry failures from one run into the next and grow for ever. It gives itself
    // away by carrying those of a scope that is not inside this one.
    private static boolean attach(
            Throwable error, List<Throwable> others, List<? extends Throwable> cleanup, CleanupLedger scope) {
        Related related = find(error);
        if (related == null) {
            related = new Related(scope);
            error.addSuppressed(related);
            if (find(error) != related) {
                return false; // it forbids suppression, or is shared and another scope was faster
            }
        } else if (!scope.encloses(related.scope())) {
            return false;
        }
        related.add(others, scope);
        for (Throwable failure : cleanup) {
            if (failure != error) {
                error.addSuppressed(failure);
            }
        }
        return true;
    }

    private static @Nullable Related find(Throwable error) {
        for (Throwable suppressed : error.getSuppressed()) {
            if (suppressed instanceof Related related) {
                return related;
            }
        }
        return null;
    }

    /** The carrier. It has no stack of its own; its message lists what it carries. */
    private static final class Related extends Exception {

        @Serial
        private static final long serialVersionUID = 1L;

        private final transient List<Throwable> failures = new ArrayList<>(2);
        private transient CleanupLedger scope;

        Related(CleanupLedger scope) {
            super(null, null, false, false);
            this.scope = scope;
        }

        synchronized CleanupLedger scope() {
            return scope;
        }

        synchronized List<Throwable> failures() {
            return failures == null ? List.of() : List.copyOf(failures);
        }

        synchronized void add(List<Throwable> others, CleanupLedger by) {
            scope = by;
            for (Throwable other : others) {
                if (failures.stream().noneMatch(known -> known == other)) {
                    failures.add(other);
                }
            }
        }

        @Override
        public String getMessage() {
            return "also failed: " + failures();
        }

        @Override
        public String toString() {
            return getMessage();
        }
    }
}
