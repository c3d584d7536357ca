package io.github.asyncio4j.file;

import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** An open file, read piece by piece. Blocks; used by one thread at a time. */
interface Reading<T> extends Closeable {

    /** The next piece; null at the end, or when there is nothing yet in a file that may grow. */
    @Nullable
    T next() throws IOException;

    @FunctionalInterface
    interface Opening<T> {
        Reading<T> open() throws IOException;
    }
}
