package io.github.asyncio4j.resource;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The three ways out; a failure on the way changes what those who close later are told. */
record DefaultExit(boolean isCancelled, @Nullable Throwable failure) implements Exit {

    static final DefaultExit COMPLETED = new DefaultExit(false, null);
    static final DefaultExit CANCELLED = new DefaultExit(true, null);

    static DefaultExit failed(Throwable error) {
        return new DefaultExit(false, error);
    }

    DefaultExit andThen(@Nullable Throwable later) {
        return failure != null || later == null ? this : new DefaultExit(isCancelled, later);
    }

    @Override
    public boolean isCompleted() {
        return !isCancelled && failure == null;
    }

    @Override
    public boolean isFailed() {
        return !isCancelled && failure != null;
    }

    @Override
    public Optional<Throwable> error() {
        return Optional.ofNullable(failure);
    }

    @Override
    public String toString() {
        return isCancelled ? "cancelled" : failure == null ? "completed" : "failed: " + failure;
    }
}
