package io.github.asyncio4j.task;

import io.github.asyncio4j.internal.Checks;
import java.io.Serial;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;

/** Reads what the user handed in as an Iterable; whatever is wrong with it is told by position. */
final class Sources {

    private Sources() {}

    /** All elements, none of them null, in an array that belongs to the caller. */
    static Object[] read(Iterable<?> elements, String name) {
        Object[] read = elements instanceof Collection<?> all ? copy(all) : iterate(elements, name);
        for (int i = 0; i < read.length; i++) {
            present(read[i], name, i);
        }
        return read;
    }

    static <S> S present(@Nullable S element, String name, int index) {
        if (element == null) {
            throw new NullPointerException(name + "[" + index + "] is null");
        }
        return element;
    }

    /** Calls {@code f} of the operator {@code name}; what it throws, or a null, is the error of the Mono. */
    static <T> Mono<? extends T> apply(
            Function<Object, ? extends Mono<? extends T>> f, Object item, String name, int index) {
        Mono<? extends T> source;
        try {
            source = f.apply(item);
        } catch (Throwable t) {
            Exceptions.throwIfFatal(t);
            return Mono.error(trace(t, "calling f of " + name + " for items[" + index + "]"));
        }
        return source == null
                ? Mono.error(new NullPointerException("f of " + name + " returned null for items[" + index + "]"))
                : source;
    }

    /** Adds to an exception of user code where it came from, once; its type stays what the user matches on. */
    static Throwable trace(Throwable thrown, String where) {
        Throwable error = Exceptions.unwrap(thrown);
        for (Throwable known : error.getSuppressed()) {
            if (known instanceof Origin) {
                return error;
            }
        }
        error.addSuppressed(new Origin(where));
        return error;
    }

    private static Object[] copy(Collection<?> all) {
        Object[] copy = all.toArray();
        return copy.getClass() == Object[].class ? copy : Arrays.copyOf(copy, copy.length, Object[].class);
    }

    private static Object[] iterate(Iterable<?> elements, String name) {
        List<Object> read = new ArrayList<>();
        try {
            Iterator<?> iterator = Checks.notNull(elements.iterator(), name + ".iterator()");
            while (iterator.hasNext()) {
                read.add(iterator.next());
            }
        } catch (Throwable t) {
            Exceptions.throwIfFatal(t);
            throw Exceptions.propagate(trace(t, "reading " + name + "[" + read.size() + "]"));
        }
        return read.toArray();
    }

    /** Says where an exception was thrown, in words rather than by stack. */
    private static final class Origin extends Exception {

        @Serial
        private static final long serialVersionUID = 1L;

        Origin(String where) {
            super(where, null, false, false);
        }

        @Override
        @SuppressWarnings("OverrideThrowableToString") // the class name would say nothing
        public String toString() {
            return "thrown while " + getMessage();
        }
    }
}
